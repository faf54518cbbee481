"""Whether something keeps this machine's clock in step, as the kernel knows: no other host is asked."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from node.doctor.check import Check

UNSYNCHRONISED = 0x40  # STA_UNSYNC of adjtimex(2)
TOO_FAR_S = 1.0


@dataclass(frozen=True, slots=True)
class Discipline:
    """What adjtimex(2) says.

    Attributes:
        kept: something (chrony, systemd-timesyncd, ntpd) corrects the clock.
        error: seconds that the clock may be off at most.
    """

    kept: bool
    error: float


def checks() -> Iterator[Check]:
    """Nothing where the system cannot be asked."""
    found = discipline()
    if found is not None:
        yield judged(found)


def judged(found: Discipline) -> Check:
    """Networks date what they sign: a clock that is off makes them refuse us."""
    remedy = "sudo timedatectl set-ntp true"
    if not found.kept:
        return Check("clock", "warn", "nothing that the kernel knows of keeps it in step with the world", remedy)
    if found.error > TOO_FAR_S:
        return Check("clock", "warn", f"it may be off by {found.error:.1f} s", remedy)
    return Check("clock", "ok", f"in step, off by {found.error * 1000:.0f} ms at most")


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("greatest_error", ctypes.c_long),  # microseconds
        ("estimated_error", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),  # the kernel's own structure ends before this does
    )


def discipline() -> Discipline | None:
    """Ask the kernel; None where it is not Linux, or does not say."""
    if sys.platform != "linux":
        return None
    answer = _Timex()  # no modes: nothing is changed
    if ctypes.CDLL(None).adjtimex(ctypes.byref(answer)) < 0:
        return None
    return Discipline(not answer.status & UNSYNCHRONISED, answer.greatest_error / 1e6)
