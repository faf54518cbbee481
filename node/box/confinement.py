"""What a boxed process may reach. Everything that is not named here is out of its reach."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from node.box.interpreters import with_interpreters

SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store", "/run/opengl-driver", "/opt/rocm",
          "/opt/cuda", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
          "/etc/alternatives", "/etc/OpenCL", "/etc/vulkan", "/sys/devices/system")  # fmt: skip
CARDS = ("/sys/devices", "/sys/class", "/sys/bus/pci", "/sys/dev/char", "/sys/module")
PACKAGE_DIRECTORIES = ("site-packages", "dist-packages")  # the user's own, and those that a .pth file adds
PACKAGES = tuple(Path(__file__).resolve().parents[2] / name for name in ("node", "wallet"))


@dataclass(frozen=True, slots=True)
class Confinement:
    """The reach of one process, by absolute paths.

    Attributes:
        own: the one directory that it may write; its working directory, its home, and where its socket lies.
        readable: files and directories that it may read.
        devices: device nodes that it may use.
        programs: what it may turn into; it never starts another process.
    """

    own: Path
    readable: tuple[Path, ...]
    devices: tuple[Path, ...] = ()
    programs: tuple[Path, ...] = ()


def confine(
    own: Path,
    files: Iterable[Path],
    *,
    private: Path,
    environment: Mapping[str, str],
    devices: Iterable[Path] = (),
    program: Path | None = None,
) -> Confinement:
    """The reach of a Python process that computes on these files.

    Args:
        private: a directory of the node; whatever would show it to the process is left out of its reach.
        environment: the process's own; its ``LD_LIBRARY_PATH`` is readable.
        devices: the device nodes of the cards that it computes on; none for the processor.
        program: what it turns into once its belts are fastened.
    """
    nodes = tuple(devices)
    programs = with_interpreters(program) if program is not None else ()
    libraries = filter(None, environment.get("LD_LIBRARY_PATH", "").split(os.pathsep))
    wanted = [*SYSTEM, *(CARDS if nodes else ()), *python_environment(), *libraries, *files]
    readable = sorted({path for path in map(Path, wanted) if path.is_absolute() and path.exists()})
    hidden = [own, private.resolve(), private]
    shown = (path for path in readable if not any(place.is_relative_to(path) for place in hidden))
    return Confinement(own, tuple(shown), nodes, programs)


def python_environment() -> Iterator[Path]:
    """Where this Python, its packages and our own code lie; never a whole prefix, which may hold anything."""
    executable = Path(sys.executable).resolve()
    prefixes = {Path(prefix) for prefix in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)}
    for prefix in prefixes | {prefix.resolve() for prefix in prefixes} | {executable.parent.parent}:
        yield from (prefix / name for name in ("bin", "lib", "lib64", "pyvenv.cfg"))
    yield from (path for path in map(Path, sys.path) if path.name in PACKAGE_DIRECTORIES)
    yield from PACKAGES
