"""The table of runs."""

import sqlalchemy as sa

from services.chassis.store import Resources, resource_table
from services.pipelines.domain import Run
from services.pipelines.errors import RunNotFound

_METADATA = sa.MetaData()
_RUNS = resource_table(_METADATA, "runs", sa.Column("state", sa.String(20), nullable=False, index=True))


def runs() -> Resources[Run]:
    return Resources(_RUNS, Run, RunNotFound)
