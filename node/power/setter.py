"""Sets power limits where the node may, and puts them back: at the end, after a fault, and after a crash."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from node.hardware.nvml import LIBRARIES, CardLost, DriverGone, Nvml, NvmlAbsent
from node.power.limits import PowerRange
from wallet.whole_file import replace_file

log = logging.getLogger(__name__)

MILLI = 1000
NVIDIA = "nvidia"
"""What readings call the backend of these cards."""


class LimitRefused(Exception):
    """The limit cannot be set: usually because only root may. The message says why."""


class NvidiaLimits:
    """The limits of the NVIDIA cards. Blocking.

    Args:
        file: keeps the limits that were found, as long as others are in force.
    """

    def __init__(self, file: Path, libraries: Sequence[str] = LIBRARIES) -> None:
        self._file = file
        self._libraries = libraries

    def read(self, index: int) -> PowerRange | None:
        """What this card says; None if there is no such card or it has no limit."""
        try:
            with _Card(index, self._libraries) as card:
                return card.range()
        except (NvmlAbsent, CardLost, DriverGone):
            return None

    def set(self, index: int, watts: float) -> int:
        """Set a limit, clamped to what the card takes: the watts that are in force now.

        Raises:
            LimitRefused: the driver does not let us.
        """
        try:
            with _Card(index, self._libraries) as card:
                found = card.range()
                if found is None:
                    raise LimitRefused(f"GPU {index} has no power limit that can be set")
                wanted = round(found.clamped(watts))
                self._remember(card.uuid, round(found.limit * MILLI))
                card.set(wanted * MILLI)
                return wanted
        except (NvmlAbsent, CardLost, DriverGone) as error:
            raise LimitRefused(str(error)) from None

    def restore(self) -> tuple[str, ...]:
        """Put back every limit that was changed; what cannot be put back, in words.

        To be called when a node starts, too: the file of a crashed one is still there.
        """
        kept = self._kept()
        troubles = []
        for uuid, milliwatts in list(kept.items()):
            try:
                with _Card(uuid, self._libraries) as card:
                    card.set(milliwatts)
                log.info("the power limit of %s is %.0f W again", uuid, milliwatts / MILLI)
                del kept[uuid]
            except (LimitRefused, NvmlAbsent, CardLost, DriverGone) as error:
                troubles.append(
                    f"the power limit of {uuid} was {milliwatts / MILLI:.0f} W and is not put back: {error}"
                )
        if kept:
            replace_file(self._file, json.dumps(kept).encode())
        else:
            self._file.unlink(missing_ok=True)
        return tuple(troubles)

    def _remember(self, uuid: str, milliwatts: int) -> None:
        kept = self._kept()
        if uuid not in kept:
            replace_file(self._file, json.dumps({**kept, uuid: milliwatts}).encode())

    def _kept(self) -> dict[str, int]:
        try:
            return {str(uuid): int(limit) for uuid, limit in json.loads(self._file.read_bytes()).items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError) as error:
            log.warning("%s: the kept power limits cannot be read: %s", self._file, error)
            return {}


class _Card:
    """One card for one question or order, by its number or its UUID."""

    def __init__(self, which: int | str, libraries: Sequence[str]) -> None:
        self._which = which
        self._libraries = libraries

    def __enter__(self) -> _Card:
        self._nvml = Nvml(self._libraries)
        try:
            self._handle = self._find()
        except BaseException:
            self._nvml.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._nvml.close()

    @property
    def uuid(self) -> str:
        said: str | None = self._nvml.ask(self._nvml.calls.nvmlDeviceGetUUID, self._handle)
        return said or ""

    def range(self) -> PowerRange | None:
        ask, calls = self._nvml.ask, self._nvml.calls
        limit = ask(calls.nvmlDeviceGetPowerManagementLimit, self._handle)
        if limit is None:
            return None
        default = ask(calls.nvmlDeviceGetPowerManagementDefaultLimit, self._handle) or limit
        least, most = ask(calls.nvmlDeviceGetPowerManagementLimitConstraints, self._handle) or (None, None)
        return PowerRange(
            limit / MILLI,
            default / MILLI,
            None if least is None else least / MILLI,
            None if most is None else most / MILLI,
        )

    def set(self, milliwatts: int) -> None:
        try:
            self._nvml.calls.nvmlDeviceSetPowerManagementLimit(self._handle, milliwatts)
        except self._nvml.calls.NVMLError as error:
            raise LimitRefused(f"the driver says: {error}") from None

    def _find(self) -> Any:
        ask, calls = self._nvml.ask, self._nvml.calls
        for index in range(ask(calls.nvmlDeviceGetCount) or 0):
            handle = ask(calls.nvmlDeviceGetHandleByIndex, index)
            if self._which in (index, ask(calls.nvmlDeviceGetUUID, handle)):
                return handle
        raise CardLost(f"there is no GPU {self._which}")
