"""``stoker earnings``: three columns that are never one number, what they are worth, and why they differ."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scripted_control import Answer, ScriptedControl, Stoker, json_answer

from node.control.wire import (
    Earning,
    EarningsRow,
    EarningsTable,
    Posting,
    Reconciliation,
    RewardView,
)

AT = datetime(2026, 11, 22, 12, 41, 7, tzinfo=UTC).timestamp()
KUDOS = Earning("kudos", 0, 1391, 1284, 0)
USDC = Earning("USDC", 6, 314_200, 314_200, 310_000)
HORDE = EarningsRow(
    "horde",
    done=10,
    failed=2,
    completion_tokens=4170,
    joules=19_000.0,
    earnings=(KUDOS, USDC),
    cost_micro=1_573,
    worth_micro=290_000,
    net_micro=288_427,
)
LOCAL = EarningsRow("local", done=3, completion_tokens=70)
TOTAL = EarningsRow(
    "",
    done=13,
    failed=2,
    completion_tokens=4240,
    joules=19_000.0,
    earnings=(KUDOS, USDC),
    cost_micro=1_573,
    worth_micro=290_000,
    net_micro=288_427,
    left_out=("1,284 kudos had no price",),
)
TABLE = EarningsTable("EUR", (HORDE, LOCAL), TOTAL)
EMPTY = EarningsTable("EUR", (), EarningsRow(""))
ROW = Reconciliation(
    "horde",
    "kudos",
    2,
    claimed=1000,
    credited=500,
    paid=0,
    held=645,
    uncredited=500,
    waiting_jobs=1,
    waiting=400,
    oldest_claim_at=AT,
    last_credit_at=AT - 60,
    explanation=("1 job is not in its books yet", "about 6.45 kudos are held back: our estimate"),
)
REWARD = RewardView(
    9, "horde", "nemo", "kudos", 2, 4, Posting(AT, 9, 1000), (Posting(AT + 60, 11, 500), Posting(AT + 120, 12, -100))
)


def test_claimed_credited_and_paid_are_columns_of_their_own_and_money_is_net_of_energy(
    control: ScriptedControl, stoker: Stoker
) -> None:
    control.on("GET", "/earnings", json_answer(TABLE))

    result = stoker("earnings", "--by", "network")

    assert result.stdout == (
        "NETWORK  DONE  FAILED  TOKENS  ENERGY  CLAIMED  CREDITED  PAID  ASSET         COST     WORTH        NET\n"
        "horde      10       2   4,170  5.3 Wh    1,391     1,284     0  kudos   0.0016 EUR  0.29 EUR  +0.29 EUR\n"
        "                                        0.3142    0.3142  0.31  USDC\n"
        "local       3       0      70       –        –         –     –  unpaid           –         –          –\n"
        "total      13       2   4,240  5.3 Wh    1,391     1,284     0  kudos   0.0016 EUR  0.29 EUR  +0.29 EUR\n"
        "                                        0.3142    0.3142  0.31  USDC\n"
    )
    assert "Not in the money: 1,284 kudos had no price." in result.stderr


def test_local_dates_and_the_network_reach_the_node(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", json_answer(EMPTY))

    stoker("earnings", "--since", "2026-11-01", "--until", "2026-11-22T12:30", "--network", "horde")

    since, until = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    assert control.asked[0].query == {
        "by": "day",
        "since": str(int(since.timestamp())),
        "until": str(int(until.timestamp())),
        "network": "horde",
    }


def test_single_rewards_are_of_the_time_that_was_asked_for(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings/rewards", json_answer({"rewards": []}))

    result = stoker("earnings", "--by", "job", "--since", "2026-11-01", "--until", "2026-11-02")

    since = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
    assert control.asked[0].query == {"since": str(since), "until": str(since + 86_400), "limit": "30"}
    assert "There is no reward of this time." in result.stderr


def test_by_the_hour_a_day_is_shown(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", json_answer(EMPTY))

    stoker("earnings", "--by", "hour", "--until", "2026-11-22")

    assert control.asked[0].query["since"] == str(int(datetime(2026, 11, 21, tzinfo=UTC).timestamp()))


def test_a_date_that_is_none_is_refused_with_the_form_it_should_have(stoker: Stoker) -> None:
    result = stoker("earnings", "--since", "yesterday")

    assert result.exit_code == 2
    assert "%Y-%m-%d" in result.stderr


def test_an_empty_table_teaches(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", json_answer(EMPTY))
    control.on("GET", "/earnings/rewards", {"rewards": []})
    control.on("GET", "/earnings/reconciliation", {"rows": []})

    assert "stoker try" in stoker("earnings").stderr
    for words in (["--by", "job"], ["--reconcile"]):
        result = stoker("earnings", *words)
        assert result.stdout == ""
        assert "stoker networks add" in result.stderr


def test_single_rewards_show_claim_credit_and_payment_with_their_times(
    control: ScriptedControl, stoker: Stoker
) -> None:
    control.on("GET", "/earnings/rewards", json_answer({"rewards": [REWARD]}))

    assert stoker("earnings", "--by", "job").stdout == (
        "JOB  NETWORK  MODEL  ASSET  CLAIMED  CLAIMED AT        CREDITED  CREDITED AT       PAID  PAID AT\n"
        "  4  horde    nemo   kudos    10.00  2026-11-22 12:41      4.00  2026-11-22 12:43     –  –\n"
    )


def test_differences_are_dated_and_explained_and_estimates_are_marked(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings/reconciliation", json_answer({"rows": [ROW]}))

    said = stoker("earnings", "--reconcile").stdout

    assert "HELD (ESTIMATE)" in said
    assert "about 6.45" in said
    assert "2026-11-22 12:41:07" in said
    assert "horde, kudos: 1 job is not in its books yet; about 6.45 kudos are held back: our estimate." in said


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--output", "x.csv"], "--output is for --csv"),
        (["--csv", "koinly", "--network", "horde"], "--csv is of all networks"),
        (["--reconcile", "--since", "2026-11-01"], "--since and --until are not for --reconcile"),
    ],
)
def test_what_would_have_no_effect_is_refused(stoker: Stoker, words: list[str], complaint: str) -> None:
    result = stoker("earnings", *words)

    assert result.exit_code == 2
    assert complaint in result.stderr


def test_differences_can_be_those_of_one_network(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings/reconciliation", json_answer({"rows": [ROW]}))

    stoker("earnings", "--reconcile", "--network", "horde")

    assert control.asked[0].query == {"network": "horde"}


def test_the_csv_is_what_the_node_said(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings.csv", Answer([b"at,entry\r\n", b"2026,1\r\n"]))

    assert stoker("earnings", "--csv", "koinly").stdout_bytes == b"at,entry\r\n2026,1\r\n"
    assert control.asked[0].query == {"form": "koinly"}


def test_the_csv_goes_into_a_new_file(control: ScriptedControl, stoker: Stoker, tmp_path: Path) -> None:
    control.on("GET", "/earnings.csv", Answer([b"at\r\n", "é\r\n".encode()]))
    file = tmp_path / "2026.csv"

    result = stoker("earnings", "--csv", "generic", "--output", str(file))

    assert (result.exit_code, result.stdout) == (0, "")
    assert file.read_bytes() == "at\r\né\r\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["2026.csv"]
    again = stoker("earnings", "--csv", "generic", "--output", str(file))
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_json_is_what_the_node_said(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", json_answer(TABLE))
    control.on("GET", "/earnings/rewards", json_answer({"rewards": [REWARD]}))
    control.on("GET", "/earnings/reconciliation", json_answer({"rows": [ROW]}))

    assert json.loads(stoker("earnings", "--json").stdout)["rows"][0]["net_micro"] == 288_427
    assert json.loads(stoker("earnings", "--by", "job", "--json").stdout)["rewards"][0]["job"] == 4
    assert json.loads(stoker("earnings", "--reconcile", "--json").stdout)["rows"][0]["held"] == 645
