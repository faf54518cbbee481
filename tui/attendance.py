"""Tells the node on this machine that its owner is at the keyboard, where the node wants to know."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable

from node.control.client import ControlClient
from tui.link import TROUBLE, ask

EVERY = 10.0  # seconds at least between two reports
SETTING, UNWANTED = "owner.on_input", "ignore"
FAR = ("SSH_CONNECTION", "SSH_TTY")
"""What sshd sets: whoever types from afar is not at this machine's keyboard."""


class Attendance:
    """Hears of every key and click, and reports some of them.

    Nothing is reported by whoever sits elsewhere, nor to a node at another place: its GPU is free for work.
    """

    def __init__(self, client: ControlClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._here = not client.place and not any(name in os.environ for name in FAR)
        self._next = 0.0
        self._reporting: asyncio.Task[None] | None = None

    def touched(self) -> None:
        """The owner pressed a key or moved the mouse; from the event loop."""
        now = self._clock()
        if self._here and now >= self._next:
            self._next = now + EVERY
            self._reporting = asyncio.create_task(self._report())

    async def _report(self) -> None:
        with contextlib.suppress(*TROUBLE):  # the screens tell that the node is gone
            await ask(self._tell)

    def _tell(self) -> None:
        wish = next((setting.value for setting in self._client.settings() if setting.key == SETTING), UNWANTED)
        if wish != UNWANTED:
            self._client.command("owner_active", idle_seconds=0)
