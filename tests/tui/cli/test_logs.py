"""``stoker logs``: the running node's lines, or those of its file."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from fake_node import LOGS
from scripted_control import Answer, Asked, ScriptedControl, Stoker, json_answer

from node.control.wire import LogLine
from tui.cli.root import root


def test_lines_of_a_level_and_above_are_shown(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/logs", {"lines": list(LOGS)})

    assert stoker("logs", "--level", "warning").stdout == (
        "2026-11-22 12:40:31 WARNING node.networks.horde  job #4808 failed: the prompt has 8,200 tokens\n"
        "2026-11-22 12:41:05 ERROR   node.networks.aipg  under maintenance; next try in 60 s\n"
    )


def test_the_last_lines_are_shown(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/logs", {"lines": list(LOGS)})

    said = [json.loads(line) for line in stoker("logs", "-n", "2", "--json").stdout.splitlines()]

    assert [line["seq"] for line in said] == [4, 5]


def test_following_goes_on_behind_the_last_line_until_the_node_ends(control: ScriptedControl, stoker: Stoker) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.query["after"] == "0":
            return json_answer({"lines": list(LOGS)})
        control.vanish()
        return json_answer({"lines": [LogLine(6, LOGS[-1].at, "info", "node.service", "the node ends")]})

    control.on("GET", "/logs", answer)

    result = stoker("logs", "-f", "-n", "1")

    assert [line.split(maxsplit=4)[4] for line in result.stdout.splitlines()] == [
        "under maintenance; next try in 60 s",
        "the node ends",
    ]
    assert control.asked[1].query["after"] == "5"
    assert result.exit_code == 4


def test_without_a_node_the_file_s_last_lines_are_shown(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "node.log").write_text("one\ntwo\nthree \x1b[2J\n")

    result = CliRunner().invoke(root, ["--data-dir", str(tmp_path), "logs", "-n", "2"])

    assert result.stdout == "two\nthree [2J\n"
    assert "No node runs" in result.stderr


def test_without_a_node_or_a_file_it_says_so(tmp_path: Path) -> None:
    assert CliRunner().invoke(root, ["--data-dir", str(tmp_path), "logs"]).exit_code == 4
