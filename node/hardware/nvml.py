"""NVML itself: finding the library, starting it, and telling a value that is missing from a card that is gone.

The module ``pynvml`` belongs to the distribution nvidia-ml-py. It is imported only once a driver has been found:
it costs 45 ms and some megabytes that a machine without an NVIDIA card need not pay.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Value = TypeVar("Value")

LIBRARIES = (
    "libnvidia-ml.so.1",
    "/run/opengl-driver/lib/libnvidia-ml.so.1",  # NixOS
    "/usr/lib/wsl/lib/libnvidia-ml.so.1",  # Windows Subsystem for Linux
)

# Return codes of nvml.h.
UNINITIALIZED = 1
NO_PERMISSION = 4
DRIVER_NOT_LOADED = 9
TIMEOUT = 10
GPU_IS_LOST = 15
RESET_REQUIRED = 16
LIB_RM_VERSION_MISMATCH = 18
GPU_NOT_FOUND = 28

_SIGNED_TYPES = (4, 5)  # NVML_VALUE_TYPE_SIGNED_LONG_LONG, _SIGNED_INT

_LOST = frozenset({GPU_IS_LOST, RESET_REQUIRED, GPU_NOT_FOUND})
_GONE = frozenset({UNINITIALIZED, DRIVER_NOT_LOADED, LIB_RM_VERSION_MISMATCH})

_WHY = {
    NO_PERMISSION: "The NVIDIA driver refuses this user: see who may open /dev/nvidiactl (ls -l /dev/nvidia*).",
    DRIVER_NOT_LOADED: "The NVIDIA driver is installed but not loaded: run `sudo modprobe nvidia`, or reboot.",
    LIB_RM_VERSION_MISMATCH: "The NVIDIA driver was updated under a running kernel module: reboot.",
}


class CardLost(Exception):
    """The card no longer answers: it fell off the bus or needs a reset."""


class DriverGone(Exception):
    """NVML no longer answers at all: the driver was unloaded or replaced."""


class NvmlAbsent(Exception):
    """There is no NVML to speak to; the message says why, for a person."""


class Nvml:
    """A started NVML.

    Attributes:
        calls: the module ``pynvml``. library: the name or path under which NVML was found.

    Raises:
        NvmlAbsent: from the constructor, if there is no library or the driver does not start.
    """

    def __init__(self, libraries: Sequence[str] = LIBRARIES) -> None:
        self.calls, self.library = _load(libraries)
        try:
            self.calls.nvmlInit()
        except self.calls.NVMLError as error:
            raise NvmlAbsent(_WHY.get(error.value, f"The NVIDIA driver does not start: {error}.")) from error

    def ask(self, call: Callable[..., Value], *arguments: object) -> Value | None:
        """What NVML says, or None if this card or driver cannot say it.

        Raises:
            CardLost: the card is gone.
            DriverGone: the driver is gone.
        """
        try:
            return call(*arguments)
        except self.calls.NVMLError as error:
            if error.value in _LOST:
                raise CardLost(str(error)) from error
            if error.value in _GONE:
                raise DriverGone(str(error)) from error
            return None
        except (self.calls.NVMLLibraryMismatchError, UnicodeDecodeError):
            return None

    def field(self, handle: Any, number: int) -> int | None:
        """A value that has no call of its own, by its number (``NVML_FI_...``)."""
        fields = self.ask(self.calls.nvmlDeviceGetFieldValues, handle, [number])
        if fields is None or fields[0].nvmlReturn != 0:
            return None
        value = fields[0].value
        return int(value.siVal if fields[0].valueType in _SIGNED_TYPES else value.uiVal)

    def close(self) -> None:
        """Let go of the driver; a driver that is gone already is let go of too."""
        try:
            self.calls.nvmlShutdown()
        except self.calls.NVMLError:
            return


def _load(libraries: Sequence[str]) -> tuple[Any, str]:
    for name in libraries:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        import pynvml

        pynvml.nvmlLib = library
        return pynvml, name
    raise NvmlAbsent(f"No NVIDIA driver: {libraries[0]} is not on this machine.")
