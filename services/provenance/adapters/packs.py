"""The table of audit packs."""

import sqlalchemy as sa

from services.chassis.store import Resources
from services.provenance.adapters.tables import pack_table
from services.provenance.domain.pack import AuditPack
from services.provenance.errors import AuditPackNotFound

_PACKS = pack_table(sa.MetaData())


def packs() -> Resources[AuditPack]:
    return Resources(_PACKS, AuditPack, AuditPackNotFound)
