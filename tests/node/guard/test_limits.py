"""The other limits: hours, battery, price, power, memory, disk and data; and which verdict wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from situations import AT_WORK, CARD, HOST, READING, Guarded, card, host

from node.control.wire import StateWord
from node.guard import Action, Policy, Situation, judge
from node.hardware.readings import GpuProcess
from node.weekly import parse_windows

RUN, SLOW, HOLD, STOP = Action
NIGHTS = Policy(hours=parse_windows("Mon-Sun 22:00-06:00"))


def local(hour: int) -> float:
    return datetime(2026, 11, 18, hour, 30).timestamp()


def test_outside_its_hours_the_node_rests_and_says_until_when() -> None:
    verdict = Guarded(NIGHTS).judge(replace(AT_WORK, at=local(15)))
    assert (verdict.word, verdict.action) == ("RESTING", HOLD)
    assert verdict.reason == "outside the hours that you set, resting until Wed 22:00"
    assert Guarded(NIGHTS).judge(replace(AT_WORK, at=local(23))).action is RUN


def test_on_battery_it_rests_unless_allowed() -> None:
    verdict = Guarded().judge(host(on_battery=True, battery_pct=64))
    assert (verdict.word, verdict.reason) == ("RESTING", "on battery, 64 % left")
    assert Guarded(Policy(on_battery=True)).judge(host(on_battery=True)).action is RUN


def test_power_that_is_dearer_than_the_ceiling_is_waited_out() -> None:
    guard = Guarded(Policy(ceiling_price=300_000))
    assert guard.judge(replace(AT_WORK, price=300_000)).action is RUN
    dear = guard.judge(replace(AT_WORK, price=342_100))
    assert (dear.word, dear.action) == ("RESTING", HOLD)
    assert dear.reason == "a kilowatt-hour costs 0.3421 EUR, your ceiling is 0.3 EUR"
    assert guard.judge(replace(AT_WORK, price=-12_000)).action is RUN


def test_power_that_costs_more_than_it_earns_is_waited_out_with_some_margin() -> None:
    guard = Guarded(Policy(profit_only=True))
    assert guard.judge(replace(AT_WORK, price=250_000, worth=260_000)).action is RUN
    assert guard.judge(replace(AT_WORK, price=270_000, worth=260_000)).reason.endswith("EUR and earns 0.26 EUR")
    assert guard.judge(replace(AT_WORK, price=259_000, worth=260_000)).action is HOLD
    assert guard.judge(replace(AT_WORK, price=252_000, worth=260_000)).action is RUN


def test_work_without_a_known_worth_is_never_called_unprofitable() -> None:
    assert Guarded(Policy(profit_only=True)).judge(replace(AT_WORK, price=10**6)).action is RUN


def test_too_much_power_slows_down_and_far_too_much_pauses() -> None:
    guard = Guarded(Policy(power_w=300))
    assert guard.judge_for(card(power_w=320), 5).action is RUN  # a peak
    verdict = guard.judge_for(card(power_w=320), 6)
    assert (verdict.action, verdict.slots) == (SLOW, 2)
    assert guard.judge(card(power_w=380)).action is HOLD


def test_too_little_card_memory_frees_all_of_ours_and_comes_back_when_both_fit() -> None:
    guard = Guarded(Policy(vram_free=2 << 30))
    full = card(memory_used=23 << 30)
    assert guard.judge(full).action is STOP
    beside = replace(card(memory_used=17 << 30), shelved=6 << 30)  # 7 GiB free, but the model wants 6
    assert guard.judge_for(beside, 120).action is STOP
    assert guard.judge_for(replace(card(memory_used=8 << 30), shelved=6 << 30), 60).action is RUN


def test_a_full_disk_blocks_even_those_who_run_anyway() -> None:
    verdict = Guarded().judge(replace(host(disk_free=1 << 29), override=True))
    assert (verdict.word, verdict.action) == ("BLOCKED", HOLD)


@pytest.mark.parametrize(("span", "until"), [("day", "midnight"), ("month", "the first of the month")])
def test_a_data_cap_rests_until_the_span_is_over(span: str, until: str) -> None:
    policy = Policy(**{f"traffic_{span}": 10**10})  # type: ignore[arg-type]
    used = replace(AT_WORK, **{f"traffic_{span}": 10**10})  # type: ignore[arg-type]
    verdict = Guarded(policy).judge(used)
    assert (verdict.word, verdict.action) == ("RESTING", HOLD)
    assert f"this {span}" in verdict.reason
    assert until in verdict.remedy


def test_heat_is_not_the_owner_s_to_set_aside() -> None:
    assert Guarded().judge(replace(card(temperature_c=90), override=True)).action is STOP


anything = st.builds(
    Situation,
    at=st.floats(1_700_000_000, 1_900_000_000),
    paused=st.sampled_from(["", "paused by you"]),
    override=st.booleans(),
    draining=st.none() | st.integers(0, 3),
    books=st.sampled_from(["", "no space is left"]),
    models=st.integers(0, 2),
    slots=st.integers(0, 8),
    shelved=st.sampled_from([0, 1 << 30]),
    running=st.integers(0, 4),
    hardware=st.none()
    | st.builds(
        lambda heat, power, used, battery, disk, lost, program: replace(
            READING,
            host=replace(HOST, on_battery=battery, disk_free=disk),
            gpus=(
                replace(
                    CARD,
                    temperature_c=heat,
                    power_w=power,
                    memory_used=used,
                    lost=lost,
                    processes=(GpuProcess(1, "game", "graphics", program),),
                ),
            ),
        ),
        st.none() | st.floats(20, 110),
        st.none() | st.floats(0, 600),
        st.none() | st.integers(0, 24 << 30),
        st.none() | st.booleans(),
        st.none() | st.integers(0, 1 << 34),
        st.booleans(),
        st.none() | st.integers(0, 1 << 33),
    ),
    owner_quiet=st.none() | st.floats(0, 1e5),
    traffic_day=st.integers(0, 1 << 35),
    price=st.none() | st.integers(-(10**6), 10**6),
    worth=st.none() | st.integers(0, 10**6),
)
STRICT = Policy(
    power_w=400,
    vram_free=1 << 30,
    traffic_day=10**10,
    hours=NIGHTS.hours,
    ceiling_price=300_000,
    profit_only=True,
    on_input="yield",
)


@given(anything)
def test_every_verdict_has_a_known_word_a_reason_and_what_lifts_it(situation: Situation) -> None:
    verdict, _ = judge(situation, STRICT, None, 1000.0)
    assert verdict.word in set(StateWord)
    assert verdict.reason
    if verdict.action > RUN and verdict.word != "DRAINING" and situation.models:
        assert verdict.remedy


@given(anything)
def test_the_gravest_finding_wins(situation: Situation) -> None:
    verdict, _ = judge(situation, STRICT, None, 1000.0)
    for policy in (Policy(hours=STRICT.hours), Policy(on_input="yield"), Policy(power_w=400), Policy()):
        alone, _ = judge(situation, policy, None, 1000.0)
        assert verdict.action >= alone.action or alone.word == verdict.word


@given(anything)
def test_running_anyway_is_never_graver_than_the_rules(situation: Situation) -> None:
    ruled, _ = judge(replace(situation, override=False), STRICT, None, 1000.0)
    anyway, _ = judge(replace(situation, override=True), STRICT, None, 1000.0)
    assert anyway.action <= ruled.action
