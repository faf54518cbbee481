"""May we work now, how much, and if not, why: pure rules over what is known."""

from node.guard.docket import Memory
from node.guard.heat import ceilings
from node.guard.judge import judge
from node.guard.policy import Policy, policy_of
from node.guard.situation import Situation
from node.guard.verdict import Action, Verdict

__all__ = ["Action", "Memory", "Policy", "Situation", "Verdict", "ceilings", "judge", "policy_of"]
