"""``stoker doctor``: signs, words, remedies."""

from __future__ import annotations

import json

from scripted_control import ScriptedControl, Stoker

WELL = {"name": "SQLite", "status": "ok", "detail": "3.51.3", "remedy": ""}
SHORT = {"name": "memory", "status": "warn", "detail": "0.8 GB available", "remedy": "close some programs"}
ILL = {"name": "OpenMP", "status": "fail", "detail": "libgomp.so.1 is missing", "remedy": "apt-get install libgomp1"}


def test_every_check_has_a_sign_a_word_and_its_remedy(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/doctor", {"checks": [WELL, SHORT, ILL]})

    result = stoker("doctor")

    assert result.stdout == (
        "✔ ok    SQLite: 3.51.3\n"
        "! warn  memory: 0.8 GB available\n"
        "        try: close some programs\n"
        "✖ fail  OpenMP: libgomp.so.1 is missing\n"
        "        try: apt-get install libgomp1\n"
    )
    assert result.exit_code == 1


def test_warnings_alone_are_no_failure(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/doctor", {"checks": [WELL, SHORT]})

    assert stoker("doctor").exit_code == 0


def test_json_is_what_the_node_said(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/doctor", {"checks": [ILL]})

    result = stoker("doctor", "--json")

    assert (json.loads(result.stdout), result.exit_code) == ({"checks": [ILL]}, 1)
