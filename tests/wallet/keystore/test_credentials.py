from pathlib import Path

import pytest

from wallet.errors import WalletError
from wallet.keystore.credentials import CredentialsDirectory, from_environment
from wallet.secret import Secret


def test_outside_of_a_service_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert from_environment() is None


def test_a_credential_is_read_without_its_last_newline_whatever_its_group_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stoker-secret-horde").write_bytes(b"token\n")
    (tmp_path / "stoker-secret-horde").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    credentials = from_environment()
    assert credentials is not None
    assert credentials.get("stoker-secret-horde") == Secret("token")
    assert credentials.names("stoker-secret-") == ("horde",)


def test_what_the_unit_does_not_give_is_none(tmp_path: Path) -> None:
    assert CredentialsDirectory(tmp_path).get("other") is None
    assert CredentialsDirectory(tmp_path / "missing").names("stoker-") == ()


def test_a_name_never_leads_out_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    (tmp_path / "inside").mkdir()
    assert CredentialsDirectory(tmp_path / "inside").get("../outside") is None


def test_a_credential_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(16 * 1024 + 1))
    (tmp_path / "directory").mkdir()
    with pytest.raises(WalletError, match="larger"):
        CredentialsDirectory(tmp_path).get("large")
    with pytest.raises(WalletError, match="cannot be read"):
        CredentialsDirectory(tmp_path).get("directory")
