"""A program in a real pseudo-terminal, measured and watched from outside."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

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
        self.began = time.monotonic()
        self.ended: int | None = None
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            if deaf_to_hangup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.environ.update(
                {
                    "TERM": "xterm-256color",
                    "COLORTERM": "truecolor",
                    "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests" / "support"))),
                    **(environment or {}),
                }
            )
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execv(sys.executable, [sys.executable, *arguments])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.ended is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
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

    def read_until(self, wanted: Callable[[bytes], bool], seconds: float = 10.0) -> float:
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

    def wait(self, seconds: float = 10.0) -> int:
        """The exit code; reads on meanwhile, so that the program is not held up.

        Raises:
            TimeoutError: it goes on.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                with contextlib.suppress(OSError, ValueError):
                    self.read(0.05)
                self.ended = os.waitstatus_to_exitcode(status)
                return self.ended
            try:
                self.read(0.05)
            except (OSError, ValueError):
                time.sleep(0.02)
        raise TimeoutError(f"the program goes on after {seconds} s")
