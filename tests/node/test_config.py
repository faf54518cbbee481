"""The owner's settings: from the file, with the environment on top; every mistake is named with its remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node import config
from node.config import ConfigError, Settings


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(config.PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stoker.toml"


def complaint(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(ConfigError) as refusal:
        config.load(file)
    return str(refusal.value)


def test_without_a_file_everything_has_its_default(file: Path) -> None:
    assert config.load(file) == Settings()


def test_the_file_sets_what_it_names_and_leaves_the_rest(file: Path) -> None:
    file.write_text('[engine]\nslots = 7\n[node]\nname = "ember"\n')
    settings = config.load(file)
    assert (settings.engine.slots, settings.engine.context, settings.node.name) == (7, 4096, "ember")


def test_the_environment_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[engine]\nslots = 7\ncontext = 512\n")
    monkeypatch.setenv("STOKER_ENGINE__SLOTS", "9")
    assert config.load(file).engine.slots == 9
    assert config.load(file).engine.context == 512


def test_variables_of_other_programs_and_the_home_do_not_matter(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOKER_HOME", "/somewhere")
    monkeypatch.setenv("ENGINE__SLOTS", "x")
    assert config.load(file) == Settings()


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("[engine]\nslotz = 3", "engine.slotz", "engine.slots"),
        ("[node]\nlog_levl = 'info'", "node.log_levl", "node.log_level"),
        ("[engin]\nslots = 3", "engin", "engine"),
    ],
)
def test_an_unknown_key_is_named_with_its_file_and_the_nearest_key(
    file: Path, text: str, key: str, nearest: str
) -> None:
    assert complaint(file, text) == f"{file}: {key}: there is no such setting; did you mean {nearest}?"


@pytest.mark.parametrize("key", ["_env_file", "__pydantic_self__", "self", "bananas"])
def test_a_key_like_no_other_is_refused_without_a_guess(file: Path, key: str) -> None:
    assert complaint(file, f"{key} = 1") == f"{file}: {key}: there is no such setting"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[engine]\nslots = 'many'", "engine.slots: got 'many'; expected a valid integer"),
        ("[engine]\nslots = 0", "engine.slots: got 0; expected greater than or equal to 1"),
        ("[engine]\nslots = 1.5", "engine.slots: got 1.5; expected a valid integer"),
        ("[engine]\nmodel = 3", "engine.model: got 3; expected a valid string"),
        ("[node]\nname = ''", "node.name: got ''; expected a text of at least 1 character"),
        ("[local]\nenabled = 'perhaps'", "local.enabled: got 'perhaps'; expected a valid boolean"),
        ("[local]\nport = 70000", "local.port: got 70000; expected less than or equal to 65535"),
        ("[hardware]\ninterval = nan", "hardware.interval: got nan; expected"),
        ("[node]\nlog_level = 'loud'", "node.log_level: got 'loud'; expected 'debug', 'info', 'warning' or 'error'"),
        ("engine = 5", "engine: got 5; expected a table, written [engine]"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(file: Path, text: str, words: str) -> None:
    assert complaint(file, text).startswith(f"{file}: {words}")


def test_a_huge_value_does_not_flood_the_screen(file: Path) -> None:
    assert len(complaint(file, f"[engine]\nmodel = '{'x' * 100_000}'")) < 300


def test_all_mistakes_are_told_at_once(file: Path) -> None:
    told = complaint(file, "[engine]\nslots = 0\ncontext = 1\n").splitlines()
    assert [line.split(": ")[1] for line in told] == ["engine.slots", "engine.context"]


@pytest.mark.parametrize("content", [b"[engine\n", b"\xff\xfe", b"slots = \n", b"[engine]\nslots = 1\nslots = 2\n"])
def test_a_file_that_is_no_toml_says_so(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"is not TOML.*mend that line, or move the file away for defaults"):
        config.load(file)


def test_a_file_that_cannot_be_read_says_why(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match=r"cannot be read: Is a directory"):
        config.load(file)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("STOKER_ENGINE__SLOTS", "x", "environment: STOKER_ENGINE__SLOTS: got 'x'; expected a valid integer"),
        ("STOKER_ENGINE__SLOTZ", "3", "environment: STOKER_ENGINE__SLOTZ: there is no such setting; did you mean"),
        ("STOKER_NODE", "ember", "environment: error parsing value for field"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    file: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert complaint(file, "").startswith(words)


def test_every_setting_has_a_help_text_a_default_and_a_kind() -> None:
    for key, field in config.fields():
        assert field.description, key
        assert not field.is_required(), key
        assert config.kind_of(field)[0] in {"text", "integer", "number", "switch", "choice", "list"}, key


@given(st.text(max_size=30))
def test_the_nearest_key_is_a_known_one_or_none(text: str) -> None:
    known = {key for key, _ in config.fields()} | set(Settings.model_fields)
    assert config.nearest_key(text) in known | {None}


@pytest.mark.parametrize(
    ("written", "cards"),
    [('gpus = [0, "GPU-a"]', ("0", "GPU-a")), ('gpus = "0, GPU-a"', ("0", "GPU-a")), ("gpus = []", ()), ("", ())],
)
def test_a_list_may_be_written_as_one_or_between_commas(file: Path, written: str, cards: tuple[str, ...]) -> None:
    file.write_text(f"[hardware]\n{written}\n")
    assert config.load(file).hardware.gpus == cards


def test_the_environment_writes_a_list_between_commas(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOKER_HARDWARE__GPUS", "1, 2")
    assert config.load(file).hardware.gpus == ("1", "2")


@pytest.mark.parametrize("address", ["ftp://a.example", "https://", "a.example/hook", "https:///x"])
def test_an_address_of_the_web_begins_with_its_scheme_and_has_a_host(file: Path, address: str) -> None:
    said = complaint(file, f'[alerts]\nwebhook = "{address}"\n')
    assert said.endswith("expected an address that begins with https:// or http://")


@given(st.lists(st.text(min_size=1, max_size=10).filter(lambda word: word.strip() == word), max_size=5))
def test_words_survive_being_joined_and_split(words: list[str]) -> None:
    assert config.split_words(config.join_words(words)) == words
