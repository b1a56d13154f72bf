"""Tools, calls and grants: what they are and which rules hold between them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

READ_METHODS = frozenset({"GET", "HEAD"})
# RFC 9110: what a client may not set by hand, and what would carry a credential of the caller's own.
FORBIDDEN_HEADERS = frozenset(
    {
        "accept",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
ENV_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


class Where(StrEnum):
    """The part of a request that an argument goes to."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    BODY = "body"


class AuthKind(StrEnum):
    """How an API wants its credential."""

    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    QUERY = "query"


@dataclass(frozen=True)
class AuthScheme:
    """`name` is the header or query parameter of the two kinds that have one."""

    kind: AuthKind = AuthKind.BEARER
    name: str = ""


@dataclass(frozen=True)
class Placement:
    """Where an argument goes and how it is written there: OpenAPI's `style` and `explode`."""

    argument: str
    where: Where
    name: str
    style: str = "form"
    explode: bool = True


@dataclass(frozen=True)
class Operation:
    """One thing a tool does. `id` is `{tool}.{operation}`, `parameters` the JSON schema of its arguments."""

    id: str
    description: str
    method: str
    path: str
    parameters: Mapping[str, Any]
    placements: tuple[Placement, ...] = ()
    body_media: str = ""

    @property
    def write(self) -> bool:
        return self.method not in READ_METHODS


@dataclass(frozen=True)
class Tool:
    name: str
    display_name: str
    base_url: str
    credential_ref: str
    auth: AuthScheme
    operations: tuple[Operation, ...]
    openapi_digest: str
    create_time: datetime
    etag: str = ""

    def operation(self, operation_id: str) -> Operation | None:
        return next((o for o in self.operations if o.id == operation_id), None)


class CallState(StrEnum):
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True)
class Approval:
    """A person's decision: a single-use grant over exactly what it names, where `granted`."""

    approver: str
    granted: bool
    reason: str
    caller: str
    operation: str
    arguments_digest: str
    tool_digest: str
    policy_version: str
    expire_time: datetime
    nonce: str
    used: bool = False


@dataclass(frozen=True)
class Policy:
    """The rules that a grant is given under. Another policy has another version, and old grants no longer hold."""

    version: str
    approver_roles: frozenset[str] = frozenset({"approver", "admin"})
    default_ttl: timedelta = timedelta(seconds=600)
    max_ttl: timedelta = timedelta(hours=24)
    four_eyes: bool = False
    """Nobody approves a call of their own."""


@dataclass(frozen=True)
class Call:
    """A call of an operation. `sender` names the process that is sending it right now, or is empty."""

    name: str
    state: CallState
    operation: str
    write: bool
    arguments: Mapping[str, Any]
    arguments_digest: str
    tool_digest: str
    caller: str
    create_time: datetime
    update_time: datetime
    agent_run: str = ""
    approval: Approval | None = None
    result: Any = None
    result_digest: str = ""
    http_status: int = 0
    failure: Failure | None = None
    sender: str = ""
    deadline: float = 0.0
    """Unix seconds: end of the grant while APPROVED, end of the sending's lease while `sender` is set."""
    etag: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a request: its state, and what came back."""

    state: CallState
    http_status: int = 0
    result: Any = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Presented:
    """What stands when an approved call is to be made; a grant holds only where it names all of it."""

    caller: str
    operation: str
    arguments_digest: str
    tool_digest: str
    policy_version: str


def mismatches(approval: Approval, presented: Presented) -> list[str]:
    """The fields in which a grant does not name what is presented."""
    names = ("caller", "operation", "arguments_digest", "tool_digest", "policy_version")
    return [name for name in names if getattr(approval, name) != getattr(presented, name)]


def decided(call: Call, approval: Approval, now: datetime) -> Call:
    state = CallState.APPROVED if approval.granted else CallState.DENIED
    return replace(call, state=state, approval=approval, update_time=now, deadline=approval.expire_time.timestamp())


def spent(call: Call, sender: str, lease_end: float, now: datetime) -> Call:
    """The call as it stands before its request leaves: the grant is used, whatever happens next."""
    approval = replace(call.approval, used=True) if call.approval else None
    return replace(call, approval=approval, sender=sender, deadline=lease_end, update_time=now)


def ended(call: Call, outcome: Outcome, result_digest: str, now: datetime) -> Call:
    return replace(
        call,
        state=outcome.state,
        http_status=outcome.http_status,
        result=outcome.result,
        result_digest=result_digest,
        failure=outcome.failure,
        sender="",
        deadline=0.0,
        update_time=now,
    )


def interrupted(call: Call) -> Outcome:
    """What a call became whose sender died: a read had no effect, a write may have had one."""
    if call.write:
        return Outcome(
            CallState.UNKNOWN, failure=Failure("OUTCOME_UNKNOWN", "the sender died; the write may have been made")
        )
    return Outcome(CallState.FAILED, failure=Failure("CALL_INTERRUPTED", "the sender died; the read can be made again"))


@dataclass(frozen=True)
class AuditRow:
    """A line of the audit table. `detail` holds digests and reasons, never arguments, results or credentials."""

    time: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str] = field(default_factory=dict)
