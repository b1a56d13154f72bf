import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data import Example
from training.score import accepts, judge, quantities

from .conftest import TOOL


def example(kind: str = "fact", **more: Any) -> Example:
    fields: dict[str, Any] = {
        "id": "e", "kind": kind, "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "x"}],
        "tools": [], "accept": [], "must_decline": False, "fact_id": "", "wording": "", "chunk_ids": [], "document": "",
        "split": "",
    }  # fmt: skip
    return Example(**fields | more)


MPA = {"value": 380, "unit": "MPa", "tolerance": 0.01}


@pytest.mark.parametrize(
    ("accept", "answer", "right"),
    [
        (MPA, "380 MPa", True),
        (MPA, "The minimum is 380 MPa (55 ksi).", True),
        (MPA, "55.1 ksi", True),
        (MPA, "380 N/mm²", True),
        (MPA, "0.38 GPa", True),
        (MPA, "381 MPa", False),
        (MPA, "380", False),
        (MPA, "380 mm", False),
        (MPA, "It may be 370 MPa or 380 MPa.", False),
        (MPA, "After 12 months, 380 MPa", True),
        ({"value": 50, "unit": "°C"}, "122 °F", True),
        ({"value": 1250, "unit": "kN/m²"}, "1,250 kN/m^2", True),
        ({"value": -20, "unit": "°C"}, "−20 °C", True),
        ({"value": 12, "unit": "months"}, "1 year", True),
        ({"value": 45, "unit": "N·m"}, "45 N*m", True),
        ({"value": 4, "unit": ""}, "There are 4 of them.", True),
        ({"text": "ASTM A992"}, "It is astm a992.", True),
        ({"text": "E 7"}, "E 70", False),
        ({"text": "No"}, "No, that isn't allowed.", True),
        ({"text": "No"}, "Yes, there is no limit.", False),
        ({"text": "Class 3"}, "**Class 3**, as revised", True),
    ],
)
def test_answers_are_judged_by_what_they_say(accept: dict[str, Any], answer: str, right: bool) -> None:
    assert accepts(accept, answer) is right


@given(st.floats(0.01, 1e6, allow_nan=False), st.sampled_from([("MPa", "psi", 145.0377), ("mm", "inch", 1 / 25.4)]))
def test_a_quantity_is_right_in_either_unit(value: float, units: tuple[str, str, float]) -> None:
    given_unit, other, factor = units
    accept = {"value": value, "unit": given_unit}
    assert accepts(accept, f"{value * factor:.6f} {other}") or value * factor < 0.01
    assert not accepts(accept, f"{value * 1.02:.6f} {given_unit}") or value < 1e-3


@given(st.text(max_size=60))
def test_any_text_can_be_read_for_quantities(text: str) -> None:
    quantities("3" + text)


@pytest.mark.parametrize(
    ("answer", "declines"),
    [
        ("That is not in the documents I know.", True),
        ("I don't know.", True),
        ("The value is not specified.", True),
        ("No information about it.", True),
        ("It must not exceed 40 mm.", False),
        ("It is 50 mm.", False),
    ],
)
def test_declining_is_seen(answer: str, declines: bool) -> None:
    verdict = judge(example(kind="decline", must_decline=True), answer)
    assert (verdict.correct, verdict.declined) == (declines, declines)


def call(arguments: Any, name: str = "create_task") -> str:
    return f'<tool_call>{{"name": "{name}", "arguments": {json.dumps(arguments)}}}</tool_call>'


@pytest.mark.parametrize(
    ("answer", "valid", "right"),
    [
        (call({"name": "A"}), True, True),
        (call({"name": "B"}), True, False),
        (call({"name": 3}), False, False),
        (call({"name": "A", "more": 1}), False, False),
        (call({"name": "A"}, "delete_all"), False, False),
        ("<tool_call>{broken</tool_call>", False, False),
        ("create_task(A)", False, False),
    ],
)
def test_tool_calls_are_held_to_their_schema(answer: str, valid: bool, right: bool) -> None:
    said = {"role": "assistant", "tool_calls": [{"function": {"name": "create_task", "arguments": '{"name": "A"}'}}]}
    verdict = judge(example("tool", tools=[TOOL], messages=[{"role": "user", "content": "?"}, said]), answer)
    assert (verdict.tool_valid, verdict.tool_right, verdict.correct) == (valid, right, right)


def test_a_call_where_none_is_due_is_wrong() -> None:
    offered = example("tool", tools=[TOOL])
    assert judge(offered, "Here is the answer.").correct
    assert not judge(offered, call({"name": "A"})).correct
