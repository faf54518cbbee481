"""How well a process can be boxed on this machine, and the box itself."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from node.box import bubblewrap, landlock, seccomp
from node.box.belts import Belts
from node.box.confinement import Confinement, confine

PRIVATE_IN_THE_BOX = ("/tmp", "/dev/shm")  # noqa: S108  mounted afresh in every box
INSTALL = "install bubblewrap (Debian: apt-get install bubblewrap), then start the node again"
TRY = "see what it says by hand: bwrap --unshare-all --ro-bind / / true"
REFUSED = ("namespace", "not permitted", "Permission denied")  # in what bubblewrap says
ALLOW = "let programs make user namespaces (kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0, \
or an AppArmor profile for bwrap), then start the node again"


class Level(StrEnum):
    """What holds a boxed process back."""

    FULL = "full"  # namespaces: it sees nothing but itself
    REDUCED = "reduced"  # it sees that there is more, and can open none of it
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Isolation:
    """The means of this machine.

    Attributes:
        bubblewrap: the program, tried and found to work; empty if there is none.
        landlock: version of the kernel's interface, 0 for none. seccomp: whether system calls can be filtered.
        trouble: why there is no bubblewrap, or no box at all, in words; empty if the box is whole.
        remedy: what a person can do about that.
    """

    bubblewrap: str = ""
    landlock: int = 0
    seccomp: bool = False
    trouble: str = ""
    remedy: str = ""

    @property
    def level(self) -> Level:
        if self.bubblewrap:
            return Level.FULL
        return Level.REDUCED if self.landlock and self.seccomp else Level.NONE

    @property
    def words(self) -> str:
        """For the engine's line."""
        match self.level:
            case Level.FULL:
                return "in a box"
            case Level.REDUCED:
                return f"in a reduced box without namespaces: {self.trouble}"
            case Level.NONE:
                return f"not in a box: {self.trouble}"

    def wrap(self, command: Sequence[str], confinement: Confinement) -> list[str]:
        """The command as it is to be started."""
        return bubblewrap.wrapped(self.bubblewrap, command, confinement) if self.bubblewrap else list(command)

    def belts(self, confinement: Confinement) -> Belts | None:
        """What the started process has to fasten; None if there is nothing to fasten."""
        if not (self.bubblewrap or self.landlock or self.seccomp):
            return None
        private = PRIVATE_IN_THE_BOX if self.bubblewrap else ()
        return Belts(
            readable=tuple(map(str, confinement.readable)),
            writable=(str(confinement.own), *private),
            devices=tuple(map(str, confinement.devices)),
            programs=tuple(map(str, confinement.programs)),
            landlock=self.landlock > 0,
            seccomp=self.seccomp,
            alone=bool(self.bubblewrap),
        )


def unboxed() -> Isolation:
    """As the owner has chosen by name."""
    return Isolation(trouble="engine.box is off", remedy="stoker settings set engine.box auto")


def examine(command: Sequence[str], environment: Mapping[str, str]) -> Isolation:
    """Try what this machine has. Blocking, some 50 ms.

    Args:
        command: a Python program of ours that ends at once with 0 if it can run in the box.
    """
    if sys.platform != "linux":
        return Isolation(trouble=f"there is no box on {sys.platform}", remedy="run the node on Linux")
    version, filters = landlock.abi(), seccomp.available()
    program = bubblewrap.find()
    if not program:
        return Isolation("", version, filters, "bubblewrap is not installed", INSTALL)
    with tempfile.TemporaryDirectory(prefix="stoker-box-") as name:
        own = Path(name)
        confinement = confine(own, (), private=own, environment=environment)
        trouble = bubblewrap.trouble(bubblewrap.wrapped(program, command, confinement), environment)
    if trouble:
        remedy = ALLOW if any(sign in trouble for sign in REFUSED) else TRY
        return Isolation("", version, filters, f"bubblewrap cannot be used here ({trouble})", remedy)
    return Isolation(program, version, filters)
