"""How earnings look over the wire: sums, single rewards, and how three columns agree.

Amounts are base units of an asset; money is millionths of a currency. What cannot be priced is in no sum of money.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.control.wire.snapshot import Earning


@dataclass(frozen=True, slots=True)
class EarningsRow:
    """What was done and earned in one hour or day, or for one network, model or asset.

    Attributes:
        key: ``2026-11-22T13:00+01:00``, ``2026-11-22``, or a name; empty where none is known, and in a total.
        joules: of the jobs; None where nothing measured them.
        cost_micro: what that energy cost; None while no price is known.
        worth_micro: what the earnings that have a price were worth; None where none has one.
        net_micro: worth less cost, what has no price counting nothing; None while the cost is not known.
        left_out: what these three figures leave out and why, each a sentence for a person.
    """

    key: str
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    compute: float = 0.0
    joules: float | None = None
    earnings: tuple[Earning, ...] = ()
    cost_micro: int | None = None
    worth_micro: int | None = None
    net_micro: int | None = None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarningsTable:
    """Rows in the order of their keys, and all of them together. ``currency`` is that of every ``_micro``."""

    currency: str
    rows: tuple[EarningsRow, ...]
    total: EarningsRow


@dataclass(frozen=True, slots=True)
class Posting:
    """One amount in the books.

    Attributes:
        at: when it was written down; ``entry``: as which ledger entry.
        units: negative where something was taken back.
        reference: the network's or the chain's own name for it, such as a transaction's signature.
        worth_micro: what it was worth then, in millionths of ``currency``; None where no price was known.
        price_source: where that price came from, in words.
    """

    at: float
    entry: int
    units: int
    reference: str = ""
    worth_micro: int | None = None
    currency: str = ""
    price_source: str = ""


@dataclass(frozen=True, slots=True)
class RewardView:
    """One reward and what became of it.

    Attributes:
        entry: its first ledger entry; the place in the list where the next page begins.
        job: the number of the job that it is for; None if it is for many, or for no job at all.
        claimed: as the network stated it when the job was delivered; None where it did not.
        credited, paid: by the network's books and on chain, oldest first; empty as long as nothing was seen there.
    """

    entry: int
    network: str
    model: str
    asset: str
    decimals: int
    job: int | None = None
    claimed: Posting | None = None
    credited: tuple[Posting, ...] = ()
    paid: tuple[Posting, ...] = ()


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How what one network claimed, credited and paid of one asset agree, since the books began.

    Attributes:
        held: what it probably holds back and shows nobody: our estimate, in none of the other figures; None where
            nothing is known to be held.
        uncredited: claimed less credited; negative where it credited more than it had stated for jobs. None for what it
            never states job by job.
        unpaid: credited less paid; None for what is never paid out, such as kudos.
        waiting_jobs: jobs with a claim that its books do not show yet; ``waiting``: what was claimed for them.
        oldest_claim_at: the oldest of these; None if there is none. last_credit_at, last_payment_at: None: never.
        explanation: sentences for a person on every difference.
    """

    network: str
    asset: str
    decimals: int
    claimed: int
    credited: int
    paid: int
    held: int | None = None
    uncredited: int | None = None
    unpaid: int | None = None
    waiting_jobs: int = 0
    waiting: int = 0
    oldest_claim_at: float | None = None
    last_credit_at: float | None = None
    last_payment_at: float | None = None
    explanation: tuple[str, ...] = ()
