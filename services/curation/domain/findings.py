"""Findings: what a person should see, and what was decided about it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.curation.domain.passages import Quote


class Kind(StrEnum):
    CONFLICT = "CONFLICT"
    SUPERSEDED = "SUPERSEDED"
    TERM = "TERM"
    NEAR_DUPLICATE = "NEAR_DUPLICATE"
    PERSONAL_DATA = "PERSONAL_DATA"
    INJECTION = "INJECTION"
    STALE_REFERENCE = "STALE_REFERENCE"


class State(StrEnum):
    OPEN = "OPEN"
    SETTLED = "SETTLED"


OUTCOMES: dict[Kind, tuple[str, ...]] = {
    Kind.CONFLICT: ("KEEP_FIRST", "KEEP_SECOND", "KEEP_BOTH", "KEEP_NEITHER"),
    Kind.SUPERSEDED: ("ACCEPT", "DISMISS"),
    Kind.TERM: ("PREFER", "DISMISS"),
    Kind.NEAR_DUPLICATE: ("KEEP_FIRST", "KEEP_BOTH"),
    Kind.PERSONAL_DATA: ("MASK", "KEEP", "DROP"),
    Kind.INJECTION: ("DROP", "KEEP"),
    Kind.STALE_REFERENCE: ("ACCEPT", "DISMISS"),
}


@dataclass(frozen=True)
class Decision:
    outcome: str
    reason: str
    author: str
    time: datetime
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """`first` and `second` name what an outcome keeps or drops: claims of a conflict's sides, the older and the newer
    document of an edition, chunks of near-duplicates."""

    name: str
    kind: Kind
    quotes: tuple[Quote, ...]
    explanation: str
    suggested_outcome: str
    confidence: float
    topic: str
    create_time: datetime
    update_time: datetime
    state: State = State.OPEN
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    """The variants of a term, the preferred one first."""
    decision: Decision | None = None
    history: tuple[Decision, ...] = ()
    documents: tuple[str, ...] = field(default=())
    etag: str = ""

    @property
    def claims(self) -> tuple[str, ...]:
        return self.first + self.second if self.kind is Kind.CONFLICT else ()

    @property
    def outcome(self) -> str:
        """What holds now: the decision, else what the product suggests."""
        return self.decision.outcome if self.decision else self.suggested_outcome
