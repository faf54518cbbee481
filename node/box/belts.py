"""What a process does to itself before the first stranger's word reaches it. Told by its parent in one line of JSON."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

OPEN_FILES = 4096
PROCESSES = 4096  # threads count, too
PROC = tuple(
    Path("/proc") / name
    for name in ("self", "cpuinfo", "meminfo", "stat", "version", "devices", "modules", "sys/vm", "driver")
)
HARMLESS_DEVICES = tuple(Path("/dev") / name for name in ("null", "zero", "full", "random", "urandom"))


@dataclass(frozen=True, slots=True)
class Belts:
    """What to fasten.

    Attributes:
        landlock, seccomp: whether the kernel has them, as the parent has seen.
        programs: what the process may turn into afterwards; none to stay what it is.
        alone: the process is in namespaces of its own, where it may have a number of processes to itself.
    """

    readable: tuple[str, ...]
    writable: tuple[str, ...]
    devices: tuple[str, ...]
    programs: tuple[str, ...]
    landlock: bool
    seccomp: bool
    alone: bool

    @classmethod
    def from_json(cls, said: Mapping[str, bool | Sequence[str]]) -> Self:
        """As ``dataclasses.asdict`` and JSON have made it."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in said.items()})  # type: ignore[arg-type]

    def fasten(self) -> None:
        """Limits, capabilities, files, system calls, in this order. To be called before any thread is started.

        Raises:
            OSError: the kernel refuses one of them; nothing of strangers may be taken in then.
        """
        from node.box import kernel, landlock, seccomp

        os.umask(0o077)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
        if self.alone:
            _limit(resource.RLIMIT_NPROC, PROCESSES)
        kernel.forgo_privileges()
        if self.landlock:
            landlock.restrict(
                readable=[*map(Path, self.readable), *PROC],
                writable=[Path(path) for path in self.writable],
                devices=[*map(Path, self.devices), *HARMLESS_DEVICES],
                programs=map(Path, self.programs),
            )
        if self.seccomp:
            seccomp.install(becomes=bool(self.programs))


def _limit(which: int, most: int) -> None:
    _, hard = resource.getrlimit(which)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (bound, bound))
