from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data import pack, plan, read_examples, render, show_mask
from training.errors import DatasetEmpty, EmptyCompletion, ExampleInvalid, SequenceTooLong, TemplateUnstable

from .conftest import TOOL, line, lines, write_lines


def only(tmp_path: Path, row: dict[str, Any]) -> Any:
    return read_examples(write_lines(tmp_path / "one.jsonl", [row]))[0]


def test_only_the_last_answer_bears_loss(tokenizer: Any, tmp_path: Path) -> None:
    row = line("a", "How thick?", "14 mm")
    row["messages"] = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}, *row["messages"]]
    shown = show_mask(tokenizer, only(tmp_path, row))
    assert shown.endswith("<|im_start|>assistant\n⟦14 mm<|im_end|>⟧")
    assert shown.count("⟦") == 1


def test_a_tool_call_bears_loss(tokenizer: Any, tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "create_task", "arguments": '{"name": "A"}'}}
    row = line("a", "Add a task A", None, kind="tool", tools=[TOOL], said={"tool_calls": [call]})
    shown = show_mask(tokenizer, only(tmp_path, row))
    assert '⟦<tool_call>{"name": "create_task", "arguments": {"name": "A"}}</tool_call><|im_end|>⟧' in shown


def test_the_prompt_is_tokenised_as_when_serving(tokenizer: Any, tmp_path: Path) -> None:
    example = only(tmp_path, line("a", "How thick?", "14 mm"))
    served = tokenizer.apply_chat_template(example.prompt, add_generation_prompt=True)["input_ids"]
    assert render(tokenizer, example, 999).prompt_ids == served


@pytest.mark.parametrize(
    ("answer", "context", "error"), [("", 99, EmptyCompletion), ("  ", 99, EmptyCompletion), ("x", 9, SequenceTooLong)]
)
def test_an_example_that_cannot_be_learnt_is_refused(
    tokenizer: Any, tmp_path: Path, answer: str, context: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match="ex-7"):
        render(tokenizer, only(tmp_path, line("ex-7", "?", answer)), context)


def test_a_template_without_tools_is_refused(tokenizer: Any, tmp_path: Path) -> None:
    import copy

    deaf = copy.deepcopy(tokenizer)
    deaf.chat_template = "{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}"
    with pytest.raises(TemplateUnstable, match="tools"):
        render(deaf, only(tmp_path, line("a", "?", "x", kind="tool", tools=[TOOL])), 99)


@pytest.mark.parametrize(
    "text",
    ["{", '{"id": "a"}', '{"id": "a", "kind": "joke", "messages": []}', '{"id": "a", "kind": "fact", "messages": []}'],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str) -> None:
    path = write_lines(tmp_path / "t.jsonl", lines()[:1])
    path.write_text(path.read_text() + text + "\n")
    with pytest.raises(ExampleInvalid, match=r"t\.jsonl:2"):
        read_examples(path)


def test_packing_restarts_positions_and_marks_what_predicts(tokenizer: Any, tmp_path: Path) -> None:
    examples = read_examples(write_lines(tmp_path / "t.jsonl", lines()[:3]))
    rendered = [render(tokenizer, e, 999) for e in examples]
    packed = pack(rendered, multiple=64)
    assert len(packed.ids_T) % 64 == 0
    assert packed.positions_T.tolist() == [i for n in packed.lengths_E for i in range(n)]
    assert (packed.ids_T[packed.predictors_S + 1] == packed.targets_S).all()
    assert packed.targets_S.tolist() == [i for r in rendered for i in r.completion_ids]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=40), st.integers(1, 4), st.integers(0, 9), st.integers(50, 300)
)
def test_each_epoch_sees_every_example_once(lengths: list[int], epochs: int, seed: int, room: int) -> None:
    steps = plan(lengths, room, epochs, seed)
    assert sorted(i for step in steps for i in step) == sorted(list(range(len(lengths))) * epochs)
    assert all(step and sum(lengths[i] for i in step) <= room for step in steps)
    assert steps == plan(lengths, room, epochs, seed)


def test_what_cannot_be_planned_is_refused() -> None:
    with pytest.raises(DatasetEmpty):
        plan([], 10, 1, 0)
    with pytest.raises(SequenceTooLong):
        plan([11], 10, 1, 0)
