"""Which builds suit a machine, in which order, and what stands against the others."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from node.engines.builds.errors import BuildError
from node.engines.builds.index import PinnedBuild, PinnedRelease
from node.hardware import pci
from node.hardware.nvml import Nvml, NvmlAbsent
from node.hardware.sysfs import SYSFS

AUTO = "auto"
BACKENDS = ("cuda", "vulkan", "rocm", "metal")
ROCM = Path("/opt/rocm")
FROM_FILE = "bring a build of your own: `stoker engine add BACKEND --from FILE`"
NO_CARD = "there is no graphics card on this machine that an engine could compute on"


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about builds.

    Attributes:
        system, machine: as ``platform`` calls them.
        glibc: version of the C library; empty on another one.
        driver: major version of NVIDIA's driver; 0 without it.
        vendors: of the cards on the bus: ``NVIDIA``, ``AMD``, ``Intel``.
        rocm: AMD's ROCm is installed.
    """

    system: str
    machine: str
    glibc: str = ""
    driver: int = 0
    vendors: frozenset[str] = frozenset()
    rocm: bool = False


def facts_of_this_machine(root: Path = SYSFS) -> Facts:
    """Blocking: asks NVIDIA's driver."""
    library, version = platform.libc_ver()
    vendors = {pci.VENDORS[gpu.vendor] for gpu in pci.gpus_on_bus(root)}
    driver = _nvidia_driver()
    return Facts(
        platform.system(),
        platform.machine(),
        version if library == "glibc" else "",
        driver,
        frozenset(vendors | ({"NVIDIA"} if driver else set())),
        ROCM.is_dir(),
    )


def order(wanted: str, facts: Facts) -> tuple[str, ...]:
    """The backends to try, the best one first: what is wanted, or what these cards do best.

    Raises:
        BuildError: there is no such backend, or no card to compute on.
    """
    if wanted in BACKENDS:
        return (wanted,)
    if wanted != AUTO:
        raise BuildError(f"backend: got {wanted!r}; expected one of {', '.join((AUTO, *BACKENDS))}")
    if facts.system == "Darwin":
        raise BuildError(
            "the engine that comes with Stoker computes on Metal already", "`stoker engine add metal` takes another one"
        )
    found: list[str] = []
    if "NVIDIA" in facts.vendors:
        found.append("cuda")
    if "AMD" in facts.vendors and facts.rocm:
        found.append("rocm")
    if facts.vendors:
        found.append("vulkan")
    if not found:
        raise BuildError(NO_CARD, "`stoker doctor` says what it sees; `stoker engine add vulkan` tries all the same")
    return tuple(found)


def choose(release: PinnedRelease, backend: str, facts: Facts) -> PinnedBuild:
    """The build of this backend for this machine.

    Raises:
        BuildError: there is none, or the machine lacks what it needs.
    """
    builds = [build for build in release.build if build.backend == backend]
    here = [build for build in builds if (build.system, build.machine) == (facts.system, facts.machine)]
    if not here:
        known = ", ".join(f"{build.system} on {build.machine}" for build in builds)
        raise BuildError(
            f"there is no {backend} build for {facts.system} on {facts.machine}, only for {known}",
            f"You can {FROM_FILE}",
        )
    build = here[0]
    if build.glibc and facts.system == "Linux" and _older(facts.glibc, build.glibc):
        mine = f"glibc {facts.glibc}" if facts.glibc else "another C library"
        raise BuildError(
            f"the {backend} build needs glibc {build.glibc} (Debian 13, Ubuntu 24.04), and this system has {mine}",
            f"Take another backend, or {FROM_FILE}",
        )
    if build.driver and facts.driver < build.driver:
        mine = f"is {facts.driver}" if facts.driver else "is not here"
        raise BuildError(
            f"the {backend} build needs NVIDIA's driver {build.driver} or newer, and it {mine}",
            "Install the driver and reboot; `stoker doctor` looks at it",
        )
    return build


def backend_of(files: Sequence[Path]) -> str:
    """The backend that the names of archives speak of; empty if they do not."""
    signs = {"vulkan": "vulkan", "cuda": "cuda", "rocm": "rocm", "hip": "rocm", "metal": "metal", "macos": "metal"}
    names = " ".join(file.name.lower() for file in files)
    return next((backend for sign, backend in signs.items() if sign in names), "")


def _nvidia_driver() -> int:
    try:
        nvml = Nvml()
    except NvmlAbsent:
        return 0
    try:
        version = str(nvml.ask(nvml.calls.nvmlSystemGetDriverVersion) or "")
    finally:
        nvml.close()
    major = version.partition(".")[0]
    return int(major) if major.isdecimal() else 0


def _older(version: str, least: str) -> bool:
    def number(text: str) -> tuple[int, ...]:
        return tuple(int(part) for part in text.split(".") if part.isdecimal())

    return number(version) < number(least)
