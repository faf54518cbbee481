"""Single rewards in words: what was claimed, credited and paid of each, when, and under which reference. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.wire import Posting, RewardView
from tui import format as said
from tui.ink import BLANK, Line, Span, Tone, bold, cell, dim, wrapped
from tui.job_list import short_model
from tui.screens.earnings import spans
from tui.widgets import columns
from tui.widgets.columns import Column, Layout

LABEL = 11
COLUMNS = (
    Column("job", "job", 8),
    Column("network", "network", 8, rank=2),
    Column("model", "model", 10, rank=3, widest=40),
    Column("claimed", "claimed", 10, right=True),
    Column("at", "when", 10),
    Column("credited", "credited", 10, right=True),
    Column("paid", "paid", 10, right=True),
    Column("asset", "", 6, rank=1),
    Column("reference", "reference", 11, rank=4, widest=40),
)


def layout(width: int) -> Layout:
    return columns.laid_out(COLUMNS, width - 1)


def heading(layout: Layout) -> Line:
    return columns.heading(layout)


def row(layout: Layout, reward: RewardView, now: float) -> Line:
    """One reward in one line."""
    last = (*reward.credited, *reward.paid)[-1:]
    return columns.row(
        layout,
        {
            "job": (f"#{reward.job}" if reward.job is not None else "many", Tone.PLAIN),
            "network": (reward.network, Tone.DIM),
            "model": (short_model(reward.model) or said.DASH, Tone.DIM),
            "claimed": _sum(reward, (reward.claimed,) if reward.claimed else ()),
            "at": (said.day(begun(reward), now), Tone.DIM),
            "credited": _sum(reward, reward.credited),
            "paid": _sum(reward, reward.paid),
            "asset": (reward.asset, Tone.DIM),
            "reference": (_brief(last[0].reference) if last else "", Tone.DIM),
        },
    )


def begun(reward: RewardView) -> float | None:
    """When it was first written down."""
    return min((posting.at for posting in _postings(reward)), default=None)


def of_day(reward: RewardView, date: str) -> bool:
    """Whether anything of it was written down on this local date."""
    return any(spans.day(posting.at) == date for posting in _postings(reward))


def reference(reward: RewardView) -> str:
    """The newest name that the network or the chain has for it."""
    return next((posting.reference for posting in reversed(_postings(reward)) if posting.reference), "")


def told(reward: RewardView, now: float, width: int) -> list[Line]:
    """The whole of it: each amount with its time, its reference, and what it was worth then."""
    job = f"job #{reward.job}" if reward.job is not None else "no single job"
    lines: list[Line] = [(bold(reward.network), dim("   "), Span(job), dim(f"   {reward.model}"))]
    claimed = (reward.claimed,) if reward.claimed else ()
    for name, postings in (("claimed", claimed), ("credited", reward.credited), ("paid", reward.paid)):
        lines.append(BLANK)
        if not postings:
            lines.append((cell(name, LABEL, Tone.DIM), dim(said.DASH)))
        for posting in postings:
            lines += _posting(reward, name, posting, now, width)
            name = ""
    return lines


def _posting(reward: RewardView, name: str, posting: Posting, now: float, width: int) -> list[Line]:
    amount = f"{said.exact(posting.units, reward.decimals)} {reward.asset}"
    taken_back = (Span("   taken back", Tone.BAD),) if posting.units < 0 else ()
    lines: list[Line] = [
        (cell(name, LABEL, Tone.DIM), bold(amount), *taken_back),
        (cell("", LABEL), Span(said.stamp(posting.at)), dim(f"   ledger #{posting.entry}")),
    ]
    if posting.worth_micro is not None:
        worth = said.money(posting.worth_micro, posting.currency)
        lines.append((cell("", LABEL), Span(worth), dim(f" then: {posting.price_source}")))
    lines += [
        (cell("", LABEL), dim(text))
        for text in (wrapped(posting.reference, width - LABEL) if posting.reference else ())
    ]
    return lines


def _brief(reference: str) -> str:
    """Both ends of a signature; a sentence as it is."""
    return reference if " " in reference else said.ends(reference)


def _postings(reward: RewardView) -> list[Posting]:
    return [*((reward.claimed,) if reward.claimed else ()), *reward.credited, *reward.paid]


def _sum(reward: RewardView, postings: Sequence[Posting]) -> tuple[str, Tone]:
    if not postings:
        return said.DASH, Tone.DIM
    return said.units(sum(posting.units for posting in postings), reward.decimals), Tone.PLAIN
