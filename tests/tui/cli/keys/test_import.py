"""``stoker keys new`` and ``import``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from solders.keypair import Keypair
from wallet_samples import ABOUT, ABOUT_ADDRESS

Keys = Callable[..., Result]
Private = Callable[[str, str], str]

PATHS = [
    ("m/44'/501'/0'/0'", ABOUT_ADDRESS),
    ("m/44'/501'/0'", "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL"),
    ("none", "EHqmfkN89RJ7Y33CXM6uCzhVeuywHoJXZZLszBHHZy7o"),
]


def test_words_from_standard_input_give_the_published_address(keys: Keys, passphrase: tuple[str, str]) -> None:
    result = keys("import", "mine", "--stdin", *passphrase, stdin=ABOUT)

    assert (result.exit_code, result.stdout) == (0, f"{ABOUT_ADDRESS}\n")
    (listed,) = json.loads(keys("list", "--json").stdout)
    assert (listed["name"], listed["address"], listed["active"]) == ("mine", ABOUT_ADDRESS, True)
    assert (listed["store"], listed["path"], listed["words"]) == ("vault", "m/44'/501'/0'/0'", 12)
    assert listed["backed_up"] is False


@pytest.mark.parametrize(("path", "address"), PATHS)
def test_a_path_can_be_chosen_without_a_terminal(
    keys: Keys, passphrase: tuple[str, str], path: str, address: str
) -> None:
    made = keys("import", "mine", "--stdin", "--path", path, "--json", *passphrase, stdin=ABOUT)
    assert json.loads(made.stdout)["address"] == address


def test_words_with_a_passphrase_of_their_own_are_another_wallet(
    keys: Keys, private: Private, passphrase: tuple[str, str]
) -> None:
    extra = ("--words-passphrase-file", private("words", "TREZOR"))
    made = keys("import", "mine", "--stdin", *extra, *passphrase, stdin=ABOUT)
    assert made.exit_code == 0
    assert made.stdout.strip() not in {address for _, address in PATHS}


@pytest.mark.parametrize("form", ["solana-keygen", "base58"])
def test_the_files_of_other_programs_are_recognised(
    keys: Keys, private: Private, passphrase: tuple[str, str], form: str
) -> None:
    pair = Keypair()
    text = pair.to_json() if form == "solana-keygen" else str(pair)
    made = keys("import", "mine", "--file", private("theirs", text), *passphrase)
    assert made.stdout == f"{pair.pubkey()}\n"
    assert "stoker keys backup mine" in made.stderr


def test_a_secret_comes_by_file_descriptor_too(keys: Keys) -> None:
    words_out, words_in = os.pipe()
    passphrase_out, passphrase_in = os.pipe()
    os.write(words_in, ABOUT.encode())
    os.write(passphrase_in, b"correct horse\n")
    os.close(words_in)
    os.close(passphrase_in)

    made = keys("import", "mine", "--fd", str(words_out), "--passphrase-fd", str(passphrase_out))

    os.close(words_out)
    os.close(passphrase_out)
    assert made.stdout == f"{ABOUT_ADDRESS}\n"


def test_a_backup_comes_back_on_another_machine(
    keys: Keys, private: Private, passphrase: tuple[str, str], tmp_path: Path
) -> None:
    keys("import", "mine", "--stdin", *passphrase, stdin=ABOUT)
    copy = tmp_path / "copy"
    other = ("--backup-passphrase-file", private("other", "battery staple"))
    assert keys("backup", "mine", "--out", str(copy), *other, *passphrase).exit_code == 0
    assert keys("remove", "mine", "--yes", "--even-if-lost").exit_code == 0

    assert keys("import", "mine", "--file", str(copy), *passphrase).exit_code == 5
    assert keys("import", "mine", "--file", str(copy), *other, *passphrase).stdout == f"{ABOUT_ADDRESS}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ABOUT.replace("about", "abandon"), "words: the checksum does not match"),
        (ABOUT.replace("about", "abuot"), "words: not in the English BIP-39 list: word 12"),
        ("abandon abandon", "words: 2 words given, expected 12 or 24"),
        ("[1,2,3]", "key: 3 bytes"),
        (str(list(range(64))), "key: its two halves do not belong together"),
        ("0OIl", "key: this looks like no key"),
        ("", "key: it is empty"),
    ],
)
def test_what_is_no_key_is_told_apart(keys: Keys, passphrase: tuple[str, str], text: str, told: str) -> None:
    result = keys("import", "mine", "--stdin", *passphrase, stdin=text)
    assert result.exit_code == 5
    assert result.stderr.startswith(f"error: {told}")
    assert json.loads(keys("list", "--json").stdout) == []


def test_a_file_that_others_can_read_is_refused(keys: Keys, private: Private, passphrase: tuple[str, str]) -> None:
    file = private("id.json", Keypair().to_json())
    Path(file).chmod(0o644)
    result = keys("import", "mine", "--file", file, *passphrase)
    assert result.exit_code == 5
    assert f"{file}: its mode is 0644, expected 0600" in result.stderr
    assert f"chmod 600 {file}" in result.stderr


def test_without_keyring_and_passphrase_nothing_is_stored(keys: Keys) -> None:
    result = keys("import", "mine", "--stdin", stdin=ABOUT)
    assert result.exit_code == 6
    assert "there is no keyring to keep the key in: keyring.backends.null.Keyring is not trusted" in result.stderr
    assert "--passphrase-file FILE" in result.stderr
    assert json.loads(keys("list", "--json").stdout) == []


def test_without_a_terminal_nothing_is_asked(keys: Keys) -> None:
    result = keys("import", "mine")
    assert (result.exit_code, "there is no terminal to ask on" in result.stderr) == (1, True)


def test_one_source_at_a_time(keys: Keys, private: Private) -> None:
    assert keys("import", "mine", "--stdin", "--file", private("x", ABOUT), stdin=ABOUT).exit_code == 2


def test_a_path_is_for_words(keys: Keys, passphrase: tuple[str, str]) -> None:
    result = keys("import", "mine", "--stdin", "--path", "none", *passphrase, stdin=str(Keypair()))
    assert (result.exit_code, "only words have one" in result.stderr) == (2, True)


def test_a_smaller_vault_is_stated(keys: Keys, passphrase: tuple[str, str]) -> None:
    assert "smaller setting: Argon2id, 1 passes over 8 MiB" in keys("new", "mine", *passphrase).stderr


@pytest.mark.parametrize("count", ["12", "24"])
def test_a_new_wallet_has_words_of_its_own(keys: Keys, passphrase: tuple[str, str], count: str) -> None:
    made = [json.loads(keys("new", name, "--words", count, "--json", *passphrase).stdout) for name in ("a", "b")]
    assert [one["words"] for one in made] == [int(count)] * 2
    assert made[0]["address"] != made[1]["address"]
    assert [one["active"] for one in made] == [True, False]


@pytest.mark.parametrize("name", ["-x", "a b", "ä", "", "x" * 33, "../up"])
def test_a_name_is_checked_before_anything_is_asked(keys: Keys, name: str) -> None:
    result = keys("new", "--", name)
    assert (result.exit_code, "name" in result.stderr) == (5, True)
