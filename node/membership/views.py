"""How memberships look over the wire. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.control.wire.networks import Coin, NetworkModel, NetworkState, NetworkView, Rewards
from node.dispatcher.probation import Verdict
from node.ledger.sums import Totals
from node.membership.admission import NOTHING_SERVED
from node.membership.member import Condition, Member
from node.membership.membership import Membership
from node.networks.base import Remedy, Standing, Worth
from wallet.money import Amount

NOTHING = Totals()
HEALS = "it heals by itself"
COMMANDS: Mapping[str, str] = {
    Remedy.KEY: "stoker networks set {name} --ask-api-key",
    Remedy.WORKERS_KEY: "stoker networks set {name} --ask-api-key",
    Remedy.NAME: "stoker networks set {name} --name NEW-NAME",
    Remedy.MAINTENANCE: "stoker networks maintenance {name} off",
}


@dataclass(frozen=True, slots=True)
class Sums:
    """What the books say of one network: all that ever was, and the last hour; and of all networks in that hour."""

    ever: Totals = NOTHING
    hour: Totals = NOTHING
    hour_compute_us: int = 0


@dataclass(frozen=True, slots=True)
class Floor:
    """What the dispatcher says of one network now.

    Attributes:
        serving: any model is served.
        pay: measured, in millionths of ``currency`` for a second of a slot; None where it has no price.
        retry_at: seconds since 1970; None unless its conduct has it parked.
    """

    serving: bool = True
    running: int = 0
    waiting: int = 0
    pay: float | None = None
    currency: str = ""
    verdict: Verdict = Verdict.GOOD
    reason: str = ""
    retry_at: float | None = None


NOT_RUNNING = Condition(NetworkState.JOINING, "the node is not running", "stoker --headless, or stoker")
STARTING = Condition(NetworkState.JOINING, "the node has just started")


def view_of(
    name: str,
    membership: Membership,
    title: str,
    key_kept: str,
    sums: Sums,
    floor: Floor,
    member: Member | None = None,
    absent: Condition = NOT_RUNNING,
) -> NetworkView:
    """All that is known of one membership; ``absent`` is how it is where no member lives it, though it is enabled."""
    condition = absent if member is None else member.condition
    standing = None if member is None else member.standing
    seen = standing or Standing(False)
    if not membership.enabled:
        now = _switched_off(name, floor)
    elif member is None or condition is not None:
        now = condition or absent
    else:
        now = _at_work(name, standing, floor, member.since_at, member.seen_at or 0.0)
    worths = () if member is None else member.worths()
    return NetworkView(
        name=name,
        kind=membership.kind,
        title=title,
        state=now.state,
        reason=now.reason,
        remedy=now.remedy,
        since_at=now.since_at,
        retry_at=now.retry_at,
        enabled=membership.enabled,
        url=membership.url,
        worker_name=membership.worker_name,
        weight=membership.weight,
        models=tuple(model_views(worths, {} if member is None else member.barred)),
        running=floor.running,
        waiting=floor.waiting,
        depth=seen.depth,
        detail=seen.detail,
        share_pct=_share(sums),
        pay_micro=floor.pay,
        currency="" if floor.pay is None else floor.currency,
        hour_done=sums.hour.done,
        hour_failed=sums.hour.failed + sums.hour.expired + sums.hour.returned,
        rewards=rewards(sums, seen.held),
        faults=() if member is None else member.faults.newest_first(),
        messages=() if member is None else member.messages.newest_first(),
        maintenance=seen.maintenance,
        seen_at=None if member is None else member.seen_at,
        accepted_at=membership.accepted_at.timestamp(),
        key_kept=key_kept,
    )


def model_views(worths: Sequence[Worth], barred: Mapping[str, str]) -> list[NetworkModel]:
    """Models on offer, then those that are not."""
    return [
        NetworkModel(one.served, one.name, one.known, one.validated, _coin(one.a_job), _coin(one.an_hour))
        for one in worths
    ] + [NetworkModel(served, "", barred=why) for served, why in barred.items()]


def rewards(sums: Sums, held: Sequence[Amount]) -> tuple[Rewards, ...]:
    """By asset, in the order of their codes."""
    ever = {taken.asset: taken for taken in sums.ever.takings}
    hour = {taken.asset: taken for taken in sums.hour.takings}
    kept = {amount.asset: amount.units for amount in held}
    return tuple(
        Rewards(
            asset.code,
            asset.decimals,
            *((was.claimed, was.credited, was.paid) if (was := ever.get(asset)) else (0, 0, 0)),
            kept.get(asset),
            *((lately.claimed, lately.credited, lately.paid) if (lately := hour.get(asset)) else (0, 0, 0)),
        )
        for asset in sorted({*ever, *hour, *kept})
    )


def _switched_off(name: str, floor: Floor) -> Condition:
    busy = floor.running + floor.waiting
    told = f"switched off by you; {busy} jobs are being finished" if busy else "switched off by you"
    return Condition(NetworkState.OFF, told, f"stoker networks enable {name}")


def _at_work(name: str, standing: Standing | None, floor: Floor, since: float, seen_at: float) -> Condition:
    """The state word of a network whose adapter is at work, and why."""
    if floor.verdict is Verdict.PARKED:
        return Condition(NetworkState.PARKED, floor.reason, HEALS, since, floor.retry_at)
    idle = not (floor.running or floor.waiting)
    if idle and standing is not None and not standing.connected and standing.problem:
        retry_at = None if standing.rest is None else seen_at + standing.rest
        return Condition(NetworkState.PARKED, standing.problem, _with_command(standing.remedy, name), since, retry_at)
    if floor.verdict is Verdict.SLOWED:
        return Condition(NetworkState.SLOWED, floor.reason, HEALS, since)
    if not idle:
        return Condition(NetworkState.WORKING, "", "", since)
    if not floor.serving:
        return Condition(NetworkState.JOINING, *NOTHING_SERVED, since)
    if standing is None:
        return Condition(NetworkState.JOINING, "no answer yet", "", since)
    if standing.connected:
        return Condition(NetworkState.READY, "", "", since)
    return Condition(NetworkState.JOINING, standing.detail or "not connected", "", since)


def _with_command(remedy: str, name: str) -> str:
    """What the owner can do, and the command that does it, where there is one."""
    command = COMMANDS.get(remedy)
    return f"{remedy}: {command.format(name=name)}" if command else remedy


def _share(sums: Sums) -> float | None:
    return round(100 * sums.hour.compute_us / sums.hour_compute_us, 1) if sums.hour_compute_us else None


def _coin(amount: Amount | None) -> Coin | None:
    return None if amount is None else Coin(amount.asset.code, amount.asset.decimals, amount.units)
