"""``stoker networks add`` and ``test``: page, test, joining, in this order; and where the key goes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from network_views import FINE, WORKING, WRONG
from scripted_control import ScriptedControl, Stoker, refusal

from node.control.wire import Examination, Finding

KEY = "0123456789abcdefKEY"
HORDE = ("networks", "add", "horde", "--name", "rig", "--accept")


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "horde.key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def joined(control: ScriptedControl) -> Callable[[], dict[str, Any]]:
    """The arguments of the one command that was given."""

    def arguments() -> dict[str, Any]:
        ((name, given),) = control.commands()
        assert name == "add_network"
        return given

    return arguments


Joined = Callable[[], dict[str, Any]]


class TestAdd:
    @pytest.fixture(autouse=True)
    def _nothing_is_joined(self, control: ScriptedControl) -> None:
        control.on("GET", "/networks", {"networks": []})

    def test_it_examines_first_and_joins_then(self, control: ScriptedControl, stoker: Stoker, key_file: str) -> None:
        result = stoker(*HORDE, "--api-key-file", key_file)
        assert result.exit_code == 0
        writes = [asked for asked in control.asked if asked.method == "POST"]
        assert [asked.path for asked in writes] == ["/networks/examine", "/commands/add_network"]
        assert writes[1].body["arguments"] == writes[0].body
        assert writes[0].body == {
            "kind": "horde",
            "name": "horde",
            "worker_name": "rig",
            "key": KEY,
            "accepted_page": "2026-11-22",
            "replace": False,
        }

    def test_what_was_found_and_done_is_told_beside_the_data(self, stoker: Stoker, key_file: str) -> None:
        result = stoker(*HORDE, "--api-key-file", key_file)
        assert result.stdout == ""
        assert "✔ ok    account alice#1, 1,284 kudos" in result.stderr
        assert "koboldcpp/Mistral-Nemo" in result.stderr
        assert "horde is joined. See how it goes with `stoker networks status horde`." in result.stderr
        assert KEY not in result.output

    def test_every_wish_is_passed_on(self, stoker: Stoker, key_file: str, joined: Joined) -> None:
        stoker(
            *(*HORDE, "--api-key-file", key_file, "--as", "second", "--url", "http://127.0.0.1:7001/api/v2"),
            *("--model", "tiny=org/Tiny", "--model", "other", "--weight", "2.5", "--set", "longest=256", "--replace"),
        )
        given = joined()
        assert given["name"] == "second"
        assert given["url"] == "http://127.0.0.1:7001/api/v2"
        assert given["models"] == {"tiny": "org/Tiny", "other": ""}
        assert (given["weight"], given["options"], given["replace"]) == (2.5, {"longest": 256}, True)

    def test_the_key_comes_by_standard_input(self, stoker: Stoker, joined: Joined) -> None:
        assert stoker(*HORDE, "--api-key-file", "-", input=f"{KEY}\n").exit_code == 0
        assert joined()["key"] == KEY

    def test_or_by_file_descriptor(self, stoker: Stoker, joined: Joined) -> None:
        reading, writing = os.pipe()
        os.write(writing, KEY.encode())
        os.close(writing)
        assert stoker(*HORDE, "--api-key-fd", str(reading)).exit_code == 0
        os.close(reading)
        assert joined()["key"] == KEY

    def test_a_file_that_others_may_read_is_refused(
        self, control: ScriptedControl, stoker: Stoker, key_file: str
    ) -> None:
        Path(key_file).chmod(0o644)
        result = stoker(*HORDE, "--api-key-file", key_file)
        assert result.exit_code == 5
        assert "expected 0600" in result.stderr
        assert control.asked == []

    def test_an_empty_key_is_refused(self, control: ScriptedControl, stoker: Stoker) -> None:
        assert stoker(*HORDE, "--api-key-file", "-", input="\n").exit_code == 5
        assert control.commands() == []

    def test_without_terminal_and_key_it_says_how_to_give_one(self, control: ScriptedControl, stoker: Stoker) -> None:
        result = stoker(*HORDE)
        assert result.exit_code == 5
        assert "--api-key-file" in result.stderr
        assert control.commands() == []

    def test_without_terminal_the_page_is_shown_and_acceptance_demanded(
        self, control: ScriptedControl, stoker: Stoker, key_file: str
    ) -> None:
        result = stoker("networks", "add", "horde", "--name", "rig", "--api-key-file", key_file)
        assert result.exit_code == 1
        assert "WHAT WILL RUN HERE" in result.stderr
        assert "--accept" in result.stderr
        assert {asked.method for asked in control.asked} == {"GET"}

    def test_a_bad_finding_stops_it(self, control: ScriptedControl, stoker: Stoker, key_file: str) -> None:
        control.on("POST", "/networks/examine", WRONG)
        result = stoker(*HORDE, "--api-key-file", key_file)
        assert result.exit_code == 1
        assert "✖ fail  worker name 'rig' is taken\n        try: choose another\n" in result.stderr
        assert "--anyway" in result.stderr
        assert control.commands() == []

    def test_unless_it_is_wanted_anyway(self, control: ScriptedControl, stoker: Stoker, key_file: str) -> None:
        control.on("POST", "/networks/examine", WRONG)
        assert stoker(*HORDE, "--api-key-file", key_file, "--anyway").exit_code == 0
        assert [name for name, _ in control.commands()] == ["add_network"]

    def test_an_experiment_needs_the_word_that_its_owners_were_asked(
        self, control: ScriptedControl, stoker: Stoker
    ) -> None:
        result = stoker("networks", "add", "usepod", "--accept")
        assert result.exit_code == 1
        assert "Ask them first" in result.stderr
        assert "--set asked_them=true" in result.stderr
        assert control.commands() == []

    def test_with_that_word_it_is_joined_without_a_key(self, stoker: Stoker, joined: Joined) -> None:
        assert stoker("networks", "add", "usepod", "--accept", "--set", "asked_them=true").exit_code == 0
        given = joined()
        assert (given["options"], given["worker_name"]) == ({"asked_them": True}, "usepod")
        assert "key" not in given

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("true", True),
            ("256", 256),
            ("0.5", 0.5),
            ("some text", "some text"),
            ('"256"', "256"),
            ("[1]", "[1]"),
            ("", ""),
        ],
    )
    def test_options_have_the_types_of_the_file(
        self, stoker: Stoker, key_file: str, joined: Joined, written: str, value: object
    ) -> None:
        assert stoker(*HORDE, "--api-key-file", key_file, "--set", f"it={written}").exit_code == 0
        assert joined()["options"] == {"it": value}

    def test_a_key_for_a_network_without_keys_is_refused(self, stoker: Stoker, key_file: str) -> None:
        wanted = ("networks", "add", "usepod", "--accept", "--set", "asked_them=true", "--api-key-file", key_file)
        assert stoker(*wanted).exit_code == 5

    def test_a_name_that_is_taken_is_told_before_anything_else(
        self, control: ScriptedControl, stoker: Stoker, key_file: str
    ) -> None:
        control.on("GET", "/networks", {"networks": [WORKING]})
        result = stoker(*HORDE, "--api-key-file", key_file)
        assert result.exit_code == 5
        assert "--replace" in result.stderr
        assert {asked.method for asked in control.asked} == {"GET"}

    def test_unless_it_is_to_be_replaced(
        self, control: ScriptedControl, stoker: Stoker, key_file: str, joined: Joined
    ) -> None:
        control.on("GET", "/networks", {"networks": [WORKING]})
        assert stoker(*HORDE, "--api-key-file", key_file, "--replace").exit_code == 0
        assert joined()["replace"] is True

    def test_what_the_node_refuses_is_told_in_its_words(
        self, control: ScriptedControl, stoker: Stoker, key_file: str
    ) -> None:
        control.on("POST", "/commands/add_network", refusal(409, "joined", "horde is joined already", "--replace"))
        result = stoker(*HORDE, "--api-key-file", key_file)
        assert result.exit_code == 5
        assert "horde is joined already" in result.stderr

    def test_programs_get_what_was_found_and_joined(self, stoker: Stoker, key_file: str) -> None:
        made = json.loads(stoker(*HORDE, "--api-key-file", key_file, "--json").stdout)
        assert made["name"] == "horde"
        assert made["findings"][0]["good"] is True
        assert made["models"][0]["a_job"]["units"] == 1240

    @pytest.mark.parametrize(
        "wrong",
        [
            ("--set", "longest"),
            ("--set", "=3"),
            ("--model", "=x"),
            ("--model", "a=b", "--model", "a=c"),
            ("--weight", "0"),
            ("--api-key-fd", "three"),
        ],
    )
    def test_a_wrong_command_line_is_told_before_anything_is_asked(
        self, control: ScriptedControl, stoker: Stoker, wrong: tuple[str, ...]
    ) -> None:
        assert stoker(*HORDE, *wrong).exit_code == 2
        assert control.asked == []


class TestTest:
    def test_one_that_was_joined_is_tested_as_it_is(self, control: ScriptedControl, stoker: Stoker) -> None:
        result = stoker("networks", "test", "second")
        assert result.exit_code == 0
        assert result.stdout.startswith("second:\n✔ ok    account alice#1")
        assert control.asked[-1].body == {"name": "second"}

    def test_without_a_name_all_are(self, control: ScriptedControl, stoker: Stoker) -> None:
        assert json.loads(stoker("networks", "test", "--json").stdout).keys() == {"horde", "second"}

    def test_something_wrong_is_the_exit_code(self, control: ScriptedControl, stoker: Stoker) -> None:
        control.on("POST", "/networks/examine", WRONG)
        assert stoker("networks", "test", "horde").exit_code == 1

    def test_another_is_tested_with_what_is_given_and_not_joined(
        self, control: ScriptedControl, stoker: Stoker, key_file: str
    ) -> None:
        control.on("GET", "/networks", {"networks": []})
        control.on("POST", "/networks/examine", FINE)
        assert stoker("networks", "test", "horde", "--name", "rig", "--api-key-file", key_file).exit_code == 0
        assert control.asked[-1].body == {"kind": "horde", "worker_name": "rig", "key": KEY}
        assert control.commands() == []

    def test_what_was_joined_takes_no_other_values(self, stoker: Stoker) -> None:
        result = stoker("networks", "test", "horde", "--name", "other")
        assert result.exit_code == 2
        assert "stoker networks set" in result.stderr

    def test_with_nothing_joined_it_says_how_to_test_before(self, control: ScriptedControl, stoker: Stoker) -> None:
        control.on("GET", "/networks", {"networks": []})
        result = stoker("networks", "test")
        assert (result.exit_code, "stoker networks test KIND" in result.stderr) == (5, True)

    def test_a_good_finding_may_have_a_remedy_for_what_could_be_better(
        self, control: ScriptedControl, stoker: Stoker
    ) -> None:
        note = Finding(True, "the network does not know 'mine'", "give its name")
        control.on("POST", "/networks/examine", Examination((note,)))
        result = stoker("networks", "test", "horde")
        assert result.exit_code == 0
        assert "! note  the network does not know 'mine'\n        try: give its name\n" in result.stdout
