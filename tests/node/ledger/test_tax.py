"""CSV for tax tools: every amount once, with its worth and where that comes from."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from books import NOON, accepted, finished, opened, settled, write
from hand_clock import HandClock

from node.ledger import tax
from node.ledger.accounts import accounts
from node.ledger.receipts import lines
from node.ledger.store import Ledger
from wallet.money import Amount, Asset

KUDOS, DEN, AIPG, USDC = Asset("kudos", 2), Asset("den", 2), Asset("AIPG", 18), Asset("USDC", 6)
TX = "0x" + "ab" * 32
END = 2**62


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


async def some_money(ledger: Ledger) -> None:
    await write(ledger, [accepted(1), finished(1, reward=Amount(341, KUDOS), energy_mj=1500, cost_micro=70)])
    await write(ledger, [accepted(2, "usepod"), finished(2, "usepod", reward=Amount(314_200, USDC))])
    await write(ledger, [settled(170, KUDOS, number=1, reference="a job's id")])
    worth = (15_000, "EUR")
    await write(ledger, [settled(12 * 10**17, AIPG, "credited", "aipg", reference="hour-1", worth=worth)])
    await write(ledger, [settled(12 * 10**17, AIPG, "paid", "aipg", reference=TX, worth=worth)])


async def generic(ledger: Ledger, since_ns: int = 0, until_ns: int = END) -> list[dict[str, str]]:
    found = await ledger.query(lines, since_ns, until_ns)
    return list(csv.DictReader(io.StringIO(tax.GENERIC_HEADER + "".join(tax.generic(found)))))


async def koinly(ledger: Ledger) -> list[dict[str, str]]:
    received = tax.receipts(await ledger.query(accounts))
    found = await ledger.query(lines, 0, END, claims=False)
    return list(csv.DictReader(io.StringIO(tax.KOINLY_HEADER + "".join(tax.koinly(found, received)))))


async def test_the_generic_form_has_every_amount_with_its_worth_and_source(path: Path) -> None:
    async with opened(path, HandClock(NOON)) as ledger:
        await some_money(ledger)
        found = await generic(ledger)
    assert [(row["what"], row["network"], row["amount"], row["asset"]) for row in found] == [
        ("claimed", "horde", "3.41", "kudos"),
        ("claimed", "usepod", "0.314200", "USDC"),
        ("credited", "horde", "1.70", "kudos"),
        ("credited", "aipg", "1.200000000000000000", "AIPG"),
        ("paid", "aipg", "1.200000000000000000", "AIPG"),
    ]
    assert [(row["worth"], row["currency"], row["price_source"]) for row in found] == [
        ("", "", "none known"),
        ("0.314200", "USD", "pegged 1:1"),
        ("", "", "none known"),
        ("0.015000", "EUR", "the market"),
        ("0.015000", "EUR", "the market"),
    ]
    assert (found[0]["energy_joules"], found[0]["energy_cost"], found[0]["energy_currency"]) == (
        "1.500",
        "0.000070",
        "EUR",
    )
    assert (found[2]["job"], found[2]["reference"]) == ("1", "a job's id")


async def test_koinly_gets_what_was_received_and_never_kudos_or_claims(path: Path) -> None:
    async with opened(path, HandClock(NOON)) as ledger:
        await some_money(ledger)
        (row,) = await koinly(ledger)
    assert row == {
        "Date": "2027-01-15 08:00:00 UTC",
        "Sent Amount": "",
        "Sent Currency": "",
        "Received Amount": "1.200000000000000000",
        "Received Currency": "AIPG",
        "Fee Amount": "",
        "Fee Currency": "",
        "Net Worth Amount": "0.015000",
        "Net Worth Currency": "EUR",
        "Label": "income",
        "Description": "aipg paid, the market",
        "TxHash": TX,
    }


async def test_money_that_is_never_paid_out_is_received_when_it_is_credited(path: Path) -> None:
    async with opened(path, HandClock(NOON)) as ledger:
        await write(
            ledger, [settled(5_000_000, USDC, "credited", "pool", reference="week 3", worth=(4_600_000, "EUR"))]
        )
        (row,) = await koinly(ledger)
    assert (row["Received Amount"], row["Net Worth Amount"], row["TxHash"]) == ("5.000000", "4.600000", "")


async def test_what_was_taken_back_leaves_again(path: Path) -> None:
    async with opened(path, HandClock(NOON)) as ledger:
        await write(ledger, [settled(-(10**18), AIPG, "paid", "aipg", reference=TX, worth=(-12_500, "EUR"))])
        (row,) = await koinly(ledger)
    assert (row["Sent Amount"], row["Sent Currency"], row["Received Amount"]) == ("1.000000000000000000", "AIPG", "")
    assert (row["Net Worth Amount"], row["Label"]) == ("0.012500", "cost")


async def test_a_line_is_dated_by_when_the_money_came(path: Path) -> None:
    received = 1_790_000_000 * 10**9
    async with opened(path, HandClock(NOON)) as ledger:
        await write(ledger, [settled(10**18, AIPG, "paid", "aipg", reference=TX, received_ns=received)])
        assert [row["at"] for row in await generic(ledger)] == ["2026-09-21T14:13:20.000000+00:00"]
        assert len(await generic(ledger, received, received + 1)) == 1
        assert await generic(ledger, received + 1) == []


async def test_pages_follow_each_other_without_loss_or_doubling(path: Path) -> None:
    async with opened(path, HandClock(NOON)) as ledger:
        await some_money(ledger)
        whole = await ledger.query(lines, 0, END)
        pages, page = [], await ledger.query(lines, 0, END, limit=2)
        while page:
            pages += page
            page = await ledger.query(lines, 0, END, after=page[-1].place, limit=2)
    assert pages == whole


async def test_a_strangers_formula_is_no_formula(path: Path) -> None:
    async with opened(path, HandClock(NOON)) as ledger:
        await write(ledger, [settled(1, AIPG, "paid", "=cmd()", reference="+1")])
        (line,) = await generic(ledger)
        (row,) = await koinly(ledger)
    assert (line["network"], line["reference"]) == ("'=cmd()", "'+1")
    assert row["Description"].startswith("'=cmd()")
