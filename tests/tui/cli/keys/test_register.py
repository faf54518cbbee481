"""``stoker keys list``, ``use``, ``rename`` and ``remove``."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from wallet_samples import ABOUT

Keys = Callable[..., Result]


@pytest.fixture(autouse=True)
def _two_wallets(keys: Keys, passphrase: tuple[str, str]) -> None:
    assert keys("import", "mine", "--stdin", *passphrase, stdin=ABOUT).exit_code == 0
    assert keys("new", "savings", *passphrase).exit_code == 0


def names(keys: Keys) -> dict[str, bool]:
    return {one["name"]: one["active"] for one in json.loads(keys("list", "--json").stdout)}


def test_the_list_names_the_store(keys: Keys) -> None:
    lines = keys("list").stdout.splitlines()
    assert lines[1].split() == [
        "*",
        "mine",
        "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk",
        *["solana", "vault", "file", "no"],
    ]


def test_an_empty_list_teaches(keys: Keys) -> None:
    for name in ("mine", "savings"):
        keys("remove", name, "--yes", "--even-if-lost")
    result = keys("list")
    assert result.stdout == ""
    assert "stoker wallet watch NAME ADDRESS" in result.stderr


def test_another_can_be_the_active_one(keys: Keys) -> None:
    assert keys("use", "savings").exit_code == 0
    assert names(keys) == {"mine": False, "savings": True}


def test_a_new_name_keeps_the_key(keys: Keys, passphrase: tuple[str, str], tmp_path: Path) -> None:
    assert keys("rename", "mine", "daily").exit_code == 0
    assert names(keys) == {"daily": True, "savings": False}
    out = str(tmp_path / "key")
    assert keys("export", "daily", "--format", "base58", "--out", out, *passphrase).exit_code == 0


def test_a_key_that_is_nowhere_else_is_not_removed(keys: Keys) -> None:
    result = keys("remove", "mine", "--yes")
    assert (result.exit_code, "mine" in names(keys)) == (5, True)
    assert "stoker keys verify-backup mine" in result.stderr


def test_what_is_removed_leaves_nothing(keys: Keys, home: Path) -> None:
    vaults = set((home / "wallet").glob("*.vault"))
    assert keys("remove", "mine", "--yes", "--even-if-lost").exit_code == 0
    assert names(keys) == {"savings": True}
    assert len(vaults - set((home / "wallet").glob("*.vault"))) == 1


def test_without_a_terminal_a_removal_needs_a_yes(keys: Keys) -> None:
    result = keys("remove", "mine", "--even-if-lost")
    assert (result.exit_code, "--yes" in result.stderr, "mine" in names(keys)) == (1, True, True)


@pytest.mark.parametrize("command", [("use",), ("remove", "--yes"), ("rename", "--", "new")])
def test_an_unknown_name_is_told_with_the_known_ones(keys: Keys, command: tuple[str, ...]) -> None:
    word, *rest = command
    arguments = ("rename", "minne", "new") if word == "rename" else (word, "minne", *rest)
    result = keys(*arguments)
    assert result.exit_code == 5
    assert "there are: mine, savings" in result.stderr


def test_everything_on_disk_is_for_its_owner_alone(home: Path) -> None:
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (home / "wallet").iterdir()}
    assert (modes, stat.S_IMODE((home / "wallet").stat().st_mode)) == ({0o600}, 0o700)


def test_help_says_who_may_read_a_keyring(keys: Keys) -> None:
    told = " ".join(keys("--help").stdout.split())
    assert "any program that runs as you may read an unlocked keyring" in told


@pytest.mark.parametrize(
    "command", ["new", "import", "export", "backup", "verify-backup", "list", "use", "rename", "remove"]
)
def test_every_command_shows_an_example(keys: Keys, command: str) -> None:
    assert f"stoker keys {command}" in keys(command, "--help").stdout.split("Example:")[1]
