"""Colours and keys of one's own, in ``app.toml``."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_node import FakeNode
from screens import press, settled, until, written
from terminal_run import TerminalRun

from assets.keys import table
from tui.app import StokerApp
from tui.keymap import KeymapError, keymap
from tui.preferences import Preferences, PreferencesError, keep_theme, load
from tui.running import chosen

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "app.md"


def test_without_a_file_all_is_as_shipped(tmp_path: Path) -> None:
    assert load(tmp_path / "app.toml") == Preferences()


def test_keys_are_written_as_they_are_typed(tmp_path: Path) -> None:
    file = tmp_path / "app.toml"
    file.write_text('[keys]\n"node.pause" = "P, f6"\nview.copy = "!"\n')

    assert load(file).keys == {"node.pause": "P,f6", "view.copy": "exclamation_mark"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[keys]\n"node.puase" = "P"', "keys: node.puase: there is no such action; did you mean node.pause?"),
        ('[keys]\n"node.pause" = "escpe"', "; did you mean escape?"),
        ('[keys]\n"node.pause" = "ctrl+escpe"', "; did you mean ctrl+escape?"),
        ('[keys]\n"node.pause" = 5', "keys: node.pause: got 5; expected a key in quotation marks"),
        ('[keys]\n"node.pause" = ""', "keys: node.pause: got ''; expected a key"),
        ('[keys]\n"node.pause" = "d"', "keys: node.drain: d is the key of node.pause, too"),
        ('[keys]\n"jobs.sort" = "p"', "keys: jobs.sort: p is the key of node.pause, too"),
        ("keys = 5", "keys: got 5; expected a table"),
        ('theme = "stoker-lihgt"', "; did you mean stoker-light?"),
        ('theme = "mine"', "theme: got 'mine'; expected ansi-dark, ansi-light, stoker-"),
        ("colour = 1", "colour: there is no such setting"),
        ("[keys", "is not TOML"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_nearest_that_can(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "app.toml"
    file.write_text(text)

    with pytest.raises(PreferencesError) as refused:
        load(file)

    assert str(refused.value).startswith(f"{file}: ")
    assert said in str(refused.value)


def test_two_keys_may_be_exchanged() -> None:
    assert keymap({"node.pause": "d", "node.drain": "p"}) == {"node.pause": "d", "node.drain": "p"}


def test_the_same_key_may_do_different_things_on_different_screens() -> None:
    assert keymap({"jobs.sort": "l"})


def test_a_key_is_never_taken_twice() -> None:
    with pytest.raises(KeymapError):
        keymap({"node.pause": "z", "node.drain": "z"})


async def test_the_new_key_works_the_old_one_does_not_and_both_are_shown_so() -> None:
    node = FakeNode()
    app = StokerApp(node, keys=keymap({"node.pause": "z", "list.down": "ctrl+n"}))
    async with app.run_test(size=(120, 60)) as pilot:
        await settled(pilot)
        assert "z pause" in written(pilot)
        await press(pilot, "p")
        assert node.told == []
        await press(pilot, "z")
        await until(pilot, lambda: node.told == [("pause", {})])
        await press(pilot, "2", "question_mark")
        await until(pilot, lambda: "^n" in written(pilot))
        assert any(line.split()[1:3] == ["z", "pause"] for line in written(pilot).splitlines() if "z  " in line)


async def test_a_theme_that_is_chosen_stays_and_the_rest_of_the_file_too(tmp_path: Path) -> None:
    file = tmp_path / "app.toml"
    file.write_text('# mine\n[keys]\n"node.pause" = "z"\n')
    app = StokerApp(FakeNode(), **chosen(tmp_path))
    async with app.run_test() as pilot:
        await settled(pilot)
        app.theme = "stoker-light"
        await until(pilot, lambda: load(file).theme == "stoker-light")

    assert load(file).keys == {"node.pause": "z"}
    assert "# mine" in file.read_text()


def test_a_theme_can_be_kept_before_there_is_a_directory(tmp_path: Path) -> None:
    keep_theme(tmp_path / "home" / "app.toml", "nord")

    assert load(tmp_path / "home" / "app.toml").theme == "nord"
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0


def test_the_page_about_keys_is_current() -> None:
    assert DOCUMENT.read_text("utf-8").endswith(table()), "run: python assets/keys.py"


def test_a_file_that_cannot_be_used_ends_the_start_with_words(tmp_path: Path) -> None:
    (tmp_path / "app.toml").write_text('[keys]\n"node.puase" = "P"')
    home = {"STOKER_HOME": str(tmp_path)}
    with TerminalRun("-P", "-m", "tui.cli", "--node", str(tmp_path), environment=home) as run:
        run.read_until(lambda said: b"did you mean node.pause?" in said)
        assert run.wait() == 78
