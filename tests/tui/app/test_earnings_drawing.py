"""Earnings without a terminal: sums, differences and rewards fit, and nothing is added up that does not belong."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from fake_earnings import BY_DAY, BY_NETWORK, COMPARED, REWARDS
from fake_node import NOW
from hypothesis import given
from hypothesis import strategies as st

from node.control.wire import Earning, EarningsRow, EarningsTable, Posting, Reconciliation, RewardView
from tui.ink import Line, framed, measure
from tui.screens.earnings import agreement, course, listing, rewards, spans

texts = st.text(st.characters(exclude_categories=["C"]), max_size=40)
units = st.integers(-(2**50), 2**63 - 1)
moments = st.none() | st.floats(0, NOW)
amounts = st.builds(Earning, texts, st.integers(0, 18), units, units, units)
micro = st.none() | st.integers(-(10**15), 10**15)
sums = st.builds(
    EarningsRow,
    key=st.sampled_from([spans.day(NOW - back * 86_400) for back in range(40)]) | texts,
    done=st.integers(0, 10**9),
    failed=st.integers(0, 10**6),
    completion_tokens=st.integers(0, 10**12),
    joules=st.none() | st.floats(0, 1e12),
    earnings=st.lists(amounts, max_size=3, unique_by=lambda earning: earning.asset).map(tuple),
    cost_micro=micro,
    worth_micro=micro,
    net_micro=micro,
    left_out=st.lists(texts, max_size=2).map(tuple),
)
tables = st.builds(
    EarningsTable,
    currency=st.sampled_from(["EUR", "USD", ""]),
    rows=st.lists(sums, max_size=8, unique_by=lambda row: row.key).map(tuple),
    total=sums,
)
comparisons = st.lists(
    st.builds(
        Reconciliation,
        texts,
        texts,
        st.integers(0, 18),
        units,
        units,
        units,
        held=st.none() | units,
        uncredited=st.none() | units,
        unpaid=st.none() | units,
        waiting_jobs=st.integers(0, 10**6),
        oldest_claim_at=moments,
        last_credit_at=moments,
        last_payment_at=moments,
        explanation=st.lists(texts, max_size=2).map(tuple),
    ),
    max_size=4,
)
postings = st.builds(
    Posting, st.floats(0, NOW), st.integers(1, 10**9), units, texts, micro, st.just("EUR"), price_source=texts
)
single = st.builds(
    RewardView,
    st.integers(1, 10**9),
    texts,
    texts,
    texts,
    st.integers(0, 18),
    st.none() | st.integers(1, 10**7),
    st.none() | postings,
    st.lists(postings, max_size=3).map(tuple),
    st.lists(postings, max_size=3).map(tuple),
)


def text_of(lines: list[Line] | tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in line) for line in lines)


@given(tables, st.sampled_from(listing.GROUPS), st.integers(59, 220))
def test_every_line_of_the_table_fits_and_has_a_key_of_its_own(table: EarningsTable, by: str, width: int) -> None:
    layout = listing.layout(width, by, table.currency)
    rows = listing.rows(table, by, layout)
    assert all(measure(row.line) == measure(listing.heading(layout)) <= width - 1 for row in rows)
    assert len({row.key for row in rows}) == len(rows)


@given(tables, st.sampled_from(listing.GROUPS))
def test_a_line_stands_for_its_row_and_its_asset(table: EarningsTable, by: str) -> None:
    rows = listing.rows(replace(table, rows=table.rows[:1]), by, listing.layout(120, by, ""))
    keys = [listing.parts(row.key) for row in rows]
    assert keys == [(row.key, earning.asset) for row in table.rows[:1] for earning in row.earnings or (Earning("", 0),)]


@given(tables, st.integers(8, 120), st.integers(1, 20))
def test_the_month_fits_its_panel(table: EarningsTable, width: int, height: int) -> None:
    drawn = framed("Title", course.picture(table, NOW, width, height), width + 4, height + 2)
    assert all(measure(line) == width + 4 for line in drawn)


def test_the_month_has_a_value_for_each_of_its_days_and_gaps_where_nothing_came() -> None:
    values, unit, _ = course.series(BY_DAY, NOW)
    assert (len(values), unit) == (30, "EUR")
    assert [at for at, value in enumerate(values) if value is None] == [17, 18]


def test_without_a_price_the_month_shows_the_asset_that_came_on_most_days() -> None:
    rows = tuple(replace(row, worth_micro=None) for row in BY_DAY.rows)
    values, unit, _ = course.series(replace(BY_DAY, rows=rows), NOW)
    assert (values[-1], unit) == (630.0, "kudos")


@given(comparisons, st.integers(20, 120), st.integers(1, 20))
def test_the_differences_fit_their_panel(found: list[Reconciliation], width: int, height: int) -> None:
    drawn = framed("Title", agreement.picture(found, NOW, width, height), width + 4, height + 2)
    assert all(measure(line) == width + 4 for line in drawn)


def test_what_differs_stands_before_what_agrees() -> None:
    text = text_of(agreement.picture(COMPARED[::-1], NOW, 90, 20).lines)
    assert text.index("▲ aipg") < text.index("▲ horde") < text.index("✔ usepod")


def test_where_all_agrees_it_says_so() -> None:
    picture = agreement.picture(COMPARED[2:], NOW, 90, 20)
    assert "✔ all agree" in text_of((picture.aside,))


@given(single, st.integers(59, 200))
def test_every_reward_has_a_row_that_fits(reward: RewardView, width: int) -> None:
    layout = rewards.layout(width)
    assert measure(rewards.row(layout, reward, NOW)) == measure(rewards.heading(layout)) <= width - 1


@pytest.mark.parametrize("width", [40, 80])
def test_a_reward_leaves_out_nothing_that_is_in_the_books(width: int) -> None:
    reward = REWARDS[2]
    text = text_of(rewards.told(reward, NOW, width))
    together = text.replace("\n", "").replace(" ", "")
    assert reward.paid[0].reference in together
    for words in ("0.01 USDC", "ledger #977", "ledger #981", "ledger #990", "0.0092 EUR", "pegged 1:1"):
        assert words in text


def test_what_was_taken_back_says_so() -> None:
    text = text_of(rewards.told(REWARDS[3], NOW, 80))
    assert "-0.01 AIPG   taken back" in text


def test_kudos_are_in_no_sum_of_money() -> None:
    layout = listing.layout(120, "network", "EUR")
    horde = next(row for row in listing.rows(BY_NETWORK, "network", layout) if row.key.startswith("horde"))
    text = text_of((horde.line,))
    assert "29,070.00" in text
    assert text.rstrip().endswith("-9.41")


@given(st.integers(0, 400))
def test_a_span_begins_at_a_local_midnight(back: int) -> None:
    assert time.localtime(spans.midnight(NOW, back))[3:5] == (0, 0)
