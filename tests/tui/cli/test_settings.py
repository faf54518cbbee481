"""``stoker settings``: read, write, put back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fake_node import SETTINGS
from scripted_control import Answer, Asked, ScriptedControl, Stoker, json_answer, refusal


@pytest.fixture(autouse=True)
def _settings(control: ScriptedControl) -> None:
    def changed(asked: Asked) -> Answer:
        return json_answer(replace(SETTINGS[0], value=asked.body["value"] or "2"))

    control.on("GET", "/settings", {"settings": list(SETTINGS)})
    control.on("PUT", "/settings/engine.slots", changed)


@pytest.mark.parametrize("arguments", [(), ("list",)])
def test_the_list_says_where_each_value_comes_from(stoker: Stoker, arguments: tuple[str, ...]) -> None:
    lines = stoker("settings", *arguments).stdout.splitlines()

    assert lines[1].split(maxsplit=3) == ["engine.slots", "4", "file", "How many jobs the engine computes at once."]
    assert "(empty)" in lines[2]


def test_one_value_stands_alone_on_stdout(stoker: Stoker) -> None:
    result = stoker("settings", "get", "engine.slots")

    assert (result.stdout, result.stderr) == ("4\n", "")


def test_an_unknown_key_is_refused(stoker: Stoker) -> None:
    result = stoker("settings", "get", "engine.slotz")

    assert (result.exit_code, "stoker settings list" in result.stderr) == (5, True)


def test_setting_a_value_says_when_it_takes_effect(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("settings", "set", "engine.slots", "8")

    assert control.asked[0].body == {"value": "8"}
    assert result.stderr == "engine.slots is 8 from the next start of the node on: `stoker restart`.\n"


def test_resetting_puts_the_default_back(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("settings", "reset", "engine.slots", "--json")

    assert control.asked[0].body == {"value": None}
    assert json.loads(result.stdout)["value"] == "2"


def test_a_value_that_does_not_fit_is_told_in_the_node_s_words(control: ScriptedControl, stoker: Stoker) -> None:
    message = "engine.slots: got 'many'; expected a whole number"
    control.on("PUT", "/settings/engine.slots", refusal(400, "bad_setting", message, "stoker settings"))

    result = stoker("settings", "set", "engine.slots", "many")

    assert (result.exit_code, result.stderr.splitlines()[0]) == (5, f"error: {message}")
