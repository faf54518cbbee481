"""The hours that the owner gave the node."""

from __future__ import annotations

from datetime import datetime

from node.guard.docket import Docket
from node.guard.policy import Policy
from node.guard.situation import Situation
from node.guard.verdict import Action, Verdict
from node.weekly import inside, next_change


def hours(situation: Situation, policy: Policy, docket: Docket) -> None:
    """Rest outside the hours of the week that are the node's."""
    if not policy.hours or inside(policy.hours, situation.at):
        return
    opens = next_change(policy.hours, situation.at)
    until = "" if opens is None else f" until {datetime.fromtimestamp(opens):%a %H:%M}"
    reason = f"outside the hours that you set, resting{until}"
    docket.find(Verdict("RESTING", Action.HOLD, reason, "schedule.hours; at once: stoker run-anyway", rule="hours"))
