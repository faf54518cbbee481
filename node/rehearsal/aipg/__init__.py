"""A stand-in AI Power Grid: its coordinator, its books and its account pages, true to the protocol notes.

Facts from ``AIPowerGrid/grid-core`` 4ee16f7 (2026-08-21); nothing of its code is here.
"""

from node.rehearsal.aipg.coordinator import Coordinator, Faults, Rules
from node.rehearsal.aipg.queue import Ask, Outcome

__all__ = ["Ask", "Coordinator", "Faults", "Outcome", "Rules"]
