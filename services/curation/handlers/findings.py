"""Settling findings: an expert's decision has an author and a reason, and can be taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis import auth
from services.chassis.outbox import Outbox
from services.chassis.store import EtagMismatch, Page, Store, Tx
from services.curation.domain.claims import Claim
from services.curation.domain.findings import OUTCOMES, Decision, Finding, Kind, State
from services.curation.errors import (
    FilterInvalid,
    FindingAlreadySettled,
    FindingNotSettled,
    NoteMissing,
    OutcomeUnknown,
    ReasonMissing,
)
from services.curation.handlers.names import check_project, project_of
from services.curation.handlers.state import ProjectState
from services.curation.messages import to_decision
from services.curation.ports import Records
from whetstone.curation.v1 import events_pb2

SETTLERS = frozenset({"expert", "admin"})


class FindingHandlers:
    def __init__(
        self, store: Store, outbox: Outbox, records: Records, now: Callable[[], datetime] | None = None
    ) -> None:
        self._store, self._outbox, self._records = store, outbox, records
        self._state = ProjectState(records)
        self._now = now or (lambda: datetime.now(UTC))

    def get(self, tenant: str, name: str) -> Finding:
        with self._store.read() as tx:
            return self._records.findings.get(tx, tenant, name)

    def page(self, tenant: str, parent: str, page: Page, kind: str, state: str) -> tuple[list[Finding], str]:
        """Findings of a kind and a state; an empty string means any. Raises FilterInvalid, ParentInvalid."""
        if (kind and kind not in Kind.__members__) or (state and state not in State.__members__):
            raise FilterInvalid(f"no finding is of kind {kind!r} in state {state!r}")
        columns = self._records.findings.table.c
        where = [columns.kind == kind] if kind else []
        where += [columns.state == state] if state else []
        with self._store.read() as tx:
            return self._records.findings.page(tx, tenant, check_project(parent), page, *where)

    def claims(self, tenant: str, parent: str, page: Page, in_force_only: bool) -> tuple[list[Claim], str]:
        columns = self._records.claims.table.c
        where = [columns.in_force.is_(True)] if in_force_only else []
        with self._store.read() as tx:
            return self._records.claims.page(tx, tenant, check_project(parent), page, *where)

    def settle(self, tenant: str, name: str, outcome: str, reason: str, note: str, etag: str) -> Finding:
        """Records a decision of the caller.

        Raises RoleMissing, ReasonMissing, OutcomeUnknown, NoteMissing, FindingAlreadySettled, EtagMismatch.
        """
        author = _settler()
        with self._store.begin() as tx:
            finding = self._records.findings.get(tx, tenant, name)
            _check(finding, outcome, reason, note)
            if finding.state is State.SETTLED:
                raise FindingAlreadySettled(f"{name} was settled by {_who(finding)}", name=name)
            _check_etag(finding, etag)
            return self.record(tx, tenant, finding, Decision(outcome, reason.strip(), author, self._now(), note))

    def record(self, tx: Tx, tenant: str, finding: Finding, decision: Decision) -> Finding:
        """Writes a decision, what follows from it for claims, and its event."""
        settled = replace(finding, state=State.SETTLED, decision=decision, update_time=decision.time)
        stored = self._records.findings.put(tx, tenant, settled)
        self._follow(tx, tenant, stored)
        message = events_pb2.FindingSettled(
            finding=stored.name, kind=stored.kind.value, decision=to_decision(decision), documents=stored.documents
        )
        self._outbox.add(tx, tenant, stored.name, message)
        return stored

    def reopen(self, tenant: str, name: str, reason: str, etag: str) -> Finding:
        """Takes a decision back; it stays in the history. Raises FindingNotSettled and as `settle` does."""
        author = _settler()
        if not reason.strip():
            raise ReasonMissing("a reason is needed")
        with self._store.begin() as tx:
            finding = self._records.findings.get(tx, tenant, name)
            if finding.decision is None:
                raise FindingNotSettled(f"{name} is open", name=name)
            _check_etag(finding, etag)
            past = (*finding.history, finding.decision, Decision("REOPENED", reason.strip(), author, self._now()))
            reopened = replace(finding, state=State.OPEN, decision=None, history=past, update_time=self._now())
            stored = self._records.findings.put(tx, tenant, reopened)
            self._follow(tx, tenant, stored)
            message = events_pb2.FindingReopened(finding=name, reason=reason.strip(), author=author)
            self._outbox.add(tx, tenant, name, message)
            return stored

    def void(self, tx: Tx, tenant: str, document: str, reason: str) -> None:
        """Settles open conflicts of which one side has no document left but `document`, which was withdrawn."""
        project = project_of(document)
        columns = self._records.findings.table.c
        where = (columns.kind == Kind.CONFLICT.value, columns.state == State.OPEN.value)
        for finding in self._records.findings.all(tx, tenant, project, *where):
            if document not in finding.documents:
                continue
            sides = [self._documents(tx, tenant, side) - {document} for side in (finding.first, finding.second)]
            if all(sides):
                continue
            outcome = "KEEP_SECOND" if sides[1] else "KEEP_FIRST" if sides[0] else "KEEP_NEITHER"
            decision = Decision(outcome, f"{document} was withdrawn: {reason}", "service:curation", self._now())
            self.record(tx, tenant, finding, decision)

    def _documents(self, tx: Tx, tenant: str, claims: tuple[str, ...]) -> set[str]:
        found = [self._records.claims.find(tx, tenant, name) for name in claims]
        return {claim.document for claim in found if claim}

    def _follow(self, tx: Tx, tenant: str, finding: Finding) -> None:
        self._state.judge_claims(tx, tenant, project_of(finding.name), finding.documents)


def _settler() -> str:
    who = auth.caller()
    if not who.roles & SETTLERS:
        raise auth.RoleMissing(f"{who.subject} lacks the role expert", role="expert")
    return who.subject


def _who(finding: Finding) -> str:
    return finding.decision.author if finding.decision else "nobody"


def _check(finding: Finding, outcome: str, reason: str, note: str) -> None:
    known = OUTCOMES[finding.kind]
    if outcome not in known:
        raise OutcomeUnknown(
            f"{outcome!r} is no outcome of this finding; outcomes: {', '.join(known)}", outcome=outcome
        )
    if not reason.strip():
        raise ReasonMissing("a decision needs a reason")
    if outcome == "PREFER" and not note.strip():
        raise NoteMissing("PREFER needs the preferred term as its note")


def _check_etag(finding: Finding, etag: str) -> None:
    if etag and etag != finding.etag:
        raise EtagMismatch(f"{finding.name} changed since it was read", name=finding.name)
