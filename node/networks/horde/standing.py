"""How a worker stands with the network, in the words that its owner reads. Pure."""

from __future__ import annotations

import email.utils
from collections.abc import Iterable

from node.networks.base import Remedy, Standing
from node.networks.horde.account import Account
from node.networks.horde.answers import Message
from node.networks.horde.gate import Gate
from node.networks.horde.kudos import KUDOS
from wallet.money import Amount


def standing(
    gate: Gate,
    account: Account,
    messages: Iterable[Message],
    now: float,
    *,
    problem: str,
    waiting: int | None,
    why: str,
) -> Standing:
    """Put together what is known.

    Args:
        now: seconds since 1970. problem: what went wrong when the network was asked just now; empty if nothing did.
        waiting: requests for our models. why: there are no jobs; empty if there are, or if it is not known.
    """
    user, worker = account.user, account.worker
    problem, remedy = (gate.reason, gate.remedy) if gate.reason else (problem, "")
    if not problem and worker is not None and worker.maintenance_mode:
        problem, remedy = "the worker is in maintenance", Remedy.MAINTENANCE
    told = []
    if user is not None:
        told.append(f"account {user.username}, {'trusted' if user.trusted else 'not trusted yet'}")
    if account.escrow.units:
        told.append(f"about {account.escrow} held back until it is trusted (our estimate; the network does not say)")
    told.append(why)
    return Standing(
        connected=user is not None and not problem,
        detail="; ".join(part for part in told if part),
        depth=waiting,
        owed=() if user is None else (Amount(round(user.kudos * 100), KUDOS),),
        messages=tuple(message.message for message in messages if _valid(message, now)),
        problem=problem,
        remedy=remedy,
        rest=gate.closed_for() or None,
        held=(account.escrow,) if account.escrow.units else (),
        maintenance=None if worker is None else worker.maintenance_mode,
    )


def _valid(message: Message, now: float) -> bool:
    try:
        return message.expiry is None or email.utils.parsedate_to_datetime(message.expiry).timestamp() > now
    except ValueError:
        return True
