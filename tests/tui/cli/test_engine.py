"""``stoker engine``: what computes here, and what else could."""

from __future__ import annotations

import json

import pytest
from fake_node import IDLE, SETTINGS, WORKING
from scripted_control import ScriptedControl, Stoker


def test_engines_are_listed_with_what_they_serve(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", IDLE)

    assert stoker("engine", "list").stdout == (
        "ENGINE    STATUS  DEVICE  SLOTS BUSY  MODELS                 DETAIL\n"
        "llamacpp  ready   CPU     0 of 2      SmolLM2-135M-Instruct\n"
    )


def test_engines_as_json_are_those_of_the_state(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", WORKING)

    said = json.loads(stoker("engine", "list", "--json").stdout)

    assert [engine["slots"] for engine in said["engines"]] == [4]


def test_a_server_that_was_found_comes_with_the_way_to_use_it(control: ScriptedControl, stoker: Stoker) -> None:
    found = {"kind": "Ollama", "url": "http://127.0.0.1:11434/v1", "models": ["qwen3:8b", "gemma3:4b"]}
    control.on("GET", "/engines/detect", {"found": [found]})

    result = stoker("engine", "detect")

    assert result.stdout.splitlines()[1] == "Ollama  http://127.0.0.1:11434/v1  qwen3:8b, gemma3:4b"
    assert "stoker engine use http://127.0.0.1:11434/v1" in result.stderr


def test_nothing_found_names_what_was_looked_for(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/engines/detect", {"found": []})

    assert "Ollama" in stoker("engine", "detect").stderr


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("http://127.0.0.1:11434/v1", [("url", "http://127.0.0.1:11434/v1"), ("kind", "openai")]),
        ("embedded", [("url", None), ("kind", "llamacpp")]),
    ],
)
def test_using_an_engine_writes_both_settings(
    control: ScriptedControl, stoker: Stoker, url: str, written: list[tuple[str, str | None]]
) -> None:
    control.on("PUT", "/settings/engine.url", SETTINGS[0])
    control.on("PUT", "/settings/engine.kind", SETTINGS[0])

    result = stoker("engine", "use", url)

    assert [(asked.path.rpartition(".")[2], asked.body["value"]) for asked in control.asked] == written
    assert "next start" in result.stderr
