"""The owner, or a program of theirs, needs the machine."""

from __future__ import annotations

from collections.abc import Iterator

from node.guard.docket import Docket, Sighting
from node.guard.policy import Policy, Wish
from node.guard.situation import Situation
from node.guard.slowing import slots_left
from node.guard.verdict import Action, Verdict
from node.hardware.readings import GpuProcess

DESKTOP = frozenset(
    {
        *("xorg", "x", "xwayland", "gnome-shell", "mutter", "kwin_wayland", "kwin_x11", "plasmashell", "cinnamon"),
        *("sway", "hyprland", "weston", "cosmic-comp", "xfwm4", "budgie-wm", "niri", "river", "labwc", "wayfire"),
        *("dwm", "gamescope-wl"),
    }
)
"""Programs that draw the desktop itself; they are on the card all day."""


def guests(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Another program is on the card: a game, an editor, somebody's training run."""
    biggest = max(_foreign(situation, policy), key=lambda program: program.memory or 0, default=None)
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


def _foreign(situation: Situation, policy: Policy) -> Iterator[GpuProcess]:
    for card in situation.hardware.gpus if situation.hardware else ():
        for program in card.processes or ():
            desktop = program.name.removesuffix(".exe").lower() in DESKTOP
            server = policy.own_server and program.kind == "compute"
            if not (program.ours or desktop or server) and (program.memory or 0) >= policy.guest_memory:
                yield program


def _called(program: GpuProcess) -> str:
    name = program.name or f"program {program.pid}"
    return f"{name} holds {(program.memory or 0) / 1e9:.1f} GB and works on the GPU"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
