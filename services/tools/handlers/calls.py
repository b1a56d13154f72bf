"""Calls: asked for, decided on by a person where they write, made once.

The order that keeps a write single: the grant is spent and committed, then the request leaves, then its outcome is
written. What dies in between is UNKNOWN for good and never repeated.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from services.chassis import auth
from services.chassis.errors import ServiceError
from services.chassis.outbox import Outbox
from services.chassis.store import Page, Store, Tx, fingerprint
from services.tools import domain
from services.tools.domain import (
    Approval,
    AuditRow,
    Call,
    CallState,
    Failure,
    Operation,
    Outcome,
    Policy,
    Presented,
    Tool,
)
from services.tools.errors import (
    ApprovalExpired,
    ApprovalMismatch,
    ApprovalMissing,
    ApprovalUsed,
    ApproverIsCaller,
    CallNotWaiting,
    DecisionInvalid,
    NameInvalid,
)
from services.tools.handlers.tools import Now, ToolHandlers, check_parent
from services.tools.messages import awaiting, decision, made, refused
from services.tools.ports import AuditLog, CallRecords, CheckArguments, Digest, OutsideApi


@dataclass(frozen=True)
class Asked:
    """What a CreateToolCall asks for."""

    parent: str
    operation: str
    arguments: Mapping[str, Any]
    agent_run: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class Decided:
    """What a DecideToolCall says."""

    name: str
    grant: bool
    reason: str
    arguments_digest: str
    ttl_seconds: int = 0


@dataclass(frozen=True)
class Parts:
    """What the handlers stand on."""

    store: Store
    outbox: Outbox
    calls: CallRecords
    audit: AuditLog
    api: OutsideApi
    digest: Digest
    check: CheckArguments
    policy: Policy
    now: Now
    instance: str
    lease_seconds: float


class CallHandlers:
    def __init__(self, parts: Parts, tools: ToolHandlers) -> None:
        self._p, self._tools = parts, tools

    def create(self, asked: Asked) -> Call:
        """Makes a read at once; leaves a write waiting. Raises ArgumentsInvalid, ToolNotFound, OperationNotFound."""
        check_parent(asked.parent)
        _check_agent_run(asked)
        who = auth.caller()
        with self._p.store.read() as tx:
            tool, operation = self._tools.operation(tx, who.tenant, asked.parent, asked.operation)
        try:
            self._p.check(operation.parameters, asked.arguments)
            call = self._new(asked, who, tool, operation)
        except ServiceError as error:
            self._refuse(who, tool.name, operation.id, asked.agent_run, error)
            raise
        call, is_new = self._admit(who, call, asked.request_id)
        return self._send(who, call, tool, operation) if is_new and not call.write else call

    def _new(self, asked: Asked, who: auth.Caller, tool: Tool, operation: Operation) -> Call:
        now = self._p.now()
        call = Call(
            name=f"{asked.parent}/toolCalls/{_call_id(who, asked)}",
            state=CallState.AWAITING_APPROVAL if operation.write else CallState.APPROVED,
            operation=operation.id,
            write=operation.write,
            arguments=asked.arguments,
            arguments_digest=self._p.digest(dict(asked.arguments)),
            tool_digest=self._tools.digest(tool, operation),
            caller=who.subject,
            create_time=now,
            update_time=now,
            agent_run=asked.agent_run,
        )
        return call if operation.write else domain.spent(call, self._p.instance, self._lease_end(now), now)

    def _admit(self, who: auth.Caller, call: Call, request_id: str) -> tuple[Call, bool]:
        mark = fingerprint(call.operation, call.arguments_digest, call.caller, call.agent_run)
        with self._p.store.begin() as tx:
            stored, is_new = self._p.calls.create(tx, who.tenant, call, request_id, mark)
            if is_new:
                self._note(tx, who, "CREATED", stored.name, arguments=stored.arguments_digest)
                if stored.write:
                    self._p.outbox.add(tx, who.tenant, stored.name, awaiting(stored))
            return stored, is_new

    def get(self, name: str) -> Call:
        with self._p.store.read() as tx:
            return self._p.calls.get(tx, auth.caller().tenant, name)

    def page(self, parent: str, page: Page, state: CallState | None, agent_run: str) -> tuple[Sequence[Call], str]:
        with self._p.store.read() as tx:
            return self._p.calls.matching(tx, auth.caller().tenant, parent, page, state, agent_run)

    def decide(self, decided: Decided) -> Call:
        """Grants or denies. Takes a role of the policy. Raises APPROVAL_MISMATCH where another call was seen."""
        who = self._approver()
        ttl = self._ttl(decided)
        with self._p.store.begin() as tx:
            call = self._p.calls.get(tx, who.tenant, decided.name)
            if call.state is not CallState.AWAITING_APPROVAL:
                raise CallNotWaiting(f"{call.name} is {call.state}", name=call.name, state=call.state)
            if decided.arguments_digest != call.arguments_digest:
                raise ApprovalMismatch("the digest is not that of the call's arguments", fields="arguments_digest")
            if self._p.policy.four_eyes and who.subject == call.caller:
                raise ApproverIsCaller(f"{who.subject} asked for this call", name=call.name)
            approval = self._approval(call, decided, who.subject, self._p.now() + ttl)
            stored = self._p.calls.put(tx, who.tenant, domain.decided(call, approval, self._p.now()), call.etag)
            self._p.outbox.add(tx, who.tenant, stored.name, decision(stored))
            action = "GRANTED" if decided.grant else "DENIED"
            self._note(tx, who, action, stored.name, arguments=call.arguments_digest, reason=decided.reason)
            return stored

    def _approver(self) -> auth.Caller:
        who = auth.caller()
        if not who.roles & self._p.policy.approver_roles:
            raise auth.RoleMissing(f"{who.subject} may not decide on calls", role="approver")
        return who

    def _ttl(self, decided: Decided) -> timedelta:
        if not decided.reason.strip():
            raise DecisionInvalid("a decision needs a reason", field="reason")
        ttl = timedelta(seconds=decided.ttl_seconds) if decided.ttl_seconds else self._p.policy.default_ttl
        if not timedelta(0) < ttl <= self._p.policy.max_ttl:
            raise DecisionInvalid(f"ttl_seconds must be 1 to {self._p.policy.max_ttl.total_seconds():.0f}", field="ttl")
        return ttl

    def _approval(self, call: Call, decided: Decided, approver: str, expire_time: datetime) -> Approval:
        return Approval(
            approver=approver,
            granted=decided.grant,
            reason=decided.reason,
            caller=call.caller,
            operation=call.operation,
            arguments_digest=call.arguments_digest,
            tool_digest=call.tool_digest,
            policy_version=self._p.policy.version,
            expire_time=expire_time,
            nonce=uuid.uuid4().hex,
        )

    def execute(self, name: str, arguments: Mapping[str, Any]) -> Call:
        """Makes an approved call, once. Raises APPROVAL_MISSING, _MISMATCH, _EXPIRED or _USED."""
        who = auth.caller()
        with self._p.store.read() as tx:
            call = self._p.calls.get(tx, who.tenant, name)
            parent = name.rsplit("/", 2)[0]
            tool, operation = self._tools.operation(tx, who.tenant, parent, call.operation)
        try:
            presented = Presented(
                who.subject,
                operation.id,
                self._p.digest(dict(arguments)),
                self._tools.digest(tool, operation),
                self._p.policy.version,
            )
            call = self._spend(who, name, presented)
        except ServiceError as error:
            self._refuse(who, name, operation.id, call.agent_run, error)
            raise
        return self._send(who, call, tool, operation)

    def _spend(self, who: auth.Caller, name: str, presented: Presented) -> Call:
        """Uses the grant up and commits that, before anything is sent."""
        with self._p.store.begin() as tx:
            call = self._p.calls.get(tx, who.tenant, name)
            self._check_grant(call, presented)
            now = self._p.now()
            spent = domain.spent(call, self._p.instance, self._lease_end(now), now)
            stored = self._p.calls.put(tx, who.tenant, spent, call.etag)
            self._note(tx, who, "SPENT", name, arguments=call.arguments_digest)
            return stored

    def _check_grant(self, call: Call, presented: Presented) -> None:
        approval = call.approval
        if approval is None or not approval.granted:
            raise ApprovalMissing(f"{call.name} is {call.state}", name=call.name, state=call.state)
        if fields := domain.mismatches(approval, presented):
            raise ApprovalMismatch(f"the grant is for another {', '.join(fields)}", fields=",".join(fields))
        if approval.used:
            raise ApprovalUsed(f"the grant of {call.name} was used; the call is {call.state}", state=call.state)
        if call.state is CallState.EXPIRED or approval.expire_time <= self._p.now():
            raise ApprovalExpired(f"the grant of {call.name} ran out", expire_time=approval.expire_time.isoformat())

    def _send(self, who: auth.Caller, call: Call, tool: Tool, operation: Operation) -> Call:
        try:
            outcome = self._p.api.send(tool, operation, call.arguments)
        except ServiceError as error:  # nothing was sent
            self._end(who, call, Outcome(CallState.FAILED, failure=Failure(error.reason, error.message)))
            raise
        return self._end(who, call, outcome)

    def _end(self, who: auth.Caller, call: Call, outcome: Outcome) -> Call:
        digest = "" if outcome.result is None else self._p.digest(outcome.result)
        with self._p.store.begin() as tx:
            stored = self._p.calls.put(tx, who.tenant, domain.ended(call, outcome, digest, self._p.now()))
            self._p.outbox.add(tx, who.tenant, stored.name, made(stored))
            self._note(tx, who, stored.state, stored.name, result=digest, status=str(stored.http_status))
            return stored

    def recover(self) -> int:
        """At start: ends what this process was sending when it died. Returns how many calls that were."""
        with self._p.store.read() as tx:
            found = self._p.calls.sent_by(tx, self._p.instance)
        return self._interrupt(found)

    def sweep(self) -> bool:
        """Ends calls whose sender outlived its lease, and grants that ran out. Returns whether there were any."""
        with self._p.store.read() as tx:
            found = self._p.calls.overdue(tx, self._p.now().timestamp())
        self._interrupt([(tenant, call) for tenant, call in found if call.sender])
        for tenant, call in found:
            if not call.sender:
                self._expire(tenant, call)
        return bool(found)

    def _interrupt(self, found: Sequence[tuple[str, Call]]) -> int:
        for tenant, call in found:
            who = auth.Caller(tenant, "service:tools", frozenset({"service"}))
            with auth.acting_as(who):
                self._end(who, call, domain.interrupted(call))
        return len(found)

    def _expire(self, tenant: str, call: Call) -> None:
        who = auth.Caller(tenant, "service:tools", frozenset({"service"}))
        expired = replace(call, state=CallState.EXPIRED, deadline=0.0, update_time=self._p.now())
        failure = Failure(ApprovalExpired.reason, "nobody made the call while its grant held")
        with auth.acting_as(who), self._p.store.begin() as tx:
            self._p.calls.put(tx, tenant, expired, call.etag)
            message = refused(call.name, call.operation, call.caller, failure, call.agent_run)
            self._p.outbox.add(tx, tenant, call.name, message)
            self._note(tx, who, "EXPIRED", call.name)

    def _refuse(self, who: auth.Caller, subject: str, operation: str, agent_run: str, error: ServiceError) -> None:
        """Writes a refusal down, in a transaction of its own: the refused one is rolled back."""
        name = subject if "/toolCalls/" in subject else ""
        with self._p.store.begin() as tx:
            message = refused(name, operation, who.subject, Failure(error.reason, error.message), agent_run)
            self._p.outbox.add(tx, who.tenant, subject, message)
            self._note(tx, who, "REFUSED", subject, reason=error.reason, operation=operation)

    def _note(self, tx: Tx, who: auth.Caller, action: str, subject: str, **detail: str) -> None:
        self._p.audit.add(tx, who.tenant, AuditRow(self._p.now(), who.subject, action, subject, detail))

    def _lease_end(self, now: datetime) -> float:
        return now.timestamp() + self._p.lease_seconds


def _call_id(who: auth.Caller, asked: Asked) -> str:
    if not asked.request_id:
        return uuid.uuid4().hex[:16]
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{who.tenant}/{asked.parent}/{asked.request_id}").hex[:16]


def _check_agent_run(asked: Asked) -> None:
    if asked.agent_run and not asked.agent_run.startswith(f"{asked.parent}/agentRuns/"):
        raise NameInvalid("agent_run must be of the same project", name=asked.agent_run)
