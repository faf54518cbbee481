"""Asks every rule and takes the gravest answer."""

from __future__ import annotations

from dataclasses import replace

from node.guard import heat, house, mains, owner, resources, standing
from node.guard.docket import Docket, Memory
from node.guard.policy import Policy
from node.guard.situation import Situation
from node.guard.verdict import Action, Verdict

RULES = (
    standing.draining,
    standing.books,
    heat.lost_cards,
    heat.temperatures,
    owner.guests,
    owner.at_the_desk,
    standing.paused,
    house.hours,
    mains.battery,
    mains.price,
    mains.power,
    resources.vram,
    resources.disk,
    resources.traffic,
)
"""In the order in which they speak where they are equally grave."""


def judge(
    situation: Situation, policy: Policy | None = None, memory: Memory | None = None, now: float = 0.0
) -> tuple[Verdict, Memory]:
    """The gravest finding at this moment, and what to remember for the next.

    Args:
        now: monotonic seconds, never less than at the call before with this memory.
    """
    docket = Docket(memory or Memory(), now)
    for rule in RULES:
        rule(situation, policy or Policy(), docket)
    overruled = [found for found in docket.findings if situation.override and not found.firm]
    upheld = [found for found in docket.findings if found not in overruled]
    verdict = max(upheld, key=_gravity, default=None)
    if verdict is None or (verdict.action is Action.SLOW and not situation.models):
        verdict = standing.at_work(situation)
    return replace(verdict, overruled=tuple(found.reason for found in overruled)), docket.memory()


def _gravity(verdict: Verdict) -> tuple[int, int]:
    return verdict.action, -(verdict.slots or 0)
