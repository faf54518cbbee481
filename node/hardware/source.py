"""A sensor source in a thread of its own, which may raise or hang without holding up any other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from node.clock import Clock

log = logging.getLogger(__name__)

Value = TypeVar("Value")

STALE_S = 5.0
"""Seconds after which a source that has not answered has no value any more."""


class Source(Generic[Value]):
    """Reads when asked, in its own daemon thread; what it read last can be taken at any time, without a lock.

    Args:
        name: for the log and the thread.
        read: takes one reading; may block, may raise.
        close: called in the same thread when the source is stopped.
    """

    def __init__(
        self, name: str, read: Callable[[], Value], clock: Clock, close: Callable[[], None] = lambda: None
    ) -> None:
        self.name = name
        self._read = read
        self._close = close
        self._clock = clock
        self._asked = threading.Event()
        self._answered = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name=f"hardware-{name}", daemon=True)
        self._result: tuple[float, Value | None] = (clock.monotonic(), None)
        self._failing = False
        self._silent = False

    def start(self) -> None:
        self._result = (self._clock.monotonic(), None)
        self._thread.start()

    def ask(self) -> None:
        """Begin a reading; nothing happens while one is under way."""
        if not self._asked.is_set():
            self._answered.clear()
            self._asked.set()

    def wait(self, timeout: float) -> None:
        """Wait until the reading asked for is done, at most these seconds."""
        self._answered.wait(timeout)

    def value(self) -> Value | None:
        """The latest reading; None before the first, after one that failed, and once it is stale."""
        at, value = self._result
        silent = self._clock.monotonic() - at > STALE_S
        if silent and not self._silent:
            log.warning("%s has not answered for %.0f s; its readings are unknown until it does", self.name, STALE_S)
        self._silent = silent
        return None if silent else value

    def end(self) -> None:
        """Have the thread close and end once it is idle."""
        self._stopping = True
        self._asked.set()

    def join(self, timeout: float) -> None:
        """Wait for the end; a thread that hangs is left behind and dies with the process."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _serve(self) -> None:
        while not self._stopping:
            self._asked.wait()
            if self._stopping:
                break
            value = self._try()
            self._result = (self._clock.monotonic(), value)
            self._answered.set()
            self._asked.clear()
        self._try_closing()

    def _try(self) -> Value | None:
        try:
            value = self._read()
        except Exception as error:
            if not self._failing:
                log.warning("%s cannot be read: %s: %s", self.name, type(error).__name__, error)
            self._failing = True
            return None
        self._failing = False
        return value

    def _try_closing(self) -> None:
        try:
            self._close()
        except Exception as error:
            log.warning("%s does not close: %s: %s", self.name, type(error).__name__, error)
