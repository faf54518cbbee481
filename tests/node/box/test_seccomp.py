"""The filter of system calls, run by a small machine of our own."""

from __future__ import annotations

import errno
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.box.seccomp import ALLOW, KILL, Instruction, program
from node.box.syscalls import ARCHITECTURES, NEWEST_KNOWN, Architecture

PID = 4711
REFUSED = 0x50000 | errno.EPERM
UNKNOWN = 0x50000 | errno.ENOSYS
THREAD, NEW_USER = 0x10000, 0x10000000

architectures = pytest.mark.parametrize("machine", ARCHITECTURES)


def run(code: list[Instruction], audit: int, number: int, *arguments: int) -> int:
    """What the kernel would answer to a call, by its definition of classic BPF."""
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = {0: number, 4: audit, **{16 + 8 * index: value & 0xFFFFFFFF for index, value in enumerate(padded)}}
    accumulator, at = 0, 0
    while True:
        operation, on_true, on_false, constant = code[at]
        at += 1
        match operation:
            case 0x20:
                accumulator = data[constant]
            case 0x54:
                accumulator &= constant
            case 0x06:
                return constant
            case 0x15 | 0x25 | 0x45:
                holds = {
                    0x15: accumulator == constant,
                    0x25: accumulator > constant,
                    0x45: bool(accumulator & constant),
                }[operation]
                at += on_true if holds else on_false
            case _:
                raise AssertionError(f"unknown operation {operation:#x}")


def asked(machine: str, name: str, *arguments: int) -> int:
    architecture = ARCHITECTURES[machine]
    return run(program(architecture, PID), architecture.audit, architecture.numbers[name], *arguments)


@architectures
@pytest.mark.parametrize(
    "name",
    ["connect", "execve", "execveat", "ptrace", "unshare", "setns", "keyctl", "io_uring_setup", "process_vm_readv",
     "pidfd_getfd", "mount", "bpf", "fchmodat", "fchownat", "setxattr", "open_by_handle_at"],
)  # fmt: skip
def test_calls_that_no_engine_needs_are_refused(machine: str, name: str) -> None:
    assert asked(machine, name) == REFUSED


@architectures
def test_a_process_that_turns_into_its_program_may_do_that_and_nothing_more(machine: str) -> None:
    architecture = ARCHITECTURES[machine]
    code = program(architecture, PID, becomes=True)
    assert run(code, architecture.audit, architecture.numbers["execve"]) == ALLOW
    for name in ("execveat", "connect", "ptrace", "unshare"):
        assert run(code, architecture.audit, architecture.numbers[name]) == REFUSED
    assert run(code, architecture.audit, architecture.numbers["clone"], 0) == REFUSED


@architectures
def test_sockets_are_local_streams_or_none(machine: str) -> None:
    cloexec = socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    assert asked(machine, "socket", socket.AF_UNIX, cloexec) == ALLOW
    assert asked(machine, "socket", socket.AF_UNIX, socket.SOCK_DGRAM) == REFUSED
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK):
        assert asked(machine, "socket", family, socket.SOCK_STREAM) == REFUSED


@architectures
def test_threads_may_be_started_and_processes_may_not(machine: str) -> None:
    assert asked(machine, "clone", THREAD | 0x3D0F00) == ALLOW
    assert asked(machine, "clone", 17) == REFUSED
    assert asked(machine, "clone", NEW_USER) == REFUSED
    assert asked(machine, "clone3") == UNKNOWN


@architectures
@pytest.mark.parametrize("name", ["kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "prlimit64"])
def test_it_may_deal_with_itself_only(machine: str, name: str) -> None:
    assert asked(machine, name, PID) == ALLOW
    assert asked(machine, name, PID + 1) == REFUSED
    assert asked(machine, name, 2**32 - 1) == REFUSED


@architectures
def test_limits_of_its_own_go_by_the_number_zero_too(machine: str) -> None:
    assert asked(machine, "prlimit64", 0) == ALLOW
    assert asked(machine, "kill", 0) == REFUSED


@architectures
@given(number=st.integers(0, 2**32 - 1), audit=st.integers(0, 2**32 - 1))
def test_another_processors_calls_end_the_process(machine: str, number: int, audit: int) -> None:
    architecture = ARCHITECTURES[machine]
    if audit != architecture.audit:
        assert run(program(architecture, PID), audit, number) == KILL


@architectures
@given(number=st.integers(0, 2**32 - 1))
def test_what_is_not_named_is_allowed_and_what_is_newer_is_unknown(machine: str, number: int) -> None:
    architecture: Architecture = ARCHITECTURES[machine]
    answer = run(program(architecture, PID), architecture.audit, number)
    if number > NEWEST_KNOWN:
        assert answer == UNKNOWN
    elif number not in architecture.numbers.values():
        assert answer == ALLOW
