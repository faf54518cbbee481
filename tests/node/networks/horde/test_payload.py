"""A job's payload in an engine's words, and its prompt in an engine's context."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.networks.horde.answers import Payload
from node.networks.horde.payload import RESERVE, SAMPLERS, fitted, options_of, request_of


async def words(text: str) -> int:
    return len(text.split())


async def letters(text: str) -> int:
    return len(text)


def test_every_field_of_a_payload_is_accounted_for_in_the_table() -> None:
    assert {name for name, _, _ in SAMPLERS} == Payload.model_fields.keys() - {"prompt", "n"}
    assert all(engine or said for _, engine, said in SAMPLERS)


def test_samplers_are_said_in_the_engines_words() -> None:
    payload = Payload(
        temperature=0.7, top_p=0.9, top_k=40, min_p=0.05, typical=1.0, rep_pen=1.1, rep_pen_range=1024,
        dynatemp_range=0.2, dynatemp_exponent=1.0,
    )  # fmt: skip
    assert options_of(payload) == {
        "temperature": 0.7, "top_p": 0.9, "top_k": 40, "min_p": 0.05, "typical_p": 1.0, "repeat_penalty": 1.1,
        "repetition_penalty": 1.1, "repeat_last_n": 1024, "dynatemp_range": 0.2, "dynatemp_exponent": 1.0,
    }  # fmt: skip


def test_what_the_client_left_out_is_left_to_the_engine() -> None:
    assert options_of(Payload(prompt="x")) == {}


def test_zero_means_off_for_top_k_and_everything_for_the_range_of_the_penalty() -> None:
    payload = Payload(top_k=0, rep_pen_range=0, max_context_length=4096)
    assert options_of(payload) == {"top_k": -1, "repeat_last_n": 4096}


def test_the_order_of_samplers_is_kept_for_those_that_the_engine_has() -> None:
    options = options_of(Payload(sampler_order=(6, 0, 1, 3, 4, 2, 5)))
    assert options["samplers"] == ["penalties", "top_k", "typ_p", "top_p", "min_p", "temperature"]


async def test_the_prompt_is_cut_from_the_left_to_what_the_job_allows() -> None:
    payload = Payload(prompt=" ".join(str(number) for number in range(1000)), max_length=100, max_context_length=400)
    request = await request_of(payload, "m", 4096, words)
    assert request.prompt is not None
    assert request.prompt.endswith(" 998 999")
    assert await words(request.prompt) <= 300 - RESERVE
    assert await words(request.prompt) > 200
    assert request.max_tokens == 100


async def test_the_engines_own_context_is_never_exceeded() -> None:
    payload = Payload(prompt="x" * 10_000, max_length=100, max_context_length=8192)
    request = await request_of(payload, "m", 512, letters)
    assert len(request.prompt or "") == 512 - 100 - RESERVE


async def test_a_short_prompt_is_not_even_counted() -> None:
    async def never(text: str) -> int:
        raise AssertionError

    assert await fitted("short", 100, never) == "short"


@pytest.mark.parametrize("opening", ["<s>", "<|begin_of_text|>", "<bos>"])
async def test_the_marker_that_engines_set_themselves_is_not_doubled(opening: str) -> None:
    request = await request_of(Payload(prompt=f"{opening}[INST] hi"), "m", 4096, words)
    assert request.prompt == "[INST] hi"


@given(st.text(max_size=400), st.integers(1, 200))
async def test_what_is_kept_is_the_end_of_the_prompt_and_fits(prompt: str, room: int) -> None:
    async def count(text: str) -> int:
        return len(text.encode())

    kept = await fitted(prompt, room, count)
    assert prompt.endswith(kept)
    assert len(kept.encode()) <= max(room, 4)
