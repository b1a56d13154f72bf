"""The work between rounds: close them when they are due, aggregate, open the next."""

from dataclasses import replace

from services.chassis import auth, telemetry
from services.chassis.blobs import Blobs
from services.chassis.store import Tx
from services.federation import aggregation, domain
from services.federation.aggregation import Aggregate
from services.federation.domain import Blob, Failure, Federation, FederationState, Round, RoundState
from services.federation.handlers import Records
from whetstone.federation.v1 import events_pb2
from whetstone.type.v1 import location_pb2

SERVICE = "service:federation"


class Rounds:
    def __init__(self, records: Records, blobs: Blobs) -> None:
        self._r, self._blobs = records, blobs

    def step(self) -> bool:
        """Aggregates one round that is complete, or closes one whose deadline passed. Returns whether there was one."""
        for tenant, round_, federation in self._due():
            who = auth.Caller(tenant, SERVICE, frozenset({"service"}))
            with auth.acting_as(who), telemetry.span("federation round", federation.traceparent, round=round_.name):
                if domain.is_lost(round_, federation, self._r.now()) and round_.state is RoundState.OPEN:
                    self._lose(tenant, round_)
                else:
                    self._complete(tenant, round_.name, self._aggregate(tenant, federation, round_))
            return True
        return False

    def _due(self) -> list[tuple[str, Round, Federation]]:
        state = self._r.rounds.table.c.state
        waiting = state.in_([RoundState.OPEN.value, RoundState.AGGREGATING.value])
        due = []
        with self._r.store.read() as tx:
            for tenant, round_ in self._r.rounds.scan(tx, waiting):
                federation = self._r.federations.get(tx, tenant, round_.federation)
                if federation.state is FederationState.RUNNING and self._is_due(round_, federation):
                    due.append((tenant, round_, federation))
        return due

    def _is_due(self, round_: Round, federation: Federation) -> bool:
        now = self._r.now()
        aggregating = round_.state is RoundState.AGGREGATING
        return aggregating or domain.is_ready(round_, federation, now) or domain.is_lost(round_, federation, now)

    def _aggregate(self, tenant: str, federation: Federation, round_: Round) -> Aggregate:
        # Sorted, so that the result does not depend on who was first.
        updates = sorted(round_.updates, key=lambda update: update.participant)
        shares = domain.weights(round_)
        terms = [(shares[u.participant], self._read(tenant, u.blob)) for u in updates]
        start = self._read(tenant, round_.start) if round_.start else None
        return aggregation.aggregate(terms, federation.rank, start, federation.server_rate)

    def _read(self, tenant: str, blob: Blob) -> aggregation.Adapter:
        return aggregation.read_adapter(self._blobs.get(tenant, blob.sha256))

    def _complete(self, tenant: str, name: str, result: Aggregate) -> None:
        data = aggregation.write_adapter(result.adapter)
        stored = self._blobs.put(tenant, data, "application/x-safetensors")
        blob = Blob(stored.sha256, stored.size_bytes, stored.media_type)
        with self._r.store.begin() as tx:
            round_ = self._r.rounds.get(tx, tenant, name)
            if round_.state is RoundState.COMPLETED:
                return
            done = replace(
                round_, state=RoundState.COMPLETED, adapter=blob, adapter_digest=blob.sha256, residual=result.residual
            )
            self._r.rounds.put(tx, tenant, done)
            self._r.outbox.add(tx, tenant, name, _completed(done, blob))
            self._advance(tx, tenant, done, blob)

    def _advance(self, tx: Tx, tenant: str, done: Round, blob: Blob) -> None:
        federation = self._r.federations.get(tx, tenant, done.federation)
        last = done.index >= federation.rounds
        federation = replace(
            federation,
            completed_rounds=done.index,
            global_adapter=blob,
            global_adapter_digest=blob.sha256,
            state=FederationState.SUCCEEDED if last else federation.state,
            update_time=self._r.now(),
        )
        self._r.federations.put(tx, tenant, federation)
        if last:
            published = events_pb2.AdapterPublished(
                federation=federation.name, adapter_digest=blob.sha256, adapter=_ref(blob), base=federation.base
            )
            self._r.outbox.add(tx, tenant, federation.name, published)
            return
        opened = domain.open_round(federation, done.index + 1, self._r.now())
        self._r.rounds.put(tx, tenant, opened)
        names = [member.participant for member in federation.roster]
        message = events_pb2.RoundOpened(round=opened.name, index=opened.index, participants=names)
        self._r.outbox.add(tx, tenant, opened.name, message)

    def _lose(self, tenant: str, round_: Round) -> None:
        failure = Failure("TOO_FEW_UPDATES", f"{len(round_.updates)} updates at the deadline")
        with self._r.store.begin() as tx:
            federation = self._r.federations.get(tx, tenant, round_.federation)
            self._r.rounds.put(tx, tenant, replace(round_, state=RoundState.FAILED, failure=failure))
            failed = replace(federation, state=FederationState.FAILED, failure=failure, update_time=self._r.now())
            self._r.federations.put(tx, tenant, failed)


def _completed(round_: Round, blob: Blob) -> events_pb2.RoundCompleted:
    return events_pb2.RoundCompleted(
        round=round_.name,
        adapter_digest=blob.sha256,
        adapter=_ref(blob),
        update_digests=sorted(update.digest for update in round_.updates),
        residual=round_.residual,
    )


def _ref(blob: Blob) -> location_pb2.BlobRef:
    return location_pb2.BlobRef(sha256=blob.sha256, size_bytes=blob.size_bytes, media_type=blob.media_type)
