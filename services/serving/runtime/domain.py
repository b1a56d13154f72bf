"""How an answer is asked for and made, without a word of HTTP or torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from services.serving.domain import PLAIN_BASE, AdapterSpec

Json = Mapping[str, Any]
# The role of the one message that stands for a prompt which went past the chat template.
RAW_PROMPT = "prompt"


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen. Temperature 0 takes the likeliest; a seed makes sampling repeatable."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = None
    top_logprobs: int = 0


@dataclass(frozen=True)
class Choice:
    """A token and its natural-log probability, with the likeliest alternatives, best first."""

    id: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()


class Finish(Enum):
    """Why an answer ended, in OpenAI's words; CANCELLED is the caller's going away."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Piece:
    """What one step adds to an answer. `finish` is set on the last one, and `end` where an end token came."""

    text: str = ""
    tokens: tuple[Choice, ...] = ()
    finish: Finish | None = None
    end: Choice | None = None


@dataclass(frozen=True)
class Generation:
    """One answer to be generated. `forced_ids` are put first as if the model had chosen them."""

    adapter: str
    """Digest of the adapter; empty for the plain base."""
    prompt_ids: tuple[int, ...]
    max_tokens: int
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    forced_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Route:
    """Who answers: an adapter, or the plain base."""

    spec: AdapterSpec | None = None

    @property
    def adapter(self) -> str:
        return self.spec.adapter_digest if self.spec else ""

    @property
    def model_version(self) -> str:
        return self.spec.model_version if self.spec else PLAIN_BASE

    @property
    def warning(self) -> str:
        return self.spec.warning or self.spec.policy if self.spec and self.spec.policy == "WARN" else ""


@dataclass(frozen=True)
class ToolCall:
    """A call that the answer makes; `arguments` is a JSON object as text."""

    id: str
    name: str
    arguments: str

    def as_openai(self) -> dict[str, Any]:
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


@dataclass(frozen=True)
class Ask:
    """A request, checked, routed and rendered: nothing of it can be wrong any more."""

    completion_id: str
    project: str
    model: str
    route: Route
    messages: Sequence[Json]
    tools: Sequence[Json]
    generation: Generation


@dataclass(frozen=True)
class Answer:
    """A whole answer. `dropped` says why text that looks like a tool call is not one."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    tokens: tuple[Choice, ...]
    finish: Finish
    prompt_tokens: int
    dropped: tuple[str, ...] = ()

    @property
    def completion_tokens(self) -> int:
        return len(self.tokens)
