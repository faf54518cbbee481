"""Requests as clients send them: what is taken, what is refused, and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.networks.local.errors import ApiError
from node.networks.local.messages import Body
from node.networks.local.requests import ChatRequest, CompletionRequest, EmbeddingsRequest, parse

CHAT: dict[str, Any] = {"model": "tiny", "messages": [{"role": "user", "content": "hi"}]}


def refusal(kind: type[Body], body: bytes) -> ApiError:
    with pytest.raises(ApiError) as refused:
        parse(kind, body)
    return refused.value


@pytest.mark.parametrize(
    ("change", "param", "words"),
    [
        ({"temperature": 3.5}, "temperature", "got 3.5; input should be less than or equal to 2"),
        ({"temperature": "warm"}, "temperature", 'got "warm"; input should be a valid number'),
        ({"temperature": True}, "temperature", "got true; input should be a valid number"),
        ({"top_p": -1}, "top_p", "got -1; input should be greater than or equal to 0"),
        ({"max_tokens": 0}, "max_tokens", "got 0; input should be greater than or equal to 1"),
        ({"max_tokens": 10**40}, "max_tokens", "got a number of too many digits"),
        ({"n": 2}, "n", "one answer per request"),
        ({"stop": ["x"] * 17}, "stop", "at most 16 items"),
        ({"stop": [1]}, "stop[0]", "got 1; input should be a valid string"),
        ({"stream": "yes"}, "stream", 'got "yes"; input should be a valid boolean'),
        ({"model": 7}, "model", "got 7; input should be a valid string"),
        ({"messages": []}, "messages", "at least 1 item"),
        ({"messages": [5]}, "messages[0]", "got 5; expected an object"),
        ({"messages": "hi"}, "messages", "valid list"),
        ({"messages": [{"role": "king", "content": "hi"}]}, "messages[0].role", '"king"'),
        ({"messages": [{"role": "user"}]}, "messages[0]", "a message of role 'user' needs content"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "got 5"),
        ({"tools": [{"type": "function"}]}, "tools[0].function", "it is missing and required"),
        ({"tool_choice": "maybe"}, "tool_choice", "expected 'none', 'auto', 'required'"),
        ({"response_format": {"type": "xml"}}, "response_format.type", '"xml"'),
        ({"response_format": {"type": "json_schema"}}, "response_format", "needs the field json_schema"),
        ({"logit_bias": {"5": 1000}}, "logit_bias.5", "got 1000"),
        ({"seed": 1.5}, "seed", "got 1.5; input should be a valid integer"),
    ],
)
def test_a_wrong_field_is_named_with_its_value_and_what_was_expected(
    change: dict[str, Any], param: str, words: str
) -> None:
    error = refusal(ChatRequest, json.dumps(CHAT | change).encode())
    assert (error.status, error.type, error.param) == (400, "invalid_request_error", param)
    assert error.message.startswith(param)
    assert words in error.message


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"model": "tiny\xff"}', "invalid_utf8"),
        (b"\x80\x81", "invalid_utf8"),
        (b'{"model": "tiny"', "invalid_json"),
        (b"", "invalid_json"),
        (b'{"model": "tiny", "temperature": NaN}', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"model": "\\ud800"}', "invalid_json"),
        (b"[1, 2]", "invalid_value"),
        (b"null", "invalid_value"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes, code: str) -> None:
    error = refusal(ChatRequest, body)
    assert (error.status, error.code) == (400, code)


@pytest.mark.parametrize("prompt", [[1, 2, 3], ["a", "b"], [], 5])
def test_a_completion_takes_one_prompt_of_text(prompt: object) -> None:
    assert refusal(CompletionRequest, json.dumps({"model": "tiny", "prompt": prompt}).encode()).param == "prompt"


def test_a_completion_in_a_list_of_one_is_that_one() -> None:
    asked = parse(CompletionRequest, b'{"model": "tiny", "prompt": ["once"], "max_tokens": 3}')
    assert asked.asked(asked.new_tokens).prompt == "once"
    assert asked.new_tokens == 3


@pytest.mark.parametrize("text", [[], [1, 2], [""], ["x"] * 257, None])
def test_embeddings_take_a_bounded_list_of_texts(text: object) -> None:
    error = refusal(EmbeddingsRequest, json.dumps({"model": "tiny", "input": text}).encode())
    assert error.param is not None
    assert error.param.startswith("input")


def test_unknown_fields_are_dropped_and_nulls_are_absent_fields() -> None:
    asked = CHAT | {"stop": None, "seed": None, "n": 1, "user": "u", "frobnicate": {"a": [1]}, "top_p": 1}
    assert parse(ChatRequest, json.dumps(asked).encode()).asked(None).options == {"top_p": 1.0}


def test_options_reach_the_engine_as_they_are() -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "x": [1, None]}}}
    options = {
        "temperature": 0.5,
        "stop": ["\n"],
        "seed": 7,
        "tools": [tool],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}},
        "logprobs": True,
        "top_logprobs": 2,
        "logit_bias": {"5": -1.0},
    }
    asked = parse(ChatRequest, json.dumps(CHAT | options | {"max_completion_tokens": 9, "max_tokens": 5}).encode())
    request = asked.asked(asked.new_tokens)
    assert request.options == options
    assert request.max_tokens == 9


def test_one_stop_is_a_list_of_one() -> None:
    assert parse(ChatRequest, json.dumps(CHAT | {"stop": "END"}).encode()).options() == {"stop": ["END"]}


def test_messages_reach_the_engine_as_text_with_the_roles_that_templates_know() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "developer", "content": "be brief"},
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
        {"role": "assistant", "tool_calls": [call], "refusal": None},
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
    ]
    asked = parse(ChatRequest, json.dumps(CHAT | {"messages": messages}).encode())
    assert asked.asked(None).messages == (
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": "one\ntwo"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
    )


def test_pictures_are_refused_with_words() -> None:
    parts = [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]
    error = refusal(ChatRequest, json.dumps(CHAT | {"messages": [{"role": "user", "content": parts}]}).encode())
    assert error.message == (
        "messages[0].content: part 1 is of type 'image_url'; "
        "this node's models read text only: send parts of type 'text'"
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(sorted(ChatRequest.model_fields))


@given(st.dictionaries(FIELDS, ANYTHING, max_size=4))
def test_whatever_is_sent_is_taken_or_refused_in_short_words(change: dict[str, Any]) -> None:
    try:
        asked = parse(ChatRequest, json.dumps(CHAT | change).encode())
    except ApiError as error:
        assert error.status == 400
        assert len(error.message) < 600
        json.loads(error.body())
    else:
        json.dumps(dict(asked.asked(asked.new_tokens).options))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert refusal(EmbeddingsRequest, body).status == 400
