"""The keys that are in memory, and how long they stay there unused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from wallet.errors import WalletError
from wallet.keys import KeyPair

IDLE_LIMIT = 15 * 60.0


class Locked(WalletError):
    """The wallet's key is not in memory."""


@dataclass(slots=True)
class _Held:
    pair: KeyPair
    used: float


class Unlocked:
    """Key pairs by a wallet's id; each is wiped after a time without use. Safe to use from several threads."""

    def __init__(self, idle_limit: float | None = IDLE_LIMIT, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Holds nothing yet. ``idle_limit`` in seconds; None for never."""
        self._idle_limit = idle_limit
        self._monotonic = monotonic
        self._held: dict[str, _Held] = {}
        self._guard = threading.Lock()

    def hold(self, id_: str, pair: KeyPair) -> None:
        """Keep a key until it is locked or left idle."""
        with self._guard:
            self._held[id_] = _Held(pair, self._monotonic())

    def use(self, id_: str) -> KeyPair | None:
        """A key that is held; its idle time starts anew. None if it is locked."""
        self.lock_idle()
        with self._guard:
            held = self._held.get(id_)
            if held is None:
                return None
            held.used = self._monotonic()
            return held.pair

    def holds(self, id_: str) -> bool:
        """Whether a key is held, without counting as use."""
        self.lock_idle()
        with self._guard:
            return id_ in self._held

    def lock(self, id_: str | None = None) -> None:
        """Wipe one key, or all."""
        with self._guard:
            for one in [one for one in self._held if id_ in (None, one)]:
                self._held.pop(one).pair.wipe()

    def lock_idle(self) -> int:
        """Wipe what has not been used within the limit. Returns how many that were."""
        if self._idle_limit is None:
            return 0
        with self._guard:
            now = self._monotonic()
            idle = [one for one, held in self._held.items() if now - held.used >= self._idle_limit]
            for one in idle:
                self._held.pop(one).pair.wipe()
        return len(idle)
