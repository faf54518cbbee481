"""Landlock: a process takes from itself the right to open files, to speak TCP, and to signal others.

https://docs.kernel.org/userspace-api/landlock.html. It does not stop UDP, nor Unix sockets that have a name in the file
system, nor changes of a file's mode, owner and times: `node.box.seccomp` does.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from node.box.kernel import checked, libc

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
ASK_VERSION = 1
PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << bit for bit in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = (1 << bit for bit in range(13, 16))
FIRST_RIGHTS = (1 << 13) - 1
LATER_RIGHTS = {2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | TRUNCATE | MAKE_DIR | MAKE_REG | MAKE_SOCK | REMOVE_FILE | REMOVE_DIR
USE = READ_FILE | WRITE_FILE | IOCTL_DEV
RUN = READ_FILE | EXECUTE

TCP_SINCE, SCOPES_SINCE = 4, 6
ALL_TCP = 0b11  # bind, connect
ALL_SCOPES = 0b11  # abstract Unix sockets, signals


def abi() -> int:
    """The version of the kernel's interface; 0 if it has none, or has it switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, int(libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)))


def handled(version: int) -> int:
    """All rights to files that an interface of this version can take away."""
    rights = FIRST_RIGHTS
    for since, right in LATER_RIGHTS.items():
        if version >= since:
            rights |= right
    return rights


def restrict(
    *, readable: Iterable[Path], writable: Iterable[Path], devices: Iterable[Path], programs: Iterable[Path] = ()
) -> None:
    """From now on this thread, and what it starts, reaches these files alone. There is no way back.

    What does not exist is left out. Needs `node.box.kernel.forgo_privileges` before it.

    Raises:
        OSError: the kernel refuses.
    """
    version = abi()
    rights = handled(version)
    attributes = (ctypes.c_uint64 * 3)(
        rights, ALL_TCP if version >= TCP_SINCE else 0, ALL_SCOPES if version >= SCOPES_SINCE else 0
    )
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    ruleset = checked(libc().syscall(CREATE_RULESET, ctypes.byref(attributes), size, 0), "landlock_create_ruleset")
    try:
        for paths, allowed in ((readable, READ), (writable, WRITE), (devices, USE), (programs, RUN)):
            for path in paths:
                with suppress(FileNotFoundError):
                    _allow(ruleset, path, allowed & rights)
        checked(libc().syscall(RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _allow(ruleset: int, path: Path, rights: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not path.is_dir():
            rights &= OF_FILES
        rule = _PathBeneath(rights, parent)
        checked(libc().syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0), f"landlock_add_rule {path}")
    finally:
        os.close(parent)
