"""What the agents service needs of the outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.agents.domain.evidence import Amount, Claim
from services.agents.domain.runs import Run, Step
from services.chassis.store import Page, Tx

Json = dict[str, Any]


@dataclass(frozen=True)
class Proposal:
    """A tool call that a model wrote: a name and arguments, nothing that has happened."""

    function: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Completion:
    """A model's answer. `name` is its resource name, `projects/{project}/completions/{completion}`."""

    name: str
    text: str
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True)
class Pick:
    """The option that a model finds likeliest; `index` is None where none was among its likeliest tokens."""

    completion: str
    index: int | None = None


class Model(Protocol):
    def complete(
        self, model: str, messages: Sequence[Json], *, max_tokens: int, functions: Sequence[Json] = (), force: str = ""
    ) -> Completion:
        """An answer. With `functions` the model may propose a call, with `force` of that function it must.

        Raises Unavailable where the model does not answer now, another ServiceError where it never will.
        """
        ...

    def pick(self, model: str, messages: Sequence[Json], options: int) -> Pick:
        """The option 1 to `options` (9 at most) whose number is likeliest as the answer's first token, 0-based.

        The model can say nothing else: only the options' numbers are looked at. Raises as `complete` does.
        """
        ...


@dataclass(frozen=True)
class ToolResult:
    """A call as the tools service holds it. `result` is the outside API's answer as JSON or text."""

    name: str
    state: str
    result: Any = None
    http_status: int = 0
    reason: str = ""
    message: str = ""
    grant_used: bool = False
    decided_by: str = ""


class Tools(Protocol):
    def call(
        self, project: str, operation: str, arguments: Mapping[str, Any], agent_run: str, request_id: str
    ) -> ToolResult:
        """Makes a read, or asks for a write. The same `request_id` is the same call."""
        ...

    def get(self, name: str) -> ToolResult: ...

    def execute(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Makes an approved write. Raises the tools service's refusals with their reasons."""
        ...


class Evidence(Protocol):
    def claims(self, project: str) -> Sequence[Claim]:
        """What the documents in force state."""
        ...

    def chunk(self, name: str) -> str:
        """The text of a chunk, as ingested."""
        ...


class Units(Protocol):
    def amounts(self, text: str) -> Sequence[Amount]:
        """Every number with its unit in a text, in the order of reading."""
        ...

    def amount(self, value: float, unit: str) -> Amount | None:
        """None where the unit is not known."""
        ...


class RunRecords(Protocol):
    def create(self, tx: Tx, tenant: str, item: Run, request_id: str = "", mark: str = "") -> tuple[Run, bool]: ...

    def get(self, tx: Tx, tenant: str, name: str) -> Run: ...

    def find(self, tx: Tx, tenant: str, name: str) -> Run | None: ...

    def put(self, tx: Tx, tenant: str, item: Run, etag: str = "") -> Run: ...

    def page(self, tx: Tx, tenant: str, parent: str, page: Page) -> tuple[list[Run], str]: ...

    def due(self, tx: Tx, worker: str, now: float) -> tuple[str, Run] | None:
        """A run with its tenant that waits for a worker: queued, left by this one, or by one that went silent."""
        ...


class StepRecords(Protocol):
    def find(self, tx: Tx, tenant: str, run: str, key: str) -> Step | None: ...

    def put(self, tx: Tx, tenant: str, run: str, step: Step) -> None: ...

    def all(self, tx: Tx, tenant: str, run: str) -> Sequence[Step]:
        """The steps of a run in the order in which they began."""
        ...

    def count(self, tx: Tx, tenant: str, run: str) -> int: ...


class DecisionRecords(Protocol):
    def add(self, tx: Tx, tenant: str, tool_call: str) -> None: ...

    def has(self, tx: Tx, tenant: str, tool_call: str) -> bool: ...
