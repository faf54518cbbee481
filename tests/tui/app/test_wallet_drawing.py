"""Balances and history without a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_node import MAIN, MAIN_BALANCE, MOVEMENTS, NOW, OLDER_MOVEMENTS, PAYOUTS
from hypothesis import given
from hypothesis import strategies as st

from node.control.wire import BalanceView, Holding, Movement, MovementPage
from tui import format as said
from tui.ink import Line, framed, measure
from tui.screens.wallet import balances, facts, history, movement

figures = st.integers(0, 2**64 - 1)
texts = st.text(max_size=50)
holdings = st.builds(
    Holding,
    asset=texts,
    decimals=st.integers(0, 30),
    units=figures,
    mint=texts,
    known=st.booleans(),
    worth=st.sampled_from(["", "1.00 EUR", "12,345.67 EUR", "0.10 USD", "many"]),
    worth_at=st.none() | st.floats(0, NOW),
    worth_stale=st.booleans(),
)
answers = st.builds(
    BalanceView,
    wallet=st.just("main"),
    address=st.just(MAIN.address),
    cluster=st.sampled_from(["mainnet-beta", "devnet"]),
    at=st.none() | st.floats(0, NOW),
    holdings=st.lists(holdings, max_size=12).map(tuple),
    problem=texts,
    remedy=texts,
    endpoints=st.lists(texts, max_size=3).map(tuple),
)
movements = st.builds(
    Movement,
    signature=st.sampled_from([f"signature{number}" for number in range(9)]),
    at=st.none() | st.floats(0, NOW),
    direction=st.sampled_from(["in", "out", "self", "unknown", "sideways"]),
    asset=st.sampled_from(["SOL", "USDC"]),
    decimals=st.integers(0, 30),
    units=figures,
    counterparty=texts,
    memo=texts,
    fee_units=st.none() | figures,
    known=st.booleans(),
    failed=st.booleans(),
)


def text_of(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in line) for line in lines)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (said.exact(1_234_567_891, 9), "1.234567891"),
        (said.exact(5_000, 9), "0.000005"),
        (said.exact(41_310_000, 6), "41.31"),
        (said.exact(1_000_000, 0), "1,000,000"),
        (said.exact(-15, 1), "-1.5"),
        (said.ago(12), "12 s ago"),
        (said.ago(600), "10 min ago"),
        (said.ago(7200), "2 h ago"),
        (said.ago(200_000), "2 d ago"),
        (said.ago(-3), "0 s ago"),
        (said.ends(MAIN.address), "HAgk…Kpqk"),
        (said.day(NOW - 60, NOW), "12:40:07"),
        (said.day(NOW - 100_000, NOW), "2026-11-21"),
    ],
)
def test_figures_and_moments_read_well(text: str, wanted: str) -> None:
    assert text == wanted


@given(figures, st.integers(0, 30))
def test_an_exact_figure_loses_nothing(units: int, decimals: int) -> None:
    whole, _, fraction = said.exact(units, decimals).replace(",", "").partition(".")
    assert int(whole) * 10**decimals + int(fraction.ljust(decimals, "0") or 0) == units


@given(answers, texts, st.integers(20, 120), st.integers(1, 14))
def test_whatever_is_held_fits_its_panel(balance: BalanceView, trouble: str, width: int, height: int) -> None:
    picture = balances.picture(balance, trouble, NOW, width, height)
    drawn = framed("Balances", picture, width + 4, height + 2)
    assert all(measure(line) == width + 4 for line in drawn)


@given(st.lists(holdings, max_size=12))
def test_a_sum_is_shown_only_of_prices_in_one_currency(held: list[Holding]) -> None:
    picture = balances.picture(replace(MAIN_BALANCE, holdings=tuple(held)), "", NOW, 100, 40)
    priced = [holding.worth for holding in held if holding.known and holding.worth]
    one_currency = len({worth.rpartition(" ")[2] for worth in priced}) == 1 and "many" not in priced
    assert ("together" in text_of(picture.lines)) == (len(priced) > 1 and one_currency)


def test_a_sum_says_how_many_it_leaves_out() -> None:
    text = text_of(balances.picture(MAIN_BALANCE, "", NOW, 76, 8).lines)
    assert "220.12 EUR  2 not priced" in text


def test_a_token_nobody_vouches_for_shows_its_mint_and_never_its_own_name() -> None:
    text = text_of(balances.picture(MAIN_BALANCE, "", NOW, 76, 8).lines)
    assert "7xKX…gAsU" in text
    assert "FREE" not in text


def test_what_does_not_fit_is_counted() -> None:
    text = text_of(balances.picture(MAIN_BALANCE, "", NOW, 76, 3).lines)
    assert "and 3 more:  stoker wallet balance main" in text


@given(answers, answers)
def test_no_figure_outlives_its_cluster(before: BalanceView, after: BalanceView) -> None:
    kept = balances.newer(before, after)
    assert kept.problem == after.problem
    if before.cluster != after.cluster or not after.problem or after.holdings:
        assert kept == after
    else:
        assert (kept.holdings, kept.at) == (before.holdings, before.at)


@given(st.lists(movements, max_size=20), st.sampled_from(["solana", "base", "other"]), st.integers(59, 200))
def test_every_movement_has_a_row_of_its_own_that_fits(moved: list[Movement], chain: str, width: int) -> None:
    rows = history.rows(history.layout(width), moved, chain, NOW, stale=False)
    assert len({row.key for row in rows}) == len(moved)
    assert all(measure(row.line) <= width for row in rows)


@pytest.mark.parametrize("width", [30, 62])
def test_the_details_of_a_movement_leave_nothing_out(width: int) -> None:
    one = replace(MOVEMENTS[1], memo="rent of the second half of November", known=False, asset=MAIN.address)
    lines = movement.told(one, "solana", width)
    together = "".join("".join(span.text for span in line[1:]) for line in lines).replace(" ", "")
    for text in (one.signature, one.counterparty, one.memo.replace(" ", ""), one.asset, "-0.25", "0.000005SOL"):
        assert text in together
    assert all(measure(line) <= width for line in lines[3:])


def test_a_fresh_first_page_keeps_the_older_ones_it_joins_on_to() -> None:
    long = history.lengthened(MovementPage("main", MOVEMENTS, "2"), MovementPage("main", OLDER_MOVEMENTS, "3"))
    new = replace(MOVEMENTS[0], signature="new")
    fresh = history.refreshed(long, MovementPage("main", (new, *MOVEMENTS[:4]), "2"))
    assert [one.signature for one in fresh.movements] == [one.signature for one in (new, *MOVEMENTS, *OLDER_MOVEMENTS)]
    assert fresh.older == "3"


def test_a_first_page_that_joins_on_to_nothing_stands_alone() -> None:
    before = MovementPage("main", OLDER_MOVEMENTS, "9")
    page = MovementPage("main", MOVEMENTS, "2")
    assert history.refreshed(before, page) == page


def test_a_page_that_could_not_be_fetched_changes_only_what_is_wrong() -> None:
    before = MovementPage("main", MOVEMENTS, "2")
    failed = MovementPage("main", problem="no RPC node answers")
    wanted = replace(before, problem="no RPC node answers")
    assert history.refreshed(before, failed) == history.lengthened(before, failed) == wanted


@pytest.mark.parametrize("width", [59, 79, 119, 219])
@pytest.mark.parametrize("wallet", [MAIN, PAYOUTS, replace(MAIN, locked=False, backed_up=True)])
def test_a_wallets_row_fits_and_its_address_is_whole_where_there_is_room(wallet: object, width: int) -> None:
    assert isinstance(wallet, type(MAIN))
    line = facts.row(facts.layout(width), wallet)
    assert measure(line) <= width
    assert (wallet.address in text_of((line,))) == (width > 110)


def test_columns_of_history_leave_in_the_order_of_their_need() -> None:
    names = [{column.name for column, _ in history.layout(width)} for width in (60, 80, 120)]
    assert names[0] == {"when", "direction", "amount", "asset"}
    assert names[1] == names[0] | {"counterparty", "memo"}
    assert names[2] == names[1] | {"fee", "signature"}


@pytest.mark.parametrize(("height", "end"), [(5, "…"), (8, "nothing else")])
def test_what_is_cut_of_the_facts_of_a_wallet_ends_in_an_ellipsis(height: int, end: str) -> None:
    lines = facts.about(MAIN, 47, height)
    assert len(lines) <= height
    assert text_of(lines).endswith(end)


def test_a_suggested_name_is_free() -> None:
    assert facts.free_name([MAIN]) == "payouts"
    assert facts.free_name([MAIN, PAYOUTS]) == "payouts-2"
