"""The loop that keeps the model server as it is declared, and says so when a promotion is live."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from services.chassis import auth, telemetry
from services.chassis.errors import Unavailable
from services.chassis.outbox import Outbox
from services.chassis.store import Store, Tx
from services.serving.domain import (
    LOADED_STANDS,
    AdapterReport,
    AdapterSpec,
    Endpoint,
    EndpointAdapter,
    ServedVersion,
    ServerReport,
    Stand,
    declaration_of,
    endpoint_name,
    endpoint_state,
    model_of,
)
from services.serving.messages import endpoint_message, stage_message
from services.serving.ports import ModelServer, Tables
from services.serving.versions import Versions
from whetstone.serving.v1 import events_pb2
from whetstone.type.v1 import location_pb2

log = logging.getLogger(__name__)
LIMIT = 100_000
# Reasons that another try may cure by itself; any other ends a promotion.
TRANSIENT = ("UNAVAILABLE", "ADAPTER_NOT_LOADED", "ENGINE_STOPPED")


@dataclass(frozen=True)
class Wanted:
    """A version of a tenant that is to be loaded."""

    tenant: str
    version: ServedVersion


class Reconciler:
    """One look at the rows and at the server brings the one to the other, whatever happened before."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        tables: Tables,
        server: ModelServer,
        url: str,
        reload_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._outbox, self._tables, self._server = store, outbox, tables, server
        self._url, self._reload_seconds, self._clock = url, reload_seconds, clock
        self._versions = Versions(tables)
        self._declared_at = float("-inf")
        self._endpoints: dict[tuple[str, str], Endpoint] = {}

    def step(self) -> bool:
        """Looks once. Returns False: the next look is due after the interval or when an event was heard."""
        wanted = self._wanted()
        try:
            report = self._converge([one.version.spec(one.tenant) for one in wanted])
        except Unavailable as error:
            self._note(wanted, None, error.message)
            return False
        self._note(wanted, report, "")
        for one in wanted:
            if one.version.announce:
                self._announce(one, report)
        return False

    def _wanted(self) -> list[Wanted]:
        stands = [stand.value for stand in LOADED_STANDS]
        with self._store.read() as tx:
            rows = self._tables.versions.scan(tx, self._tables.versions.table.c.stand.in_(stands), limit=LIMIT)
        return [Wanted(tenant, version) for tenant, version in rows]

    def _converge(self, specs: Sequence[AdapterSpec]) -> ServerReport:
        report = self._server.report()
        changed = report.declaration != declaration_of(specs)
        missing = any(not adapter.loaded for adapter in report.adapters)
        due = self._clock() - self._declared_at >= self._reload_seconds
        if not changed and not (missing and due):
            return report
        log.info("declaring", extra={"adapters": len(specs), "instance": report.instance, "changed": changed})
        self._declared_at = self._clock()
        return self._server.declare(specs)

    def _note(self, wanted: Sequence[Wanted], report: ServerReport | None, message: str) -> None:
        """Writes the endpoints that look otherwise than before."""
        seen = {key: self._endpoint(key, wanted, report, message) for key in self._keys(wanted)}
        changed = {key: endpoint for key, endpoint in seen.items() if self._endpoints.get(key) != endpoint}
        if changed:
            with self._store.begin() as tx:
                for (tenant, _), endpoint in changed.items():
                    self._tables.endpoints.put(tx, tenant, replace(endpoint, update_time=datetime.now(UTC)))
        self._endpoints = seen

    def _keys(self, wanted: Sequence[Wanted]) -> set[tuple[str, str]]:
        """Tenant and model of every endpoint, those without a version any more included."""
        return {(one.tenant, model_of(one.version.name)) for one in wanted} | set(self._endpoints)

    def _endpoint(
        self, key: tuple[str, str], wanted: Sequence[Wanted], report: ServerReport | None, message: str
    ) -> Endpoint:
        own = [one for one in wanted if (one.tenant, model_of(one.version.name)) == key]
        adapters = tuple(_adapter(one, report) for one in own)
        return Endpoint(
            name=endpoint_name(key[1]),
            state=endpoint_state(adapters, answering=report is not None),
            url=self._url,
            base=report.base if report else "",
            base_digest=report.base_digest if report else "",
            message=message or "; ".join(_fault(one, report) for one in own if _fault(one, report)),
            adapters=adapters,
        )

    def _announce(self, one: Wanted, report: ServerReport) -> None:
        found = _reported(one, report)
        if found is None or (not found.loaded and found.reason in ("", *TRANSIENT)):
            return
        who = auth.Caller(one.tenant, "service:serving", frozenset({"service"}))
        with auth.acting_as(who), telemetry.span("announce promotion", one.version.traceparent) as span:
            if not found.loaded:
                telemetry.mark_failed(span, found.reason)
            with self._store.begin() as tx:
                # The row may have changed since this look began; its next look is another one's.
                current = self._tables.versions.find(tx, one.tenant, one.version.name)
                if current == one.version:
                    self._say(tx, one.tenant, current, found)

    def _say(self, tx: Tx, tenant: str, version: ServedVersion, found: AdapterReport) -> None:
        endpoint = self._endpoints[tenant, model_of(version.name)]
        stage = stage_message(version.stage)
        if found.loaded:
            self._tables.versions.put(tx, tenant, replace(version, announce=False))
            ready = events_pb2.EndpointReady(
                endpoint=endpoint_message(endpoint), model_version=version.name, stage=stage
            )
            self._outbox.add(tx, tenant, endpoint.name, ready)
            return
        self._versions.failed(tx, tenant, version, found.reason)
        failure = location_pb2.Failure(reason=found.reason, message=found.message)
        failed = events_pb2.EndpointFailed(
            endpoint=endpoint.name, model_version=version.name, failure=failure, stage=stage
        )
        self._outbox.add(tx, tenant, endpoint.name, failed)


def _reported(one: Wanted, report: ServerReport | None) -> AdapterReport | None:
    key = (one.tenant, one.version.name)
    return next((a for a in report.adapters if (a.tenant, a.model_version) == key), None) if report else None


def _fault(one: Wanted, report: ServerReport | None) -> str:
    found = _reported(one, report)
    return f"{one.version.name}: {found.reason}: {found.message}" if found and found.reason else ""


def _adapter(one: Wanted, report: ServerReport | None) -> EndpointAdapter:
    version, found = one.version, _reported(one, report)
    return EndpointAdapter(
        model_version=version.name,
        adapter_digest=version.adapter_digest,
        dataset_version=version.dataset_version,
        dataset_digest=version.dataset_digest,
        live=version.stand is Stand.LIVE,
        loaded=found is not None and found.loaded,
        warning=f"{version.policy.value}: {version.warning}" if version.policy.value else "",
    )
