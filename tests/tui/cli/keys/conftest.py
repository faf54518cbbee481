"""``stoker keys`` in a home without a keyring, with vaults that cost next to nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from wallet_samples import CHEAP

from tui.cli.root import root

Keys = Callable[..., Result]


@pytest.fixture(autouse=True)
def _cheap_vaults_and_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wallet.vault.affordable", lambda: CHEAP)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    # for the tests' own process: it could no longer read its own /proc/self
    monkeypatch.setattr("tui.cli.keys.memory.forbid_core_dumps", lambda: None)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def keys(home: Path) -> Keys:
    """Runs ``stoker keys ARGUMENTS`` over an empty data directory."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(root, ["--data-dir", str(home), "keys", *arguments], input=stdin)

    return run


@pytest.fixture
def private(tmp_path: Path) -> Callable[[str, str], str]:
    """Makes a private file with a text in it: its path."""

    def make(name: str, text: str) -> str:
        path = tmp_path / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        return str(path)

    return make


@pytest.fixture
def passphrase(private: Callable[[str, str], str]) -> tuple[str, str]:
    """The option that opens vaults."""
    return "--passphrase-file", private("passphrase", "correct horse\n")
