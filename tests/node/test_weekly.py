"""Hours of the week, as people write them and as the clock on the wall shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.weekly import DAYS, Window, inside, next_change, parse_windows

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


@pytest.mark.parametrize(
    ("text", "moment", "holds"),
    [
        ("Mon-Fri 08:00-17:00", "2026-11-18T08:00", True),  # a Wednesday
        ("Mon-Fri 08:00-17:00", "2026-11-18T17:00", False),
        ("Mon-Fri 08:00-17:00", "2026-11-21T12:00", False),
        ("Fri 22:00-06:00", "2026-11-21T05:59", True),  # the night of Friday is over on Saturday
        ("Fri 22:00-06:00", "2026-11-20T05:59", False),
        ("22:00-06:00", "2026-11-18T23:00", True),
        ("Sat,Sun 00:00-24:00", "2026-11-22T23:59", True),
        ("Fri-Mon 10:00-11:00", "2026-11-22T10:30", True),
        ("Mon 08:00-09:00; Wed 10:00-11:00", "2026-11-18T10:30", True),
        ("monday - friday 08:00 - 17:00", "2026-11-18T10:30", True),
    ],
)
def test_a_window_holds_its_hours(text: str, moment: str, holds: bool) -> None:
    assert inside(parse_windows(text), at(moment), BERLIN) is holds


def test_a_night_keeps_its_hours_when_the_clock_goes_forward() -> None:
    night = parse_windows("Sat 22:00-06:00")
    assert inside(night, at("2026-03-29T01:59"), BERLIN)
    assert inside(night, at("2026-03-29T05:59"), BERLIN)
    assert not inside(night, at("2026-03-29T06:00"), BERLIN)
    assert next_change(night, at("2026-03-28T23:00"), BERLIN) == at("2026-03-29T06:00")
    assert at("2026-03-29T06:00") - at("2026-03-28T22:00") == 7 * 3600


def test_a_night_keeps_its_hours_when_the_clock_goes_back() -> None:
    night = parse_windows("Sat 22:00-06:00")
    assert next_change(night, at("2026-10-24T23:00"), BERLIN) == at("2026-10-25T06:00")
    assert at("2026-10-25T06:00") - at("2026-10-24T22:00") == 9 * 3600


def test_an_hour_that_the_clock_jumps_over_begins_with_the_next() -> None:
    early = parse_windows("02:30-05:00")
    assert next_change(early, at("2026-03-29T01:00"), BERLIN) == at("2026-03-29T03:00")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Mon-Fry 08:00-17:00", "Fry"),
        ("08:00", "08:00"),
        ("25:00-26:00", "25:00"),
        ("24:00-02:00", "24:00"),
        ("always", "always"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_was_expected(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        parse_windows(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_windows(text)
    except ValueError as error:
        assert str(error)


minutes = st.integers(0, 1439)
windows = st.builds(Window, st.frozensets(st.integers(0, 6), min_size=1), minutes, minutes)


@given(st.lists(windows, min_size=1, max_size=3).map(tuple), st.integers(1_750_000_000, 1_850_000_000))
def test_nothing_changes_before_the_next_change(found: tuple[Window, ...], moment: int) -> None:
    changes = next_change(found, moment, BERLIN)
    now = inside(found, moment, BERLIN)
    until = changes if changes is not None else moment + 7 * 86_400
    assert all(
        inside(found, probe, BERLIN) == now for probe in (moment + (until - moment) * share / 16 for share in range(16))
    )
    if changes is not None:
        assert inside(found, changes, BERLIN) != now


@given(windows)
def test_a_window_reads_back_from_its_own_words(window: Window) -> None:
    days = ",".join(DAYS[day] for day in sorted(window.days))
    start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (window.start, window.end))
    assert parse_windows(f"{days} {start}-{end}") == (window,)


def test_a_week_has_no_gap_between_two_windows_that_meet() -> None:
    whole = parse_windows("08:00-20:00; 20:00-08:00")
    moment = datetime(2026, 11, 16, tzinfo=BERLIN)
    assert all(inside(whole, (moment + timedelta(minutes=7 * step)).timestamp(), BERLIN) for step in range(1440))
    assert next_change(whole, moment.timestamp(), BERLIN) is None
