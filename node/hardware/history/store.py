"""The file of the history: rows a minute for 30 days, rows of 15 minutes for 90, and what the detectors have learned.

It is not the books: a damaged file is put aside and a new one begun, and the newest minute may be lost in a power cut.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import apsw

from node.hardware.course import Course
from node.hardware.history.rollup import Minute

log = logging.getLogger(__name__)

APPLICATION_ID = 0x53_74_6B_54  # "StkT"
VERSION = 1
DAY = 86400
QUARTER = 900  # seconds
MINUTES_KEPT, QUARTERS_KEPT = 30 * DAY, 90 * DAY
MOST_PAGES = 131_072  # 512 MiB: 16 cards fill a third of it
MOST_POINTS = 1500

COLUMNS = (
    "at INTEGER NOT NULL, device TEXT NOT NULL, readings INTEGER NOT NULL, temperature REAL, temperature_max REAL,"
    " power REAL, utilisation REAL, memory INTEGER, clock REAL, fan REAL, PRIMARY KEY (device, at)"
)
SCHEMA = f"""
CREATE TABLE minutes ({COLUMNS}) STRICT, WITHOUT ROWID;
CREATE TABLE quarters ({COLUMNS}) STRICT, WITHOUT ROWID;
CREATE TABLE learned (name TEXT PRIMARY KEY, at INTEGER NOT NULL, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
"""
MEANS = (
    "sum(readings), sum(temperature * readings) / sum(iif(temperature IS NULL, 0, readings)), max(temperature_max),"
    " sum(power * readings) / sum(iif(power IS NULL, 0, readings)),"
    " sum(utilisation * readings) / sum(iif(utilisation IS NULL, 0, readings)), max(memory),"
    " sum(clock * readings) / sum(iif(clock IS NULL, 0, readings)),"
    " sum(fan * readings) / sum(iif(fan IS NULL, 0, readings))"
)


def open_store(path: Path) -> apsw.Connection:
    """The connection that writes. A file that is damaged, foreign or of another version is put aside.

    Raises:
        apsw.Error, OSError: the folder cannot be written.
    """
    try:
        return _open(path)
    except (apsw.CorruptError, apsw.NotADBError, _Foreign) as error:
        put_aside(path)
        log.warning("%s could not be used (%s): a new history is begun, the old one lies beside it", path.name, error)
        return _open(path)


def put_aside(path: Path) -> None:
    """Rename the file to ``NAME.damaged``, in place of one put aside before."""
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    path.replace(path.with_name(f"{path.name}.damaged"))


def add_minutes(connection: apsw.Connection, rows: Iterable[Minute]) -> None:
    """Write rows; a row of the same minute and device is replaced, as when the clock was set back."""
    connection.executemany(
        "INSERT OR REPLACE INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                row.at,
                row.device,
                row.readings,
                row.temperature_c,
                row.temperature_max_c,
                row.power_w,
                row.utilisation_pct,
                row.memory_used,
                row.clock_mhz,
                row.fan_pct,
            )
            for row in rows
        ],
    )


def roll_up(connection: apsw.Connection, now: int) -> None:
    """Make the rows of 15 minutes that are complete, and drop what is too old."""
    done = now // QUARTER * QUARTER
    last = connection.execute("SELECT max(at) FROM quarters WHERE at < ?", (done,)).get
    since = max(last if isinstance(last, int) else 0, done - MINUTES_KEPT)
    connection.execute(
        f"INSERT OR REPLACE INTO quarters SELECT at / {QUARTER} * {QUARTER} AS quarter, device, {MEANS}"  # noqa: S608
        " FROM minutes WHERE at >= ? AND at < ? GROUP BY device, quarter",
        (since, done),
    )
    connection.execute("DELETE FROM minutes WHERE at < ? OR at > ?", (now - MINUTES_KEPT, now + DAY))
    connection.execute("DELETE FROM quarters WHERE at < ? OR at > ?", (now - QUARTERS_KEPT, now + DAY))


def learn(connection: apsw.Connection, name: str, at: int, state: str) -> None:
    """Keep what a detector has learned."""
    connection.execute("INSERT OR REPLACE INTO learned VALUES (?, ?, ?)", (name, at, state))


def learned(connection: apsw.Connection) -> dict[str, str]:
    """What the detectors have learned, by name."""
    return {str(name): str(state) for name, state in connection.execute("SELECT name, state FROM learned")}


def read_course(path: Path, device: str, since: int, until: int, points: int = 300) -> Course:
    """One device from ``since`` to ``until``, both Unix seconds, in about so many steps.

    Raises:
        apsw.Error: the file cannot be read.
    """
    base, table = (60, "minutes") if until - since <= 2 * DAY else (QUARTER, "quarters")
    count = max(1, min(points, MOST_POINTS))
    step = max(base, -(-(until - since) // count // base) * base)
    start = since // step * step
    slots = max(0, -(-(until - start) // step))
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as connection:
        connection.set_busy_timeout(2000)
        found = connection.execute(
            f"SELECT (at - ?) / ? AS slot, {MEANS} FROM {table}"  # noqa: S608
            " WHERE device = ? AND at >= ? AND at < ? GROUP BY slot",
            (start, step, device, start, until),
        ).fetchall()
    nothing: tuple[None, ...] = (None,) * 7
    rows = {slot: values for slot, _, *values in found}
    columns = list(zip(*(rows.get(slot, nothing) for slot in range(slots)), strict=True)) or [()] * 7
    return Course(device, start, step, *columns)


class _Foreign(Exception):
    """Not our file, or another version's."""


def _open(path: Path) -> apsw.Connection:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(5000)
        if connection.execute("SELECT count(*) FROM sqlite_schema").get == 0:
            connection.pragma("journal_mode", "wal")
            connection.execute(SCHEMA)
        elif (connection.pragma("application_id"), connection.pragma("user_version")) != (APPLICATION_ID, VERSION):
            raise _Foreign("it is no history of this Stoker")
        elif connection.pragma("quick_check", 1) != "ok":
            raise _Foreign("it is damaged")
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "NORMAL")
        connection.pragma("max_page_count", MOST_PAGES)
        connection.pragma("journal_size_limit", 8 << 20)
    except BaseException:
        connection.close()
        raise
    return connection
