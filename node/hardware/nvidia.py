"""NVIDIA cards."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from node.clock import Clock
from node.hardware.nvml import LIBRARIES, CardLost, DriverGone, Nvml, NvmlAbsent
from node.hardware.readings import GpuReading
from node.hardware.throttle import is_throttle_fault, throttle_words

log = logging.getLogger(__name__)

SLOW_S = 5.0
"""Seconds between the readings that cost the driver much (fan, clocks) or hardly change (limits)."""

REOPEN_S = 30.0
"""Seconds between attempts to find a driver or a card again."""

_CORE, _HOTTEST = 0, 1  # sensors of nvmlDeviceGetTemperatureV; the hottest part of the die is new in NVML 13.5
_SHUTDOWN, _SLOWDOWN = 0, 1  # thresholds of nvmlDeviceGetTemperatureThreshold
_GRAPHICS, _MEMORY = 0, 2  # clock domains of nvmlDeviceGetClockInfo
_MEMORY_TEMPERATURE = 82  # NVML_FI_DEV_MEMORY_TEMP
_SIGNED_TYPES = (4, 5)  # NVML_VALUE_TYPE_SIGNED_LONG_LONG, _SIGNED_INT


@dataclass(frozen=True, slots=True)
class _Slow:
    fan_pct: float | None = None
    clock_mhz: int | None = None
    memory_clock_mhz: int | None = None
    temperature_limit_c: float | None = None
    power_limit_w: float | None = None
    power_default_w: float | None = None


@dataclass(slots=True)
class _Card:
    index: int
    name: str
    uuid: str
    handle: Any = None  # None: lost
    slow: _Slow = field(default_factory=_Slow)
    slow_at: float = float("-inf")

    def gone(self) -> GpuReading:
        return GpuReading(self.index, self.name, self.uuid, NvidiaBackend.name, lost=True)


class NvidiaBackend:
    """NVIDIA cards through NVML. A card or a driver that goes away is looked for again every 30 seconds.

    Args:
        clock: tells when the slow readings and the next attempt are due.
        libraries: names or paths of NVML, tried in order.
    """

    name = "nvidia"

    def __init__(self, clock: Clock, libraries: Sequence[str] = LIBRARIES) -> None:
        self._clock = clock
        self._libraries = libraries
        self._nvml: Nvml | None = None
        self._cards: list[_Card] = []
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
        if self._nvml is not None:
            self._nvml.close()
            self._nvml = None

    def _find_cards(self, nvml: Nvml) -> list[_Card]:
        cards = []
        for index in range(nvml.ask(nvml.calls.nvmlDeviceGetCount) or 0):
            card = _Card(index, "NVIDIA GPU", "")
            try:
                handle = nvml.ask(nvml.calls.nvmlDeviceGetHandleByIndex, index)
                card.name = nvml.ask(nvml.calls.nvmlDeviceGetName, handle) or card.name
                card.uuid = nvml.ask(nvml.calls.nvmlDeviceGetUUID, handle) or ""
                card.handle = handle
            except CardLost as error:
                log.warning("GPU %d does not answer: %s", index, error)
            cards.append(card)
        return cards

    def _read_card(self, nvml: Nvml, card: _Card, now: float) -> GpuReading:
        if card.handle is None:
            return card.gone()
        try:
            if now - card.slow_at >= SLOW_S:
                card.slow, card.slow_at = _read_slow(nvml, card.handle), now
            return _read_fast(nvml, card)
        except CardLost as error:
            log.warning("GPU %d (%s) is lost: %s", card.index, card.name, error)
            card.handle = None
            self._reopen_at = now + REOPEN_S
            return card.gone()


def _with_the_lost(found: list[_Card], before: list[_Card]) -> list[_Card]:
    """The cards found now, then those known before that are no longer there, as lost and numbered after them."""
    uuids = {card.uuid for card in found}
    nameless = {card.index: card for card in found if not card.uuid}
    for card in before:
        if not card.uuid or card.uuid in uuids:
            continue
        if card.index in nameless:  # still on the list, but too far gone to say its name
            nameless[card.index].name, nameless[card.index].uuid = card.name, card.uuid
        else:
            found.append(_Card(len(found), card.name, card.uuid))
    return found


def _read_slow(nvml: Nvml, handle: Any) -> _Slow:
    ask, calls = nvml.ask, nvml.calls
    limit = ask(calls.nvmlDeviceGetEnforcedPowerLimit, handle)
    if limit is None:
        limit = ask(calls.nvmlDeviceGetPowerManagementLimit, handle)
    ceiling = ask(calls.nvmlDeviceGetTemperatureThreshold, handle, _SLOWDOWN)
    if not ceiling:
        ceiling = ask(calls.nvmlDeviceGetTemperatureThreshold, handle, _SHUTDOWN)
    return _Slow(
        fan_pct=ask(calls.nvmlDeviceGetFanSpeed, handle),
        clock_mhz=ask(calls.nvmlDeviceGetClockInfo, handle, _GRAPHICS),
        memory_clock_mhz=ask(calls.nvmlDeviceGetClockInfo, handle, _MEMORY),
        temperature_limit_c=ceiling or None,
        power_limit_w=_thousandth(limit),
        power_default_w=_thousandth(ask(calls.nvmlDeviceGetPowerManagementDefaultLimit, handle)),
    )


def _read_fast(nvml: Nvml, card: _Card) -> GpuReading:
    ask, calls, handle, slow = nvml.ask, nvml.calls, card.handle, card.slow
    temperature = ask(calls.nvmlDeviceGetTemperatureV, handle, _CORE)
    if temperature is None:  # drivers before 13.0 know the older call only
        temperature = ask(calls.nvmlDeviceGetTemperature, handle, _CORE)
    reasons = ask(calls.nvmlDeviceGetCurrentClocksEventReasons, handle)
    if reasons is None:
        reasons = ask(calls.nvmlDeviceGetCurrentClocksThrottleReasons, handle)
    load = ask(calls.nvmlDeviceGetUtilizationRates, handle)
    memory = ask(calls.nvmlDeviceGetMemoryInfo, handle)
    return GpuReading(
        index=card.index,
        name=card.name,
        uuid=card.uuid,
        backend=NvidiaBackend.name,
        temperature_c=temperature,
        temperature_limit_c=slow.temperature_limit_c,
        hot_spot_c=ask(calls.nvmlDeviceGetTemperatureV, handle, _HOTTEST) or None,
        memory_temperature_c=_memory_temperature(nvml, handle),
        power_w=_thousandth(ask(calls.nvmlDeviceGetPowerUsage, handle)),
        power_limit_w=slow.power_limit_w,
        power_default_w=slow.power_default_w,
        energy_mj=ask(calls.nvmlDeviceGetTotalEnergyConsumption, handle),
        utilisation_pct=None if load is None else load.gpu,
        memory_used=None if memory is None else memory.used,
        memory_total=None if memory is None else memory.total,
        clock_mhz=slow.clock_mhz,
        memory_clock_mhz=slow.memory_clock_mhz,
        fan_pct=slow.fan_pct,
        throttle=throttle_words(reasons or 0),
        throttle_fault=is_throttle_fault(reasons or 0),
    )


def _memory_temperature(nvml: Nvml, handle: Any) -> float | None:
    """Degrees of the memory; consumer cards answer nothing, or a zero that means the same."""
    fields = nvml.ask(nvml.calls.nvmlDeviceGetFieldValues, handle, [_MEMORY_TEMPERATURE])
    if fields is None or fields[0].nvmlReturn != 0:
        return None
    value = fields[0].value
    return (value.siVal if fields[0].valueType in _SIGNED_TYPES else value.uiVal) or None


def _thousandth(milli: int | None) -> float | None:
    return None if milli is None else milli / 1000
