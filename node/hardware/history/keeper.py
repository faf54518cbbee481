"""Keeps the history in a thread of its own: the event loop hands over rows and goes on."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path

import apsw

from node.clock import Clock
from node.hardware.history import store
from node.hardware.history.rollup import Rollup
from node.hardware.readings import HardwareReading

log = logging.getLogger(__name__)

MOST_WAITING = 1000
_FAREWELL_S = 3.0

Work = Callable[[apsw.Connection], None]


class History:
    """From ``open`` to ``close``. What cannot be written is said once in the log and is then lost.

    Args:
        path: the database's file.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._rollup = Rollup()
        self._work: queue.Queue[Work | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._write, name="hardware-history", daemon=True)
        self._connection: apsw.Connection | None = None
        self._rolled = 0
        self._failing = False

    def open(self) -> dict[str, str]:
        """Open or begin the file, and give what the detectors had learned. Blocking, but brief; never raises."""
        try:
            self._connection = store.open_store(self._path)
            known = store.learned(self._connection)
        except (apsw.Error, OSError) as error:
            log.warning("%s: there is no hardware history: %s", self._path, error)
            return {}
        self._thread.start()
        return known

    def take(self, reading: HardwareReading) -> None:
        """Take in one reading; its minute is written once it is over."""
        rows = self._rollup.add(reading)
        if rows:
            self._put(lambda connection: store.add_minutes(connection, rows))

    def learn(self, name: str, state: str) -> None:
        """Keep what a detector has learned."""
        at = self._clock.wall_ns() // 10**9
        self._put(lambda connection: store.learn(connection, name, at, state))

    def close(self) -> None:
        """Write what is there and end. Blocking."""
        if not self._thread.is_alive():
            return
        rows = self._rollup.close()
        self._put(lambda connection: store.add_minutes(connection, rows))
        self._work.put(None)
        self._thread.join(_FAREWELL_S)

    def _put(self, work: Work) -> None:
        if self._thread.is_alive():
            try:
                self._work.put_nowait(work)
            except queue.Full:
                log.debug("the hardware history is behind; a minute of it is lost")

    def _write(self) -> None:
        while (work := self._work.get()) is not None:
            self._try(work)
            quarter = self._clock.wall_ns() // 10**9 // store.QUARTER
            if quarter != self._rolled:
                self._rolled = quarter
                self._try(lambda connection: store.roll_up(connection, self._clock.wall_ns() // 10**9))
        if self._connection is not None:
            self._connection.close()

    def _try(self, work: Work) -> None:
        try:
            if self._connection is None:
                self._connection = store.open_store(self._path)
            with self._connection:
                work(self._connection)
        except (apsw.CorruptError, apsw.NotADBError) as error:
            log.warning("%s is damaged (%s): a new history is begun", self._path.name, error)
            self._begin_anew()
        except (apsw.Error, OSError) as error:
            if not self._failing:
                log.warning("%s: the hardware history cannot be written: %s", self._path, error)
            self._failing = True
        else:
            self._failing = False

    def _begin_anew(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        try:
            store.put_aside(self._path)
        except OSError as error:
            log.warning("%s cannot be put aside: %s", self._path, error)
