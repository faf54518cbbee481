from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.hardware.health import Alarm, Health, Severity, Work
from node.hardware.health.health import XID_STANDS_S
from node.hardware.health.holding import CLEAR_S
from node.hardware.health.rules import RULES
from node.hardware.readings import GpuReading, HardwareReading, HostReading, Xid

CARD = GpuReading(
    0,
    "RTX 4090",
    "GPU-0",
    temperature_c=70.0,
    power_w=250.0,
    power_limit_w=315.0,
    utilisation_pct=97.0,
    clock_mhz=2500,
    clock_max_mhz=3105,
    fan_pct=50.0,
    pcie_width=16,
    pcie_width_max=16,
    ecc_corrected=5,
    ecc_uncorrected=0,
)


class Patient:
    """One card that the test makes ill, looked at once a second."""

    def __init__(self, health: Health | None = None) -> None:
        self.health = health or Health()
        self.now = 0.0

    def after(self, seconds: float, **values: object) -> tuple[Alarm, ...]:
        """The alarms once the card has been like this for so long; the first look is at once."""
        card = replace(CARD, **values)  # type: ignore[arg-type]
        end = self.now + seconds
        while True:
            alarms = self.health.observe(HardwareReading(1e9 + self.now, HostReading(), (card,)), Work(), self.now)
            if self.now >= end:
                return alarms
            self.now += 1


ILL = {
    "lost": {"lost": True},
    "throttle": {"throttle_fault": True, "throttle": ("heat (hardware)",)},
    "fan": {"fan_pct": 0.0},
    "link": {"pcie_width": 4},
    "memory": {"ecc_uncorrected": 1},
    "rows": {"remap_failed": True},
    "clock": {"clock_mhz": 300},
    "limit": {"power_w": 400.0},
}


def test_a_card_that_is_well_gives_no_alarm() -> None:
    assert Patient().after(300) == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_finding_becomes_an_alarm_once_it_lasts_and_ends_once_it_is_gone(rule: object) -> None:
    name, hold = rule.name, rule.hold  # type: ignore[attr-defined]
    patient = Patient()
    patient.after(5)
    if hold > 2:
        assert patient.after(hold - 2, **ILL[name]) == ()
        patient.after(5)
    (alarm,) = patient.after(hold + 2, **ILL[name])
    assert alarm.key == f"{name} GPU-0"
    assert alarm.device == "GPU 0 (RTX 4090)"
    assert alarm.evidence
    assert alarm.remedy
    patient.after(CLEAR_S - 5)
    assert patient.after(10) == ()


def test_a_finding_that_comes_and_goes_is_one_alarm() -> None:
    patient = Patient()
    (first,) = patient.after(15, **ILL["throttle"])
    for _ in range(5):
        patient.after(20)
        (again,) = patient.after(5, **ILL["throttle"])
        assert again.since_at == first.since_at


def test_the_evidence_says_how_long_it_has_lasted() -> None:
    (alarm,) = Patient().after(180, **ILL["throttle"])
    assert alarm.evidence == "it is held back by heat (hardware) at 70 °C, for 3 min"


def test_the_ordinary_power_limit_is_no_fault() -> None:
    assert Patient().after(300, throttle=("power limit",), clock_mhz=1200) == ()


def test_a_card_that_rests_may_be_slow_and_have_a_still_fan() -> None:
    assert Patient().after(300, utilisation_pct=0.0, clock_mhz=210, fan_pct=0.0, temperature_c=45.0) == ()


def test_a_card_in_a_narrow_slot_from_the_start_is_no_alarm() -> None:
    assert Patient().after(300, pcie_width=4, pcie_width_max=16) == ()


def test_a_link_that_was_wider_before_the_restart_is_noticed() -> None:
    before = Patient()
    before.after(10)
    (alarm,) = Patient(Health(before.health.learned())).after(100, pcie_width=8)
    assert alarm.evidence == "it is linked with 8 lanes, and had 16, for 1 min"


def test_new_memory_errors_are_grave_for_a_day() -> None:
    patient = Patient()
    patient.after(5)
    (alarm,) = patient.after(5, ecc_uncorrected=2)
    assert alarm.severity is Severity.GRAVE
    assert alarm.evidence == "2 new, 2 in its life: results may be wrong"
    patient.now += 86000
    assert patient.after(5, ecc_uncorrected=2)
    patient.now += 400
    patient.after(1, ecc_uncorrected=2)
    assert patient.after(CLEAR_S + 5, ecc_uncorrected=2) == ()


def test_old_memory_errors_are_no_news() -> None:
    assert Patient().after(10, ecc_uncorrected=7, ecc_corrected=100_000) == ()


def test_a_reported_error_is_told_in_words_with_what_to_do_and_stands_for_an_hour() -> None:
    patient = Patient()
    (alarm,) = patient.after(1, xids=(Xid(1e9, 79),))
    assert (alarm.severity, alarm.title) == (Severity.GRAVE, "error XID 79")
    assert alarm.evidence == "the driver reported XID 79: the card has fallen off the bus"
    assert "seat of the card" in alarm.remedy
    assert patient.after(XID_STANDS_S - 10, xids=(Xid(1e9, 79),))
    assert patient.after(CLEAR_S + 20, xids=(Xid(1e9, 79),)) == ()


def test_an_unknown_error_number_is_told_all_the_same() -> None:
    (alarm,) = Patient().after(1, xids=(Xid(1e9, 777), Xid(1e9, 777)))
    assert alarm.evidence == "the driver reported XID 777 2 times: the driver reported an error"


def test_the_gravest_comes_first() -> None:
    alarms = Patient().after(40, fan_pct=0.0, xids=(Xid(1e9, 79), Xid(1e9, 31)))
    assert [alarm.severity for alarm in alarms] == [Severity.GRAVE, Severity.WARNING, Severity.NOTICE]


def test_the_alarms_of_a_card_that_was_taken_out_end() -> None:
    patient = Patient()
    patient.after(15, **ILL["throttle"])
    empty = HardwareReading(1e9, HostReading())
    assert patient.health.observe(empty, Work(), patient.now + 1)
    assert patient.health.observe(empty, Work(), patient.now + CLEAR_S + 1) == ()


numbers = st.one_of(st.none(), st.floats(0, 1000))
counts = st.one_of(st.none(), st.integers(0, 2**40))


@given(
    st.lists(
        st.builds(
            GpuReading,
            index=st.just(0),
            name=st.just("any"),
            temperature_c=numbers,
            power_w=numbers,
            power_limit_w=numbers,
            utilisation_pct=numbers,
            fan_pct=numbers,
            clock_mhz=counts,
            clock_max_mhz=counts,
            pcie_width=counts,
            ecc_corrected=counts,
            ecc_uncorrected=counts,
            lost=st.booleans(),
            throttle_fault=st.booleans(),
        ),
        max_size=30,
    )
)
def test_whatever_a_card_says_health_has_an_answer_and_can_be_kept(cards: list[GpuReading]) -> None:
    health = Health()
    for second, card in enumerate(cards):
        for alarm in health.observe(HardwareReading(1e9 + second, HostReading(), (card,)), Work(50, "x"), second):
            assert alarm.evidence
            assert alarm.remedy
    Health(health.learned())
