"""Federations and rounds: who takes part, and when a round is complete. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

MAX_ROUNDS = 1000
MAX_ROSTER = 500
# Nobody can outweigh the others by claiming more examples than a firm plausibly has.
MAX_EXAMPLES = 10_000_000
DEFAULT_ROUND_SECONDS = 3600
METHODS = ("STACK_SVD",)


class FederationState(StrEnum):
    OPEN = "OPEN"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class RoundState(StrEnum):
    OPEN = "OPEN"
    AGGREGATING = "AGGREGATING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


ENDED = frozenset({FederationState.SUCCEEDED, FederationState.FAILED, FederationState.CANCELLED})


@dataclass(frozen=True)
class Failure:
    reason: str
    message: str


@dataclass(frozen=True)
class Blob:
    sha256: str
    size_bytes: int
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Member:
    """A participant of the roster; `public_key` is Ed25519, base64."""

    participant: str
    public_key: str
    joined: bool = False


@dataclass(frozen=True)
class Federation:
    name: str
    roster: tuple[Member, ...]
    rounds: int
    base: str
    state: FederationState = FederationState.OPEN
    completed_rounds: int = 0
    minimum_updates: int = 0
    round_seconds: int = DEFAULT_ROUND_SECONDS
    training_json: str = "{}"
    method: str = "STACK_SVD"
    rank: int = 0
    server_rate: float = 1.0
    failure: Failure | None = None
    global_adapter: Blob | None = None
    global_adapter_digest: str = ""
    traceparent: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None

    def member(self, participant: str) -> Member | None:
        return next((m for m in self.roster if m.participant == participant), None)

    def quorum(self) -> int:
        return self.minimum_updates or len(self.roster)

    def round_name(self, index: int) -> str:
        return f"{self.name}/rounds/{index:04d}"


@dataclass(frozen=True)
class Update:
    participant: str
    digest: str
    examples: int
    blob: Blob
    time: datetime
    signature: str


@dataclass(frozen=True)
class Evaluation:
    participant: str
    correct_local: int
    correct_global: int
    questions: int


@dataclass(frozen=True)
class Round:
    name: str
    index: int
    deadline: datetime
    state: RoundState = RoundState.OPEN
    updates: tuple[Update, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    # The global adapter that the round starts from; unset in the first.
    start: Blob | None = None
    adapter: Blob | None = None
    adapter_digest: str = ""
    residual: float = 0.0
    failure: Failure | None = None
    create_time: datetime | None = None

    @property
    def federation(self) -> str:
        return self.name.rsplit("/", 2)[0]

    def update_of(self, participant: str) -> Update | None:
        return next((u for u in self.updates if u.participant == participant), None)


def join(federation: Federation, participant: str, now: datetime) -> Federation:
    """The federation with the member joined; it runs once the whole roster has."""
    roster = tuple(replace(m, joined=m.joined or m.participant == participant) for m in federation.roster)
    complete = all(m.joined for m in roster) and federation.state is FederationState.OPEN
    state = FederationState.RUNNING if complete else federation.state
    return replace(federation, roster=roster, state=state, update_time=now)


def open_round(federation: Federation, index: int, now: datetime) -> Round:
    deadline = now + timedelta(seconds=federation.round_seconds)
    name = federation.round_name(index)
    return Round(name, index, deadline, start=federation.global_adapter, create_time=now)


def is_ready(round_: Round, federation: Federation, now: datetime) -> bool:
    """Complete: every member sent its update, or the deadline passed with enough of them."""
    everybody = len(round_.updates) == len(federation.roster)
    late = now >= round_.deadline and len(round_.updates) >= federation.quorum()
    return everybody or late


def is_lost(round_: Round, federation: Federation, now: datetime) -> bool:
    """The deadline passed with too few updates."""
    return now >= round_.deadline and len(round_.updates) < federation.quorum()


def weights(round_: Round) -> Mapping[str, float]:
    """Each update's share, by examples; the shares sum to 1."""
    total = sum(update.examples for update in round_.updates)
    return {update.participant: update.examples / total for update in round_.updates}


def statement(verb: str, tenant: str, *parts: object) -> bytes:
    """What a participant signs: the verb, the tenant and what the request names, a line each."""
    return "\n".join(["whetstone-federation/1", verb, tenant, *map(str, parts)]).encode()
