"""The joined networks as a table: how it goes with each, in one line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from node.control.wire import NetworkState, NetworkView, Rewards
from tui import format as said
from tui.ink import Line, Span, Tone, dim
from tui.lesson import Lesson, Way
from tui.widgets import columns
from tui.widgets.columns import Column, Layout

COLUMNS = (
    Column("name", "network", 8, widest=24),
    Column("state", "state", 10),
    Column("in_hand", "in hand", 7, right=True),
    Column("depth", "theirs", 6, right=True, rank=3),
    Column("done", "done/h", 6, right=True, rank=1),
    Column("failed", "failed/h", 8, right=True, rank=2),
    Column("share", "share", 5, right=True, rank=1),
    Column("claimed", "claimed/h", 9, right=True),
    Column("credited", "credited/h", 10, right=True, rank=4),
    Column("paid", "paid/h", 9, right=True, rank=5),
    Column("asset", "", 6),
)

SIGNS = {
    NetworkState.OFF: ("·", Tone.DIM),
    NetworkState.JOINING: ("▷", Tone.DIM),
    NetworkState.READY: ("○", Tone.PLAIN),
    NetworkState.WORKING: ("●", Tone.GOOD),
    NetworkState.SLOWED: ("▼", Tone.WARN),
    NetworkState.PARKED: ("‖", Tone.WARN),
    NetworkState.BARRED: ("✖", Tone.BAD),
}
"""A sign for each state, so that its colour is never alone."""

TROUBLED = (NetworkState.SLOWED, NetworkState.PARKED, NetworkState.BARRED)

EMPTY = Lesson(
    "No network is joined yet. Each one that you join sends this machine jobs, and shows here how it goes, what it "
    "says it owes, and what it paid. They share the same card.",
    (
        Way("Join one here", actions=("networks.add",), note="each has a page to read before"),
        Way("Or in a terminal", command="stoker networks add horde --name NAME --api-key-file FILE"),
        Way("What there is", command="stoker networks kinds"),
    ),
)


def layout(width: int) -> Layout:
    return columns.laid_out(COLUMNS, width - 1)


def heading(layout: Layout) -> Line:
    return columns.heading(layout)


def state(network: NetworkView) -> tuple[str, Tone]:
    """The word with its sign."""
    sign, tone = SIGNS[network.state]
    return f"{sign} {network.state}", tone


def row(layout: Layout, network: NetworkView) -> Line:
    """One network in one line; of its assets the one in which most was claimed lately."""
    word, tone = state(network)
    rest = Tone.DIM if network.state is NetworkState.OFF else Tone.PLAIN
    asset = foremost(network.rewards)
    waiting = f"+{network.waiting}" if network.waiting else ""

    def hourly(units: int) -> tuple[str, Tone]:
        return (said.units(units, asset.decimals) if asset else said.DASH, rest if asset else Tone.DIM)

    return columns.row(
        layout,
        {
            "name": (network.name, Tone.BOLD if rest is Tone.PLAIN else rest),
            "state": (word, tone),
            "in_hand": (f"{network.running}{waiting}", rest),
            "depth": (said.short_count(network.depth), Tone.DIM),
            "done": (said.count(network.hour_done), rest),
            "failed": (said.count(network.hour_failed), Tone.BAD if network.hour_failed else Tone.DIM),
            "share": (f"{said.whole(network.share_pct)} %" if network.share_pct is not None else said.DASH, rest),
            "asset": (asset.asset if asset else "", Tone.DIM),
            "claimed": hourly(asset.hour_claimed if asset else 0),
            "credited": hourly(asset.hour_credited if asset else 0),
            "paid": hourly(asset.hour_paid if asset else 0),
        },
    )


def foremost(rewards: Sequence[Rewards]) -> Rewards | None:
    """The asset that a network pays most of its rewards in; they are compared as whole units, for want of prices."""
    return max(rewards, key=lambda reward: (reward.hour_claimed, reward.claimed), default=None)


def tally(networks: Iterable[NetworkView], trouble: str) -> Line:
    """The line above the table."""
    known = list(networks)
    line = [Span(" "), Span("Networks", Tone.BOLD), dim("  "), Span(str(len(known)))]
    if trouble:
        return (*line, Span("   ✖ ", Tone.BAD), dim(trouble))
    busy = sum(network.running for network in known)
    line += [dim("   "), Span(str(busy)), dim(" job of theirs runs" if busy == 1 else " jobs of theirs run")]
    if held := [network for network in known if network.state in TROUBLED]:
        line += [Span("   ▲ ", Tone.WARN), dim("look at "), Span(", ".join(one.name for one in held), Tone.WARN)]
    return tuple(line)


def why_not(action_id: str, network: NetworkView | None) -> str:
    """Why something cannot be done with a network; empty if it can."""
    if action_id == "networks.add":
        return ""
    if network is None:
        return "no network is joined yet"
    if action_id == "networks.maintenance" and network.maintenance is None:
        return f"{network.name} has no such switch"
    return ""


def free_name(kind: str, networks: Iterable[NetworkView]) -> str:
    """A name for one more account at a network of this kind."""
    taken = {network.name for network in networks}
    return next(name for name in (kind, *(f"{kind}-{n}" for n in range(2, 1000))) if name not in taken)
