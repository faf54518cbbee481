"""Finds NVIDIA cards, reads them, and finds them again when card or driver have been away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from node.clock import Clock
from node.hardware.nvidia.card import NAME, Card
from node.hardware.nvidia.processes import is_of_this_node
from node.hardware.nvidia.xid import XidLog, XidWatch
from node.hardware.nvml import LIBRARIES, CardLost, DriverGone, Nvml, NvmlAbsent
from node.hardware.readings import GpuReading

log = logging.getLogger(__name__)

REOPEN_S = 30.0
"""Seconds between attempts to find a driver or a card again."""


class NvidiaBackend:
    """NVIDIA cards through NVML. A card or a driver that goes away is looked for again every 30 seconds.

    Args:
        clock: tells when the slow readings and the next attempt are due.
        libraries: names or paths of NVML, tried in order.
        is_ours: whether a process belongs to this node.
    """

    name = NAME

    def __init__(
        self,
        clock: Clock,
        libraries: Sequence[str] = LIBRARIES,
        is_ours: Callable[[int], bool] = is_of_this_node,
    ) -> None:
        self._clock = clock
        self._libraries = libraries
        self._is_ours = is_ours
        self._xids = XidLog(clock)
        self._xid_watch: XidWatch | None = None
        self._nvml: Nvml | None = None
        self._cards: list[Card] = []
        self._absence = ""
        self._reopen_at = float("-inf")

    @property
    def absence(self) -> str:
        return self._absence

    def open(self) -> bool:
        self._reopen_at = self._clock.monotonic() + REOPEN_S
        try:
            self._nvml = Nvml(self._libraries)
            found = self._find_cards(self._nvml)
        except NvmlAbsent as error:
            self._absence = str(error)
            return False
        except DriverGone as error:
            self.close()
            self._absence = f"The NVIDIA driver stopped answering: {error}."
            return False
        self._cards = _with_the_lost(found, self._cards)
        present = {card.key: card.handle for card in found if card.handle is not None}
        self._xid_watch = XidWatch(self._nvml, present, self._xids)
        self._absence = "" if self._cards else "The NVIDIA driver is here but sees no card."
        return bool(self._cards)

    def read(self) -> tuple[GpuReading, ...]:
        now = self._clock.monotonic()
        if now >= self._reopen_at and (self._nvml is None or any(card.handle is None for card in self._cards)):
            self.close()
            self.open()
        if self._nvml is None:
            return tuple(card.gone() for card in self._cards)
        try:
            return tuple(self._read_card(self._nvml, card, now) for card in self._cards)
        except DriverGone as error:
            log.warning("The NVIDIA driver is gone (%s); trying again every %.0f s", error, REOPEN_S)
            self.close()
            self._absence = f"The NVIDIA driver stopped answering: {error}."
            self._reopen_at = now + REOPEN_S
            return tuple(card.gone() for card in self._cards)

    def close(self) -> None:
        if self._xid_watch is not None:
            self._xid_watch.close()
            self._xid_watch = None
        if self._nvml is not None:
            self._nvml.close()
            self._nvml = None

    def _find_cards(self, nvml: Nvml) -> list[Card]:
        cards = []
        for index in range(nvml.ask(nvml.calls.nvmlDeviceGetCount) or 0):
            card = Card(index, "NVIDIA GPU", "")
            try:
                handle = nvml.ask(nvml.calls.nvmlDeviceGetHandleByIndex, index)
                card.name = nvml.ask(nvml.calls.nvmlDeviceGetName, handle) or card.name
                card.uuid = nvml.ask(nvml.calls.nvmlDeviceGetUUID, handle) or ""
                bus = nvml.ask(nvml.calls.nvmlDeviceGetPciInfo_v3, handle)
                card.address = "" if bus is None else bus.busId.lower()
                card.handle = handle
            except CardLost as error:
                log.warning("GPU %d does not answer: %s", index, error)
            cards.append(card)
        return cards

    def _read_card(self, nvml: Nvml, card: Card, now: float) -> GpuReading:
        card.xids = self._xids.of(card.key)
        if card.handle is None:
            return card.gone()
        try:
            return card.read(nvml, now, self._is_ours)
        except CardLost as error:
            log.warning("GPU %d (%s) is lost: %s", card.index, card.name, error)
            card.handle = None
            self._reopen_at = now + REOPEN_S
            return card.gone()


def _with_the_lost(found: list[Card], before: list[Card]) -> list[Card]:
    """The cards found now, then those known before that are no longer there, as lost and numbered after them."""
    uuids = {card.uuid for card in found}
    nameless = {card.index: card for card in found if not card.uuid}
    for card in before:
        if not card.uuid or card.uuid in uuids:
            continue
        if card.index in nameless:  # still on the list, but too far gone to say its name
            nameless[card.index].name, nameless[card.index].uuid = card.name, card.uuid
        else:
            found.append(Card(len(found), card.name, card.uuid))
    return found
