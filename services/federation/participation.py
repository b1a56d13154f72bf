"""Use cases of participants. Every request is signed; nothing of it is believed before the signature holds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.chassis.blobs import Blobs
from services.federation import aggregation, domain
from services.federation.domain import Blob, Evaluation, Federation, FederationState, Round, RoundState, Update
from services.federation.errors import (
    DigestMismatch,
    EvaluationInvalid,
    FederationEnded,
    NotOnRoster,
    RoundClosed,
    SignatureInvalid,
    UpdateAlreadySubmitted,
    UpdateInvalid,
    UpdateTooLarge,
)
from services.federation.handlers import Records
from services.federation.ports import Verifier
from whetstone.federation.v1 import events_pb2

PART_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Claimed:
    """What a request says of itself: who sent it, for which federation, signed how."""

    tenant: str
    federation: str
    participant: str
    signature: str


@dataclass(frozen=True)
class Header:
    """The head of an update; `digest` is the hexadecimal SHA-256 of its bytes."""

    round: str
    digest: str
    examples: int
    size_bytes: int


class Participation:
    def __init__(self, records: Records, blobs: Blobs, verifier: Verifier, max_update_bytes: int) -> None:
        self._r, self._blobs, self._verifier, self._max = records, blobs, verifier, max_update_bytes

    def join(self, who: Claimed) -> Federation:
        """Raises NotOnRoster, SignatureInvalid, FederationEnded. Joining twice changes nothing."""
        federation = self._verified(who, "join", who.federation)
        if federation.state in domain.ENDED:
            raise FederationEnded(f"{who.federation} has ended as {federation.state}", name=who.federation)
        with self._r.store.begin() as tx:
            current = self._r.federations.get(tx, who.tenant, who.federation)
            joined = domain.join(current, who.participant, self._r.now())
            if joined.state is FederationState.RUNNING and current.state is FederationState.OPEN:
                first = domain.open_round(joined, 1, self._r.now())
                self._r.rounds.put(tx, who.tenant, first)
                names = [member.participant for member in joined.roster]
                opened = events_pb2.RoundOpened(round=first.name, index=1, participants=names)
                self._r.outbox.add(tx, who.tenant, first.name, opened)
            return self._r.federations.put(tx, who.tenant, joined)

    def open_round(self, who: Claimed, after: int) -> tuple[Federation, Round | None]:
        """The federation, and its open round where there is one later than `after`."""
        federation = self._verified(who, "await", who.federation, after)
        with self._r.store.read() as tx:
            found = self._r.rounds.find(tx, who.tenant, federation.round_name(federation.completed_rounds + 1))
        is_open = found is not None and found.state is RoundState.OPEN and found.index > after
        return federation, found if is_open else None

    def adapter(self, who: Claimed, round_name: str) -> Iterator[bytes]:
        """The round's result where it is complete, else the adapter it starts from; nothing in a first round."""
        self._verified(who, "adapter", round_name)
        with self._r.store.read() as tx:
            round_ = self._r.rounds.get(tx, who.tenant, round_name)
        blob = round_.adapter or round_.start
        return aggregation.parts(self._blobs.get(who.tenant, blob.sha256), PART_BYTES) if blob else iter(())

    def submit(self, who: Claimed, header: Header, data: Iterator[bytes]) -> Update:
        """Takes an update once; the same again is the same answer, another one is UpdateAlreadySubmitted."""
        parts = (header.round, header.digest, header.examples)
        federation = self._verified(who, "submit", *parts)
        if not 0 < header.examples <= domain.MAX_EXAMPLES:
            raise UpdateInvalid(f"examples must be 1 to {domain.MAX_EXAMPLES}", examples=str(header.examples))
        content = self._read(header, data)
        adapter = aggregation.read_adapter(content)
        with self._r.store.begin() as tx:
            round_ = self._r.rounds.get(tx, who.tenant, header.round)
            if earlier := round_.update_of(who.participant):
                return _same(earlier, header)
            if round_.state is not RoundState.OPEN:
                raise RoundClosed(f"{header.round} is {round_.state}", name=header.round)
            self._check_shape(who.tenant, round_, adapter)
            blob = self._blobs.put(who.tenant, content, "application/x-safetensors")
            kept = Blob(blob.sha256, blob.size_bytes, blob.media_type)
            now = self._r.now()
            update = Update(who.participant, header.digest, header.examples, kept, now, who.signature)
            after = replace(round_, updates=(*round_.updates, update))
            if domain.is_ready(after, federation, now):
                after = replace(after, state=RoundState.AGGREGATING)
            self._r.rounds.put(tx, who.tenant, after)
            heard = events_pb2.UpdateReceived(
                round=round_.name, participant=who.participant, digest=header.digest, examples=header.examples
            )
            self._r.outbox.add(tx, who.tenant, round_.name, heard)
            return update

    def report(self, who: Claimed, round_name: str, evaluation: Evaluation) -> None:
        """Keeps a participant's counts on its own held-out questions; reporting again replaces them."""
        counts = (evaluation.correct_local, evaluation.correct_global, evaluation.questions)
        self._verified(who, "report", round_name, *counts)
        if not all(0 <= count <= evaluation.questions for count in counts[:2]):
            raise EvaluationInvalid("the correct answers must be between 0 and the questions")
        with self._r.store.begin() as tx:
            round_ = self._r.rounds.get(tx, who.tenant, round_name)
            others = tuple(e for e in round_.evaluations if e.participant != who.participant)
            self._r.rounds.put(tx, who.tenant, replace(round_, evaluations=(*others, evaluation)))

    def _verified(self, who: Claimed, verb: str, *parts: object) -> Federation:
        with self._r.store.read() as tx:
            federation = self._r.federations.get(tx, who.tenant, who.federation)
        member = federation.member(who.participant)
        if member is None:
            raise NotOnRoster(f"{who.participant} is not on the roster", participant=who.participant)
        statement = domain.statement(verb, who.tenant, *parts)
        if not self._verifier.verifies(member.public_key, statement, who.signature):
            raise SignatureInvalid(f"the signature is not {who.participant}'s", participant=who.participant)
        return federation

    def _read(self, header: Header, data: Iterator[bytes]) -> bytes:
        content = bytearray()
        for part in data:
            content += part
            if len(content) > min(self._max, header.size_bytes):
                limit = f"{self._max} bytes at most, {header.size_bytes} as announced"
                raise UpdateTooLarge(f"the update is larger than allowed: {limit}")
        digest = aggregation.digest(bytes(content))
        if digest != header.digest:
            raise DigestMismatch("the update's bytes do not have the announced digest", digest=digest)
        return bytes(content)

    def _check_shape(self, tenant: str, round_: Round, adapter: aggregation.Adapter) -> None:
        known = round_.start or next((update.blob for update in round_.updates), None)
        if known is None:
            return
        expected = aggregation.read_adapter(self._blobs.get(tenant, known.sha256)).shape()
        if adapter.shape() != expected:
            raise UpdateInvalid("the update is not of the round's base and targets")


def _same(earlier: Update, header: Header) -> Update:
    if earlier.digest != header.digest or earlier.examples != header.examples:
        raise UpdateAlreadySubmitted("this round has another update of this participant", digest=earlier.digest)
    return earlier
