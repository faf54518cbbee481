"""The guide without a person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from guided import KEY, MODEL, PRICE
from network_views import HORDE

from tui.cli.failures import Failure
from tui.cli.setup.answers import Answers
from tui.cli.setup.script import Script
from tui.setup.guide import STEPS
from tui.setup.words import Agree, Choose, Option, Say, Stuck, wronged


def script(values: Mapping[str, str] = {}, *networks: str) -> Script:
    return Script(Answers("answers.toml", values, networks), Path("/nowhere"))


def refused(face: Script, word: object) -> Failure:
    with pytest.raises(Failure) as failure:
        face.answer(word)  # type: ignore[arg-type]
    return failure.value


def test_a_step_is_taken_if_something_is_said_about_it() -> None:
    face = script({"model.name": "qwen3-8b", "owner.on_input": "slow"})

    assert [step.id for step in STEPS if face.wants(step, True)] == ["model", "limits"]


def test_what_was_written_down_is_the_answer() -> None:
    face = script({"model.name": "qwen3-0.6b", "electricity.price": "0.31"})

    assert face.answer(MODEL) == "qwen3-0.6b"
    assert face.answer(PRICE) == "0.31"
    assert face.unused() == []


def test_what_was_not_written_down_is_as_it_would_be_by_itself() -> None:
    assert script().answer(PRICE) == ""


def test_what_decides_has_to_be_written_down() -> None:
    question = Choose("service.run", "How?", (Option("service", "a"), Option("stop", "b")), "stop", explicit=True)

    assert refused(script(), question).message == (
        "answers.toml: service.run: is missing (How?); expected one of service, stop"
    )


def test_an_answer_that_is_none_ends_it_there() -> None:
    assert "expected" in refused(script({"model.name": "gpt-5"}), MODEL).message.lower()
    again = wronged(PRICE, "expected a number")
    assert refused(script({"electricity.price": "dear"}), again).message == (
        "answers.toml: electricity.price: got 'dear': expected a number"
    )


@pytest.mark.parametrize("values", [{}, {"networks.horde.accept": "2025-01-01"}], ids=["not at all", "an older one"])
def test_nobody_joins_without_the_page_of_today(values: dict[str, str]) -> None:
    failure = refused(script(values, "horde"), Agree("networks.horde.accept", HORDE))

    assert HORDE.page_version in failure.message + failure.remedy
    assert "stoker networks page horde" in failure.remedy


def test_the_page_of_today_is_accepted() -> None:
    assert script({"networks.horde.accept": HORDE.page_version}).answer(Agree("networks.horde.accept", HORDE)) is True


def test_networks_are_joined_one_after_the_other() -> None:
    which = Choose("networks.join", "?", (Option("horde", "a"), Option("aipg", "b"), Option("done", "c")), "done")
    face = script({}, "aipg", "joined-before", "horde")

    assert [face.answer(which) for _ in range(3)] == ["aipg", "horde", "done"]


def test_a_key_comes_from_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_text("sk-of-ada\n")
    face = script({"networks.horde.api_key_file": str(path)})

    assert face.answer(KEY) == "sk-of-ada"
    path.chmod(0o644)
    assert str(path) in refused(face, KEY).message


def test_trouble_ends_it() -> None:
    assert refused(script(), Stuck("no node answers", "stoker")).remedy == "stoker"


def test_what_nobody_asked_for_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    face = script({"limits.gpu_celsius": "78"})
    face.answer(Say("Hello."))

    assert face.unused() == ["limits.gpu_celsius"]
    assert "Hello." in capsys.readouterr().err
