"""What the trainer measured, and what the server answered to the same prompts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SPECIALIST, BASE = "specialist", "base"
HELDOUT_WORDING, HELDOUT_UNSEEN = "heldout_wording", "heldout_unseen"


@dataclass(frozen=True)
class Answer:
    """One held-out question: whether each system answered it right. `group` is the fact that it asks about."""

    id: str
    part: str
    kind: str
    group: str
    correct: Mapping[str, bool]
    must_decline: bool = False
    must_call: bool = False


@dataclass(frozen=True)
class Forgetting:
    """General questions before and after training; losses in nats per token."""

    questions: int
    base_accuracy: float
    specialist_accuracy: float
    base_nll: float
    specialist_nll: float


@dataclass(frozen=True)
class ParityPrompt:
    """A prompt as the trainer rendered and answered it; `logprobs` are of the generated tokens, natural logarithm."""

    id: str
    messages_json: str
    tools_json: str
    prompt_ids: tuple[int, ...]
    generated_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    max_new_tokens: int = 48


@dataclass(frozen=True)
class ParityReference:
    dtype: str
    end_token_ids: tuple[int, ...]
    prompts: tuple[ParityPrompt, ...]


@dataclass(frozen=True)
class Evaluation:
    answers: tuple[Answer, ...] = ()
    forgetting: Forgetting | None = None
    parity: ParityReference | None = None


@dataclass(frozen=True)
class Served:
    """What the server made of one prompt: its own answer, and its view of the trainer's."""

    prompt_ids: tuple[int, ...]
    generated_ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    # Log-probabilities that the server gives to the trainer's tokens.
    scored: tuple[float, ...]


@dataclass(frozen=True)
class Probe:
    """The server's answers by prompt id."""

    adapter_digest: str
    base_digest: str
    dtype: str
    end_token_ids: tuple[int, ...]
    served: Mapping[str, Served] = field(default_factory=dict)
