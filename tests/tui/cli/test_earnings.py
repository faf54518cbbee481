"""``stoker earnings``: three columns that are never one number."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

from scripted_control import ScriptedControl, Stoker

WORK = {"failed": 2, "prompt_tokens": 9000, "completion_tokens": 4170, "compute": 130.0, "joules": 19_000.0}
PAID = {
    "key": "horde",
    "done": 10,
    **WORK,
    "earnings": [
        {"asset": "kudos", "decimals": 0, "claimed": 1391, "credited": 1284, "paid": 0},
        {"asset": "USDC", "decimals": 6, "claimed": 314_200, "credited": 314_200, "paid": 310_000},
    ],
}
UNPAID = {"key": "local", "done": 3, **WORK, "joules": None, "earnings": []}


def test_claimed_credited_and_paid_are_columns_of_their_own(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", {"rows": [PAID, UNPAID]})

    assert stoker("earnings", "--by", "network").stdout == (
        "NETWORK  DONE  FAILED  TOKENS  COMPUTED  ENERGY  CLAIMED  CREDITED  PAID  ASSET\n"
        "horde      10       2   4,170     130 s  5.3 Wh    1,391     1,284     0  kudos\n"
        "                                                  0.3142    0.3142  0.31  USDC\n"
        "local       3       2   4,170     130 s       –        –         –     –  unpaid\n"
    )


def test_local_dates_reach_the_node_as_unix_seconds(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", {"rows": []})

    stoker("earnings", "--since", "2026-11-01", "--until", "2026-11-22T12:30")

    since, until = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    assert control.asked[0].query == {
        "by": "day",
        "since": str(int(since.timestamp())),
        "until": str(int(until.timestamp())),
    }


def test_a_date_that_is_none_is_refused_with_the_form_it_should_have(stoker: Stoker) -> None:
    result = stoker("earnings", "--since", "yesterday")

    assert result.exit_code == 2
    assert "%Y-%m-%d" in result.stderr


def test_an_empty_table_teaches(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", {"rows": []})

    result = stoker("earnings")

    assert result.stdout == ""
    assert "stoker try" in result.stderr


def test_csv_keeps_base_units_and_tames_formulas(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", {"rows": [PAID, {**UNPAID, "key": "=HYPERLINK(1)"}]})

    rows = list(csv.DictReader(io.StringIO(stoker("earnings", "--csv").stdout)))

    assert [(row["key"], row["asset"], row["claimed"], row["paid"]) for row in rows] == [
        ("horde", "kudos", "1391", "0"),
        ("horde", "USDC", "314200", "310000"),
        ("'=HYPERLINK(1)", "", "", ""),
    ]


def test_json_is_what_the_node_said(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/earnings", {"rows": [PAID]})

    assert json.loads(stoker("earnings", "--json").stdout) == {"rows": [PAID]}
