"""What each refusal of the AI Horde means for us. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node.networks.base import Remedy
from node.networks.horde.client import Refused


class Course(StrEnum):
    """What to do after a refused pop."""

    PARK = "park"  # only the owner can change it: ask again after minutes
    MAINTENANCE = "maintenance"  # own jobs still come, and it ends by itself or by the owner's word
    BACK_OFF = "back off"  # it may pass


@dataclass(frozen=True, slots=True)
class Reaction:
    """Attributes:
    reason: why there are no jobs, in words. remedy: what changes it.
    """

    course: Course
    reason: str
    remedy: str = ""


_PARKED = {
    "InvalidAPIKey": ("the API key is not valid (any more)", Remedy.KEY),
    "AnonForbiddenWorker": ("the anonymous key cannot run workers", "register an account and give its API key"),
    "WrongCredentials": ("the worker's name {name!r} belongs to someone else", Remedy.NAME),
    "PolymorphicNameConflict": (
        "the worker's name {name!r} is used by a worker of another kind",
        Remedy.NAME,
    ),
    "ProfaneWorkerName": ("the network takes offence at the worker's name {name!r}", Remedy.NAME),
    "ProfaneBridgeAgent": ("the network takes offence at the agent string", "set another agent string"),
    "WorkerInviteOnly": ("the network takes new workers by invitation only", "ask its operators for an invitation"),
    "TooManyWorkers": ("this account has as many workers as it may have", "remove one of them"),
}
_BACKED_OFF = {
    "TooManySameIPs": "too many workers come from this internet address",
    "UnsafeIP": "the network distrusts this internet address (a VPN or a proxy?)",
    "TimeoutIP": "this internet address is locked out for a while",
    "TooManyNewIPs": "too many new internet addresses joined lately",
}


def to_pop(refusal: Refused, name: str) -> Reaction:
    """What a refused pop means."""
    if refusal.rc == "WorkerMaintenance":
        return Reaction(Course.MAINTENANCE, f"the worker is in maintenance: {refusal.message}", Remedy.MAINTENANCE)
    if refusal.rc == "WorkerFlaggedMaintenance":
        return Reaction(
            Course.MAINTENANCE, f"the moderators stopped this worker: {refusal.message}", "write to the moderators"
        )
    if refusal.rc in _PARKED:
        reason, remedy = _PARKED[refusal.rc]
        return Reaction(Course.PARK, f"{reason.format(name=name)}: {refusal.message}", remedy)
    if refusal.rc in _BACKED_OFF:
        return Reaction(Course.BACK_OFF, f"{_BACKED_OFF[refusal.rc]}: {refusal.message}")
    if refusal.status in (400, 401):
        return Reaction(Course.PARK, f"the network does not accept this worker: {refusal.message}", "")
    return Reaction(Course.BACK_OFF, f"the network refuses: {refusal.message}")


class Fate(StrEnum):
    """What a refused submit means for the job."""

    ALREADY = "already"  # an earlier try had reached it
    LATE = "late"
    UNKNOWN = "unknown"  # nobody waits for it; no fault of ours
    LOST = "lost"  # it will never be taken from us


def to_submit(refusal: Refused) -> Fate:
    """What a refused submit means."""
    if refusal.rc == "DuplicateGen":
        return Fate.ALREADY
    if refusal.rc == "AbortedGen":
        return Fate.LATE
    if refusal.status == 404:
        return Fate.UNKNOWN
    return Fate.LOST
