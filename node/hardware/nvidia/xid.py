"""The errors that NVIDIA's driver reports while it runs (XIDs), waited for in a thread of its own. Linux only."""

from __future__ import annotations

import ctypes
import logging
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any

from node.clock import Clock
from node.hardware.nvml import TIMEOUT, Nvml
from node.hardware.readings import Xid

log = logging.getLogger(__name__)

KEPT = 16
"""The latest errors of a card that are kept."""

_XID = 8  # nvmlEventTypeXidCriticalError
_WAIT_MS = 500
_FAREWELL_S = 2.0


class XidLog:
    """The latest errors of each card, by its key. Written by the waiting thread, read by the one that samples."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, deque[Xid]] = {}

    def note(self, card: str, number: int) -> None:
        self._seen.setdefault(card, deque(maxlen=KEPT)).append(Xid(self._clock.wall_ns() / 1e9, number))

    def of(self, card: str) -> tuple[Xid, ...]:
        return tuple(self._seen.get(card, ()))


class XidWatch:
    """Waits from the constructor until `close`.

    Args:
        cards: the handle of each card by its key.
    """

    def __init__(self, nvml: Nvml, cards: Mapping[str, Any], seen: XidLog) -> None:
        self._nvml = nvml
        self._seen = seen
        self._ending = threading.Event()
        self._events = self._create() if cards else None
        self._cards = {
            _address(handle): key for key, handle in cards.items() if self._events and self._register(handle)
        }
        self._thread = threading.Thread(target=self._wait, name="hardware-nvidia-xid", daemon=True)
        if self._cards:
            self._thread.start()

    def close(self) -> None:
        """End the waiting, before NVML is let go of."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(_FAREWELL_S)
        if self._events is not None and not self._thread.is_alive():
            self._try(self._nvml.calls.nvmlEventSetFree, self._events)

    def _create(self) -> Any:
        try:
            return self._nvml.calls.nvmlEventSetCreate()
        except self._nvml.calls.NVMLError:
            return None

    def _register(self, handle: Any) -> bool:
        return self._try(self._nvml.calls.nvmlDeviceRegisterEvents, handle, _XID, self._events)

    def _try(self, call: Any, *arguments: object) -> bool:
        try:
            call(*arguments)
        except self._nvml.calls.NVMLError:
            return False
        return True

    def _wait(self) -> None:
        calls = self._nvml.calls
        while not self._ending.is_set():
            try:
                event = calls.nvmlEventSetWait_v2(self._events, _WAIT_MS)
            except calls.NVMLError as error:
                if error.value == TIMEOUT:
                    continue
                log.info("The NVIDIA driver reports no errors any more: %s", error)
                return
            card = self._cards.get(_address(event.device))
            if card is not None and event.eventType == _XID:
                log.warning("The NVIDIA driver reports error XID %d of %s", event.eventData, card)
                self._seen.note(card, event.eventData)


def _address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
