"""What a process that holds keys does to itself before it reads the first one."""

from __future__ import annotations

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """See to it that a crash leaves no memory image, neither as a file nor with a collector such as systemd's.

    The limit stops files, and goes on to child processes; on Linux the dumpable flag (prctl(2)) stops collectors and
    other processes of the same user that would attach as debuggers. Its price: /proc/self then belongs to root, so
    open /dev/fd/N before calling this. It cannot fail in a way that should stop the program.
    """
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard if hard == resource.RLIM_INFINITY else 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
