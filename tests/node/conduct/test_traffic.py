"""How much goes over the line, by day and by month."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from hand_clock import HandClock
from hypothesis import given
from hypothesis import strategies as st

from node.conduct.traffic import SAVE_SECONDS, Traffic, Volume
from node.hardware.readings import HardwareReading, HostReading

NOON = datetime(2026, 11, 30, 12).timestamp()


def reading(at: float, rate: float | None) -> HardwareReading:
    return HardwareReading(at, HostReading(net_sent_bps=rate, net_received_bps=rate))


def test_rates_are_added_up_over_the_time_between_readings(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    traffic = Traffic(tmp_path / "t", clock)
    for second in range(4):
        volume = traffic.note(reading(NOON + second, 500.0))
        traffic.note(reading(NOON + second, 500.0))  # the same reading again
    assert (volume.day, volume.month) == (3000, 3000)


def test_a_new_day_and_a_new_month_begin_at_zero() -> None:
    volume = Volume().plus("2026-11-29", 5).plus("2026-11-30", 7)
    assert volume == Volume("2026-11-30", 7, 12)
    assert volume.plus("2026-12-01", 1) == Volume("2026-12-01", 1, 1)


def test_a_restart_remembers(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    traffic = Traffic(tmp_path / "t", clock)
    traffic.note(reading(NOON, 100.0))
    clock.now += SAVE_SECONDS
    saved = traffic.note(reading(NOON + 5, 100.0))
    assert Traffic(tmp_path / "t", clock).note(None) == saved
    assert (tmp_path / "t").stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_begins_at_zero(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("{")
    assert Traffic(tmp_path / "t", HandClock(NOON)).note(None).day == 0


@given(st.lists(st.tuples(st.dates(), st.integers(0, 2**40))))
def test_a_day_is_never_more_than_its_month(steps: list[tuple[object, int]]) -> None:
    volume = Volume()
    for date, moved in sorted(steps, key=str):
        volume = volume.plus(str(date), moved)
        assert 0 <= volume.day <= volume.month
