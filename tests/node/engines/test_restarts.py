"""When a dead child is started again."""

from __future__ import annotations

from hand_clock import HandClock

from node.engines.backoff import Backoff
from node.engines.restarts import Restarts


def test_a_rare_crash_is_mended_quickly() -> None:
    clock = HandClock()
    restarts = Restarts(clock)
    for _ in range(5):
        assert restarts.died() == 0.5
        clock.now += 61
    assert restarts.count == 5
    assert not restarts.troubled


def test_three_crashes_within_a_minute_mean_trouble_and_patience() -> None:
    clock = HandClock()
    restarts = Restarts(clock)
    pauses = []
    for _ in range(5):
        pauses.append(restarts.died())
        clock.now += pauses[-1]
    assert pauses == [0.5, 1.0, 30.0, 30.0, 30.0]
    assert restarts.troubled


def test_a_quiet_time_ends_the_trouble() -> None:
    clock = HandClock()
    restarts = Restarts(clock)
    for _ in range(4):
        restarts.died()
    clock.now += 100
    assert restarts.died() == 0.5
    assert not restarts.troubled


def test_back_off_doubles_to_its_bound_and_starts_anew_after_success() -> None:
    backoff = Backoff()
    assert [backoff.next() for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    backoff.reset()
    assert backoff.next() == 0.5
