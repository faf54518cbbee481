"""``stoker networks list``, ``status``, ``kinds`` and ``page``: what is and what could be."""

from __future__ import annotations

import json

import pytest
from network_views import HORDE
from scripted_control import ScriptedControl, Stoker


def test_the_list_has_a_line_for_each_network(stoker: Stoker) -> None:
    header, horde, second = stoker("networks", "list").stdout.splitlines()
    assert header.split() == [
        *("NAME", "NETWORK", "STATE", "IN", "HAND", "QUEUE"),
        *("DONE/H", "FAILED/H", "SHARE", "CLAIMED/H", "WHY"),
    ]
    assert horde.split() == ["horde", "AI", "Horde", "working", "4", "1,234", "120", "2", "97", "%", "148.80", "kudos"]
    assert second.endswith(
        "the API key is not valid any more. What would change it: stoker networks set second --ask-api-key. "
        "Tried again at 12:10:00."
    )


def test_the_status_tells_everything_that_is_known(stoker: Stoker) -> None:
    assert stoker("networks", "status", "horde").stdout.splitlines() == [
        "horde (AI Horde) is working.",
        "  Joined as rig at https://horde.example/api/v2; its page was accepted on 2026-11-22 12:00:00.",
        "  It says: not trusted yet.",
        "  Its key is kept here: file sealed with the host key.",
        "  It is in maintenance: `stoker networks maintenance horde off` ends that.",
        "  Last hour: 120 jobs done, 2 failed, 97 % of the engine's time. "
        "Now: 3 in work, 1 waiting, 1,234 in its queue for our models. Weight 1.",
        "  Claimed 1,284.00 kudos (148.80 kudos in the last hour), credited 642.00 kudos (74.40 kudos), "
        "paid 0.00 kudos (0.00 kudos). It probably holds back 642.00 kudos: an estimate.",
        "  Message of 2026-11-22 12:00:00: Please [31mupdate",
        "  Fault of 2026-11-22 12:00:00: the answer was no JSON",
        "MODEL         NAME THERE              KNOWN  PAID IN FULL        A JOB         AN HOUR",
        "mistral-nemo  koboldcpp/Mistral-Nemo  yes    no            12.40 kudos  1,488.00 kudos",
        "private       private                 –      –                       –               –  "
        "not offered: its licence (cc-by-nc-4.0) forbids work for pay",
    ]


def test_without_a_name_the_status_tells_of_all(stoker: Stoker) -> None:
    told = stoker("networks", "status").stdout
    assert told.startswith("horde (AI Horde) is working.")
    assert "\n\nsecond (AI Horde) is parked: the API key is not valid any more." in told


def test_a_network_that_was_not_joined_is_answered_with_those_that_were(stoker: Stoker) -> None:
    result = stoker("networks", "status", "hordee")
    assert result.exit_code == 5
    assert "there are: horde, second" in result.stderr


@pytest.mark.parametrize("command", ["list", "status"])
def test_programs_get_everything_as_the_node_has_it(stoker: Stoker, command: str) -> None:
    horde, second = json.loads(stoker("networks", command, "--json").stdout)
    assert (horde["rewards"][0]["held"], horde["messages"][0]["text"]) == (64_200, "Please \x1b[31mupdate")
    assert second["state"] == "parked"


@pytest.mark.parametrize("command", ["list", "status"])
def test_before_any_is_joined_everything_teaches(control: ScriptedControl, stoker: Stoker, command: str) -> None:
    control.on("GET", "/networks", {"networks": []})
    result = stoker("networks", command)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "stoker networks kinds" in result.stderr


def test_kinds_say_what_they_pay(stoker: Stoker) -> None:
    assert stoker("networks", "kinds").stdout == (
        "KIND    NETWORK                 PAYS\n"
        "horde   AI Horde                kudos: no money\n"
        "usepod  Use Pod (experimental)  USDC on Solana\n"
    )


def test_a_page_is_as_wide_as_a_person_reads(stoker: Stoker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    lines = stoker("networks", "page", "horde").stdout.splitlines()
    assert lines[:8] == [
        "AI Horde: A volunteers' network.",
        "Address: https://horde.example/api/v2",
        "",
        "WHAT IT IS",
        "A crowd of volunteers.",
        "",
        "You need an account.",
        "",
    ]
    assert lines[-1] == "(Page of 2026-11-22)"
    assert max(map(len, lines)) <= 96


def test_the_page_of_an_experiment_ends_with_its_notice(stoker: Stoker) -> None:
    assert "\nEXPERIMENTAL\nNobody asked them yet. Ask them first.\n" in stoker("networks", "page", "usepod").stdout


def test_a_page_for_programs_has_its_version(stoker: Stoker) -> None:
    page = json.loads(stoker("networks", "page", "horde", "--json").stdout)
    assert (page["page_version"], page["page"][0]["heading"]) == (HORDE.page_version, "What it is")


def test_an_unknown_kind_is_answered_with_the_nearest(stoker: Stoker) -> None:
    result = stoker("networks", "page", "hord")
    assert result.exit_code == 5
    assert "did you mean 'horde'?" in result.stderr
