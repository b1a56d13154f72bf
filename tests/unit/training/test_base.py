from pathlib import Path
from typing import Any

import pytest

from training.base import TINY_PHI3, LocalBase, load_tokenizer, resolve_base
from training.errors import BaseNotFound, BaseWithoutChatTemplate

from .conftest import TOOL


def test_the_tiny_base_is_the_same_everywhere(tiny: LocalBase, tmp_path: Path) -> None:
    again = resolve_base(TINY_PHI3, tmp_path)
    assert again.digest == tiny.digest
    assert (again.path / "tokenizer.json").read_bytes() == (tiny.path / "tokenizer.json").read_bytes()


def test_a_folder_is_a_base(tiny: LocalBase, tmp_path: Path) -> None:
    assert resolve_base(str(tiny.path), tmp_path).digest == tiny.digest


def test_what_is_no_base_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BaseNotFound, match="no embedded base"):
        resolve_base("embedded:nothing", tmp_path)
    with pytest.raises(BaseNotFound, match="safetensors"):
        resolve_base(str(tmp_path), tmp_path)


def test_a_base_that_cannot_render_is_refused(tiny: LocalBase, tmp_path: Path) -> None:
    for path in tiny.path.iterdir():
        if path.name != "chat_template.jinja":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(BaseWithoutChatTemplate):
        load_tokenizer(tmp_path)


def test_the_chat_template_adds_no_system_prompt(tokenizer: Any) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    assert text == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHo<|im_end|>\n"


def test_the_chat_template_renders_tools_calls_and_results(tokenizer: Any) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "create_task", "arguments": '{"name": "A"}'}}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Go"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "done", "tool_call_id": "1"},
    ]
    text = tokenizer.apply_chat_template(messages, tools=[TOOL], tokenize=False, add_generation_prompt=True)
    assert text.startswith('<|im_start|>system\nBe brief.\nTools:\n{"name": "create_task"')
    assert '<tool_call>{"name": "create_task", "arguments": {"name": "A"}}</tool_call><|im_end|>' in text
    assert text.endswith("<|im_start|>tool\ndone<|im_end|>\n<|im_start|>assistant\n")


def test_the_end_token_is_one_token(tokenizer: Any) -> None:
    assert tokenizer.encode("<|im_end|>", add_special_tokens=False) == [tokenizer.eos_token_id]
    assert tokenizer.decode(tokenizer.encode("45 N·m at −20 °C")) == "45 N·m at −20 °C"
