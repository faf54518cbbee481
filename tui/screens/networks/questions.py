"""What is asked before something is done with a network."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.wire import NetworkKind, NetworkView
from tui.widgets.dialog import Choice, Dialog


def kind(kinds: Sequence[NetworkKind]) -> Dialog:
    """Which network to join; the answer is the kind."""
    choices = [
        Choice(found.kind, str(number), found.title, found.pays.partition(";")[0].partition(":")[0])
        for number, found in enumerate(kinds[:9], 1)
    ]
    return Dialog(
        "Join a network",
        "Each has a page to read first: what it is, what will run here, what it learns about you, what it pays.",
        (*choices, Choice("", "c", "Cancel", "join none")),
    )


def remove(network: NetworkView) -> Dialog:
    """Whether to leave a network."""
    hand = network.running + network.waiting
    jobs = f" Jobs in hand are finished first: {hand}." if hand else ""
    return Dialog(
        f"Remove {network.name}",
        f"No more work is taken from it, and its key is deleted here.{jobs} What it paid and owes stays in the books. "
        "To stop it for a while, disable it instead.",
        (
            Choice("remove", "x", "Remove it", "delete its key and its settings"),
            Choice("", "k", "Keep it", "leave everything as it is"),
        ),
    )


def maintenance(network: NetworkView) -> Dialog:
    """Whether to begin or to end maintenance at the network: both, because its own word on it is always an old one."""
    known = f"As it was last asked, maintenance is {'on' if network.maintenance else 'off'}."
    return Dialog(
        f"Maintenance at {network.name}",
        f"{known} While it is on, everybody sees so, jobs in hand are finished, and no more jobs of others come. A "
        "network that began it by itself, because too many jobs were dropped, may do so again.",
        (
            Choice("on", "b", "Begin it", "no more jobs for now"),
            Choice("off", "e", "End it", "jobs come again"),
            Choice("", "c", "Cancel", "leave it as it is"),
        ),
    )
