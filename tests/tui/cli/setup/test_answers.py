"""Answers that were written down beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.cli.failures import Failure
from tui.cli.setup.answers import read


def written(directory: Path, text: str) -> Path:
    path = directory / "answers.toml"
    path.write_text(text)
    return path


def test_values_come_as_they_would_be_typed(tmp_path: Path) -> None:
    text = "[electricity]\nprice = 0.31\n[service]\nlinger = true\n[networks.horde]\naccept = 2026-11-22\n"

    found = read(written(tmp_path, text))

    assert found.values["electricity.price"] == "0.31"
    assert found.values["service.linger"] == "yes"
    assert found.values["networks.horde.accept"] == "2026-11-22"
    assert found.networks == ("horde",)


def test_one_answer_implies_another(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").touch()
    text = '[engine]\nurl = "http://127.0.0.1:1/v1"\n[model]\nfile = "m.gguf"\n[payout]\naddress = "A"\n'

    values = read(written(tmp_path, text)).values

    assert (values["engine.use"], values["model.name"], values["payout.where"]) == ("server", "file", "address")


def test_files_are_taken_from_where_the_answers_stand(tmp_path: Path) -> None:
    (tmp_path / "horde.key").touch()
    values = read(written(tmp_path, '[networks.horde]\napi_key_file = "horde.key"\n')).values

    assert values["networks.horde.api_key_file"] == str(tmp_path / "horde.key")


def test_the_command_line_goes_before_the_file(tmp_path: Path) -> None:
    values = read(written(tmp_path, '[model]\nname = "a"\n'), ["model.name=b", "model.benchmark=false"]).values

    assert values == {"model.name": "b", "model.benchmark": "no"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[modle]\nname = "a"\n', "modle.name: nobody asks for that"),
        ('[model]\nnmae = "a"\n', "model.nmae: nobody asks for that"),
        ("[networks.horde]\nkey = 1\n", "networks.horde.key: nobody asks for that"),
        ("[model]\nname = [1]\n", "model.name: got [1]; expected a text"),
        ('[model]\nfile = "none.gguf"\n', "model.file: got 'none.gguf'; expected a file"),
        ("[model\n", "is not TOML"),
    ],
)
def test_what_cannot_be_used_is_named(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        read(written(tmp_path, text))

    assert told in failure.value.message
    assert "answers.toml" in failure.value.message


def test_the_nearest_key_is_offered(tmp_path: Path) -> None:
    with pytest.raises(Failure) as failure:
        read(written(tmp_path, "[electricity]\nprize = 0.3\n"))

    assert failure.value.remedy == "did you mean electricity.price?"
