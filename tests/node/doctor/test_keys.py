"""What the doctor says of keyrings and of the keys that the node works with."""

from __future__ import annotations

from node.doctor.keys import checks
from node.purse.operating import Operating
from wallet.keystore.keyring import KeyringStatus


def test_a_keyring_that_works_is_named_with_who_may_read_it() -> None:
    (found,) = checks(Operating(), KeyringStatus("SecretService Keyring"))
    assert (found.status, "SecretService" in found.detail) == ("ok", True)


def test_without_a_keyring_the_vault_is_offered() -> None:
    (found,) = checks(Operating(), KeyringStatus("", "no keyring that encrypts is installed or running"))
    assert (found.status, "vault" in found.remedy) == ("warn", True)


def test_a_secret_that_does_not_open_is_named() -> None:
    _, found = checks(Operating(problems={"horde": "its seal is broken"}), KeyringStatus("SecretService Keyring"))
    assert (found.name, found.status, found.detail) == ("secret horde", "warn", "its seal is broken")
