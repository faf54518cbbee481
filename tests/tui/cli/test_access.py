"""``stoker access``: keys are shown once, listed by name, revoked at once."""

from __future__ import annotations

from fake_node import NOW, WORKING
from scripted_control import ScriptedControl, Stoker, refusal

KEY = "sk-stoker-aaaabbbbccccddddeeeeffffgggghhhhiiiijjjjkkkk"


def test_a_new_key_stands_alone_on_stdout(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", WORKING)
    control.on("POST", "/commands/new_key", {"name": "laptop", "key": KEY})

    result = stoker("access", "new", "laptop", "--concurrent", "2", "--max-tokens", "500")

    limits = {"requests_per_minute": None, "concurrent": 2, "max_tokens": 500}
    assert control.commands() == [("new_key", {"name": "laptop", **limits})]
    assert result.stdout == f"{KEY}\n"
    assert KEY not in result.stderr
    assert "http://127.0.0.1:7433/v1" in result.stderr


def test_keys_are_listed_with_their_limits(control: ScriptedControl, stoker: Stoker) -> None:
    laptop = {"name": "laptop", "created_at": NOW, "last_used_at": None}
    limits = {"requests_per_minute": 60, "concurrent": None, "max_tokens": 1000}
    control.on("GET", "/access", {"keys": [{**laptop, **limits}]})

    assert stoker("access", "list").stdout == (
        "NAME    MADE              LAST USED  REQUESTS/MIN   AT ONCE  MAX TOKENS\n"
        "laptop  2026-11-22 12:41  never                60  no limit       1,000\n"
    )


def test_no_key_at_all_teaches(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/access", {"keys": []})

    assert "stoker access new NAME" in stoker("access", "list").stderr


def test_revoking_a_key_that_is_not_there_is_refused(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/commands/revoke_key", refusal(409, "access", "no such key", "stoker access list"))

    result = stoker("access", "revoke", "nobody")

    assert (result.exit_code, result.stderr) == (5, "error: no such key\ntry: stoker access list\n")
