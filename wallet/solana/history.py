"""What happened to an address: its transactions, with what each of them changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from wallet.money import Amount, Asset
from wallet.rpc.together import together
from wallet.solana.answers import SignatureEntry, Transaction
from wallet.solana.balances import FINEST, token_asset
from wallet.solana.cluster import SOL, SPL, SPL_2022, Cluster
from wallet.solana.rpc import SolanaRpc

MEMO_PROGRAMS = frozenset(
    {"MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo"}
)
LONGEST_MEMO = 566
"""Characters of a memo that are kept: what fits into one transaction."""


class Direction(StrEnum):
    """Which way an amount went."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction changed in one asset of ours.

    Attributes:
        amount: always positive; SOL without the fee.
        mint: of a token; empty for SOL.
        counterparty: whose holdings changed the other way the most; empty if nobody's did.
    """

    direction: Direction
    amount: Amount
    mint: str = ""
    counterparty: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One transaction.

    Attributes:
        at: Unix seconds of its block, if the node knows. failed: it changed nothing but the fee.
        changes: what it did to us; None if the node does not have the transaction, so that nothing is known.
        fee: what it cost us; zero if somebody else paid.
    """

    signature: str
    slot: int
    at: int | None
    failed: bool
    changes: tuple[Change, ...] | None
    fee: Amount
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins.

    Attributes:
        seen: the last transaction taken of each account, by account.
        shown: what was already shown of the last slot, as a transaction may be further down in another account's list.
    """

    seen: dict[str, str]
    shown: frozenset[str] = frozenset()

    def wanted(self, limit: int) -> int:
        """How many transactions of each account a page of ``limit`` takes, so that none runs out before it is full."""
        return min(1000, limit + len(self.shown))


@dataclass(frozen=True, slots=True)
class Page:
    """Some of an address's history, newest first. ``older`` is None at its end."""

    entries: tuple[Entry, ...]
    older: Cursor | None


async def history(rpc: SolanaRpc, address: str, limit: int = 20, cursor: Cursor | None = None) -> Page:
    """A page of an address's history, newest first.

    A token that arrives names the receiver's token account and not the receiver, so the accounts that an address has
    now are searched along with it; what came through an account closed since then is not found.

    Raises:
        RpcUnavailable, RpcRefused, BadAnswer: see ``SolanaRpc``.
    """
    accounts = [address]
    for answer in await together(rpc.token_accounts(address, program) for program in (SPL, SPL_2022)):
        accounts += [entry.pubkey for entry in answer.value]
    cursor = cursor or Cursor({})
    wanted = cursor.wanted(limit)
    lists = await together(rpc.signatures(one, wanted, cursor.seen.get(one)) for one in accounts)
    chosen, older = merge(dict(zip(accounts, lists, strict=True)), limit, cursor)
    transactions = await together(rpc.transaction(entry.signature) for entry in chosen)
    entries = tuple(
        explain(rpc.cluster, address, entry, transaction)
        for entry, transaction in zip(chosen, transactions, strict=True)
    )
    more = older.seen != cursor.seen and (
        any(len(found) == wanted for found in lists)
        or any(found and found[-1].signature != older.seen.get(one) for one, found in zip(accounts, lists, strict=True))
    )
    return Page(entries, older if more else None)


def merge(lists: dict[str, list[SignatureEntry]], limit: int, cursor: Cursor) -> tuple[list[SignatureEntry], Cursor]:
    """The newest ``limit`` of several lists that are newest first, each once, and where the next page begins.

    Each list holds the next ``cursor.wanted(limit)`` transactions of its account, or all that there are.
    """
    heads = dict.fromkeys(lists, 0)
    seen = dict(cursor.seen)
    chosen: dict[str, SignatureEntry] = {}
    while True:
        waiting = [account for account, head in heads.items() if head < len(lists[account])]
        if not waiting:
            break
        account = max(waiting, key=lambda one: lists[one][heads[one]].slot)
        entry = lists[account][heads[account]]
        if entry.signature not in chosen and entry.signature not in cursor.shown:
            if len(chosen) == limit:
                break
            chosen[entry.signature] = entry
        seen[account] = entry.signature
        heads[account] += 1
    last = min((entry.slot for entry in chosen.values()), default=None)
    shown = frozenset(entry.signature for entry in chosen.values() if entry.slot == last)
    return list(chosen.values()), Cursor(seen, shown | (cursor.shown if len(shown) == len(chosen) else frozenset()))


def explain(cluster: Cluster, address: str, entry: SignatureEntry, transaction: Transaction | None) -> Entry:
    """What a transaction did to an address.

    Raises:
        BadAnswer: a known token with decimals that are not its own.
    """
    if transaction is None:
        return Entry(entry.signature, entry.slot, entry.block_time, entry.err is not None, None, Amount(0, SOL))
    keys = [key.pubkey for key in transaction.transaction.message.account_keys]
    fee = transaction.meta.fee if keys[0] == address else 0
    changes = [*_sol_changes(address, keys, transaction), *_token_changes(cluster, address, transaction)]
    return Entry(
        entry.signature,
        transaction.slot,
        transaction.block_time or entry.block_time,
        transaction.meta.err is not None,
        tuple(changes),
        Amount(fee, SOL),
        _memo(transaction),
    )


def _sol_changes(address: str, keys: list[str], transaction: Transaction) -> list[Change]:
    meta = transaction.meta
    moved: dict[str, int] = defaultdict(int)
    for key, before, after in zip(keys, meta.pre_balances, meta.post_balances, strict=False):
        moved[key] += after - before
    moved[keys[0]] += meta.fee
    return _change(address, moved, SOL, "")


def _token_changes(cluster: Cluster, address: str, transaction: Transaction) -> list[Change]:
    moved: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    decimals: dict[str, int] = {}
    for sign, balances in (
        (-1, transaction.meta.pre_token_balances),
        (1, transaction.meta.post_token_balances),
    ):
        for balance in balances or ():
            moved[balance.mint][balance.owner or ""] += sign * int(balance.ui_token_amount.amount)
            decimals[balance.mint] = balance.ui_token_amount.decimals
    changes: list[Change] = []
    for mint, by_owner in sorted(moved.items()):
        if by_owner.get(address) and decimals[mint] <= FINEST:
            changes += _change(address, by_owner, token_asset(cluster, mint, decimals[mint]), mint)
    return changes


def _change(address: str, moved: dict[str, int], asset: Asset, mint: str) -> list[Change]:
    ours = moved.get(address, 0)
    if not ours:
        return []
    others = {who: units for who, units in moved.items() if who != address and units * ours < 0}
    counterparty = max(others, key=lambda who: abs(others[who]), default="")
    direction = Direction.IN if ours > 0 else Direction.OUT
    return [Change(direction, Amount(abs(ours), asset), mint, counterparty)]


def _memo(transaction: Transaction) -> str:
    texts = [
        instruction.parsed
        for instruction in transaction.transaction.message.instructions
        if instruction.program_id in MEMO_PROGRAMS and isinstance(instruction.parsed, str)
    ]
    return "; ".join(texts)[:LONGEST_MEMO]
