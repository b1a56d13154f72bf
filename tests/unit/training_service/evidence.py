"""Evidence for the gate of a good specialist, to be spoiled one thing at a time."""

from dataclasses import replace

from services.training.domain.evaluation import (
    BASE,
    HELDOUT_UNSEEN,
    HELDOUT_WORDING,
    SPECIALIST,
    Answer,
    Evaluation,
    Forgetting,
    ParityPrompt,
    ParityReference,
    Probe,
    Served,
)
from services.training.domain.jobs import BlobRef
from services.training.domain.versions import ModelVersion
from services.training.gate import Evidence

ADAPTER, BASE_DIGEST = "a" * 64, "b" * 64
NAME = "projects/p/models/m/versions/" + ADAPTER[:16]


def fact(n: int, specialist: bool, base: bool) -> Answer:
    return Answer(f"f{n}", HELDOUT_WORDING, "fact", f"fact{n}", {SPECIALIST: specialist, BASE: base})


def other(n: int, kind: str, right: bool, **flags: bool) -> Answer:
    return Answer(f"{kind}{n}{flags}", HELDOUT_UNSEEN, kind, "", {SPECIALIST: right, BASE: False}, **flags)


def answers(right: int = 38, of: int = 40, base: int = 1) -> tuple[Answer, ...]:
    facts = [fact(n, n < right, n >= of - base) for n in range(of)]
    calls = [other(n, "tool", True, must_call=True) for n in range(5)]
    idle = [other(n, "tool", True) for n in range(5)]
    refusals = [other(n, "decline", n < 8, must_decline=True) for n in range(10)]
    return (*facts, *calls, *idle, *refusals)


def prompt(n: int) -> ParityPrompt:
    return ParityPrompt(f"p{n}", "[]", "", (1, 2, n), (7, 8, 9), (-0.1, -0.2, -0.3))


def served(given: ParityPrompt, **changes: object) -> Served:
    made = Served(given.prompt_ids, given.generated_ids, given.logprobs, given.logprobs)
    return replace(made, **changes)


PROMPTS = tuple(prompt(n) for n in range(3))
REFERENCE = ParityReference("bfloat16", (2,), PROMPTS)
EVALUATION = Evaluation(answers(), Forgetting(30, 0.6, 0.57, 2.5, 2.6), REFERENCE)


def version(**changes: object) -> ModelVersion:
    made = ModelVersion(
        NAME,
        BlobRef("c" * 64),
        base="embedded:x",
        base_digest=BASE_DIGEST,
        adapter_digest=ADAPTER,
        evaluation=BlobRef("d" * 64),
        influence=BlobRef("e" * 64),
    )
    return replace(made, **changes)


def probe(**changes: object) -> Probe:
    made = Probe(ADAPTER, f"sha256:{BASE_DIGEST}", "torch.bfloat16", (2,), {p.id: served(p) for p in PROMPTS})
    return replace(made, **changes)


def evidence(**changes: object) -> Evidence:
    return replace(Evidence(version(), EVALUATION, probe()), **changes)
