"""Stream events into chunks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.engines.answer import AnswerReader
from node.engines.base import EngineError, EngineFault
from node.jobs import Chunk, Usage


def delta(content: object, **more: object) -> bytes:
    return json.dumps({"choices": [{"index": 0, "delta": {"content": content}, **more}]}).encode()


def read(*events: bytes) -> list[Chunk]:
    reader = AnswerReader()
    for event in events:
        reader.feed(event)
    chunks = []
    while (chunk := reader.take()) is not None:
        chunks.append(chunk)
    assert reader.waiting == 0
    return chunks


def test_text_that_arrived_together_is_one_chunk() -> None:
    assert read(delta("He"), delta("llo"), delta("!")) == [Chunk(text="Hello!", deltas=3)]


def test_what_was_taken_does_not_come_again() -> None:
    reader = AnswerReader()
    reader.feed(delta("a"))
    assert reader.take() == Chunk(text="a", deltas=1)
    assert reader.take() is None


def test_a_role_without_text_is_no_chunk() -> None:
    assert read(json.dumps({"choices": [{"delta": {"role": "assistant", "content": None}}]}).encode()) == []


def test_fields_that_are_present_but_empty_do_not_split_the_text() -> None:
    event = {"choices": [{"delta": {"content": "a", "tool_calls": [], "reasoning_content": None}}]}
    assert read(json.dumps(event).encode(), delta("b")) == [Chunk(text="ab", deltas=2)]


def test_completions_carry_their_text_in_the_choice() -> None:
    event = {"choices": [{"index": 0, "text": "a", "logprobs": None, "finish_reason": None}]}
    assert read(json.dumps(event).encode()) == [Chunk(text="a", deltas=1)]


@pytest.mark.parametrize(
    "choice",
    [
        {"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"name": "f"}}]}},
        {"index": 0, "delta": {"reasoning_content": "hm"}},
        {"index": 0, "delta": {"content": "a"}, "logprobs": {"content": []}},
        {"index": 1, "delta": {"content": "a"}},
    ],
)
def test_what_is_more_than_text_keeps_its_choice(choice: dict[str, object]) -> None:
    before, rich, after = read(delta("x"), json.dumps({"choices": [choice]}).encode(), delta("y"))
    assert (before.text, after.text) == ("x", "y")
    assert rich.choice == choice


def test_the_reason_to_end_is_said_once_and_after_the_text() -> None:
    event = json.dumps({"choices": [{"delta": {}, "finish_reason": "length"}]}).encode()
    assert read(delta("a"), event) == [Chunk(text="a", deltas=1), Chunk(finish_reason="length")]


def test_usage_comes_last_and_is_the_last_one_said() -> None:
    first = json.dumps({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1}}).encode()
    last = json.dumps({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}).encode()
    chunks = read(first, delta("a"), last, b"[DONE]")
    assert chunks == [Chunk(text="a", deltas=1), Chunk(usage=Usage(3, 2))]


def test_an_engine_that_does_not_count_has_no_usage() -> None:
    assert all(chunk.usage is None for chunk in read(delta("a"), b"[DONE]"))


def test_an_error_inside_the_stream_is_an_error() -> None:
    with pytest.raises(EngineError, match="out of slots") as caught:
        read(b'{"error":{"code":503,"message":"out of slots"}}')
    assert caught.value.fault is EngineFault.UNAVAILABLE


@given(
    st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3),
                st.dictionaries(
                    st.sampled_from(
                        ["choices", "delta", "content", "text", "index", "usage", "finish_reason", "error"]
                    ),
                    inner,
                    max_size=4,
                ),
            ),
            max_leaves=12,
        ).map(lambda event: json.dumps(event).encode()),
    )
)
def test_whatever_comes_is_read_or_is_an_engine_error(event: bytes) -> None:
    try:
        chunks = read(event)
    except EngineError:
        return
    assert all(isinstance(chunk.text, str) for chunk in chunks)
