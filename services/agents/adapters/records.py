"""The tables of runs, their steps and the decisions heard."""

from collections.abc import Sequence

import sqlalchemy as sa
from pydantic import TypeAdapter

from services.agents.domain.runs import Run, RunState, Step
from services.agents.errors import AgentRunNotFound
from services.chassis.store import Resources, Tx, resource_table

_METADATA = sa.MetaData()
_RUNS = resource_table(
    _METADATA,
    "runs",
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("worker", sa.String(200), nullable=False),
    sa.Column("lease_until", sa.Float, nullable=False),
)
_STEPS = sa.Table(
    "steps",
    _METADATA,
    sa.Column("tenant", sa.String(100), primary_key=True),
    sa.Column("run", sa.String(500), primary_key=True),
    sa.Column("key", sa.String(300), primary_key=True),
    sa.Column("position", sa.Integer),
    sa.Column("body", sa.Text),
)
_DECISIONS = sa.Table(
    "decisions",
    _METADATA,
    sa.Column("tenant", sa.String(100), primary_key=True),
    sa.Column("tool_call", sa.String(500), primary_key=True),
)
_CODEC: TypeAdapter[Step] = TypeAdapter(Step)


class Runs(Resources[Run]):
    def __init__(self) -> None:
        super().__init__(_RUNS, Run, AgentRunNotFound)

    def due(self, tx: Tx, worker: str, now: float) -> tuple[str, Run] | None:
        """A run with its tenant that waits for a worker: queued, left by this one, or by one that went silent."""
        t = _RUNS.c
        abandoned = sa.and_(t.state == RunState.RUNNING.value, sa.or_(t.worker == worker, t.lease_until < now))
        found = self.scan(tx, sa.or_(t.state == RunState.QUEUED.value, abandoned), limit=1)
        return found[0] if found else None


class Steps:
    """The steps of runs, by key; each is written when it begins and again when it ends."""

    def find(self, tx: Tx, tenant: str, run: str, key: str) -> Step | None:
        t = _STEPS.c
        where = (t.tenant == tenant, t.run == run, t.key == key)
        body = tx.execute(sa.select(t.body).where(*where)).scalar()
        return _CODEC.validate_json(body) if body else None

    def put(self, tx: Tx, tenant: str, run: str, step: Step) -> None:
        t = _STEPS.c
        body = _CODEC.dump_json(step).decode()
        where = (t.tenant == tenant, t.run == run, t.key == step.key)
        if not tx.execute(sa.update(_STEPS).where(*where).values(body=body)).rowcount:
            row = {"tenant": tenant, "run": run, "key": step.key, "position": step.index, "body": body}
            tx.execute(sa.insert(_STEPS).values(row))

    def all(self, tx: Tx, tenant: str, run: str) -> Sequence[Step]:
        t = _STEPS.c
        rows = tx.execute(sa.select(t.body).where(t.tenant == tenant, t.run == run).order_by(t.position))
        return [_CODEC.validate_json(row.body) for row in rows]

    def count(self, tx: Tx, tenant: str, run: str) -> int:
        t = _STEPS.c
        query = sa.select(sa.func.count()).select_from(_STEPS).where(t.tenant == tenant, t.run == run)
        return tx.execute(query).scalar() or 0


class Decisions:
    """Which tool calls a person has decided on, as heard."""

    def add(self, tx: Tx, tenant: str, tool_call: str) -> None:
        if not self.has(tx, tenant, tool_call):
            tx.execute(sa.insert(_DECISIONS).values(tenant=tenant, tool_call=tool_call))

    def has(self, tx: Tx, tenant: str, tool_call: str) -> bool:
        t = _DECISIONS.c
        query = sa.select(t.tool_call).where(t.tenant == tenant, t.tool_call == tool_call)
        return tx.execute(query).first() is not None
