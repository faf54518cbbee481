"""A service manager's ear: a real datagram socket that keeps every word in order."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from patience import PATIENCE

Word = tuple[str, str]
"""Name and value, such as ("READY", "1")."""


class Ear:
    """Listens at a path, or at an abstract address if that begins with @.

    Attributes:
        heard: every word so far.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.heard: list[Word] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._socket.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def listen(self) -> list[Word]:
        """What has come since the last time."""
        news: list[Word] = []
        while True:
            try:
                datagram = self._socket.recv(4096).decode()
            except BlockingIOError:
                break
            news += [(name, value) for name, _, value in (line.partition("=") for line in datagram.splitlines())]
        self.heard += news
        return news

    def until(self, true: Callable[[Word], bool], seconds: float = PATIENCE) -> Word:
        """Wait for a word that is so; one that was heard already counts.

        Raises:
            AssertionError: none came in time.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.listen()
            found = next(filter(true, self.heard), None)
            if found is not None:
                return found
            time.sleep(0.02)
        raise AssertionError(f"no such word within {seconds:g} s; heard {self.heard[-20:]}")
