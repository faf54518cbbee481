from __future__ import annotations

import pytest

from node.hardware.series import SECONDS, SeriesRecorder


def test_values_stand_oldest_first() -> None:
    recorder = SeriesRecorder()
    recorder.add(100.5, 60.0, 200.0, 10.0)
    series = recorder.add(101.5, 61.0, 210.0, None)
    assert series.ends_at == 101.5
    assert (series.temperature_c, series.power_w, series.cpu_pct) == ((60.0, 61.0), (200.0, 210.0), (10.0, None))


def test_seconds_without_a_reading_are_none() -> None:
    recorder = SeriesRecorder()
    recorder.add(100, 60.0, None, None)
    assert recorder.add(103, 63.0, None, None).temperature_c == (60.0, None, None, 63.0)


def test_a_reading_a_little_early_or_late_leaves_no_gap() -> None:
    recorder = SeriesRecorder()
    for at in (99.99, 101.01, 101.98, 103.02):
        series = recorder.add(at, at, None, None)
    assert series.temperature_c == (99.99, 101.01, 101.98, 103.02)


def test_five_minutes_are_kept() -> None:
    recorder = SeriesRecorder()
    for second in range(SECONDS + 50):
        series = recorder.add(second, second, None, None)
    assert series.temperature_c == tuple(range(50, SECONDS + 50))


@pytest.mark.parametrize("jump", [-7200, -1, 86_400])
def test_a_clock_that_is_set_does_not_stop_the_series(jump: int) -> None:
    recorder = SeriesRecorder()
    for second in range(5):
        recorder.add(10_000 + second, 1.0, None, None)
    for second in range(5, 8):
        series = recorder.add(10_000 + jump + second, second, None, None)
    assert series.temperature_c[-3:] == (5, 6, 7)
    assert len(series.temperature_c) <= SECONDS


def test_every_device_has_its_own_trail_as_long_as_the_series() -> None:
    recorder = SeriesRecorder()
    recorder.add(100, 60.0, 200.0, 1.0, {"a": (60.0, 200.0, 90.0)})
    series = recorder.add(102, 70.0, 300.0, 2.0, {"a": (70.0, 210.0, 95.0), "b": (50.0, 90.0, None)})
    first, second = series.trails
    assert (first.device, first.temperature_c, first.power_w) == ("a", (60.0, None, 70.0), (200.0, None, 210.0))
    assert (second.device, second.temperature_c, second.utilisation_pct) == ("b", (None, None, 50.0), (None,) * 3)


def test_a_device_that_is_gone_is_forgotten() -> None:
    recorder = SeriesRecorder()
    recorder.add(100, 60.0, None, None, {"a": (60.0, None, None)})
    assert recorder.add(101, None, None, None).trails == ()
