"""Seccomp: a process takes system calls from itself by a small program in classic BPF, which the kernel asks each time.

What is left cannot reach a network, another process, a new program or a file's permissions. Of sockets only local
streams can be made, and none can connect: a server of its own is all that the process can be.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

from node.box.kernel import checked, libc
from node.box.syscalls import ARCHITECTURES, NEWEST_KNOWN, Architecture

ACTIONS = Path("/proc/sys/kernel/seccomp/actions_avail")
PR_SET_SECCOMP, MODE_FILTER = 22, 2
CLONE_THREAD = 0x10000

LOAD, EQUAL, GREATER, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06
NUMBER, AUDIT, FIRST, SECOND = 0, 4, 16, 24  # offsets into struct seccomp_data; arguments by their lower halves
ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS

ARGUMENTS_COUNT = ("clone", "clone3", "socket", "kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "prlimit64")
"""Calls that are allowed, refused or unknown by a rule of their own; all others that are numbered are refused."""

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant."""


def available() -> bool:
    """Whether this kernel filters, and we know this processor's numbers."""
    try:
        return platform.machine() in ARCHITECTURES and "errno" in ACTIONS.read_text("ascii").split()
    except OSError:
        return False


def program(architecture: Architecture, pid: int, *, becomes: bool = False) -> list[Instruction]:
    """The filter of the process ``pid``. Pure.

    Args:
        becomes: it may turn into another program, which keeps the filter; Landlock says into which.
    """
    numbers = architecture.numbers
    judged = (*ARGUMENTS_COUNT, "execve") if becomes else ARGUMENTS_COUNT
    made = [
        (LOAD, 0, 0, AUDIT), (EQUAL, 1, 0, architecture.audit), _return(KILL),
        (LOAD, 0, 0, NUMBER), (GREATER, 0, 1, NEWEST_KNOWN), _return(UNKNOWN),
        *_rule(numbers["clone3"], [_return(UNKNOWN)]),  # its flags cannot be seen; the C library then takes clone
        *_rule(numbers["clone"], [(LOAD, 0, 0, FIRST), (ANY_BIT, 0, 1, CLONE_THREAD), _return(ALLOW), _return(REFUSE)]),
        *_rule(numbers["socket"], _local_streams()),
        *_rule(numbers["prlimit64"], [(LOAD, 0, 0, FIRST), (EQUAL, 0, 1, 0), _return(ALLOW), *_own(pid)]),
    ]  # fmt: skip
    for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        made += _rule(numbers[name], [(LOAD, 0, 0, FIRST), *_own(pid)])
    for number in sorted(number for name, number in numbers.items() if name not in judged):
        made += [(EQUAL, 0, 1, number), _return(REFUSE)]
    return [*made, _return(ALLOW)]


def install(*, becomes: bool = False) -> None:
    """Filter this thread, and what it starts, from now on. There is no way back.

    Needs `node.box.kernel.forgo_privileges` before it.

    Raises:
        OSError: the kernel refuses.
    """
    code = program(ARCHITECTURES[platform.machine()], os.getpid(), becomes=becomes)
    block = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *instruction) for instruction in code))
    described = struct.pack("@HP", len(code), ctypes.addressof(block))
    checked(libc().prctl(PR_SET_SECCOMP, MODE_FILTER, described, 0, 0), "seccomp")


def _rule(number: int, body: Sequence[Instruction]) -> list[Instruction]:
    """For this call the body decides, and always ends in a return."""
    return [(EQUAL, 0, len(body), number), *body]


def _local_streams() -> list[Instruction]:
    return [
        (LOAD, 0, 0, FIRST), (EQUAL, 1, 0, socket.AF_UNIX), _return(REFUSE),
        (LOAD, 0, 0, SECOND), (AND, 0, 0, 0xF), (EQUAL, 0, 1, socket.SOCK_STREAM), _return(ALLOW), _return(REFUSE),
    ]  # fmt: skip


def _own(pid: int) -> list[Instruction]:
    return [(EQUAL, 0, 1, pid), _return(ALLOW), _return(REFUSE)]


def _return(action: int) -> Instruction:
    return (RETURN, 0, 0, action)
