"""How busy the node was, second by second, and how promptly its event loop turns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.observer.pulse import SECONDS, LoopLag, Pulse


def test_nothing_is_known_before_the_first_beat() -> None:
    assert (Pulse().busy_pct, Pulse().tokens_per_second, LoopLag().p99_ms) == (0.0, (), None)


def test_each_beat_is_one_second_oldest_first() -> None:
    pulse = Pulse()
    for second in range(3):
        pulse.beat(second + 0.04, second, 4)
    assert pulse.tokens_per_second == (0.0, 1.0, 2.0)
    assert pulse.busy_slots == (0.0, 1.0, 2.0)


def test_only_five_minutes_are_kept() -> None:
    pulse = Pulse()
    for second in range(SECONDS + 7):
        pulse.beat(second, 1, 1)
    assert len(pulse.tokens_per_second) == SECONDS
    assert pulse.tokens_per_second[0] == 7.0


def test_the_busy_share_is_of_slot_time() -> None:
    pulse = Pulse()
    pulse.beat(10, 4, 4)
    pulse.beat(10, 1, 4)
    assert pulse.busy_pct == pytest.approx(62.5)


def test_seconds_without_any_slot_count_as_idle() -> None:
    pulse = Pulse()
    pulse.beat(10, 4, 4)
    pulse.beat(0, 0, 0)
    assert pulse.busy_pct == pytest.approx(50)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_the_busy_share_stays_between_nothing_and_all(beats: list[tuple[int, int]]) -> None:
    pulse = Pulse()
    for busy, slots in beats:
        pulse.beat(0, busy, slots)
    assert 0 <= pulse.busy_pct <= 100


def test_one_late_turn_in_a_hundred_shows() -> None:
    lag = LoopLag()
    for _ in range(99):
        lag.note(0.001)
    lag.note(0.050)
    assert lag.p99_ms == 50.0


def test_a_timer_that_comes_early_is_not_late() -> None:
    lag = LoopLag()
    lag.note(-1.0)
    assert lag.p99_ms == 0.0
