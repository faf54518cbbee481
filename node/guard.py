"""May we work now, and if not, why: pure rules over what is known. More rules join as the node learns to see more."""

from __future__ import annotations

from dataclasses import dataclass

from node.engines.base import EngineHealth, EngineStatus

COMING = frozenset({EngineStatus.STARTING, EngineStatus.READY})


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the rules look at, at one moment.

    Attributes:
        paused: why the owner told the node to rest; empty if it was not told to.
        draining: how many jobs are still in hand while the node drains; None if it does not.
        books: why the ledger cannot be written; empty if it can.
        engines: the health of every engine. models: how many models are served.
        fetching: a model on its way, its download or its loading, in words; empty if none is.
        missing: the model that the settings name, if it is not on this machine yet.
    """

    paused: str = ""
    draining: int | None = None
    drain_seconds: float | None = None
    books: str = ""
    engines: tuple[EngineHealth, ...] = ()
    models: int = 0
    fetching: str = ""
    missing: str = ""
    running: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say.

    Attributes:
        word: the state word of the node (see `node.control.wire.StateWord`).
        take: whether new work may be taken.
        reason: why, with the reading. remedy: what would change it.
    """

    word: str
    take: bool
    reason: str
    remedy: str = ""


def judge(situation: Situation) -> Verdict:
    """Apply the rules, the gravest first."""
    if situation.draining is not None:
        about = "" if situation.drain_seconds is None else f", about {situation.drain_seconds:.0f} s"
        count = situation.draining
        return Verdict("DRAINING", False, f"finishing {count} job{'s' * (count != 1)}{about}, then the node stops")
    if situation.books:
        return Verdict("BLOCKED", False, situation.books, "free some disk space; the node goes on by itself")
    if situation.models == 0:
        return _without_model(situation)
    if situation.paused:
        return Verdict("RESTING", False, situation.paused, "stoker resume")
    if situation.running:
        return Verdict("WORKING", True, f"{situation.running} job{'s' * (situation.running != 1)} running")
    return Verdict("WAITING", True, "ready, no job has been sent")


def _without_model(situation: Situation) -> Verdict:
    take = not situation.paused  # work may wait for the engine, but not past a pause
    if situation.fetching:
        return Verdict("WAITING", take, situation.fetching)
    if situation.missing:
        model = situation.missing
        return Verdict("BLOCKED", take, f"model {model} is not on this machine yet", f"stoker model pull {model}")
    troubled = next((health for health in situation.engines if health.status not in COMING), None)
    if troubled is not None:
        return Verdict("BLOCKED", take, troubled.detail or f"the engine is {troubled.status}", troubled.remedy)
    if situation.engines:
        return Verdict("WAITING", take, situation.engines[0].detail or "the engine is starting")
    return Verdict("BLOCKED", take, "there is no engine", "stoker doctor")
