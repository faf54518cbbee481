"""How much has gone over this machine's line today and this month."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from node.clock import Clock
from node.hardware.readings import HardwareReading
from wallet.whole_file import replace_file

log = logging.getLogger(__name__)

SAVE_SECONDS = 60.0
LONGEST_GAP_S = 10.0


@dataclass(frozen=True, slots=True)
class Volume:
    """Bytes sent and received on one local day (``2026-11-22``) and in its month."""

    date: str = ""
    day: int = 0
    month: int = 0

    def plus(self, date: str, moved: int) -> Volume:
        """After so many more bytes on this date."""
        day = self.day if date == self.date else 0
        month = self.month if date[:7] == self.date[:7] else 0
        return Volume(date, day + moved, month + moved)


class Traffic:
    """Adds up the rates of the network cards; kept in a file, so that a restart forgets a minute at most."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._volume = _kept(file)
        self._last_at: float | None = None
        self._saved_at = clock.monotonic()

    def note(self, reading: HardwareReading | None) -> Volume:
        """Take the latest reading in; one that was seen before adds nothing."""
        moved = 0
        if reading is not None:
            sent, received = reading.host.net_sent_bps, reading.host.net_received_bps
            since = 0.0 if self._last_at is None else min(reading.at - self._last_at, LONGEST_GAP_S)
            if sent is not None and received is not None and since > 0:
                moved = round((sent + received) * since)
            self._last_at = reading.at
        today = time.strftime("%Y-%m-%d", time.localtime(self._clock.wall_ns() / 1e9))
        self._volume = self._volume.plus(today, moved)
        if self._clock.monotonic() - self._saved_at >= SAVE_SECONDS:
            self.save()
        return self._volume

    def save(self) -> None:
        """Write it down."""
        self._saved_at = self._clock.monotonic()
        try:
            replace_file(self._file, json.dumps(asdict(self._volume)).encode(), durable=False)
        except OSError as error:
            log.warning("%s: the data volume cannot be kept: %s", self._file, error)


def _kept(file: Path) -> Volume:
    try:
        said = json.loads(file.read_bytes())
        return Volume(str(said["date"]), int(said["day"]), int(said["month"]))
    except FileNotFoundError:
        return Volume()
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s: the kept data volume cannot be read and begins at zero: %s", file, error)
        return Volume()
