"""The grid's own books: accounts, worker names, what was earned and what was paid."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

HOURLY_BUDGET = 208.33  # AIPG for all accounts together
SMALLEST_SHARE = 0.01  # AIPG; less is dropped, not carried over
PAID = frozenset({"sent", "confirmed"})


@dataclass
class Account:
    """Whoever owns keys and worker names. ``wallet`` is where payouts go; empty for none."""

    id: str
    wallet: str = ""
    payouts: list[Payout] = field(default_factory=list)


@dataclass
class Key:
    """An API key. ``label`` binds a manager-issued one to a rig, as ``worker:NAME``."""

    account: Account
    scopes: frozenset[str] = frozenset({"inference.submit", "account.read"})
    label: str = ""
    revoked: bool = False


@dataclass
class Name:
    """A worker name: owned for ever by the account that used it first."""

    account: Account
    worker_id: str
    models: list[str] = field(default_factory=list)
    last_seen: str = ""


@dataclass(frozen=True)
class Earned:
    """One settled job."""

    job_id: str
    account: Account
    worker: str
    model: str
    den: float
    at_ns: int


@dataclass
class Payout:
    """One account's share of one hour."""

    period: str
    den: float
    aipg: float
    status: str
    address: str
    created: str
    tx_hash: str | None = None
    paid: str | None = None


class Books:
    """All of it, in memory."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}
        self.names: dict[str, Name] = {}
        self.earned: list[Earned] = []
        self.others_den = 0.0  # what the rest of the grid earns in an hour

    def open_account(self, wallet: str = "0x" + "22" * 20, secret: str = "") -> tuple[str, Key]:
        """A new account and its first key, which reads like a real one unless it is given."""
        secret = secret or "grid_" + secrets.token_hex(16)
        key = self.keys[secret] = Key(Account(uuid4().hex[:12], wallet))
        return secret, key

    def name(self, name: str, account: Account) -> Name:
        """The name's entry; made when it is first used."""
        return self.names.setdefault(name, Name(account, str(uuid4())))

    def den_of(self, account: Account) -> float:
        return round(sum(one.den for one in self.earned if one.account is account), 2)

    def summary(self) -> dict[str, object]:
        """Everything at a glance: units in hundredths and AIPG by account, so that nothing is rounded on the way."""
        accounts = {key.account.id: key.account for key in self.keys.values()}
        return {
            name: {
                "jobs": sum(one.account is account for one in self.earned),
                "den_hundredths": sum(round(one.den * 100) for one in self.earned if one.account is account),
                "aipg_paid": round(sum(row.aipg for row in account.payouts if row.status in PAID), 8),
                "aipg_waiting": round(sum(row.aipg for row in account.payouts if row.status not in PAID), 8),
            }
            for name, account in accounts.items()
        }

    def close_hour(self, end_ns: int, status: str = "sent", since_ns: int | None = None) -> None:
        """Share out the budget of the hour that ends then, as its payout run does.

        Args:
            status: what becomes of each payout; accounts without a wallet get ``accrued``.
            since_ns: when it began, if it is not a whole hour.
        """
        since = end_ns - 3600 * 10**9 if since_ns is None else since_ns
        hour = [one for one in self.earned if since <= one.at_ns < end_ns]
        everyone = sum(one.den for one in hour) + self.others_den
        accounts = {one.account.id: one.account for one in hour}
        began = datetime.fromtimestamp(since / 1e9, UTC)
        for account in accounts.values():
            own = sum(one.den for one in hour if one.account is account)
            share = round(HOURLY_BUDGET * own / everyone, 8)
            if share < SMALLEST_SHARE:
                continue
            state = status if account.wallet else "accrued"
            done = state in PAID
            account.payouts.insert(
                0,
                Payout(
                    period=f"hour-{began:%Y-%m-%dT%H}" + (f"-{began:%M%S}" if since_ns is not None else ""),
                    den=round(own, 2),
                    aipg=share,
                    status=state,
                    address=account.wallet,
                    created=stamp(end_ns),
                    tx_hash="0x" + secrets.token_hex(32) if done else None,
                    paid=stamp(end_ns) if done else None,
                ),
            )


def stamp(ns: int) -> str:
    """A moment as the grid's pages write it."""
    return datetime.fromtimestamp(ns / 1e9, UTC).isoformat()
