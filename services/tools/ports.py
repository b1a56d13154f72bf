"""What the tools service needs of the outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.chassis.store import Page, Tx
from services.tools.domain import AuditRow, AuthScheme, Call, CallState, Operation, Outcome, Tool

Digest = Callable[[Any], str]
"""SHA-256 of a value's canonical JSON (RFC 8785). Raises ArgumentsInvalid where it has none, such as NaN."""

CheckArguments = Callable[[Mapping[str, Any], Mapping[str, Any]], None]
"""Checks arguments against a JSON schema. Raises ArgumentsInvalid, with the path."""


@dataclass(frozen=True)
class Described:
    """What an OpenAPI document says of a tool; `base_url` is empty where it names none."""

    title: str
    base_url: str
    auth: AuthScheme
    operations: tuple[Operation, ...]


class ApiReader(Protocol):
    def read(self, document: bytes, tool_id: str, wanted: Sequence[str]) -> Described:
        """Reads the wanted operations. Raises OpenApiInvalid, OperationNotFound, OperationUnsupported."""
        ...


class OutsideApi(Protocol):
    def check(self, base_url: str, credential_ref: str) -> str:
        """The base URL in its normal form. Raises BaseUrlInvalid or CredentialRefInvalid where it may not be called."""
        ...

    def send(self, tool: Tool, operation: Operation, arguments: Mapping[str, Any]) -> Outcome:
        """Makes the request. What goes wrong once it may have left is an Outcome, never an error.

        Raises ArgumentsInvalid, BaseUrlInvalid or CredentialMissing before anything was sent.
        """
        ...


class AuditLog(Protocol):
    def add(self, tx: Tx, tenant: str, row: AuditRow) -> None:
        """Writes down who did what, in this transaction."""
        ...


class CallRecords(Protocol):
    def create(self, tx: Tx, tenant: str, item: Call, request_id: str = "", mark: str = "") -> tuple[Call, bool]: ...

    def get(self, tx: Tx, tenant: str, name: str) -> Call: ...

    def put(self, tx: Tx, tenant: str, item: Call, etag: str = "") -> Call: ...

    def matching(
        self, tx: Tx, tenant: str, parent: str, page: Page, state: CallState | None, agent_run: str
    ) -> tuple[list[Call], str]:
        """One page of the calls in `state` and of `agent_run`, where they are given."""
        ...

    def sent_by(self, tx: Tx, sender: str) -> Sequence[tuple[str, Call]]:
        """Calls that a process of this name was sending, with their tenant."""
        ...

    def overdue(self, tx: Tx, now: float) -> Sequence[tuple[str, Call]]:
        """Calls whose grant has run out unused, or whose sender outlived its lease."""
        ...
