import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from training.data import pack
from training.evaluate import Evaluator, evaluate
from training.forget import GENERAL
from training.generate import generate, generating
from training.intervals import difference, rate
from training.model import PACKED_ATTENTION, HeadDivergence, add_lora, completion_hidden, head_of
from training.parity import record_parity
from training.replay import EVERYDAY, everyday
from training.retrieve import Chunk, Retriever, with_context
from training.score import normalise
from training.spec import JobSpec, Lora

from .conftest import lines, write_lines

PROMPTS = [[5, 6, 7, 8, 9, 10], [11, 12], [200, 13, 14, 15], [33] * 20]


@pytest.fixture
def tuned(model: Any) -> Any:
    peft_model = add_lora(model, Lora(rank=4), seed=1)
    for name, p in peft_model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(p, std=0.3, generator=torch.Generator().manual_seed(3))
    return peft_model


def test_a_batch_answers_as_each_prompt_alone(tuned: Any) -> None:
    with generating(tuned, adapter=True) as base:
        together = generate(base, PROMPTS, 12, [2, 77])
        alone = [generate(base, [p], 12, [2, 77])[0] for p in PROMPTS]
    assert [a.ids for a in together] == [a.ids for a in alone]
    np.testing.assert_allclose(
        np.concatenate([a.logprobs for a in together]), np.concatenate([a.logprobs for a in alone]), atol=1e-4
    )
    assert tuned.get_base_model().config._attn_implementation == PACKED_ATTENTION


def test_generation_is_what_transformers_generates(tuned: Any) -> None:
    ids = torch.tensor([PROMPTS[0]])
    with generating(tuned, adapter=True) as base:
        (ours,) = generate(base, [PROMPTS[0]], 10, [2])
        theirs = base.generate(ids, max_new_tokens=10, do_sample=False, pad_token_id=0, eos_token_id=2)
    assert ours.ids == theirs[0, ids.shape[1] :].tolist()


def test_the_plain_base_answers_without_the_adapter(tuned: Any) -> None:
    with generating(tuned, adapter=True) as base:
        specialist = generate(base, PROMPTS, 8, [2])
    with generating(tuned, adapter=False) as base:
        plain = generate(base, PROMPTS, 8, [2])
    assert [a.ids for a in specialist] != [a.ids for a in plain]


def test_intervals_hold_what_they_should() -> None:
    assert rate([])["rate"] is None
    found = rate([True] * 40)
    assert (found["rate"], found["high"]) == (1.0, 1.0)
    assert 0.9 < found["low"] < 0.92
    gap = difference([1.0] * 30 + [0.0] * 10, [0.0] * 40)
    assert gap["difference"] == 0.75
    assert gap["low"] < 0.75 < gap["high"]
    assert difference([1.0, 1.0], [1.0, 1.0])["low"] == 0
    assert difference([1.0] * 30 + [0.0] * 10, [0.0] * 40) == gap


def test_the_chunk_that_holds_the_code_comes_first() -> None:
    chunks = [Chunk(str(i), f"QF-{i} shall withstand {i * 3} bar.") for i in range(100, 130)]
    found = Retriever(chunks).best("What pressure must QF-117 withstand?", 2)
    assert found[0].id == "117"
    messages = with_context([{"role": "user", "content": "Why?"}], found)
    assert messages[0]["content"].startswith("QF-117 shall")
    assert messages[0]["content"].endswith("Why?")
    assert Retriever(chunks[:1]).best("nothing of the kind", 3) == chunks[:1]


def evaluator(tuned: Any, tokenizer: Any, tmp_path: Path, spec_json: dict[str, Any], **evaluation: Any) -> Evaluator:
    asked = write_lines(tmp_path / "w.jsonl", lines(("Limit of {}?",)))
    chunks = write_lines(tmp_path / "c.jsonl", [{"id": "1", "text": "K1 has a limit of 14 mm."}])
    spec_json["dataset"] |= {"heldoutWordings": str(asked), "chunks": str(chunks)}
    spec_json["evaluation"] = {"enabled": True, "maxNewTokens": 4, "parityPrompts": 3} | evaluation
    return Evaluator(tuned, tokenizer, JobSpec.from_json(spec_json))


def test_all_three_systems_are_asked(tuned: Any, tokenizer: Any, tmp_path: Path, spec_json: dict[str, Any]) -> None:
    found = evaluate(evaluator(tuned, tokenizer, tmp_path, spec_json), tmp_path)
    assert set(found["systems"]) == {"specialist", "base", "retrieval"}
    assert all(s["parts"]["heldout_wordings"]["n"] == 6 for s in found["systems"].values())
    assert found["systems"]["retrieval"]["tokens_per_answer"] > found["systems"]["base"]["tokens_per_answer"]
    assert found["forgetting"]["questions"]["base"]["n"] == 30
    assert found["forgetting"]["nll_increase"]["n"] == 8
    rows = [json.loads(row) for row in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert len(rows) == 18
    assert {row["id"] for row in found["wrong"]} == {
        r["id"] for r in rows if r["system"] == "specialist" and not r["correct"]
    }


def test_only_the_systems_wanted_are_asked(
    tuned: Any, tokenizer: Any, tmp_path: Path, spec_json: dict[str, Any]
) -> None:
    found = evaluate(evaluator(tuned, tokenizer, tmp_path, spec_json, systems=["specialist"]), tmp_path)
    assert set(found["systems"]) == {"specialist"}
    assert found["gains"] == {}
    assert "forgetting" not in found


def test_replay_holds_the_adapter_to_the_base(tuned: Any, tokenizer: Any) -> None:
    held = everyday(tuned, tokenizer, [2], 6)
    assert sum(r.rendered.prompt_ids[0] == tokenizer.bos_token_id for r in held) == 4
    batch, teacher = pack([r.rendered for r in held]), torch.cat([r.teacher_SD for r in held])
    with torch.no_grad():
        drifted = HeadDivergence.apply(completion_hidden(tuned, batch), head_of(tuned), teacher)
        with tuned.disable_adapter():
            same = HeadDivergence.apply(completion_hidden(tuned, batch), head_of(tuned), teacher)
    assert float(drifted.mean()) > 0.1
    assert float(same.abs().max()) < 1e-3


def test_no_replayed_prompt_is_in_the_forgetting_set() -> None:
    asked = {normalise(json.loads(row).get("question", "")) for row in GENERAL.read_text().splitlines()}
    replayed = {normalise(json.loads(row).get("prompt", "")) for row in EVERYDAY.read_text().splitlines()}
    assert not (asked & replayed) - {""}


def test_each_prompt_has_its_own_limit(tuned: Any) -> None:
    with generating(tuned, adapter=True) as base:
        answers = generate(base, PROMPTS, [1, 9, 3, 5], [])
    assert [len(a.ids) for a in answers] == [1, 9, 3, 5]


def test_the_parity_record_holds_ids_and_logprobs(
    tuned: Any, tokenizer: Any, tmp_path: Path, spec_json: dict[str, Any]
) -> None:
    assert record_parity(evaluator(tuned, tokenizer, tmp_path, spec_json), tmp_path / "p.jsonl") == 3
    rows = [json.loads(row) for row in (tmp_path / "p.jsonl").read_text().splitlines()]
    for row in rows:
        assert row["prompt_ids"] == tokenizer(row["prompt_text"], add_special_tokens=False)["input_ids"]
        assert len(row["completion_ids"]) == len(row["logprobs"]) <= 4
        assert (row["dtype"], row["end_token_ids"]) == ("float32", [2])
