"""Books for the fake node: a month of earnings, how they agree, and single rewards."""

from __future__ import annotations

import time
from dataclasses import replace

from fake_node import NOW, WORKING, FakeNode

from node.control.wire import (
    Earning,
    EarningsRow,
    EarningsTable,
    Posting,
    Reconciliation,
    RewardView,
)

DAY = 86_400.0


def _date(back: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(NOW - back * DAY))


def _day(back: int) -> EarningsRow:
    wave = 7 + (back * 5) % 11
    kudos = Earning("kudos", 2, 9_000 * wave, 8_400 * wave if back else 6_000 * wave, 0)
    coins = Earning("AIPG", 8, 0, 31_000_000 * wave, 31_000_000 * wave if back > 3 else 0)
    worth, cost = 41_000 * wave, 300_000 + 21_000 * wave
    return EarningsRow(
        _date(back),
        done=40 * wave,
        failed=wave % 3,
        prompt_tokens=100_000 * wave,
        completion_tokens=31_000 * wave,
        compute=3_600.0 * wave,
        joules=1_100_000.0 * wave,
        earnings=(kudos, coins) if back % 4 else (kudos,),
        cost_micro=cost,
        worth_micro=worth,
        net_micro=worth - cost,
    )


DAYS = tuple(_day(back) for back in range(29, -1, -1) if back not in (11, 12))

TOTAL = EarningsRow(
    "",
    done=sum(row.done for row in DAYS),
    failed=sum(row.failed for row in DAYS),
    completion_tokens=sum(row.completion_tokens for row in DAYS),
    joules=sum(row.joules or 0.0 for row in DAYS),
    earnings=(Earning("kudos", 2, 2_907_000, 2_692_200, 0), Earning("AIPG", 8, 0, 7_440_000_000, 6_572_000_000)),
    cost_micro=sum(row.cost_micro or 0 for row in DAYS),
    worth_micro=sum(row.worth_micro or 0 for row in DAYS),
    net_micro=sum(row.net_micro or 0 for row in DAYS),
    left_out=("kudos have no price",),
)

BY_DAY = EarningsTable("EUR", DAYS, TOTAL)
BY_NETWORK = EarningsTable(
    "EUR",
    (
        replace(TOTAL, key="aipg", earnings=TOTAL.earnings[1:], done=3_101, failed=12, left_out=()),
        replace(TOTAL, key="horde", earnings=TOTAL.earnings[:1], worth_micro=None, net_micro=-9_412_000),
        EarningsRow("local", done=812, completion_tokens=90_411, joules=480_000.0),
    ),
    TOTAL,
)
BY_MODEL = EarningsTable(
    "EUR",
    (
        replace(TOTAL, key="Mistral-Nemo-12B", earnings=TOTAL.earnings[:1]),
        replace(TOTAL, key="bartowski/Llama-3.1-8B-Instruct.gguf", earnings=TOTAL.earnings[1:]),
    ),
    TOTAL,
)

COMPARED = (
    Reconciliation(
        "horde",
        "kudos",
        2,
        2_907_000,
        2_692_200,
        0,
        held=107_120,
        uncredited=214_800,
        waiting_jobs=12,
        waiting=41_000,
        oldest_claim_at=NOW - 7_400,
        last_credit_at=NOW - 300,
        explanation=(
            "Until the account is trusted, half of each reward is held back and shown to nobody but moderators.",
            "Its books are read once a minute; the last jobs are not in them yet.",
        ),
    ),
    Reconciliation(
        "aipg",
        "AIPG",
        8,
        0,
        7_440_000_000,
        6_572_000_000,
        unpaid=868_000_000,
        last_credit_at=NOW - 1_900,
        last_payment_at=NOW - 3 * DAY,
        explanation=("Payments go out by hand, every few days.",),
    ),
    Reconciliation("usepod", "USDC", 6, 314_200, 314_200, 314_200, unpaid=0, last_payment_at=NOW - DAY),
)

REWARDS = (
    RewardView(1039, "horde", "Mistral-Nemo-12B", "kudos", 2, 4810, Posting(NOW - 0.2, 1039, 341)),
    RewardView(
        1029,
        "horde",
        "Mistral-Nemo-12B",
        "kudos",
        2,
        4801,
        Posting(NOW - 900, 1029, 1_240),
        (Posting(NOW - 840, 1034, 1_240, "account balance of 2026-11-22T12:27"),),
    ),
    RewardView(
        977,
        "usepod",
        "Mistral-Nemo-12B",
        "USDC",
        6,
        4711,
        Posting(NOW - 90_000, 977, 10_000, "", 9_200, "EUR", "USDC pegged 1:1 to the dollar, rate of the ECB"),
        (Posting(NOW - 89_000, 981, 10_000, "settlement 881"),),
        (Posting(NOW - 88_000, 990, 10_000, "4sGj" + "k" * 80 + "Qa81", 9_200, "EUR", "USDC pegged 1:1"),),
    ),
    RewardView(
        960,
        "aipg",
        "",
        "AIPG",
        8,
        None,
        None,
        (Posting(NOW - 100_000, 960, 31_000_000, "hour 2026-11-21T08"), Posting(NOW - 99_000, 961, -1_000_000, "late")),
    ),
)

SHEET = "date,kind,amount,asset\n2026-11-21,paid,0.01,USDC\n2026-11-22,paid,0.31,AIPG\n"


def earning_node() -> FakeNode:
    """A fake node with all of that in its books."""
    node = FakeNode(WORKING)
    node.tables = {"day": BY_DAY, "network": BY_NETWORK, "model": BY_MODEL}
    node.compared = list(COMPARED)
    node.rewarded = list(REWARDS)
    node.sheet = SHEET
    return node
