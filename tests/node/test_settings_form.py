"""The settings as a form: described with their origin, changed in the file one at a time, never left half-written."""

from __future__ import annotations

import os
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node import config, settings_form
from node.config import ConfigError
from node.control.wire import SettingView

OWNERS = """\
# my rig
[engine]
slots = 2 # the card has room for two

[node]
name = "ember"
"""


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith(config.PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "stoker.toml"
    path.write_text(OWNERS)
    return path


def view(file: Path, key: str) -> SettingView:
    return next(view for view in settings_form.describe(file) if view.key == key)


def test_the_form_shows_every_setting_once(file: Path) -> None:
    assert [view.key for view in settings_form.describe(file)] == [key for key, _ in config.fields()]


def test_a_setting_shows_its_value_its_default_and_where_it_comes_from(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOKER_LOCAL__PORT", "9000")
    slots, port, kind = (view(file, key) for key in ("engine.slots", "local.port", "engine.kind"))
    assert (slots.value, slots.default, slots.source, slots.kind) == ("2", "4", "file", "integer")
    assert (port.value, port.default, port.source) == ("9000", "8455", "environment")
    assert (kind.value, kind.source, kind.choices) == ("llamacpp", "default", ("llamacpp", "openai"))


def test_a_switch_is_written_as_in_the_file(file: Path) -> None:
    assert view(file, "local.enabled").value == "true"


def test_only_live_settings_need_no_restart(file: Path) -> None:
    assert {view.key for view in settings_form.describe(file) if not view.restart} == settings_form.LIVE


def test_a_change_keeps_the_owners_comments_and_everything_else(file: Path) -> None:
    changed = settings_form.change(file, "engine.slots", "3")
    assert file.read_text() == OWNERS.replace("slots = 2", "slots = 3")
    assert (changed.value, changed.source) == ("3", "file")


def test_taking_a_setting_out_puts_its_default_back(file: Path) -> None:
    changed = settings_form.change(file, "engine.slots", None)
    assert (changed.value, changed.source) == ("4", "default")
    assert "slots" not in file.read_text()


def test_taking_out_what_is_not_there_is_no_mistake(file: Path) -> None:
    assert settings_form.change(file, "hardware.interval", None).source == "default"


def test_the_first_change_makes_the_file_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "stoker.toml"
    settings_form.change(file, "local.enabled", "off")
    assert tomllib.loads(file.read_text()) == {"local": {"enabled": False}}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("written", ["engine.slots = 2\n", "engine = { slots = 2 }\n", "[ engine ]\n\tslots=2"])
def test_every_way_to_write_a_table_can_be_changed(tmp_path: Path, written: str) -> None:
    file = tmp_path / "stoker.toml"
    file.write_text(written)
    settings_form.change(file, "engine.slots", "3")
    settings_form.change(file, "engine.context", "512")
    assert tomllib.loads(file.read_text()) == {"engine": {"slots": 3, "context": 512}}


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("engine.slotz", "3", "engine.slotz: there is no such setting; did you mean engine.slots?"),
        ("engine", "3", "engine: there is no such setting; did you mean engine?"),
        ("engine.slots", "many", "engine.slots: got 'many'; expected a whole number"),
        ("engine.slots", "9" * 5000, "engine.slots: got '999"),
        ("engine.slots", "0", "stoker.toml: engine.slots: got 0; expected greater than or equal to 1"),
        ("hardware.interval", "fast", "hardware.interval: got 'fast'; expected a number, written like 0.5"),
        ("electricity.currency", "euros", "stoker.toml: electricity.currency: got 'euros'; expected another form: The"),
        ("hardware.interval", "nan", "stoker.toml: hardware.interval: got nan; expected"),
        ("local.enabled", "perhaps", "local.enabled: got 'perhaps'; expected true or false"),
        ("node.log_level", "loud", "node.log_level: got 'loud'; expected one of debug, info, warning, error"),
        ("node.name", "", "stoker.toml: node.name: got ''; expected a text of at least 1 character"),
        ("node.name", "\ud800", "stoker.toml: node.name: got"),
    ],
)
def test_a_change_that_does_not_fit_is_explained_and_leaves_the_file_untouched(
    file: Path, key: str, text: str, words: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        settings_form.change(file, key, text)
    assert str(refusal.value).startswith(words)
    assert file.read_text() == OWNERS
    assert [path.name for path in file.parent.iterdir()] == ["stoker.toml"]


def test_a_value_that_the_environment_hides_is_checked_all_the_same(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOKER_ENGINE__SLOTS", "3")
    with pytest.raises(ConfigError, match=r"stoker\.toml: engine\.slots: got 0"):
        settings_form.change(file, "engine.slots", "0")
    assert file.read_text() == OWNERS


def test_a_table_that_is_none_is_named(file: Path) -> None:
    file.write_text("engine = 5\n")
    with pytest.raises(ConfigError, match=r"engine: got 5; expected a table, written \[engine\]"):
        settings_form.change(file, "engine.slots", "3")


def test_a_damaged_file_is_not_overwritten(file: Path) -> None:
    file.write_text("[engine\n")
    with pytest.raises(ConfigError, match="is not TOML"):
        settings_form.change(file, "engine.slots", "3")
    assert file.read_text() == "[engine\n"


def test_a_wrong_value_in_the_file_can_be_mended_by_a_change(file: Path) -> None:
    file.write_text("[engine]\nslots = 0\n")
    assert settings_form.change(file, "engine.slots", "3").value == "3"


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        settings_form.change(file, "engine.slots", "3")
    assert file.read_text() == OWNERS
    assert [path.name for path in file.parent.iterdir()] == ["stoker.toml"]


def test_changes_at_the_same_time_are_all_kept(file: Path) -> None:
    wanted = {"engine.slots": "3", "engine.context": "512", "node.name": "cinder", "local.port": "0"}
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda item: settings_form.change(file, *item), wanted.items()))
    assert {key: view(file, key).value for key in wanted} == wanted


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("form") / "stoker.toml"


changes = st.one_of(
    st.tuples(st.just("engine.slots"), st.integers(1, 256).map(str)),
    st.tuples(st.just("hardware.interval"), st.floats(0.2, 60).map(str)),
    st.tuples(st.just("hardware.gpus"), st.sampled_from(["", "0", "0, 1, GPU-a", '["one, two", "three"]'])),
    st.tuples(st.just("local.enabled"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("node.log_level"), st.sampled_from(["debug", "info", "warning", "error"])),
    st.tuples(st.just("node.name"), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)),
)


@given(change=changes)
def test_what_is_written_is_what_is_read(shared: Path, change: tuple[str, str]) -> None:
    key, text = change
    assert settings_form.change(shared, key, text).value == text
    assert view(shared, key).value == text
