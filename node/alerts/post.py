"""Brings messages to every channel, each at its own pace: one that fails or hangs holds up no other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from node.alerts.notice import Notice

log = logging.getLogger(__name__)

MOST_WAITING = 50
PAUSES = (2.0, 10.0, 60.0)
"""Seconds between attempts; after the last the message is given up."""


class Undelivered(Exception):
    """A channel could not deliver; the message says why, without addresses, which may be secrets."""


class Channel(Protocol):
    """One way to reach the owner."""

    name: str

    async def deliver(self, notice: Notice) -> None:
        """Hand the message over within half a minute.

        Raises:
            Undelivered: it was not taken.
        """


class Post:
    """All channels."""

    def __init__(self, channels: Sequence[Channel], pauses: Sequence[float] = PAUSES) -> None:
        self._pauses = tuple(pauses)
        self._boxes = [(channel, asyncio.Queue[Notice](MOST_WAITING)) for channel in channels]

    def send(self, notice: Notice) -> None:
        """Put the message on its way; where too many wait, the oldest is dropped."""
        for _, box in self._boxes:
            if box.full():
                box.get_nowait()
            box.put_nowait(notice)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with asyncio.TaskGroup() as group:
            for channel, box in self._boxes:
                group.create_task(self._serve(channel, box))

    async def _serve(self, channel: Channel, box: asyncio.Queue[Notice]) -> None:
        while True:
            notice = await box.get()
            for pause in (*self._pauses, None):
                try:
                    await channel.deliver(notice)
                    break
                except Undelivered as error:
                    if pause is None:
                        log.warning("alerts: %s did not take %r: %s", channel.name, notice.headline, error)
                    else:
                        await asyncio.sleep(pause)
