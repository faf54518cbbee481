"""What the node must leave to the owner: memory of the card, disk, and the line's data volume."""

from __future__ import annotations

from node.guard.docket import Docket
from node.guard.excursion import Ceiling
from node.guard.policy import Policy
from node.guard.situation import Situation
from node.guard.verdict import Action, Verdict

ROOM = 1.25  # of what is kept free: so much must be free again
DISK_ROOM = 1.1


def vram(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Free the card's memory when others need so much that too little is left; come back when both fit."""
    if not policy.vram_free or situation.hardware is None:
        return
    for card in situation.hardware.gpus:
        free = None
        if card.memory_used is not None and card.memory_total is not None:
            free = float(card.memory_total - card.memory_used - situation.shelved)
        kept = float(policy.vram_free)
        missing = None if free is None else kept - free
        over = docket.follow(f"vram {card.index}", Ceiling((1.0,), kept - ROOM * kept, policy.stay), missing)
        if over is not None:
            left = max(0.0, kept - over.reading)
            beside = " beside the model" if situation.shelved else ""
            reason = f"{left / 1e9:.1f} GB of GPU memory are free{beside}, {kept / 1e9:.1f} GB are kept for you"
            remedy = "close what uses the GPU, or lower limits.vram_free_gb; at once: stoker run-anyway"
            docket.find(Verdict("YOURS", Action.STOP, reason, remedy, rule=f"vram {card.index}"))


def disk(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Take nothing while the disk is nearly full: the books need room."""
    free = situation.hardware.host.disk_free if situation.hardware else None
    if not policy.disk_free:
        return
    kept = float(policy.disk_free)
    missing = None if free is None else kept - free
    over = docket.follow("disk", Ceiling((1.0,), kept - DISK_ROOM * kept, 0.0), missing)
    if over is not None:
        left = max(0.0, kept - over.reading)
        reason = f"{left / 1e9:.2g} GB of disk are free, {kept / 1e9:.2g} GB are kept free"
        remedy = "free some disk space, or lower limits.disk_free_gb"
        docket.find(Verdict("BLOCKED", Action.HOLD, reason, remedy, rule="disk", firm=True))


def traffic(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Rest when the line's volume of the day or the month is used up."""
    for span, moved, cap, ends in (
        ("day", situation.traffic_day, policy.traffic_day, "midnight"),
        ("month", situation.traffic_month, policy.traffic_month, "the first of the month"),
    ):
        if cap and moved >= cap:
            reason = f"{moved / 1e9:.1f} GB went over the line this {span}, your cap is {cap / 1e9:.1f} GB"
            remedy = f"goes on at {ends}, or raise limits.traffic_{span}_gb; at once: stoker run-anyway"
            docket.find(Verdict("RESTING", Action.HOLD, reason, remedy, rule=f"traffic {span}"))
