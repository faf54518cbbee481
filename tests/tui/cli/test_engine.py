"""``stoker engine``: what computes here, and what else could."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_node import IDLE, SETTINGS, WORKING
from scripted_control import Answer, ScriptedControl, Stoker

WORKS = {"name": "vulkan-b1", "backend": "vulkan", "server": "llama-server", "origin": "llama.cpp b1", "sha256": [],
         "device": "RTX 4090 (Vulkan0)", "fault": ""}  # fmt: skip
FAILS = {**WORKS, "name": "cuda-b1", "backend": "cuda", "device": "", "fault": "it sees no card"}
BUILDS = {
    "installed": [{**FAILS, "in_use": False}, {**WORKS, "in_use": True}],
    "release": "b1",
    "available": [
        {"backend": "vulkan", "size": 30_598_492, "obstacle": ""},
        {"backend": "rocm", "size": None, "obstacle": "the rocm build needs glibc 2.38"},
    ],
}


def lines(*values: object) -> Answer:
    return Answer([json.dumps(value).encode() + b"\n" for value in values])


def test_engines_are_listed_with_the_builds_that_are_here_and_that_can_be_had(
    control: ScriptedControl, stoker: Stoker
) -> None:
    control.on("GET", "/state", IDLE)
    control.on("GET", "/engines/builds", BUILDS)

    result = stoker("engine", "list")

    assert result.stdout == (
        "At work:\n"
        "ENGINE    STATUS  DEVICE  SLOTS BUSY  MODELS                 DETAIL\n"
        "llamacpp  ready   CPU     0 of 2      SmolLM2-135M-Instruct\n"
        "Here, for your card:\n"
        "NAME       CARD                ORIGIN\n"
        "cuda-b1    none                llama.cpp b1  failed: it sees no card\n"
        "vulkan-b1  RTX 4090 (Vulkan0)  llama.cpp b1  in use\n"
        "To be had with `stoker engine add`, of llama.cpp b1:\n"
        "BACKEND  DOWNLOAD\n"
        "vulkan    30.6 MB\n"
        "rocm               the rocm build needs glibc 2.38\n"
    )
    assert result.stderr == (
        "`stoker engine test cuda-b1` tries it again, `stoker engine remove cuda-b1` removes it.\n"
    )


def test_adding_tells_its_steps_and_uses_what_works(control: ScriptedControl, stoker: Stoker, tmp_path: Path) -> None:
    steps = [
        {"detail": "fetching vulkan-b1", "done": 0, "total": 100},
        {"detail": "fetching vulkan-b1", "done": 100, "total": 100},
        {"detail": "trying vulkan-b1", "done": 0, "total": None},
    ]
    control.on("POST", "/engines/add", lines(*steps, {"engine": WORKS}))
    control.on("POST", "/commands/use_engine", {"name": "vulkan-b1"})
    file = tmp_path / "vulkan.zip"
    file.touch()

    result = stoker("engine", "add", "vulkan", "--from", str(file))

    assert control.asked[-2].body == {"backend": "vulkan", "files": [str(file)]}
    assert control.asked[-1].body["arguments"] == {"name": "vulkan-b1"}
    assert "100 B of 100 B" in result.stderr
    assert "trying vulkan-b1 …" in result.stderr
    assert "vulkan-b1 computes rightly on RTX 4090 (Vulkan0)." in result.stderr
    assert "stoker engine use embedded" in result.stderr
    assert (result.stdout, result.exit_code) == ("", 0)


def test_adding_without_using_leaves_the_engine_that_is_in_use(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/engines/add", lines({"engine": WORKS}))

    result = stoker("engine", "add", "--no-use", "--json")

    assert json.loads(result.stdout)["name"] == "vulkan-b1"
    assert [asked.path for asked in control.asked if asked.method == "POST"] == ["/engines/add"]


def test_a_build_that_does_not_work_fails_with_reason_and_remedy(control: ScriptedControl, stoker: Stoker) -> None:
    error = {"error": {"message": "vulkan-b1: it sees no card", "remedy": "stoker doctor"}}
    control.on("POST", "/engines/test", lines({"detail": "trying vulkan-b1", "done": 0, "total": None}, error))

    result = stoker("engine", "test", "vulkan")

    assert result.exit_code == 1
    assert "error: vulkan-b1: it sees no card\ntry: stoker doctor\n" in result.stderr


def test_a_build_is_removed_by_name(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/commands/remove_engine", {"name": "vulkan-b1"})

    assert stoker("engine", "remove", "vulkan").stderr == "vulkan-b1 is removed.\n"


@pytest.mark.parametrize("name", ["embedded", "vulkan"])
def test_using_a_build_or_the_embedded_engine_is_one_command(
    control: ScriptedControl, stoker: Stoker, name: str
) -> None:
    control.on("POST", "/commands/use_engine", {"name": name})

    assert "next start" in stoker("engine", "use", name).stderr
    assert [asked.body["arguments"] for asked in control.asked] == [{"name": name}]


def test_engines_as_json_are_those_of_the_state(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", WORKING)
    control.on("GET", "/engines/builds", BUILDS)

    said = json.loads(stoker("engine", "list", "--json").stdout)

    assert [engine["slots"] for engine in said["engines"]] == [4]
    assert [build["name"] for build in said["installed"]] == ["cuda-b1", "vulkan-b1"]


def test_a_server_that_was_found_comes_with_the_way_to_use_it(control: ScriptedControl, stoker: Stoker) -> None:
    found = {"kind": "Ollama", "url": "http://127.0.0.1:11434/v1", "models": ["qwen3:8b", "gemma3:4b"]}
    control.on("GET", "/engines/detect", {"found": [found]})

    result = stoker("engine", "detect")

    assert result.stdout.splitlines()[1] == "Ollama  http://127.0.0.1:11434/v1  qwen3:8b, gemma3:4b"
    assert "stoker engine use http://127.0.0.1:11434/v1" in result.stderr


def test_nothing_found_names_what_was_looked_for(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/engines/detect", {"found": []})

    assert "Ollama" in stoker("engine", "detect").stderr


def test_using_a_server_writes_both_settings(control: ScriptedControl, stoker: Stoker) -> None:
    url = "http://127.0.0.1:11434/v1"
    control.on("PUT", "/settings/engine.url", SETTINGS[0])
    control.on("PUT", "/settings/engine.kind", SETTINGS[0])

    result = stoker("engine", "use", url)

    written = [(asked.path.rpartition(".")[2], asked.body["value"]) for asked in control.asked]
    assert written == [("url", url), ("kind", "openai")]
    assert "next start" in result.stderr
