"""The tables of synthesis: jobs, and drafts by the key of what was asked for."""

from collections.abc import Sequence

import sqlalchemy as sa
from pydantic import TypeAdapter

from services.chassis.store import Resources, Store, resource_table
from services.synthesis.domain.briefs import Draft
from services.synthesis.domain.job import SynthesisJob
from services.synthesis.errors import SynthesisJobNotFound

_METADATA = sa.MetaData()
_JOBS = resource_table(_METADATA, "synthesis_jobs", sa.Column("state", sa.String(20), nullable=False, index=True))
_OUTCOMES = sa.Table(
    "outcomes",
    _METADATA,
    sa.Column("tenant", sa.String(100), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
_DRAFTS = TypeAdapter(list[Draft])
# SQLite takes at most 32,766 parameters a statement; this stays far below.
_AT_ONCE = 500


def jobs() -> Resources[SynthesisJob]:
    return Resources(_JOBS, SynthesisJob, SynthesisJobNotFound)


class StoredDrafts:
    """Drafts in the service's database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, tenant: str, keys: Sequence[str]) -> dict[str, list[Draft]]:
        t = _OUTCOMES.c
        found: dict[str, list[Draft]] = {}
        with self._store.read() as tx:
            for n in range(0, len(keys), _AT_ONCE):
                where = (t.tenant == tenant, t.key.in_(keys[n : n + _AT_ONCE]))
                rows = tx.execute(sa.select(t.key, t.body).where(*where))
                found |= {row.key: _DRAFTS.validate_json(row.body) for row in rows}
        return found

    def keep(self, tenant: str, drafts: dict[str, list[Draft]]) -> None:
        """Writes a batch whole or not at all; what is there already stays."""
        known = self.known(tenant, list(drafts))
        rows = [
            {"tenant": tenant, "key": key, "body": _DRAFTS.dump_json(written).decode()}
            for key, written in drafts.items()
            if key not in known
        ]
        if rows:
            with self._store.begin() as tx:
                tx.execute(sa.insert(_OUTCOMES), rows)
