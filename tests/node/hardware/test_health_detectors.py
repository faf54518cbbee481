"""The two detectors that learn, on simulated days. What they are worth on a real card only a real card can say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from simulated_card import DAY, Fault, simulated_card

from node.hardware.health import Alarm, Health
from node.hardware.health.efficiency import Efficiency
from node.hardware.health.thermal import Fit, ThermalModel

HOUR = 3600.0


def watched(
    seed: int, seconds: float, *faults: Fault, health: Health | None = None, step: float = 5.0
) -> list[tuple[float, Alarm]]:
    """Every alarm at the moment when it began."""
    health = health or Health()
    begun: list[tuple[float, Alarm]] = []
    standing: set[str] = set()
    for moment in simulated_card(seed, seconds, faults, step):
        alarms = health.observe(moment.reading, moment.work, moment.second)
        begun += [(moment.second, alarm) for alarm in alarms if alarm.key not in standing]
        standing = {alarm.key for alarm in alarms}
    return begun


def worked(seed: int, begin: float, end: float, *faults: Fault) -> float:
    """Seconds of work between these two moments."""
    return sum(5.0 for moment in simulated_card(seed, end, faults) if moment.second >= begin and moment.work.load)


@pytest.mark.slow
def test_on_normal_days_there_is_at_most_one_false_alarm_a_day_and_on_most_none() -> None:
    days = [len(watched(seed, DAY)) for seed in range(8)]
    assert max(days) <= 1
    assert sum(days) <= 2


def test_a_normal_day_read_every_second_is_as_quiet() -> None:
    assert watched(100, DAY / 4, step=1.0) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_failing_fan_is_found_within_half_an_hour_of_work(seed: int) -> None:
    begin = 6 * HOUR
    fault = Fault(begin, 8 * HOUR, resistance=1.4, ramp=600)
    found = watched(seed, 8 * HOUR, fault)
    assert [alarm.title for _, alarm in found] == ["warmer than it should be"]
    noticed = found[0][0]
    assert noticed > begin
    assert worked(seed, begin, noticed, fault) < 0.5 * HOUR
    assert "°C expected at" in found[0][1].evidence


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_lasting_loss_of_a_fifth_of_the_speed_is_found_within_half_an_hour(seed: int) -> None:
    begin = 14 * HOUR
    found = watched(seed, 16 * HOUR, Fault(begin, 16 * HOUR, speed=0.8))
    assert [alarm.title for _, alarm in found] == ["less work for the same power"]
    assert begin < found[0][0] < begin + 0.5 * HOUR
    assert "were usual (-" in found[0][1].evidence


def test_an_alarm_ends_when_the_fault_is_mended() -> None:
    health = Health()
    watched(1, 12 * HOUR, Fault(6 * HOUR, 7 * HOUR, resistance=1.4), health=health)
    last = list(simulated_card(1, 12 * HOUR))[-1]
    assert health.observe(last.reading, last.work, 12 * HOUR) == ()


def test_what_was_learned_survives_a_restart() -> None:
    before = Health()
    watched(1, 14 * HOUR, health=before)
    after = Health(before.learned())
    found = watched(1, 2 * HOUR, Fault(HOUR / 2, 2 * HOUR, resistance=1.4), health=after)
    assert [alarm.title for _, alarm in found] == ["warmer than it should be"]
    slow = watched(1, 2 * HOUR, Fault(0, 2 * HOUR, speed=0.8), health=Health(before.learned()))
    assert [alarm.title for _, alarm in slow] == ["less work for the same power"]


@pytest.mark.parametrize("damage", ["", "null", "[]", '{"fit": 3}', '{"fit": {"x": 1}, "resistances": []}', "{"])
def test_what_was_learned_and_cannot_be_read_is_learned_anew(damage: str) -> None:
    names = ("thermal GPU-simulated", "baseline GPU-simulated", "efficiency")
    assert watched(1, HOUR / 4, health=Health(dict.fromkeys(names, damage))) == []


def test_a_card_that_always_draws_the_same_is_not_judged() -> None:
    model = ThermalModel()
    for moment in simulated_card(1, 5 * HOUR):
        (card,) = moment.reading.gpus
        model.observe(replace(card, power_w=100.0), moment.second, moment.reading.at)
    assert model.fit is None


def test_a_card_whose_fans_stand_still_while_it_rests_is_judged_only_while_they_turn() -> None:
    model = ThermalModel()
    for moment in simulated_card(1, 12 * HOUR):
        (card,) = moment.reading.gpus
        resting = (card.utilisation_pct or 0) == 0
        seen = replace(card, fan_pct=0.0, temperature_c=card.temperature_c + 20) if resting else card  # type: ignore[operator]
        model.observe(seen, moment.second, moment.reading.at)
        assert model.finding() is None or not resting


def test_cooling_that_has_become_worse_over_the_weeks_is_told() -> None:
    week = 7 * DAY
    model = ThermalModel(Fit(50, 30, 0.18, 1, 3 * week), [(0.0, 0.14), (week, 0.15), (3 * week, 0.18)])
    found = model.dust()
    assert found is not None
    assert found.evidence == "it warms by 18 °C for each 100 W, and by 14 °C 3 weeks earlier"
    assert ThermalModel(None, [(0.0, 0.14), (week, 0.15), (3 * week, 0.16)]).dust() is None


def test_other_work_is_not_slower_work() -> None:
    efficiency = Efficiency()
    second = 0.0
    for moment in simulated_card(5, 10 * HOUR, step=5.0):
        (card,) = moment.reading.gpus
        second = moment.second
        efficiency.observe(moment.work, card.power_w, card.power_limit_w, second)
    for moment in simulated_card(5, 4 * HOUR, step=5.0):
        (card,) = moment.reading.gpus
        bigger = replace(moment.work, tokens_per_second=moment.work.tokens_per_second / 5, load="a bigger model")
        efficiency.observe(bigger, card.power_w, card.power_limit_w, second + moment.second)
    assert efficiency.finding() is None
