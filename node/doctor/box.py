"""How well strangers' prompts are kept from the rest of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from node.box import bubblewrap
from node.box.isolation import Isolation, Level
from node.config import EngineSettings
from node.doctor.check import Check
from node.engines.llamacpp import means_of_this_machine

SWITCHES = (
    ("user/max_user_namespaces", range(1, 1 << 32), "sudo sysctl user.max_user_namespaces=10000"),
    ("kernel/unprivileged_userns_clone", range(1, 2), "sudo sysctl kernel.unprivileged_userns_clone=1"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        range(1),
        "give bwrap an AppArmor profile, or sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    ),
)
"""Below /proc/sys: when user namespaces may be made, and how to get there. Not every kernel has each of them."""


def checks(settings: EngineSettings) -> Iterator[Check]:
    """Blocking, some 50 ms."""
    found = means_of_this_machine()
    yield box(settings, found)
    yield from tools(found, bubblewrap.version(found.bubblewrap) if found.bubblewrap else "")
    yield from namespaces()


def box(settings: EngineSettings, found: Isolation) -> Check:
    """What it comes to."""
    if settings.kind == "openai" and settings.box != "off":
        return Check("engine's box", "ok", "a server of your own runs outside one; strangers' jobs stay away from it")
    if settings.box == "off":
        return Check(
            "engine's box", "warn", "switched off, for strangers' jobs, too", "stoker settings set engine.box auto"
        )
    match found.level:
        case Level.FULL:
            return Check("engine's box", "ok", "no network, no files but its model, no other processes")
        case Level.REDUCED:
            told = "no network and no files but its model, but it can see that there are others"
            return Check("engine's box", "warn", f"reduced ({found.trouble}): {told}", found.remedy)
        case Level.NONE:
            return Check("engine's box", "warn", f"none ({found.trouble}); strangers' jobs stay away", found.remedy)


def tools(found: Isolation, version: str) -> Iterator[Check]:
    """What it is made of."""
    if found.bubblewrap:
        yield Check("bubblewrap", "ok", f"{version} at {found.bubblewrap}".strip())
    else:
        yield Check("bubblewrap", "warn", found.trouble or "it is not here", found.remedy)
    if found.landlock:
        yield Check("Landlock", "ok", f"version {found.landlock} of its interface")
    else:
        yield Check("Landlock", "warn", "this kernel has it not, or not switched on", "boot with lsm=landlock,...")
    if found.seccomp:
        yield Check("seccomp", "ok", "system calls can be filtered")
    else:
        told = "system calls cannot be filtered on this kernel and processor"
        yield Check("seccomp", "warn", told, "take a kernel with CONFIG_SECCOMP_FILTER, on x86-64 or 64-bit ARM")


def namespaces(root: Path = Path("/proc/sys")) -> Iterator[Check]:
    """Whether an ordinary user may make the namespaces that a box consists of. Nothing where there is no such switch.

    Args:
        root: of the kernel's settings.
    """
    known = False
    for name, permitting, remedy in SWITCHES:
        try:
            value = int((root / name).read_text("ascii"))
        except (OSError, ValueError):
            continue
        known = True
        if value not in permitting:
            yield Check("user namespaces", "warn", f"{name.replace('/', '.')} is {value}", remedy)
            return
    if known:
        yield Check("user namespaces", "ok", "allowed")
