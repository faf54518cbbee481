"""How it goes with one network, in sentences that can be read aloud. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from node.control.wire import NetworkState, NetworkView, Rewards
from tui import format as shown
from tui.cli.sentences import many, sentence

RECENT = 5
"""Messages and faults that are told."""

WORDS = {
    NetworkState.OFF: "is off",
    NetworkState.JOINING: "is being joined",
    NetworkState.READY: "is ready, and has no job in hand",
    NetworkState.WORKING: "is working",
    NetworkState.SLOWED: "is slowed",
    NetworkState.PARKED: "is parked",
    NetworkState.BARRED: "is barred",
}


def describe(view: NetworkView) -> Iterator[str]:
    """The state and its reason first, then the account, the last hour, rewards, and what went wrong."""
    why = reason_of(view)
    said = f"{view.name} ({view.title}) {WORDS[view.state]}"
    yield f"{said}: {why}" if view.reason else " ".join(part for part in (sentence(said), why) if part)
    where = f" as {view.worker_name}" if view.worker_name else ""
    yield f"  Joined{where} at {view.url}; its page was accepted on {shown.stamp(view.accepted_at)}."
    if view.detail:
        yield f"  It says: {sentence(view.detail)}"
    if view.key_kept:
        yield f"  Its key is kept here: {sentence(view.key_kept)}"
    if view.maintenance:
        yield f"  It is in maintenance: `stoker networks maintenance {view.name} off` ends that."
    yield f"  {_hour(view)}"
    for rewards in view.rewards:
        yield f"  {_rewards(rewards)}"
    for remark in view.messages[:RECENT]:
        yield f"  Message of {shown.stamp(remark.at)}: {remark.text}"
    for remark in view.faults[:RECENT]:
        yield f"  Fault of {shown.stamp(remark.at)}: {remark.text}"


def reason_of(view: NetworkView) -> str:
    """Why it is as it is, what would change it, and when it is tried again."""
    parts = [sentence(view.reason)] if view.reason else []
    if view.remedy:
        parts.append(f"What would change it: {sentence(view.remedy)}")
    if view.retry_at is not None:
        parts.append(f"Tried again at {shown.clock(view.retry_at)}.")
    return " ".join(parts)


def earned_an_hour(view: NetworkView) -> str:
    """What was claimed in the last hour, by asset."""
    earned = [_amount(one, one.hour_claimed) for one in view.rewards if one.hour_claimed]
    return ", ".join(earned)


def _hour(view: NetworkView) -> str:
    parts = [f"{many(view.hour_done, 'job')} done", f"{view.hour_failed} failed"]
    if view.share_pct is not None:
        parts.append(f"{shown.whole(view.share_pct)} % of the engine's time")
    if view.pay_micro is not None:
        parts.append(f"{shown.money(round(view.pay_micro), view.currency)} a second of the engine")
    now = [f"{view.running} in work", f"{view.waiting} waiting"]
    if view.depth is not None:
        now.append(f"{shown.count(view.depth)} in its queue for our models")
    return f"Last hour: {', '.join(parts)}. Now: {', '.join(now)}. Weight {view.weight:g}."


def _rewards(one: Rewards) -> str:
    told = (
        f"Claimed {_amount(one, one.claimed)} ({_amount(one, one.hour_claimed)} in the last hour), "
        f"credited {_amount(one, one.credited)} ({_amount(one, one.hour_credited)}), "
        f"paid {_amount(one, one.paid)} ({_amount(one, one.hour_paid)})."
    )
    held = "" if one.held is None else f" It probably holds back {_amount(one, one.held)}: an estimate."
    return told + held


def _amount(one: Rewards, units: int) -> str:
    return f"{shown.units(units, one.decimals)} {one.asset}"
