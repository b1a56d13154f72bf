"""Use cases of audit packs: ask for one, build it, fetch it."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis import auth, telemetry
from services.chassis.blobs import Blobs
from services.chassis.errors import ServiceError, Unavailable
from services.chassis.store import Page, Resources, fingerprint
from services.provenance.domain.leaf import project_of
from services.provenance.domain.pack import AuditPack, Failure, PackState
from services.provenance.errors import AuditPackNotReady, NameInvalid
from services.provenance.handlers import facts
from services.provenance.handlers.gathering import Sources, check_sealed, gather
from services.provenance.handlers.log import LogHandlers
from services.provenance.handlers.packing import Packer

Now = Callable[[], datetime]


class PackHandlers:
    def __init__(
        self,
        sources: Sources,
        packs: Resources[AuditPack],
        log: LogHandlers,
        packer: Packer,
        now: Now = lambda: datetime.now(UTC),
    ) -> None:
        self._sources, self._packs, self._log, self._packer, self._now = sources, packs, log, packer, now
        self._store = sources.store

    @property
    def _blobs(self) -> Blobs:
        return self._sources.blobs

    def create(self, tenant: str, parent: str, model_version: str, request_id: str) -> AuditPack:
        """Writes down that a pack is wanted. Raises NameInvalid, ModelVersionUnknown, RequestIdReused."""
        if not model_version.startswith(f"{parent}/"):
            raise NameInvalid(f"{model_version} is not in {parent}", name=model_version)
        seed = f"{tenant}/{parent}/{request_id}"
        id_ = uuid.uuid5(uuid.NAMESPACE_URL, seed) if request_id else uuid.uuid4()
        pack = AuditPack(
            name=f"{parent}/auditPacks/{id_.hex[:12]}",
            model_version=model_version,
            create_time=self._now(),
            traceparent=telemetry.traceparent(),
        )
        with self._store.begin() as tx:
            facts.model_version(self._sources.log, tx, tenant, model_version)
            return self._packs.create(tx, tenant, pack, request_id, fingerprint(model_version))[0]

    def get(self, tenant: str, name: str) -> AuditPack:
        """Raises AuditPackNotFound."""
        with self._store.read() as tx:
            return self._packs.get(tx, tenant, name)

    def page(self, tenant: str, parent: str, page: Page) -> tuple[list[AuditPack], str]:
        with self._store.read() as tx:
            return self._packs.page(tx, tenant, parent, page)

    def archive(self, tenant: str, name: str) -> bytes:
        """The zip. Raises AuditPackNotFound, AuditPackNotReady."""
        pack = self.get(tenant, name)
        if pack.state is not PackState.READY:
            raise AuditPackNotReady(f"{name} is {pack.state}", name=name, state=pack.state)
        return self._blobs.get(tenant, pack.archive_sha256)

    def step(self) -> bool:
        """Builds one pack that is due. Returns whether there was one. Raises Unavailable."""
        with self._store.read() as tx:
            due = self._packs.scan(tx, self._packs.table.c.state == PackState.BUILDING.value, limit=1)
        for tenant, pack in due:
            who = auth.Caller(tenant, "service:provenance", frozenset({"service"}))
            with auth.acting_as(who), telemetry.span("audit pack build", parent=pack.traceparent):
                self._put(tenant, self._built(tenant, pack))
        return bool(due)

    def _built(self, tenant: str, pack: AuditPack) -> AuditPack:
        try:
            check_sealed(self._sources, tenant, pack)
            checkpoint = self._log.sign(tenant, project_of(pack.name))
            archive, missing = self._packer.pack(gather(self._sources, tenant, pack, checkpoint))
        except Unavailable:
            raise  # the row stays as it is, and the worker comes back to it
        except ServiceError as error:
            return replace(pack, state=PackState.FAILED, failure=Failure(error.reason, error.message))
        blob = self._blobs.put(tenant, archive, "application/zip")
        return replace(
            pack,
            state=PackState.READY,
            archive_sha256=blob.sha256,
            archive_bytes=blob.size_bytes,
            missing=missing,
        )

    def _put(self, tenant: str, pack: AuditPack) -> None:
        with self._store.begin() as tx:
            self._packs.put(tx, tenant, pack)
