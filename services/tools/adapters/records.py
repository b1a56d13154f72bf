"""The tables of tools, calls and the audit."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from services.chassis.store import Page, Resources, Tx, resource_table
from services.tools.domain import AuditRow, Call, CallState, Tool
from services.tools.errors import ToolCallNotFound, ToolNotFound

_METADATA = sa.MetaData()
_TOOLS = resource_table(_METADATA, "tools")
_CALLS = resource_table(
    _METADATA,
    "calls",
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("agent_run", sa.String(500), nullable=False, index=True),
    sa.Column("sender", sa.String(200), nullable=False, index=True),
    sa.Column("deadline", sa.Float, nullable=False),
)
_AUDIT = sa.Table(
    "audit",
    _METADATA,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("tenant", sa.String(100)),
    sa.Column("time", sa.String(40)),
    sa.Column("actor", sa.String(200)),
    sa.Column("action", sa.String(40)),
    sa.Column("subject", sa.String(500)),
    sa.Column("detail", sa.Text),
)


def tools() -> Resources[Tool]:
    return Resources(_TOOLS, Tool, ToolNotFound)


class Calls(Resources[Call]):
    """Calls, and the ones that need looking after."""

    def __init__(self) -> None:
        super().__init__(_CALLS, Call, ToolCallNotFound)

    def matching(
        self, tx: Tx, tenant: str, parent: str, page: Page, state: CallState | None, agent_run: str
    ) -> tuple[list[Call], str]:
        """One page of the calls in `state` and of `agent_run`, where they are given."""
        where: list[Any] = [_CALLS.c.state == state.value] if state else []
        where += [_CALLS.c.agent_run == agent_run] if agent_run else []
        return self.page(tx, tenant, parent, page, *where)

    def sent_by(self, tx: Tx, sender: str) -> Sequence[tuple[str, Call]]:
        """Calls that a process of this name was sending, with their tenant."""
        return self.scan(tx, _CALLS.c.sender == sender)

    def overdue(self, tx: Tx, now: float) -> Sequence[tuple[str, Call]]:
        """Calls whose grant has run out unused, or whose sender outlived its lease."""
        late = (_CALLS.c.deadline > 0, _CALLS.c.deadline < now)
        waits = sa.or_(_CALLS.c.sender != "", _CALLS.c.state == CallState.APPROVED.value)
        return self.scan(tx, *late, waits)


class Audit:
    """An append-only table: who did what to which call, by digest."""

    def add(self, tx: Tx, tenant: str, row: AuditRow) -> None:
        values = {
            "tenant": tenant,
            "time": row.time.isoformat(),
            "actor": row.actor,
            "action": row.action,
            "subject": row.subject,
            "detail": json.dumps(dict(row.detail), sort_keys=True),
        }
        tx.execute(sa.insert(_AUDIT).values(values))

    def rows(self, tx: Tx, tenant: str, subject: str) -> Sequence[Any]:
        """The rows about a subject, oldest first."""
        t = _AUDIT.c
        return tx.execute(sa.select(_AUDIT).where(t.tenant == tenant, t.subject == subject).order_by(t.seq)).all()
