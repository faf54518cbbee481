"""``stoker ledger``: whether the books are whole, and what stands in them."""

from __future__ import annotations

import json

from fake_node import LIFE
from scripted_control import ScriptedControl, Stoker

WHOLE = {"entries": 1039, "head": "c07e5512" * 8, "checkpoints": 12, "signed_up_to": 1031, "problem": None}
BROKEN = {**WHOLE, "problem": {"seq": 17, "what": "its hash is not that of its content"}}


def test_a_whole_ledger_is_told_in_one_sentence(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/ledger/verify", WHOLE)

    result = stoker("ledger", "verify")

    assert result.exit_code == 0
    assert result.stdout == (
        "The ledger is whole: 1,039 entries, 12 signed checkpoints up to entry 1,031, head c07e5512c07e5512.\n"
    )


def test_a_damaged_ledger_names_the_entry_and_has_its_own_exit_code(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/ledger/verify", BROKEN)

    result = stoker("ledger", "verify")

    assert result.exit_code == 74
    assert result.stderr.startswith("error: entry 17: its hash is not that of its content\ntry: keep a copy")
    assert result.stdout == ""


def test_json_tells_the_damage_and_the_exit_code_stays(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/ledger/verify", BROKEN)

    result = stoker("ledger", "verify", "--json")

    assert json.loads(result.stdout) == BROKEN
    assert result.exit_code == 74


def test_entries_are_shown_in_order(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/ledger", {"entries": list(LIFE)})

    result = stoker("ledger", "show", "--after", "1030", "--kind", "job.accepted")

    assert control.asked[0].query == {"after": "1030", "limit": "100", "kind": "job.accepted"}
    assert result.stdout.splitlines()[1] == (
        " 1031  2026-11-22 12:40:53  job.accepted  3fa94c013fa9  horde, Mistral-Nemo-12B, 900 prompt tokens"
    )


def test_an_empty_book_says_when_its_first_entry_comes(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/ledger", {"entries": []})

    assert "when it starts" in stoker("ledger", "show").stderr
