from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hand_clock import HandClock
from hypothesis import given
from hypothesis import strategies as st

from node.hardware.history import HOST, History, Rollup, read_course
from node.hardware.history.store import DAY, add_minutes, open_store, roll_up
from node.hardware.readings import GpuReading, HardwareReading, HostReading

START = 1_790_000_100  # a multiple of 15 minutes


def reading(at: float, **card: object) -> HardwareReading:
    return HardwareReading(at, HostReading(cpu_pct=10.0), (GpuReading(0, "card", "GPU-0", **card),))  # type: ignore[arg-type]


def minutes(count: int, start: int = START, **card: object) -> list[HardwareReading]:
    return [reading(start + 60 * number, **card) for number in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "telemetry.db"


@pytest.fixture
def kept(path: Path, clock: HandClock) -> Iterator[History]:
    clock.now = START
    history = History(path, clock)
    yield history
    history.close()


def test_a_minute_is_given_out_when_the_next_begins() -> None:
    rollup = Rollup()
    assert rollup.add(reading(START, temperature_c=60.0, power_w=100.0)) == ()
    assert rollup.add(reading(START + 59, temperature_c=70.0)) == ()
    rows = {row.device: row for row in rollup.add(reading(START + 60))}
    assert set(rows) == {HOST, "GPU-0"}
    card = rows["GPU-0"]
    assert (card.at, card.readings, card.temperature_c, card.temperature_max_c) == (START, 2, 65.0, 70.0)
    assert (card.power_w, card.fan_pct) == (100.0, None)
    assert rows[HOST].utilisation_pct == 10.0


@given(st.lists(st.one_of(st.none(), st.floats(-50, 150)), min_size=1, max_size=60))
def test_a_mean_lies_between_the_readings_and_nothing_read_is_none(temperatures: list[float | None]) -> None:
    rollup = Rollup()
    for second, value in enumerate(temperatures):
        rollup.add(reading(START + second, temperature_c=value))
    row = next(row for row in rollup.close() if row.device == "GPU-0")
    known = [value for value in temperatures if value is not None]
    assert row.readings == len(temperatures)
    assert row.temperature_max_c == max(known, default=None)
    if known:
        assert row.temperature_c is not None
        assert min(known) - 0.01 <= row.temperature_c <= max(known) + 0.01
    else:
        assert row.temperature_c is None


def test_what_was_taken_in_can_be_drawn(kept: History, path: Path) -> None:
    kept.open()
    for each in minutes(10, temperature_c=61.0, power_w=250.0):
        kept.take(each)
    kept.close()
    course = read_course(path, "GPU-0", START - 120, START + 600, points=100)
    assert (course.starts_at, course.step) == (START - 120, 60)
    assert course.temperature_c == (None, None, *[61.0] * 10)
    assert course.power_w[-1] == 250.0
    assert course.fan_pct == (None,) * 12


def test_a_long_time_is_drawn_in_few_steps(path: Path) -> None:
    connection = open_store(path)
    rollup = Rollup()
    for each in minutes(2 * 24 * 60, temperature_c=50.0):
        add_minutes(connection, rollup.add(each))
    now = START + 2 * DAY
    roll_up(connection, now)
    connection.close()
    course = read_course(path, "GPU-0", now - 30 * DAY, now, points=100)
    assert course.step % 900 == 0
    assert len(course.temperature_c) <= 101
    assert course.temperature_c[-2] == 50.0
    assert course.temperature_c[0] is None


def test_a_quarter_weighs_its_minutes_by_their_readings(path: Path) -> None:
    connection = open_store(path)
    rollup = Rollup()
    rows = [rollup.add(reading(START + second, power_w=100.0)) for second in range(3)]
    rows.append(rollup.add(reading(START + 60, power_w=200.0)))
    rows.append(rollup.close())
    for row in rows:
        add_minutes(connection, row)
    roll_up(connection, START + 900)
    (power,) = connection.execute("SELECT power FROM quarters WHERE device = 'GPU-0'").fetchall()[0]
    connection.close()
    assert power == pytest.approx(125.0)


def test_minutes_are_kept_for_thirty_days_and_quarters_for_ninety(path: Path) -> None:
    connection = open_store(path)
    rollup = Rollup()
    for day in range(100):
        rollup.add(reading(START + day * DAY, temperature_c=40.0))
        add_minutes(connection, rollup.close())
        roll_up(connection, START + day * DAY + 900)
    counts = [
        connection.execute(f"SELECT count(*) FROM {table} WHERE device = 'host'").get
        for table in ("minutes", "quarters")
    ]
    connection.close()
    assert counts == [30, 90]


def test_what_was_learned_survives_a_restart(path: Path, clock: HandClock) -> None:
    clock.now = START
    first = History(path, clock)
    assert first.open() == {}
    first.learn("heat GPU-0", '{"resistance": 0.14}')
    first.close()
    second = History(path, clock)
    assert second.open() == {"heat GPU-0": '{"resistance": 0.14}'}
    second.close()


@pytest.mark.parametrize("damage", [b"this is no database at all" * 100, b"\x00" * 8192], ids=["text", "zeros"])
def test_a_damaged_file_is_put_aside_and_a_new_one_begun(path: Path, kept: History, damage: bytes) -> None:
    path.write_bytes(damage)
    assert kept.open() == {}
    for each in minutes(2, temperature_c=61.0):
        kept.take(each)
    kept.close()
    assert path.with_name("telemetry.db.damaged").read_bytes() == damage
    assert read_course(path, "GPU-0", START, START + 120).temperature_c == (61.0, 61.0)


def test_pages_that_went_bad_are_noticed(path: Path, kept: History) -> None:
    connection = open_store(path)
    rollup = Rollup()
    for each in minutes(2000, temperature_c=50.0):
        add_minutes(connection, rollup.add(each))
    connection.close()
    raw = bytearray(path.read_bytes())
    raw[8192:16384] = b"\xff" * 8192
    path.write_bytes(raw)
    kept.open()
    kept.close()
    assert path.with_name("telemetry.db.damaged").exists()


def test_another_program_s_database_is_not_written(path: Path, kept: History) -> None:
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    kept.open()
    kept.close()
    aside = apsw.Connection(str(path.with_name("telemetry.db.damaged")))
    assert [name for (name,) in aside.execute("SELECT name FROM sqlite_schema").fetchall()] == ["theirs"]
    aside.close()


def test_without_a_writable_folder_the_node_goes_on(tmp_path: Path, clock: HandClock) -> None:
    history = History(tmp_path / "not-here" / "telemetry.db", clock)
    assert history.open() == {}
    history.take(reading(START))
    history.take(reading(START + 60))
    history.close()


def test_only_its_owner_can_read_it(path: Path, kept: History) -> None:
    kept.open()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
