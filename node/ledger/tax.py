"""The money in the books as CSV for tax tools: every amount with all columns, or Koinly's own form.

Koinly's form is its "universal template", as its help page *How to create a custom CSV file with your data* has it
(https://support.koinly.io/en/articles/9489976): times in UTC, one asset a line, the worth beside it, a tag for income.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime

from node.ledger.accounts import Account
from node.ledger.export import csv_line, iso_time, tame
from node.ledger.receipts import Line
from wallet.money import Amount

__all__ = ["GENERIC_HEADER", "KOINLY_HEADER", "Receipt", "generic", "koinly", "receipts"]

GENERIC_HEADER = csv_line(
    ("at", "entry", "what", "network", "model", "job", "reference", "amount", "asset", "worth", "currency",
     "price_source", "energy_joules", "energy_cost", "energy_currency")
)  # fmt: skip
KOINLY_HEADER = csv_line(
    ("Date", "Sent Amount", "Sent Currency", "Received Amount", "Received Currency", "Fee Amount", "Fee Currency",
     "Net Worth Amount", "Net Worth Currency", "Label", "Description", "TxHash")
)  # fmt: skip

TRANSACTION = re.compile(r"0x[0-9a-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{80,90}")
"""A transaction's name on an EVM chain, or on Solana."""

Receipt = tuple[str, str, str]
"""Network, asset code and column of what came into the owner's hands."""


def receipts(accounts: Iterable[Account]) -> Collection[Receipt]:
    """Which amounts are receipts, each once: see `node.ledger.accounts.Account.receipt`."""
    return {
        (account.network, account.asset.code, account.receipt) for account in accounts if account.receipt is not None
    }


def generic(lines: Iterable[Line]) -> Iterator[str]:
    """One line for each reward, credit and payment. Lines of ``claimed``, ``credited`` and ``paid`` are of the same
    money at three stages: never to be added up."""
    for line in lines:
        energy = None if line.energy_mj is None else f"{line.energy_mj // 1000}.{line.energy_mj % 1000:03d}"
        yield csv_line(
            (
                iso_time(line.at_ns), line.seq, line.claim, tame(line.network), tame(line.model), line.number,
                tame(line.reference), _decimal(line.amount), tame(line.amount.asset.code), _decimal(line.worth),
                _code(line.worth), line.price_source or "none known", energy, _decimal(line.cost), _code(line.cost),
            )
        )  # fmt: skip


def koinly(lines: Iterable[Line], receipts: Collection[Receipt]) -> Iterator[str]:
    """One line for each receipt; what was taken back is a withdrawal. Never claims, and never what is no money."""
    for line in lines:
        asset = line.amount.asset
        if (line.network, asset.code, line.claim) not in receipts:
            continue
        back = line.amount.units < 0
        amount = (_decimal(-line.amount if back else line.amount), tame(asset.code))
        told = f"{line.network} {line.claim}" + (f", {line.price_source}" if line.price_source else "")
        yield csv_line(
            (
                datetime.fromtimestamp(line.at_ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
                *(amount if back else ("", "")), *(("", "") if back else amount), "", "",
                _decimal(-line.worth if back and line.worth is not None else line.worth), _code(line.worth),
                "cost" if back else "income", tame(told),
                line.reference if TRANSACTION.fullmatch(line.reference) else "",
            )
        )  # fmt: skip


def _decimal(amount: Amount | None) -> str:
    return "" if amount is None else f"{amount.decimal():f}"


def _code(amount: Amount | None) -> str:
    return "" if amount is None else amount.asset.code
