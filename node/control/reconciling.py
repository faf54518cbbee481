"""Why a network's three columns differ, with dates, for a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from node.control.earnings_views import told
from node.control.wire import Reconciliation
from node.ledger.accounts import Account, Waiting
from wallet.money import Amount


def reconcile(account: Account, waiting: Waiting, held: Amount | None) -> Reconciliation:
    """One line of the reconciliation.

    Args:
        held: what the network holds back and shows nobody, by our estimate; None if nothing is known to be held.
    """
    claimed, credited, paid = account.claimed, account.credited, account.paid
    return Reconciliation(
        network=account.network,
        asset=account.asset.code,
        decimals=account.asset.decimals,
        claimed=claimed.units,
        credited=credited.units,
        paid=paid.units,
        held=None if held is None else held.units,
        uncredited=claimed.units - credited.units if claimed.amounts else None,
        unpaid=credited.units - paid.units if account.is_money else None,
        waiting_jobs=waiting.jobs,
        waiting=waiting.units,
        oldest_claim_at=_seconds(waiting.oldest_ns),
        last_credit_at=_seconds(credited.last_ns),
        last_payment_at=_seconds(paid.last_ns),
        explanation=tuple(_sentences(account, waiting, held)),
    )


def _sentences(account: Account, waiting: Waiting, held: Amount | None) -> Iterator[str]:
    def amount(units: int) -> str:
        return told(Amount(units, account.asset))

    claimed, credited, paid = account.claimed.units, account.credited.units, account.paid.units
    if account.credited.amounts:
        yield from _of_credits(account, waiting, held)
    elif account.claimed.amounts and not paid:
        yield "its books show nothing of this yet, or it has none that can be read: this is what it said job by job"
    if not account.is_money:
        yield f"{account.asset.code} stay with the network and are never paid out"
    elif account.credited.amounts and credited > paid:
        yield f"{amount(credited - paid)} are credited and not paid yet: networks pay at their own hours and minimums"
    elif account.credited.amounts and credited < paid:
        yield f"{amount(paid - credited)} more were paid than its books showed here: for work before these books"
    elif not account.credited.amounts and paid and claimed != paid:
        less = "less" if paid < claimed else "more"
        yield f"{amount(abs(claimed - paid))} {less} were paid than it had said job by job"


def _of_credits(account: Account, waiting: Waiting, held: Amount | None) -> Iterator[str]:
    """Takes the difference of claimed and credited apart: what waits, what is held, and the rest."""

    def amount(units: int) -> str:
        return told(Amount(units, account.asset))

    difference = account.claimed.units - account.credited.units
    if not account.claimed.amounts:
        yield "it credits this by the hour or the day, not job by job"
        return
    if not difference:
        yield "its books agree with what it said job by job"
    if waiting.jobs:
        jobs = "1 job is" if waiting.jobs == 1 else f"{waiting.jobs:,} jobs are"
        yield f"{jobs} not in its books yet, {amount(waiting.units)}: books are written minutes later"
    rest = difference - waiting.units
    unnamed = min(waiting.units, max(-rest, 0))
    if unnamed:
        yield f"{amount(unnamed)} came in sums that name no single job"
        rest += unnamed
    if held is not None and held.units:
        yield f"about {told(held)} are held back until it trusts the account: our estimate, the network does not say"
        rest -= min(held.units, max(rest, 0))
    if rest < 0:
        yield f"{amount(-rest)} more came than was said for jobs: for time online, or for other work"
    elif rest > 0:
        yield f"{amount(rest)} of what was said for jobs were not credited: rounding, or taken back"


def _seconds(at_ns: int | None) -> float | None:
    return None if at_ns is None else at_ns / 1e9
