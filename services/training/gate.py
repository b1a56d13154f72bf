"""The gate: is a version good enough to answer people? Pure: evidence and policy in, report out."""

import dataclasses
import hashlib
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.training.bundles import plain
from services.training.domain.evaluation import (
    BASE,
    HELDOUT_WORDING,
    SPECIALIST,
    Answer,
    Evaluation,
    ParityPrompt,
    ParityReference,
    Probe,
    Served,
)
from services.training.domain.versions import Check, ModelVersion, Report, Verdict

RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Policy:
    """What must hold. Shares are of questions, from 0 to 1; losses and log-probabilities in nats."""

    min_questions: int = 10
    min_gain: float = 0.4
    max_forgotten: float = 0.15
    max_nll_increase: float = 0.5
    min_tools: float = 0.6
    min_no_call: float = 0.8
    min_decline: float = 0.5
    max_logprob: float = 0.25
    require_influence: bool = True

    @property
    def digest(self) -> str:
        """SHA-256 of the policy; reports name it, so that one can tell what was applied."""
        return hashlib.sha256(json.dumps(dataclasses.asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Evidence:
    """Everything that the gate judges by."""

    version: ModelVersion
    evaluation: Evaluation | None
    # The server's answers, or why there are none.
    probe: Probe | None = None
    probe_failure: str = ""
    # Why the dataset version must not be used, or empty.
    dataset_fault: str = ""


def judge(evidence: Evidence, policy: Policy, time: datetime) -> Report:
    """The report of a version: PASS only if every check passed."""
    evaluation = evidence.evaluation or Evaluation()
    checks = (
        gain(evaluation.answers, policy),
        *forgetting(evaluation, policy),
        *tools(evaluation.answers, policy),
        decline(evaluation.answers, policy),
        parity(evaluation.parity, evidence, policy),
        influence(evidence.version, policy),
        dataset(evidence),
    )
    verdict = Verdict.PASS if all(check.passed for check in checks) else Verdict.REFUSE
    return Report(verdict, checks, policy.digest, time)


def gain(answers: Iterable[Answer], policy: Policy) -> Check:
    """How much more often the specialist is right than the plain base, on wordings that were never trained on.

    The interval is a bootstrap over facts (percentiles), for several wordings of a fact are not independent.
    """
    asked = [a for a in answers if a.part == HELDOUT_WORDING and {SPECIALIST, BASE} <= set(a.correct)]
    if len(asked) < policy.min_questions:
        text = f"{len(asked)} held-out questions, {policy.min_questions} are needed"
        return Check("gain", False, "TOO_FEW_QUESTIONS", text, threshold=policy.min_gain, unit="share")
    groups: dict[str, list[int]] = defaultdict(list)
    for answer in asked:
        groups[answer.group or answer.id].append(answer.correct[SPECIALIST] - answer.correct[BASE])
    value, low, high = clustered_mean([groups[key] for key in sorted(groups)])
    passed = value >= policy.min_gain and low > 0
    right = [sum(a.correct[system] for a in asked) for system in (SPECIALIST, BASE)]
    text = f"specialist {right[0]} of {len(asked)}, plain base {right[1]} of {len(asked)}"
    return Check("gain", passed, "" if passed else "NO_GAIN", text, value, policy.min_gain, "share", low, high)


def clustered_mean(groups: Sequence[Sequence[float]], seed: int = 0) -> tuple[float, float, float]:
    """Mean over all values with a bootstrap interval that draws whole groups (Davison & Hinkley 1997, ch. 3.8)."""
    rng = random.Random(seed)  # noqa: S311 - resampling, nothing secret
    sums = [(sum(group), len(group)) for group in groups]
    drawn = []
    for _ in range(RESAMPLES):
        sample = rng.choices(sums, k=len(sums))
        drawn.append(sum(total for total, _ in sample) / sum(count for _, count in sample))
    drawn.sort()
    tail = (1 - LEVEL) / 2
    mean = sum(total for total, _ in sums) / sum(count for _, count in sums)
    return mean, drawn[int(tail * RESAMPLES)], drawn[min(math.ceil((1 - tail) * RESAMPLES), RESAMPLES) - 1]


def wilson(correct: int, questions: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (1927)."""
    z, share = 1.959964, correct / questions
    middle = (share + z * z / (2 * questions)) / (1 + z * z / questions)
    half = z * math.sqrt(share * (1 - share) / questions + z * z / (4 * questions**2)) / (1 + z * z / questions)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def forgetting(evaluation: Evaluation, policy: Policy) -> tuple[Check, Check]:
    """What training cost on general questions: right answers, and loss on given answers."""
    found = evaluation.forgetting
    if found is None or found.questions == 0:
        text = "no general questions were asked"
        return (
            Check("forgetting", False, "FORGETTING_UNKNOWN", text, threshold=policy.max_forgotten, unit="share"),
            Check("forgetting_nll", False, "FORGETTING_UNKNOWN", text, threshold=policy.max_nll_increase, unit="nats"),
        )
    drop = found.base_accuracy - found.specialist_accuracy
    rise = found.specialist_nll - found.base_nll
    before = f"accuracy {found.base_accuracy:.2f} before, {found.specialist_accuracy:.2f} after"
    loss = f"loss {found.base_nll:.2f} before, {found.specialist_nll:.2f} after"
    return (
        _at_most("forgetting", drop, policy.max_forgotten, "FORGETS", before, "share"),
        _at_most("forgetting_nll", rise, policy.max_nll_increase, "FORGETS", loss, "nats"),
    )


def _at_most(name: str, value: float, threshold: float, reason: str, text: str, unit: str) -> Check:
    # Written so that a value which is no number fails.
    passed = value <= threshold
    return Check(name, passed, "" if passed else reason, text, value, threshold, unit)


def tools(answers: Iterable[Answer], policy: Policy) -> tuple[Check, Check]:
    """Right calls where one is due, and none where none is."""
    asked = [a for a in answers if a.kind == "tool"]
    return (
        _share("tools", [a for a in asked if a.must_call], policy.min_tools, "TOOL_CALLS_INVALID"),
        _share("tools_not_called", [a for a in asked if not a.must_call], policy.min_no_call, "TOOL_CALLS_INVALID"),
    )


def decline(answers: Iterable[Answer], policy: Policy) -> Check:
    """How often the specialist says so where the documents hold no answer."""
    return _share("decline", [a for a in answers if a.must_decline], policy.min_decline, "MUST_DECLINE_FAILED")


def _share(name: str, asked: Sequence[Answer], threshold: float, reason: str) -> Check:
    if not asked:
        return Check(name, True, explanation="nothing of this kind was taught or asked", threshold=threshold)
    right = sum(a.correct.get(SPECIALIST, False) for a in asked)
    value, (low, high) = right / len(asked), wilson(right, len(asked))
    passed = value >= threshold
    text = f"{right} of {len(asked)}"
    return Check(name, passed, "" if passed else reason, text, value, threshold, "share", low, high)


def parity(reference: ParityReference | None, evidence: Evidence, policy: Policy) -> Check:
    """Whether the server that answers people is the model that was measured, token by token."""
    fault, worst = _parity_fault(reference, evidence, policy)
    reason = ""
    if fault:
        reason = "SERVER_UNREACHABLE" if evidence.probe is None and evidence.probe_failure else "PARITY_BROKEN"
    text = fault or f"{len(reference.prompts) if reference else 0} prompts agree"
    return Check("parity", not fault, reason, text, worst, policy.max_logprob, "nats")


def _parity_fault(reference: ParityReference | None, evidence: Evidence, policy: Policy) -> tuple[str, float]:
    """What differs first, or an empty text; and the largest difference of a log-probability."""
    probe = evidence.probe
    if reference is None or not reference.prompts:
        return "the trainer kept no prompts to compare", 0.0
    if probe is None:
        return evidence.probe_failure or "the server was not asked", 0.0
    if fault := _identity_fault(reference, probe, evidence.version):
        return fault, 0.0
    worst = 0.0
    for prompt in reference.prompts:
        served = probe.served.get(prompt.id)
        if served is None:
            return f"the server gave no answer to {prompt.id}", worst
        difference = largest_difference(prompt.logprobs, served.scored)
        worst = max(worst, difference)
        if fault := _prompt_fault(prompt, served, difference, policy.max_logprob):
            return f"{prompt.id}: {fault}", worst
    return "", worst


def _identity_fault(reference: ParityReference, probe: Probe, version: ModelVersion) -> str:
    pairs: Sequence[tuple[str, str, str]] = (
        ("adapter", plain(version.adapter_digest), plain(probe.adapter_digest)),
        ("base", plain(version.base_digest), plain(probe.base_digest)),
        ("dtype", dtype_name(reference.dtype), dtype_name(probe.dtype)),
        ("end tokens", str(sorted(reference.end_token_ids)), str(sorted(probe.end_token_ids))),
    )
    return next(
        (f"{what} is {theirs} on the server, {ours} here" for what, ours, theirs in pairs if ours != theirs), ""
    )


def _prompt_fault(prompt: ParityPrompt, served: Served, difference: float, bound: float) -> str:
    if prompt.prompt_ids != served.prompt_ids:
        return f"the prompt is rendered otherwise from token {_first_difference(prompt.prompt_ids, served.prompt_ids)}"
    if not difference <= bound:
        return f"log-probabilities differ by {difference:.3f}"
    if prompt.generated_ids == served.generated_ids:
        return ""
    n = _first_difference(prompt.generated_ids, served.generated_ids)
    return "" if _is_tie(served, n, bound) else f"another answer from token {n}"


def _is_tie(served: Served, n: int, bound: float) -> bool:
    """Whether the server itself holds both next tokens for equally likely, within the bound.

    In bfloat16 two sums in another order can swap a tie; what follows a swapped token says nothing more.
    """
    if n >= min(len(served.generated_ids), len(served.logprobs), len(served.scored)):
        return False
    return abs(served.logprobs[n] - served.scored[n]) <= bound


def _first_difference(first: Sequence[int], second: Sequence[int]) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )


def largest_difference(first: Sequence[float], second: Sequence[float]) -> float:
    """Infinity where the lengths differ or a number is none."""
    if len(first) != len(second):
        return math.inf
    return max(
        (abs(a - b) if math.isfinite(a - b) else math.inf for a, b in zip(first, second, strict=True)), default=0.0
    )


def dtype_name(name: str) -> str:
    short = name.removeprefix("torch.")
    return {"bf16": "bfloat16", "fp32": "float32", "fp16": "float16"}.get(short, short)


def influence(version: ModelVersion, policy: Policy) -> Check:
    """Whether its answers can be traced to what it learnt from."""
    there = version.influence is not None
    passed = there or not policy.require_influence
    return Check("influence", passed, "" if passed else "INFLUENCE_MISSING", "" if there else "no influence index")


def dataset(evidence: Evidence) -> Check:
    """Whether what it learnt from may still be used."""
    fault = evidence.dataset_fault or "; ".join(evidence.version.taints)
    return Check("dataset", not fault, "DATASET_WITHDRAWN" if fault else "", fault)
