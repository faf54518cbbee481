"""Heat: slow down near the ceiling, take nothing at it, stop above it, and go on once, when it is over."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from situations import AT_WORK, Guarded, card, host

from node.guard import Action, Memory, Policy, ceilings, judge
from node.guard.excursion import Ceiling, Excursion, follow

RUN, SLOW, HOLD, STOP = Action


def heat_story(ceiling: float = 83.0) -> list[float]:
    """Rise to the ceiling, hover about it for half an hour, fall: one reading a second."""
    rise = [60 + second * (ceiling - 60) / 120 for second in range(120)]
    hover = [ceiling + 1.4 * math.sin(second / 7) for second in range(1800)]
    fall = [ceiling - second / 6 for second in range(180)]
    return [*rise, *hover, *fall]


def pauses_and_resumes(actions: list[Action]) -> tuple[int, int]:
    takes = [action < HOLD for action in actions]
    changes = list(pairwise(takes))
    return changes.count((True, False)), changes.count((False, True))


def test_one_excursion_is_one_pause_and_one_resume() -> None:
    guard = Guarded()
    actions = [guard.judge(card(temperature_c=reading)).action for reading in heat_story()]
    assert pauses_and_resumes(actions) == (1, 1)
    assert actions[-1] is RUN


@pytest.mark.parametrize(
    ("reading", "action"), [(79, RUN), (80, SLOW), (82.9, SLOW), (83, HOLD), (86.9, HOLD), (87, STOP)]
)
def test_the_hotter_the_graver(reading: float, action: Action) -> None:
    assert Guarded().judge(card(temperature_c=reading)).action is action


def test_slowing_down_leaves_half_of_the_slots() -> None:
    verdict = Guarded().judge(card(temperature_c=81))
    assert (verdict.word, verdict.slots) == ("COOLING", 2)
    assert verdict.reason == "the GPU is at 81 °C, its ceiling is 83 °C; slowed down to 2 of 4 slots"


def test_a_pause_names_the_reading_the_ceiling_and_what_lifts_it() -> None:
    verdict = Guarded().judge(card(temperature_c=84))
    assert verdict.reason == "the GPU is at 84 °C, its ceiling is 83 °C"
    assert verdict.remedy == "goes on by itself at 75 °C, after 60 s at least (limits.gpu_celsius)"


def test_it_stays_paused_until_it_is_cool_and_the_least_stay_is_over() -> None:
    guard = Guarded()
    guard.judge(card(temperature_c=84))
    assert guard.judge_for(card(temperature_c=76), 300).action is HOLD  # time enough, too warm
    guard = Guarded()
    guard.judge(card(temperature_c=84))
    assert guard.judge_for(card(temperature_c=60), 59).action is HOLD  # cool enough, too soon
    assert guard.judge(card(temperature_c=60)).action is RUN


def test_the_card_s_own_slow_down_point_lowers_the_ceiling() -> None:
    verdict = Guarded().judge(card(temperature_c=79, temperature_limit_c=83))
    assert verdict.action is HOLD
    assert "its ceiling is 78 °C" in verdict.reason


def test_a_sensor_that_falls_silent_is_no_all_clear() -> None:
    guard = Guarded()
    guard.judge(card(temperature_c=84))
    verdict = guard.judge_for(card(temperature_c=None), 600)
    assert verdict.action is HOLD
    assert "84 °C" in verdict.reason
    assert "no reading any more" in verdict.reason


def test_coming_back_soon_doubles_the_least_stay() -> None:
    guard = Guarded()
    for expected in (60, 120, 240):
        verdict = guard.judge(card(temperature_c=84))
        assert f"after {expected} s at least" in verdict.remedy
        assert guard.judge_for(card(temperature_c=60), expected).action is RUN


@pytest.mark.parametrize(
    ("situation", "name"),
    [
        (card(hot_spot_c=101), "the hot spot of the GPU"),
        (card(memory_temperature_c=104), "the memory of the GPU"),
        (host(cpu_temperature_c=99), "the processor"),
    ],
)
def test_every_sensor_has_its_own_ceiling(situation: object, name: str) -> None:
    assert Guarded().judge(situation).reason.startswith(name)  # type: ignore[arg-type]


def test_a_ceiling_of_zero_is_none() -> None:
    assert Guarded(Policy(gpu_c=0)).judge(card(temperature_c=110)).action is RUN


def test_a_lost_card_blocks_until_it_is_back() -> None:
    guard = Guarded()
    verdict = guard.judge(card(temperature_c=None, lost=True))
    assert (verdict.word, verdict.take) == ("BLOCKED", False)
    assert "NVIDIA GeForce RTX 4090 has gone away" in verdict.reason
    assert guard.judge(AT_WORK).action is RUN


readings = st.floats(20, 115, allow_nan=False)
stories = st.lists(readings, max_size=40)
settings_of_heat = st.builds(
    Policy, gpu_c=st.floats(50, 100), cooldown_c=st.floats(4, 20), stay=st.floats(1, 600), hot_spot_c=st.just(0.0)
)


@given(settings_of_heat, stories, readings, readings)
def test_a_higher_temperature_is_never_judged_milder(
    policy: Policy, story: list[float], one: float, other: float
) -> None:
    guard = Guarded(policy)
    for reading in story:
        guard.judge(card(temperature_c=reading))
    cooler, hotter = sorted((one, other))
    mild = judge(card(temperature_c=cooler), policy, guard.memory, guard.now + 1)[0]
    grave = judge(card(temperature_c=hotter), policy, guard.memory, guard.now + 1)[0]
    assert grave.action >= mild.action


@given(settings_of_heat, st.lists(st.tuples(readings, st.floats(0.1, 900)), min_size=1, max_size=80))
def test_between_two_pauses_it_was_cool_and_each_lasted_its_least_stay(
    policy: Policy, story: list[tuple[float, float]]
) -> None:
    guard = Guarded(policy)
    paused_at: float | None = None
    for reading, after in story:
        taking = guard.judge(card(temperature_c=reading, temperature_limit_c=None), after).take
        if paused_at is None and not taking:
            assert reading >= policy.gpu_c
            paused_at = guard.now
        elif paused_at is not None and taking:
            assert reading <= policy.gpu_c - policy.cooldown_c
            assert guard.now - paused_at >= policy.stay
            paused_at = None


@given(st.floats(0, 100), st.floats(0, 1000))
def test_a_ceiling_with_patience_ignores_peaks(reading: float, seconds: float) -> None:
    ceiling = Ceiling((50.0,), 40.0, 60.0, patience=1001.0)
    excursion: Excursion | None = None
    for moment in (0.0, seconds):
        excursion = follow(ceiling, excursion, reading, moment)
    assert excursion is None or excursion.level == 0


def test_no_reading_at_all_is_no_reason_to_stop() -> None:
    assert judge(AT_WORK, Policy(), Memory(), 1.0)[0].action is RUN


@pytest.mark.parametrize("sensor", ["temperature_c", "hot_spot_c", "memory_temperature_c"])
def test_the_ceilings_that_are_shown_are_those_that_are_held(sensor: str) -> None:
    hot = card(**{"temperature_limit_c": 85, sensor: 60})
    shown = next(ceiling for ceiling in ceilings(hot.hardware, Policy()) if ceiling.sensor == sensor)
    bounds = (shown.slow_c - 0.1, shown.slow_c, shown.hold_c, shown.stop_c)
    actions = [Guarded().judge(card(**{"temperature_limit_c": 85, sensor: at})).action for at in bounds]
    assert actions == [RUN, SLOW, HOLD, STOP]


def test_a_sensor_that_gives_no_reading_has_no_ceiling_to_show() -> None:
    shown = ceilings(card(temperature_c=None).hardware, Policy())
    assert [(ceiling.device, ceiling.sensor) for ceiling in shown] == [("host", "cpu_temperature_c")]
