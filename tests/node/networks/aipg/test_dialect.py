"""What the grid's frames mean, and what is made of those that make no sense."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hand_clock import HandClock
from hypothesis import given
from hypothesis import strategies as st

from node.jobs import Chunk
from node.networks.aipg.dialect import DEN, AipgDialect
from node.networks.websocket import Ack, Answer, Offer, Reply
from node.networks.websocket.frames import Garbage, decode
from node.networks.websocket.request import Unfit, fitted, longest_prompt, read
from wallet.money import Amount
from wallet.secret import Secret

KEY = "grid_" + "a" * 32


def dialect() -> AipgDialect:
    return AipgDialect("ws://localhost", None, Secret(KEY), "rig", HandClock())


def job(**payload: object) -> dict[str, object]:
    return {"type": "job", "id": "j", "model": "m", "payload": payload}


@pytest.mark.parametrize(
    "frame",
    [
        job(request={}) | {"job_type": "image"},
        job(request={}, api_format="anthropic"),
        job(request={}, api_format="openai-responses"),
    ],
)
def test_work_of_another_kind_is_refused_and_is_nobodys_fault_but_ours(frame: dict[str, object]) -> None:
    heard = dialect().hear(frame)
    assert isinstance(heard, Reply)
    assert (heard.frame["type"], heard.frame["client_error"]) == ("error", False)


def test_a_job_without_messages_is_its_prompt() -> None:
    heard = dialect().hear(job(prompt="User: hi\nAssistant:", max_length=20))
    assert isinstance(heard, Offer)
    assert heard.body == {"messages": [{"role": "user", "content": "User: hi\nAssistant:"}], "max_tokens": 20}


@pytest.mark.parametrize(
    ("den", "units"), [(7.1, 710), (0, 0), (0.1, 10), ("7.1", None), (True, None), (-1, None), (10**400, None)]
)
def test_an_ack_states_units_or_nothing(den: object, units: int | None) -> None:
    assert dialect().hear({"type": "ack", "id": "j", "den": den}) == Ack(
        "j", None if units is None else Amount(units, DEN)
    )


def test_the_key_is_in_no_repr() -> None:
    assert KEY not in repr(vars(dialect()))


def test_deltas_carry_content_thoughts_and_calls_and_no_bare_role() -> None:
    answer = Answer("j", "m", 1, 0.0)
    call = [{"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    chunks = [
        (Chunk("Hel", 1), {"content": "Hel"}),
        (Chunk(choice={"delta": {"role": "assistant"}}), None),
        (Chunk(choice={"delta": {"reasoning": "hm"}}), {"reasoning_content": "hm"}),
        (Chunk(choice={"delta": {"tool_calls": call}}), {"tool_calls": call}),
        (Chunk(finish_reason="stop"), None),
    ]
    for chunk, delta in chunks:
        frame = dialect().piece(answer, chunk)
        assert (frame and frame["delta"]) == delta


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FRAMES = st.fixed_dictionaries(
    {"type": st.sampled_from(["job", "ack", "cancel", "ping", "ready"]) | VALUES},
    optional=dict.fromkeys(("id", "model", "payload", "den", "job_type"), VALUES),
)


@given(FRAMES)
def test_no_frame_breaks_the_reader(frame: dict[str, object]) -> None:
    with suppress(Garbage):
        dialect().hear(frame)


@given(st.text(max_size=50) | st.binary(max_size=50))
def test_no_message_breaks_the_decoder(message: str | bytes) -> None:
    with suppress(Garbage):
        assert isinstance(decode(message), dict)


@given(
    st.dictionaries(
        st.sampled_from(["messages", "max_tokens", "temperature", "seed", "stop", "tools", "n", "top_k", "x"]), VALUES
    )
)
def test_no_request_breaks_the_check(body: dict[str, object]) -> None:
    try:
        assert read(body, "m").model == "m"
    except Unfit as unfit:
        assert str(unfit)


HI = [{"role": "user", "content": "hi"}]


def slow(prompt: int, answer: int) -> float:
    return prompt / 100 + answer / 10


@pytest.mark.parametrize(
    ("asked", "context", "seconds", "speed", "limit"),
    [
        (32768, 4096, 240.0, lambda prompt, answer: None, 4096 - 18),
        (100, 4096, 240.0, lambda prompt, answer: None, 100),
        (32768, 4096, 100.0, slow, 798),
        (10, 4096, 100.0, slow, 10),
        (50, None, 240.0, lambda prompt, answer: None, 50),
    ],
)
def test_an_answer_is_bounded_by_context_and_time(
    asked: int, context: int | None, seconds: float, speed: Any, limit: int
) -> None:
    chat = read({"messages": HI, "max_tokens": asked}, "m")
    assert longest_prompt(chat) == 18
    assert fitted(chat, 18, context, seconds, speed).max_tokens == limit


@pytest.mark.parametrize(("context", "seconds"), [(18, 240.0), (4096, 1.0)])
def test_what_leaves_no_room_for_an_answer_is_refused(context: int, seconds: float) -> None:
    with pytest.raises(Unfit, match="messages"):
        fitted(read({"messages": HI, "max_tokens": 500}, "m"), 18, context, seconds, slow)


def test_samplers_of_other_engines_pass_and_the_unknown_is_dropped() -> None:
    body = {"messages": HI, "top_k": 5, "repetition_penalty": 1.1, "guided_json": {}, "seed": 5440029476238170, "n": 4}
    asked = read(body, "m").asked(None)
    assert asked.options == {"top_k": 5, "repeat_penalty": 1.1, "seed": 5440029476238170 & (2**31 - 1)}
