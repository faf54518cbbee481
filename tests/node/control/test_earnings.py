"""Earnings over the control API."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from books import NOON, accepted, finished, opened, settled, write
from hand_clock import HandClock

from node.control.app import build_app
from node.control.codec import decode
from node.control.earnings import Earnings
from node.control.wire import EarningsTable, Reconciliation, RewardView
from node.jobs import JobState
from node.ledger.store import Ledger
from wallet.money import Amount, Asset

KUDOS, AIPG, USDC = Asset("kudos", 2), Asset("AIPG", 18), Asset("USDC", 6)
DAY = 86_400.0


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def ledger(tmp_path: Path, clock: HandClock) -> AsyncIterator[Ledger]:
    """A day of kudos with energy that has a price, then a day of tokens with energy that has none."""
    async with opened(tmp_path / "ledger.db", clock) as ledger:
        await write(ledger, [accepted(1), finished(1, reward=Amount(1000, KUDOS), cost_micro=70)])
        await write(ledger, [accepted(2), finished(2, state=JobState.FAILED, cost_micro=20)])
        clock.now += DAY
        await write(ledger, [settled(500, KUDOS, number=1, reference="one")])
        await write(ledger, [accepted(3, "aipg"), finished(3, "aipg", energy_mj=7_200_000)])
        await write(ledger, [settled(10**18, AIPG, "paid", "aipg", reference="0x1", worth=(12_500, "EUR"))])
        yield ledger


@pytest.fixture
async def ask(ledger: Ledger, clock: HandClock) -> AsyncIterator[httpx.AsyncClient]:
    app = build_app(Earnings(ledger.query, "EUR", clock, lambda: {"horde": (Amount(500, KUDOS),)}).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node") as client:
        yield client


async def asked(ask: httpx.AsyncClient, path: str) -> Any:
    answer = await ask.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def table(ask: httpx.AsyncClient, query: str = "") -> EarningsTable:
    return decode(EarningsTable, await asked(ask, f"/earnings?{query}"))


async def test_days_have_energy_cost_worth_and_net_and_say_what_these_leave_out(ask: httpx.AsyncClient) -> None:
    found = await table(ask)
    first, second = found.rows
    assert found.currency == "EUR"
    assert (first.done, first.failed, first.joules) == (1, 1, 3.0)
    assert (first.cost_micro, first.worth_micro, first.net_micro, first.left_out) == (90, None, -90, ())
    assert (second.cost_micro, second.worth_micro, second.net_micro) == (None, 12_500, None)
    assert second.left_out == ("2 Wh had no price", "5.00 kudos had no price")


async def test_the_total_is_that_of_the_rows(ask: httpx.AsyncClient) -> None:
    total = (await table(ask)).total
    assert (total.done, total.failed, total.cost_micro, total.worth_micro) == (2, 1, 90, 12_500)
    assert total.net_micro == 12_410
    assert [(one.asset, one.claimed, one.credited, one.paid) for one in total.earnings] == [
        ("AIPG", 0, 0, 10**18),
        ("kudos", 1000, 500, 0),
    ]


async def test_money_of_another_currency_is_left_out_and_said(ledger: Ledger, ask: httpx.AsyncClient) -> None:
    await write(ledger, [accepted(9), finished(9, reward=Amount(10**6, USDC), cost_micro=5, currency="USD")])
    total = (await table(ask)).total
    assert (total.cost_micro, total.worth_micro) == (90, 12_500)
    assert "energy for 0.000005 USD, which is not EUR" in total.left_out
    assert "earnings worth 1.00 USD, which is not EUR" in total.left_out


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("by=network", ["aipg", "horde"]),
        ("by=network&network=horde", ["horde"]),
        ("by=model", ["", "nemo"]),
        ("by=asset", ["", "AIPG", "kudos"]),
        ("by=day", ["2027-01-15", "2027-01-16"]),
        (f"by=day&until={NOON + 60}", ["2027-01-15"]),
        ("by=hour", ["2027-01-16T08:00+00:00"]),
        (f"by=hour&since={NOON - 60}", ["2027-01-15T08:00+00:00", "2027-01-16T08:00+00:00"]),
    ],
)
async def test_rows_are_grouped_as_asked(ask: httpx.AsyncClient, clock: HandClock, query: str, keys: list[str]) -> None:
    clock.now += 60
    assert [row.key for row in (await table(ask, query)).rows] == keys


async def test_differences_are_told_with_dates_reasons_and_an_estimate_apart(ask: httpx.AsyncClient) -> None:
    rows = [decode(Reconciliation, row) for row in (await asked(ask, "/earnings/reconciliation"))["rows"]]
    assert [(row.network, row.asset, row.held) for row in rows] == [("aipg", "AIPG", None), ("horde", "kudos", 500)]
    assert (rows[1].claimed, rows[1].credited, rows[1].uncredited) == (1000, 500, 500)
    assert (rows[1].last_credit_at, rows[1].waiting_jobs) == (NOON + DAY, 0)
    assert "our estimate" in rows[1].explanation[0]
    one = (await asked(ask, "/earnings/reconciliation?network=aipg"))["rows"]
    assert [row["asset"] for row in one] == ["AIPG"]


async def test_single_rewards_have_claim_credit_and_payment_with_their_times(ask: httpx.AsyncClient) -> None:
    rewards = [decode(RewardView, one) for one in (await asked(ask, "/earnings/rewards"))["rewards"]]
    paid, claimed = rewards
    assert (paid.job, paid.paid[0].reference, paid.paid[0].worth_micro) == (None, "0x1", 12_500)
    assert claimed.claimed is not None
    assert (claimed.job, claimed.claimed.at, claimed.claimed.units) == (1, NOON, 1000)
    assert [(one.at, one.units, one.reference) for one in claimed.credited] == [(NOON + DAY, 500, "one")]
    older = (await asked(ask, f"/earnings/rewards?before={paid.entry}&network=horde&asset=kudos&limit=5"))["rewards"]
    assert [one["job"] for one in older] == [1]
    earlier = (await asked(ask, f"/earnings/rewards?since={NOON}&until={NOON + 1}"))["rewards"]
    assert [one["job"] for one in earlier] == [1]


async def test_the_csv_is_whole_and_in_the_form_that_was_asked_for(
    ask: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.control.earnings.CSV_PAGE", 1)
    everything = list(csv.DictReader(io.StringIO((await ask.get("/earnings.csv")).text)))
    assert [row["what"] for row in everything] == ["claimed", "credited", "paid"]
    answer = await ask.get("/earnings.csv?form=koinly")
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["Received Currency"] for row in csv.DictReader(io.StringIO(answer.text))] == ["AIPG"]
    empty = (await ask.get(f"/earnings.csv?since={NOON + 2 * DAY}")).text
    assert empty.startswith("at,entry,what")


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/earnings?by=mood", "by: got 'mood'; expected one of day, hour, network, model, asset"),
        ("/earnings?since=yesterday", "since: got 'yesterday'; expected Unix seconds"),
        ("/earnings?until=nan", "until: got 'nan'; expected Unix seconds"),
        ("/earnings?by=hour&since=0", "since: expected at most 31 days before until"),
        ("/earnings/rewards?limit=1001", "limit: got '1001'; expected"),
        ("/earnings/rewards?before=x", "before: got 'x'; expected"),
        ("/earnings/rewards?since=-1", "since: got '-1'; expected Unix seconds"),
        ("/earnings/rewards?until=soon", "until: got 'soon'; expected Unix seconds"),
        ("/earnings.csv?form=pdf", "form: got 'pdf'; expected one of generic, koinly"),
    ],
)
async def test_a_bad_argument_is_named_with_what_was_expected(
    ask: httpx.AsyncClient, path: str, complaint: str
) -> None:
    answer = await ask.get(path)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(complaint)
