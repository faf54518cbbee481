"""The node itself: told to end or to rest, without books, without an engine, or at work."""

from __future__ import annotations

from node.engines.base import EngineStatus
from node.guard.docket import Docket
from node.guard.policy import Policy
from node.guard.situation import Situation
from node.guard.verdict import Action, Verdict

COMING = frozenset({EngineStatus.STARTING, EngineStatus.READY})


def draining(situation: Situation, _: Policy, docket: Docket) -> None:
    """The node finishes what it has and ends."""
    if situation.draining is None:
        return
    about = "" if situation.drain_seconds is None else f", about {situation.drain_seconds:.0f} s"
    reason = f"finishing {_jobs(situation.draining)}{about}, then the node stops"
    docket.find(Verdict("DRAINING", Action.HOLD, reason, rule="draining", firm=True))


def books(situation: Situation, _: Policy, docket: Docket) -> None:
    """No work without books."""
    if situation.books:
        remedy = "free some disk space; the node goes on by itself"
        docket.find(Verdict("BLOCKED", Action.HOLD, situation.books, remedy, rule="books", firm=True))


def paused(situation: Situation, _: Policy, docket: Docket) -> None:
    """The owner said so, by command."""
    if situation.paused and (situation.models or situation.shelved):
        docket.find(Verdict("RESTING", Action.HOLD, situation.paused, "stoker resume", rule="paused"))


def at_work(situation: Situation) -> Verdict:
    """What the node does when no rule speaks against it."""
    if situation.models == 0 and not situation.shelved:
        return _without_model(situation)
    if situation.running:
        return Verdict("WORKING", Action.RUN, f"{_jobs(situation.running)} running")
    if situation.models == 0:
        return Verdict("WAITING", Action.RUN, "the engine loads its model again")
    return Verdict("WAITING", Action.RUN, "ready, no job has been sent")


def _without_model(situation: Situation) -> Verdict:
    action = Action.HOLD if situation.paused else Action.RUN  # work may wait for the engine, but not past a pause
    if situation.fetching:
        return Verdict("WAITING", action, situation.fetching)
    if situation.missing:
        model = situation.missing
        reason = f"model {model} is not on this machine yet"
        return Verdict("BLOCKED", action, reason, f"stoker model pull {model}")
    troubled = next((health for health in situation.engines if health.status not in COMING), None)
    if troubled is not None:
        return Verdict("BLOCKED", action, troubled.detail or f"the engine is {troubled.status}", troubled.remedy)
    if situation.engines:
        return Verdict("WAITING", action, situation.engines[0].detail or "the engine is starting")
    return Verdict("BLOCKED", action, "there is no engine", "stoker doctor")


def _jobs(count: int) -> str:
    return f"{count} job{'s' * (count != 1)}"
