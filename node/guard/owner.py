"""The owner, or a program of theirs, needs the machine."""

from __future__ import annotations

from node.guard.docket import Docket, Sighting
from node.guard.policy import Policy, Wish
from node.guard.situation import Guest, Situation
from node.guard.slowing import slots_left
from node.guard.verdict import Action, Verdict


def guests(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Another program is on the card: a game, an editor, somebody's training run."""
    large = [guest for guest in situation.guests if guest.memory is None or guest.memory >= policy.guest_memory]
    biggest = max(large, key=lambda guest: guest.memory or 0, default=None)
    seen = docket.see("guests", None if biggest is None else 0.0, _called(biggest) if biggest else "")
    _yield(situation, policy, docket, seen, policy.on_guests)


def at_the_desk(situation: Situation, policy: Policy, docket: Docket) -> None:
    """The owner uses keyboard or mouse."""
    seen = docket.see("input", situation.owner_quiet, "you are using this machine")
    _yield(situation, policy, docket, seen, policy.on_input)


def _yield(situation: Situation, policy: Policy, docket: Docket, seen: Sighting | None, wish: Wish) -> None:
    if wish == "ignore" or seen is None or docket.now - seen.at >= policy.quiet:
        return
    slots = slots_left(situation) if wish == "slow" else None
    if wish == "slow" and slots is None:
        return
    reason = seen.who if slots is None else f"{seen.who}; slowed down to {slots} of {situation.slots} slots"
    remedy = f"goes on by itself after {_minutes(policy.quiet)} of quiet; at once: stoker run-anyway"
    action = Action.STOP if slots is None else Action.SLOW
    docket.find(Verdict("YOURS", action, reason, remedy, slots, "owner"))


def _called(guest: Guest) -> str:
    held = "" if guest.memory is None else f" holds {guest.memory / 1e9:.1f} GB and"
    return f"{guest.name}{held} works on the GPU"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
