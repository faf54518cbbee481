"""What may be asked for at the measured speed, and how long answers are held."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.networks.horde.pace import LONGEST, TTL, UNMEASURED, USABLE, Offer, Waiting, hold, offer


def at(reading: float, writing: float):  # type: ignore[no-untyped-def]
    """So many tokens a second."""
    return lambda prompt, answer: prompt / reading + answer / writing


def test_before_anything_is_measured_little_is_asked_for() -> None:
    assert offer(lambda prompt, answer: None, 8192, 0.0) == Offer(UNMEASURED, 8192)


def test_a_fast_card_asks_for_everything() -> None:
    assert offer(at(5000, 100), 8192, 0.0) == Offer(LONGEST, 8192)


def test_a_slow_card_asks_for_what_it_can_finish() -> None:
    seen = offer(at(1000, 10), 8192, 0.0)
    assert 1000 < seen.max_length < 1200
    assert seen.max_context == 8192


def test_a_card_that_reads_slowly_announces_less_context() -> None:
    seen = offer(at(40, 10), 8192, 0.0)
    assert seen.max_context < 8192
    assert seen.max_length >= 128


def test_waiting_for_a_slot_takes_from_the_time() -> None:
    assert offer(at(1000, 10), 8192, 60.0).max_length < offer(at(1000, 10), 8192, 0.0).max_length - 500


def test_the_owners_limit_is_kept() -> None:
    assert offer(at(5000, 100), 8192, 0.0, longest=300).max_length == 300


@given(st.floats(1, 10_000), st.floats(0.2, 500), st.integers(256, 131_072), st.floats(0, 100), st.integers(16, 4096))
def test_whatever_is_announced_is_finished_in_time_unless_it_is_the_least(
    reading: float, writing: float, context: int, waiting: float, longest: int
) -> None:
    seconds = at(reading, writing)
    seen = offer(seconds, context, waiting, longest=longest)
    assert 16 <= seen.max_length <= LONGEST
    assert seen.max_context <= context
    if seen.max_length > 16:
        needed = seconds(seen.max_context - seen.max_length, seen.max_length)
        assert needed + waiting <= TTL * USABLE + 1e-6


@pytest.mark.parametrize(
    ("tokens", "elapsed", "limit", "left", "seconds"),
    [
        (120, 0.5, 150.0, 100.0, 0.5),
        (120, 2.0, 150.0, 100.0, 0.0),
        (120, 0.5, None, 100.0, 0.0),
        (4000, 0.5, 150.0, 3.0, 3.0),
        (4000, 0.5, 150.0, -1.0, 0.0),
    ],
)
def test_answers_are_held_until_they_look_unsuspicious_but_never_too_long(
    tokens: int, elapsed: float, limit: float | None, left: float, seconds: float
) -> None:
    assert hold(tokens, elapsed, limit, left) == pytest.approx(seconds)


def test_waiting_goes_up_at_once_and_down_slowly() -> None:
    waiting = Waiting()
    for seconds in (10.0, 0.0):
        waiting.note(seconds, now=100.0)
    assert waiting.seconds(100.0) == pytest.approx(9.0)


def test_a_long_wait_is_forgotten_though_no_job_comes() -> None:
    waiting = Waiting()
    waiting.note(120.0, now=100.0)
    assert waiting.seconds(160.0) == pytest.approx(60.0)
    assert waiting.seconds(700.0) < 1.0
