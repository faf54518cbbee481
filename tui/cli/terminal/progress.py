"""Showing that something goes on: redrawn in place on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tui import format as shown
from tui.cli.terminal.output import narrate, plain, printable

PATIENCE = 1.0  # seconds of silence that need no explanation
REDRAW = 0.1
LINE_EVERY = 5.0  # where nothing can be redrawn
WINDOW = 5.0  # seconds over which the rate is measured
BAR = 24


def transfer_line(name: str, done: int, total: int | None, rate: float | None) -> str:
    """``name  ████····  41.0 MB of 98.4 MB, 12.3 MB/s, 5 s left``."""
    parts = [f"{shown.size(done)} of {shown.size(total)}" if total else shown.size(done)]
    if rate:
        parts.append(f"{shown.size(rate)}/s")
        if total and total > done:
            parts.append(f"{shown.seconds((total - done) / rate)} left")
    bar = ""
    if total and not plain():
        filled = min(BAR, BAR * done // total)
        bar = "█" * filled + "·" * (BAR - filled) + "  "
    return f"{printable(name)}  {bar}{', '.join(parts)}"


class TransferBar:
    """How far a download or an import has come."""

    def __init__(self, name: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._now = now
        self._seen: deque[tuple[float, int]] = deque()
        self._drawn_at = now() - LINE_EVERY
        self._live = _Line()

    def update(self, done: int, total: int | None) -> None:
        """Bytes so far, of how many if that is known; nothing is shown before either is."""
        if not done and total is None:
            return
        at = self._now()
        before = self._seen[-1][1] if self._seen else None
        if before is not None and done < before:
            self._seen.clear()
        self._seen.append((at, done))
        while self._seen[0][0] < at - WINDOW:
            self._seen.popleft()
        if at - self._drawn_at >= (REDRAW if self._live.redraws else LINE_EVERY) or done == total != before:
            self._drawn_at = at
            self._live.show(transfer_line(self._name, done, total, self._rate()))

    def close(self) -> None:
        """Leave the last line standing."""
        self._live.close()

    def _rate(self) -> float | None:
        (first_at, first), (last_at, last) = self._seen[0], self._seen[-1]
        return (last - first) / (last_at - first_at) if last_at > first_at else None


class Waiting:
    """Tells what is being waited for, once it has taken longer than a second."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._over = threading.Event()
        self._live = _Line()
        self._teller = threading.Thread(target=self._tell, name="waiting", daemon=True)

    def now(self, what: str) -> None:
        """It is something else now, or how far it has come has changed."""
        self._what = what

    def __enter__(self) -> Self:
        self._teller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._teller.join()
        self._live.erase()

    def _tell(self) -> None:
        pause = PATIENCE
        while not self._over.wait(pause):
            pause = 0.5 if self._live.redraws else LINE_EVERY
            self._live.show(f"{self._what} ({shown.seconds(round(time.monotonic() - self._began))})")


class _Line:
    """One line of stderr that is written over where that is possible."""

    def __init__(self) -> None:
        self.redraws = sys.stderr.isatty() and not plain()
        self._open = False

    def show(self, text: str) -> None:
        if not self.redraws:
            narrate(text)
            return
        sys.stderr.write(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}")
        sys.stderr.flush()
        self._open = True

    def close(self) -> None:
        if self._open:
            sys.stderr.write("\n")
            sys.stderr.flush()
            self._open = False

    def erase(self) -> None:
        if self._open:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._open = False
