import stat
from pathlib import Path

import pytest
from wallet_keyring_double import open_keyring

from wallet.errors import WalletError
from wallet.files import ReadableByOthers
from wallet.keystore.credentials import CredentialsDirectory
from wallet.keystore.keyring import KeyringUnavailable
from wallet.keystore.sealed import LARGEST, OperatingSecrets, Place
from wallet.secret import Secret

TOKEN = Secret("canary-operating-token")


def contents(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


def test_survives_a_reboot_without_keyring_or_passphrase(tmp_path: Path) -> None:
    OperatingSecrets(tmp_path / "s").put("horde", TOKEN)
    assert OperatingSecrets(tmp_path / "s").get("horde") == TOKEN
    assert OperatingSecrets(tmp_path / "s").place("horde") is Place.HOST_SEALED


def test_never_lies_in_plain_text_and_every_file_is_private(tmp_path: Path) -> None:
    OperatingSecrets(tmp_path / "s").put("horde", TOKEN)
    assert TOKEN.reveal_bytes() not in contents(tmp_path / "s")
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "s").iterdir()} == {0o600}


def test_a_copy_without_the_host_key_is_worth_nothing(tmp_path: Path) -> None:
    OperatingSecrets(tmp_path / "s").put("horde", TOKEN)
    (tmp_path / "s" / "host.key").unlink()
    with pytest.raises(WalletError, match=r"host\.key"):
        OperatingSecrets(tmp_path / "s").get("horde")
    OperatingSecrets(tmp_path / "s").put("other", TOKEN)
    with pytest.raises(WalletError, match="does not open"):
        OperatingSecrets(tmp_path / "s").get("horde")


def test_a_file_under_another_name_does_not_open(tmp_path: Path) -> None:
    operating = OperatingSecrets(tmp_path)
    operating.put("horde", TOKEN)
    (tmp_path / "horde.sealed").rename(tmp_path / "aipg.sealed")
    with pytest.raises(WalletError, match="does not open"):
        operating.get("aipg")


def test_a_host_key_open_to_others_is_refused(tmp_path: Path) -> None:
    OperatingSecrets(tmp_path).put("horde", TOKEN)
    (tmp_path / "host.key").chmod(0o644)
    with pytest.raises(ReadableByOthers):
        OperatingSecrets(tmp_path).get("horde")


def test_the_credentials_directory_comes_first(tmp_path: Path) -> None:
    OperatingSecrets(tmp_path / "s").put("horde", Secret("old"))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "stoker-secret-horde").write_bytes(TOKEN.reveal_bytes())
    operating = OperatingSecrets(tmp_path / "s", CredentialsDirectory(tmp_path / "c"))
    assert operating.get("horde") == TOKEN
    assert operating.place("horde") is Place.CREDENTIALS
    with pytest.raises(WalletError, match="read-only"):
        operating.put("horde", TOKEN)


def test_one_kept_in_the_keyring_is_nowhere_else_and_needs_it_open(tmp_path: Path) -> None:
    keyring, backend = open_keyring()
    operating = OperatingSecrets(tmp_path, keyring=keyring)
    operating.put("horde", TOKEN)
    operating.put("horde", TOKEN, Place.KEYRING)
    assert operating.get("horde") == TOKEN
    assert operating.place("horde") is Place.KEYRING
    assert (tmp_path / "horde.sealed").read_bytes() == b"keyring\n"
    backend.locked = True
    with pytest.raises(KeyringUnavailable, match="locked"):
        operating.get("horde")


def test_moving_back_from_the_keyring_leaves_nothing_there(tmp_path: Path) -> None:
    keyring, backend = open_keyring()
    operating = OperatingSecrets(tmp_path, keyring=keyring)
    operating.put("horde", TOKEN, Place.KEYRING)
    operating.put("horde", TOKEN)
    assert backend.entries == {}
    assert operating.get("horde") == TOKEN


def test_deleting_deletes_wherever_it_is(tmp_path: Path) -> None:
    keyring, backend = open_keyring()
    operating = OperatingSecrets(tmp_path, keyring=keyring)
    operating.put("horde", TOKEN, Place.KEYRING)
    operating.put("aipg", TOKEN)
    assert operating.names() == ("aipg", "horde")
    for name in ("aipg", "horde", "never-there"):
        operating.delete(name)
    assert (operating.names(), backend.entries) == ((), {})
    assert operating.get("horde") is None


@pytest.mark.parametrize("name", ["", "../x", "A", "a.b", "x" * 65])
def test_other_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WalletError, match="name of a secret"):
        OperatingSecrets(tmp_path).get(name)


@pytest.mark.parametrize("size", [0, LARGEST + 1])
def test_empty_and_endless_secrets_are_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(WalletError, match=f"{size} bytes"):
        OperatingSecrets(tmp_path).put("horde", Secret(b"x" * size))
