"""The held-out questions, asked of the specialist, of the plain base, and of the base with retrieval.

All three get the same questions, the same template, the same greedy decoding and the same scoring.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from training.bundle import end_token_ids
from training.data import Example, encode, read_examples, render_prompt
from training.files import write_atomic
from training.forget import forgetting
from training.generate import Generated, generate, generating
from training.intervals import difference, rate
from training.retrieve import Retriever, read_chunks, with_context
from training.score import Verdict, judge
from training.spec import SYSTEMS, JobSpec

SPECIALIST, BASE, RETRIEVAL = "specialist", "base", "retrieval"
CALL_TOKENS = 128
WORDINGS, UNSEEN = "heldout_wordings", "heldout_unseen"


@dataclass
class Answers:
    """One system's answers to all questions, in the questions' order."""

    system: str
    texts: list[str] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Evaluator:
    """A trained peft model, and how to ask it."""

    model: Any
    tokenizer: Any
    spec: JobSpec

    @property
    def end_ids(self) -> list[int]:
        """Ids that end an answer."""
        return end_token_ids(self.tokenizer, self.model)

    def limit(self, question: Example) -> int:
        """Longest answer in tokens. A call that is cut off can't be parsed, so calls always get room for one."""
        limit = self.spec.evaluation.max_new_tokens
        return max(limit, CALL_TOKENS) if question.kind == "tool" else limit


def evaluate(evaluator: Evaluator, out: Path, tell: Callable[[float], None] = lambda fraction: None) -> dict[str, Any]:
    """Asks everything; writes `out/answers.jsonl` and returns the figures.

    `tell` is called with the fraction done. Rates carry Wilson's interval, gains a paired bootstrap's. Gains and
    forgetting are there only where the systems that they compare were asked.
    """
    parts = held_out(evaluator.spec)
    questions = [example for examples in parts.values() for example in examples]
    prompts = _prompts(evaluator, questions)
    systems = {}
    for i, (system, rendered) in enumerate(prompts.items()):
        systems[system] = ask(evaluator, system, questions, rendered)
        tell((i + 1) / (len(prompts) + 1))
    _write_answers(out / "answers.jsonl", questions, systems)
    both = {SPECIALIST, BASE} <= systems.keys()
    kinds = {name: {e.id for e in examples} for name, examples in parts.items()}
    return {
        "systems": {name: _figures(evaluator, questions, kinds, a) for name, a in systems.items()},
        "gains": _gains(questions, kinds[WORDINGS], systems),
        "wrong": _wrong(questions, systems[SPECIALIST]) if SPECIALIST in systems else [],
        **({"forgetting": forgetting(evaluator.model, evaluator.tokenizer, evaluator.end_ids)} if both else {}),
    }


def held_out(spec: JobSpec) -> dict[str, list[Example]]:
    """The two held-out parts; the first `max_questions` of each where that is set."""
    limit = spec.evaluation.max_questions or None
    files = {WORDINGS: spec.dataset.heldout_wordings, UNSEEN: spec.dataset.heldout_unseen}
    return {name: read_examples(Path(file))[:limit] if file else [] for name, file in files.items()}


def _prompts(evaluator: Evaluator, questions: list[Example]) -> dict[str, list[list[int]]]:
    """Token ids of every question for every system; retrieval drops out where there are no chunks."""
    tokenizer, spec = evaluator.tokenizer, evaluator.spec
    plain = [encode(tokenizer, render_prompt(tokenizer, e.prompt, e.tools)) for e in questions]
    prompts = {SPECIALIST: plain, BASE: plain}
    asked = spec.evaluation.systems or SYSTEMS
    prompts = {name: ids for name, ids in prompts.items() if name in asked}
    chunks = read_chunks(Path(spec.dataset.chunks)) if spec.dataset.chunks and RETRIEVAL in asked else []
    if not chunks:
        return prompts
    retriever, k = Retriever(chunks), spec.evaluation.retrieved_chunks

    def found(e: Example) -> list[dict[str, Any]]:
        # A tool call needs no passage, and a question that brings its own is a reading test already.
        grounded = e.kind not in ("tool", "read")
        return with_context(e.prompt, retriever.best(str(e.prompt[-1]["content"]), k)) if grounded else e.prompt

    prompts[RETRIEVAL] = [encode(tokenizer, render_prompt(tokenizer, found(e), e.tools)) for e in questions]
    return prompts


def ask(evaluator: Evaluator, system: str, questions: list[Example], prompts: list[list[int]]) -> Answers:
    """One system's answers, scored."""
    started = time.monotonic()
    with generating(evaluator.model, system == SPECIALIST) as base:
        limits = [evaluator.limit(question) for question in questions]
        generated = generate(base, prompts, limits, evaluator.end_ids)
    answers = Answers(system, seconds=time.monotonic() - started)
    answers.texts = [text_of(evaluator.tokenizer, g, evaluator.end_ids) for g in generated]
    answers.verdicts = [judge(e, text) for e, text in zip(questions, answers.texts, strict=True)]
    answers.prompt_tokens = sum(map(len, prompts))
    answers.answer_tokens = sum(len(g.ids) for g in generated)
    return answers


def text_of(tokenizer: Any, generated: Generated, end_ids: list[int]) -> str:
    """The answer as text, without its end token."""
    ids = generated.ids[:-1] if generated.ids and generated.ids[-1] in end_ids else generated.ids
    return str(tokenizer.decode(ids)).strip()


def _figures(
    evaluator: Evaluator, questions: list[Example], parts: dict[str, set[str]], answers: Answers
) -> dict[str, Any]:
    """One system's rates by part and kind, and its cost per answer."""
    pairs = list(zip(questions, answers.verdicts, strict=True))
    calls = [v for e, v in pairs if v.tool_valid is not None]
    n = max(1, len(questions))
    tokens = answers.prompt_tokens + answers.answer_tokens
    parameters = sum(p.numel() for p in evaluator.model.parameters())
    return {
        "parts": {name: rate([v.correct for e, v in pairs if e.id in ids]) for name, ids in parts.items()},
        "kinds": {
            kind: rate([v.correct for e, v in pairs if e.kind == kind]) for kind in sorted({e.kind for e in questions})
        },
        "declines": rate([v.declined for e, v in pairs if e.must_decline]),
        "declines_wrongly": rate([v.declined for e, v in pairs if not e.must_decline and e.kind != "tool"]),
        "tool_calls_valid": rate([bool(v.tool_valid) for v in calls]),
        "tool_calls_right": rate([bool(v.tool_right) for v in calls]),
        "tokens_per_answer": round(tokens / n, 1),
        # Two operations a parameter and token (Kaplan et al. 2020), prompt and answer.
        "flops_per_answer": float(round(2 * parameters * tokens / n)),
        "seconds_per_answer": round(answers.seconds / n, 4),
    }


def _gains(questions: list[Example], wordings: set[str], systems: dict[str, Answers]) -> dict[str, Any]:
    """The specialist's advantage on the unseen wordings over each other system."""
    right = {
        name: [float(v.correct) for e, v in zip(questions, a.verdicts, strict=True) if e.id in wordings]
        for name, a in systems.items()
    }
    ours = right.pop(SPECIALIST, None)
    return {name: difference(ours, theirs) for name, theirs in right.items()} if ours is not None else {}


def _wrong(questions: list[Example], answers: Answers) -> list[dict[str, Any]]:
    """What the specialist gets wrong, in full: a number alone would hide it."""
    rows = zip(questions, answers.texts, answers.verdicts, strict=True)
    return [_row(e, answers.system, text, v) for e, text, v in rows if not v.correct]


def _row(example: Example, system: str, text: str, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": example.id,
        "kind": example.kind,
        "system": system,
        "question": example.prompt[-1].get("content"),
        "expected": example.messages[-1].get("content") or example.messages[-1].get("tool_calls"),
        "answer": text,
        **asdict(verdict),
    }


def _write_answers(path: Path, questions: list[Example], systems: dict[str, Answers]) -> None:
    lines = [
        json.dumps(_row(e, a.system, text, v), ensure_ascii=False)
        for a in systems.values()
        for e, text, v in zip(questions, a.texts, a.verdicts, strict=True)
    ]
    write_atomic(path, "".join(line + "\n" for line in lines).encode())
