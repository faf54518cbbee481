"""``stoker keys export``, ``backup`` and ``verify-backup``."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from solders.keypair import Keypair
from wallet_samples import ABOUT, ABOUT_ADDRESS

Keys = Callable[..., Result]
Private = Callable[[str, str], str]


@pytest.fixture(autouse=True)
def _a_wallet(keys: Keys, passphrase: tuple[str, str]) -> None:
    assert keys("import", "mine", "--stdin", *passphrase, stdin=ABOUT).exit_code == 0


def backed_up(keys: Keys) -> bool:
    return bool(json.loads(keys("list", "--json").stdout)[0]["backed_up"])


@pytest.mark.parametrize(
    ("form", "opened"),
    [
        ("solana-keygen", lambda text: str(Keypair.from_json(text).pubkey())),
        ("base58", lambda text: str(Keypair.from_base58_string(text).pubkey())),
    ],
)
def test_other_programs_open_what_was_written(
    keys: Keys, passphrase: tuple[str, str], tmp_path: Path, form: str, opened: Callable[[str], str]
) -> None:
    out = tmp_path / "key"
    result = keys("export", "mine", "--format", form, "--out", str(out), *passphrase)
    assert (result.exit_code, result.stdout) == (0, "")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert opened(out.read_text()) == ABOUT_ADDRESS


def test_words_leave_as_they_came(keys: Keys, passphrase: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "words"
    result = keys("export", "mine", "--format", "mnemonic", "--out", str(out), *passphrase)
    assert out.read_text() == ABOUT
    assert "m/44'/501'/0'/0'" in result.stderr


def test_a_file_that_is_there_stays_as_it_is(keys: Keys, passphrase: tuple[str, str], tmp_path: Path) -> None:
    out = tmp_path / "key"
    out.write_text("precious")
    result = keys("export", "mine", "--format", "base58", "--out", str(out), *passphrase)
    assert (result.exit_code, out.read_text()) == (5, "precious")
    assert "there is something already" in result.stderr


def test_a_secret_is_shown_on_a_terminal_only(keys: Keys, passphrase: tuple[str, str]) -> None:
    result = keys("export", "mine", "--format", "mnemonic", "--reveal", *passphrase)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "this is none" in result.stderr


@pytest.mark.parametrize("how", [(), ("--reveal", "--out", "x")])
def test_a_key_leaves_one_way(keys: Keys, how: tuple[str, ...]) -> None:
    assert keys("export", "mine", "--format", "base58", *how).exit_code == 2


def test_a_wrong_passphrase_opens_nothing(keys: Keys, private: Private, tmp_path: Path) -> None:
    out = tmp_path / "key"
    wrong = ("--passphrase-file", private("wrong", "hose"))
    result = keys("export", "mine", "--format", "base58", "--out", str(out), *wrong)
    assert (result.exit_code, out.exists()) == (5, False)
    assert "it does not open this vault" in result.stderr


def test_without_a_passphrase_the_way_to_give_one_is_told(keys: Keys, tmp_path: Path) -> None:
    result = keys("export", "mine", "--format", "base58", "--out", str(tmp_path / "key"))
    assert (result.exit_code, "--passphrase-file FILE" in result.stderr) == (5, True)


def test_all_words_in_order_prove_a_backup(keys: Keys, passphrase: tuple[str, str]) -> None:
    assert not backed_up(keys)
    assert keys("verify-backup", "mine", "--stdin", *passphrase, stdin=f"  {ABOUT.upper()}\n").exit_code == 0
    assert backed_up(keys)


def test_a_wrong_word_proves_nothing_and_is_not_repeated(keys: Keys, passphrase: tuple[str, str]) -> None:
    wrong = ABOUT.replace("about", "zebra")
    result = keys("verify-backup", "mine", "--stdin", *passphrase, stdin=wrong)
    assert (result.exit_code, backed_up(keys)) == (5, False)
    assert "not what belongs at 12" in result.stderr
    assert "zebra" not in result.stderr


def test_a_backup_that_opens_proves_itself(keys: Keys, passphrase: tuple[str, str], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert keys("backup", "mine", "--out", str(copy), *passphrase).exit_code == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "abandon" not in copy.read_text()
    assert keys("verify-backup", "mine", "--file", str(copy), *passphrase).exit_code == 0
    assert backed_up(keys)


def test_a_backup_of_another_wallet_proves_nothing(keys: Keys, passphrase: tuple[str, str], tmp_path: Path) -> None:
    keys("new", "other", *passphrase)
    keys("backup", "other", "--out", str(tmp_path / "copy"), *passphrase)
    result = keys("verify-backup", "mine", "--file", str(tmp_path / "copy"), *passphrase)
    assert (result.exit_code, backed_up(keys)) == (5, False)
    assert "it is not of 'mine'" in result.stderr


def test_a_bare_key_has_no_words_to_prove(keys: Keys, passphrase: tuple[str, str], tmp_path: Path) -> None:
    keys("import", "bare", "--stdin", *passphrase, stdin=str(Keypair()))
    result = keys("verify-backup", "bare", "--stdin", *passphrase, stdin=ABOUT)
    assert (result.exit_code, "stoker keys verify-backup bare --file FILE" in result.stderr) == (5, True)
    out = str(tmp_path / "words")
    assert keys("export", "bare", "--format", "mnemonic", "--out", out, *passphrase).exit_code == 5
