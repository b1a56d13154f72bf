import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.serving.runtime.errors import RequestMalformed
from services.serving.runtime.tool_calls import ToolCallStream, check_tools, forced_beginning

TOOL = {
    "type": "function",
    "function": {
        "name": "find_material",
        "parameters": {
            "type": "object",
            "properties": {"grade": {"type": "string"}, "limit": {"type": "integer"}},
            "required": ["grade"],
            "additionalProperties": False,
        },
    },
}


def called(arguments, name="find_material"):
    return f'<tool_call>{{"name": "{name}", "arguments": {json.dumps(arguments)}}}</tool_call>'


def parsed(text, tools=(TOOL,), cuts=()):
    stream = ToolCallStream(tools)
    edges = [0, *sorted(c % (len(text) + 1) for c in cuts), len(text)]
    content = "".join(stream.feed(text[a:b]) for a, b in pairwise(edges))
    rest = stream.close()
    return content + rest.content, rest


def test_a_valid_call_is_taken_out_of_the_content():
    content, rest = parsed("Let me see. " + called({"grade": "A992"}))
    assert content == "Let me see. "
    assert [(c.name, json.loads(c.arguments)) for c in rest.calls] == [("find_material", {"grade": "A992"})]
    assert rest.dropped == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (called({"limit": 3}), "'grade' is a required property"),
        (called({"grade": 992}), "is not of type 'string'"),
        (called({"grade": "A", "x": 1}), "Additional properties"),
        (called({"grade": "A"}, name="drop_tables"), "no tool is called"),
        (called([1]), "no object"),
        ('<tool_call>{"name": "find_material", "arg', "Unterminated string"),
        ("<tool_call>" + "[" * 100_000 + "</tool_call>", "nests too deeply"),
    ],
)
def test_an_invalid_call_stays_text_and_says_why(text, why):
    content, rest = parsed(text)
    assert rest.calls == ()
    assert content == text
    assert why in rest.dropped[0]


@given(st.lists(st.integers(0, 500), max_size=6))
def test_where_the_stream_is_cut_changes_nothing(cuts):
    text = "a <tool" + called({"grade": "é"}) + " b " + called({"limit": 1})
    whole, cut = parsed(text), parsed(text, cuts=cuts)
    assert cut[0] == whole[0]
    assert [(c.name, c.arguments) for c in cut[1].calls] == [(c.name, c.arguments) for c in whole[1].calls]
    assert len(cut[1].calls) == len(cut[1].dropped) == 1


def test_without_tools_nothing_is_held_back():
    assert parsed(called({"grade": "A"}), tools=())[0] == called({"grade": "A"})


def test_a_schema_never_makes_the_server_fetch_an_address():
    tool = {"type": "function", "function": {"name": "t", "parameters": {"$ref": "http://127.0.0.1:1/schema"}}}
    _, rest = parsed(called({}, name="t"), tools=[tool])
    assert "can't be followed" in rest.dropped[0]


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "function"},
        {"type": "function", "function": {"name": ""}},
        {"type": "web_search"},
        "tool",
        {"type": "function", "function": {"name": "t", "parameters": {"type": "strange"}}},
        {"type": "function", "function": {"name": "t", "parameters": [1]}},
    ],
)
def test_a_tool_that_is_none_is_refused(tool):
    with pytest.raises(RequestMalformed):
        check_tools([tool])


def test_tool_choice_decides_the_beginning():
    assert forced_beginning([TOOL], "auto") == ""
    assert forced_beginning([TOOL], "required").startswith('<tool_call>{"name": "')
    named = {"type": "function", "function": {"name": "find_material"}}
    assert '"find_material"' in forced_beginning([TOOL], named)
    for choice, tools in (("required", []), ({"function": {"name": "other"}}, [TOOL]), ("odd", [TOOL])):
        with pytest.raises(RequestMalformed):
            forced_beginning(tools, choice)
