import pytest

from services.serving.runtime.errors import ParameterUnsupported, RequestMalformed
from services.serving.runtime.http.requests import chat_request, text_request

USER = {"role": "user", "content": "What is the yield of S355?"}


def body(**more):
    return {"model": "m", "messages": [USER]} | more


def test_defaults_are_greedy_and_whole():
    request, how = chat_request(body())
    assert (request.sampling.temperature, request.sampling.top_p, request.max_tokens) == (0.0, 1.0, None)
    assert (how.stream, how.include_usage, how.logprobs) == (False, False, False)


def test_what_a_client_may_say_without_changing_the_answer_is_taken():
    chat_request(body(user="u", metadata={"a": "b"}, n=1, presence_penalty=0, response_format={"type": "text"}))
    chat_request(body(tools=None, stop=None, seed=None))


def test_text_parts_are_joined_and_developer_is_system():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    request, _ = chat_request(
        body(messages=[{"role": "developer", "content": "s"}, {"role": "user", "content": parts}])
    )
    assert [(m["role"], m["content"]) for m in request.messages] == [("system", "s"), ("user", "ab")]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0]"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0]"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": "x"}]}]}, "messages[0]"),
        ({"model": 3}, "model"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"temperature": 2.5}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_p": -1}, "top_p"),
        ({"seed": 1.5}, "seed"),
        ({"stop": ["a"] * 5}, "stop"),
        ({"stop": [""]}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ],
)
def test_a_wrong_field_is_named(change, param):
    with pytest.raises(RequestMalformed) as caught:
        chat_request(body(**change))
    assert caught.value.metadata["param"] == param


@pytest.mark.parametrize(
    "change",
    [
        {"n": 2},
        {"response_format": {"type": "json_object"}},
        {"frequency_penalty": 0.5},
        {"logit_bias": {"5": 1}},
        {"no_such_thing": 1},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
    ],
)
def test_what_cannot_be_honoured_is_refused_not_ignored(change):
    with pytest.raises(ParameterUnsupported):
        chat_request(body(**change))


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_a_body_that_is_no_object_is_refused(value):
    with pytest.raises(RequestMalformed):
        chat_request(value)


def test_a_raw_prompt_is_text_or_token_ids():
    encode = lambda text: list(text.encode())  # noqa: E731
    assert text_request({"model": "m", "prompt": "ab"}, encode)[0].prompt_ids == (97, 98)
    assert text_request({"model": "m", "prompt": ["ab"]}, encode)[0].prompt_ids == (97, 98)
    assert text_request({"model": "m", "prompt": [5, 6]}, encode)[0].prompt_ids == (5, 6)
    for prompt in ("", [], ["a", "b"], [[1], [2]], [-1], [True]):
        with pytest.raises(RequestMalformed):
            text_request({"model": "m", "prompt": prompt}, encode)
