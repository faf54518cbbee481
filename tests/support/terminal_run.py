"""A program in a real pseudo-terminal, measured and watched from outside."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from patience import PATIENCE

LAUNCHER = """
import fcntl, os, signal, sys, termios
{hangup}
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the controlling one of the new session, then becomes the program."""

NOT_OURS = ("NO_COLOR", "COLUMNS", "LINES")
"""What is said of the terminal that the tests themselves run in."""

ROOT = Path(__file__).resolve().parents[2]


class TerminalRun:
    """A Python program of this project in a terminal of its own.

    Attributes:
        output: every byte that it wrote to the terminal.
    """

    def __init__(
        self,
        *arguments: str,
        columns: int = 120,
        lines: int = 40,
        environment: Mapping[str, str] | None = None,
        deaf_to_hangup: bool = False,
    ) -> None:
        self.output = bytearray()
        self.ended: int | None = None
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        hangup = "signal.signal(signal.SIGHUP, signal.SIG_IGN);" if deaf_to_hangup else ""
        settings = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests" / "support"))),
            **(environment or {}),
        }
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", LAUNCHER.format(hangup=hangup), sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**{name: value for name, value in os.environ.items() if name not in NOT_OURS}, **settings},
        )
        self.pid = self._process.pid
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.ended is None:
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(OSError):
            os.close(self._master)

    def read(self, seconds: float) -> bytes:
        """What it writes within so many seconds; less time if it ends."""
        until = time.monotonic() + seconds
        fresh = bytearray()
        while (left := until - time.monotonic()) > 0:
            ready, _, _ = select.select([self._master], [], [], left)
            if not ready:
                break
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                break
            if not data:
                break
            fresh += data
        self.output += fresh
        return bytes(fresh)

    def read_until(self, wanted: Callable[[bytes], bool], seconds: float = PATIENCE) -> float:
        """Read until everything written so far is as wanted; seconds since the start.

        Raises:
            TimeoutError: it never was.
        """
        until = time.monotonic() + seconds
        while not wanted(bytes(self.output)):
            if time.monotonic() > until:
                raise TimeoutError(f"not seen in {seconds} s; the last bytes are {bytes(self.output[-400:])!r}")
            self.read(0.02)
        return time.monotonic() - self.began

    def type(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._master, keys.encode())

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal's other end, as a closed window does."""
        os.close(self._master)

    def wait(self, seconds: float = PATIENCE) -> int:
        """The exit code; reads on meanwhile, so that the program is not held up.

        Raises:
            TimeoutError: it goes on.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.ended = self._process.poll()
            with contextlib.suppress(OSError, ValueError):
                self.read(0.05)
            if self.ended is not None:
                return self.ended
        raise TimeoutError(f"the program goes on after {seconds} s")
