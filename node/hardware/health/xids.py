"""NVIDIA's error numbers (XIDs) in words, with what to do.

Source: NVIDIA, "XID Errors" (docs.nvidia.com/deploy/xid-errors). A number that is not here is told as a number.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.hardware.alarm import Severity


@dataclass(frozen=True, slots=True)
class XidWords:
    """What a number means, and what to do."""

    meaning: str
    remedy: str
    severity: Severity


_PROGRAM = "usually the program's fault; if it comes back with different programs, test the card and its memory"
_RESET = "stop what uses the card and reset it: sudo nvidia-smi --gpu-reset, or restart the machine"
_REPLACE = "restart the machine; if it comes back, have the card replaced"
_SEAT = "check power cables, riser and seat of the card, then restart the machine"
_DRIVER = "restart the machine; if it comes back, install another version of the NVIDIA driver"

_NOTICE, _WARNING, _GRAVE = Severity.NOTICE, Severity.WARNING, Severity.GRAVE

XIDS = {
    13: XidWords("a program's computation failed (graphics engine exception)", _PROGRAM, _NOTICE),
    31: XidWords("a program touched memory that is not its own (page fault)", _PROGRAM, _NOTICE),
    32: XidWords("the commands to the card arrived damaged", _SEAT, _WARNING),
    38: XidWords("the driver's firmware failed", _DRIVER, _WARNING),
    43: XidWords("a program's work on the card was stopped after an error", _PROGRAM, _NOTICE),
    45: XidWords("a program's work on the card was cleared away after an earlier error", _PROGRAM, _NOTICE),
    46: XidWords("the card stopped computing", _RESET, _GRAVE),
    48: XidWords("two bits of its memory were wrong at once, which cannot be corrected", _RESET, _GRAVE),
    61: XidWords("the card's own controller failed", _DRIVER, _WARNING),
    62: XidWords("the card's own controller stopped", _DRIVER, _GRAVE),
    63: XidWords("a bad spot of its memory will be replaced", f"when it suits you, {_RESET}", _WARNING),
    64: XidWords("a bad spot of its memory could not be replaced", _REPLACE, _GRAVE),
    69: XidWords("a program gave the card a command that it does not know", _PROGRAM, _NOTICE),
    74: XidWords("the link to another card failed (NVLink)", _SEAT, _WARNING),
    79: XidWords("the card has fallen off the bus", _SEAT, _GRAVE),
    92: XidWords("its memory corrects errors at a high rate", _REPLACE, _WARNING),
    94: XidWords("an error of its memory hit one program", _RESET, _WARNING),
    95: XidWords("an error of its memory hit more than one program", _RESET, _GRAVE),
    109: XidWords("a program did not let go of the card in time", _PROGRAM, _NOTICE),
    119: XidWords("the card's own processor does not answer the driver", _DRIVER, _GRAVE),
    120: XidWords("the card's own processor failed", _DRIVER, _GRAVE),
    140: XidWords("an error of its memory could not be corrected", _RESET, _GRAVE),
    154: XidWords("the driver asks for the card to be reset", _RESET, _WARNING),
}
UNKNOWN = XidWords(
    "the driver reported an error", "look the number up at docs.nvidia.com/deploy/xid-errors, and restart", _WARNING
)


def words_of(number: int) -> XidWords:
    """The number in words."""
    return XIDS.get(number, UNKNOWN)
