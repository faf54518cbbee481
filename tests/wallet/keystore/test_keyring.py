import threading
from pathlib import Path

import pytest
from wallet_gnome_keyring import run_in_session, run_without_session
from wallet_keyring_double import open_keyring

from wallet.keystore.keyring import LONGEST, KeyringUnavailable
from wallet.secret import Secret

PROBE = """
import json
from wallet.keystore.keyring import Keyring
status = Keyring(limit=20).probe()
print(json.dumps([status.usable, status.backend, status.problem, status.refused]))
"""

ROUND_TRIP = """
import json
from wallet.keystore.keyring import Keyring
from wallet.secret import Secret
keyring = Keyring(limit=20)
before = keyring.get("wallet/1")
keyring.put("wallet/1", Secret("größe"))
stored = keyring.get("wallet/1").reveal()
keyring.delete("wallet/1"); keyring.delete("wallet/1")
print(json.dumps([before, stored, keyring.get("wallet/1")]))
"""

STORE = """
import json
from wallet.keystore.keyring import Keyring
from wallet.secret import Secret
Keyring(limit=20).put("wallet/1", Secret("kept"))
print("null")
"""

READ = """
import json
from wallet.keystore.keyring import Keyring
print(json.dumps(Keyring(limit=20).get("wallet/1").reveal()))
"""


def test_an_unlocked_gnome_keyring_is_used(tmp_path: Path) -> None:
    assert run_in_session(PROBE, tmp_path, password="login") == [True, "Secret Service", "", []]
    assert run_in_session(ROUND_TRIP, tmp_path, password="login") == [None, "größe", None]


def test_what_is_stored_is_there_in_the_next_session_and_not_in_plain_text(tmp_path: Path) -> None:
    run_in_session(STORE, tmp_path, password="login")
    assert run_in_session(READ, tmp_path, password="login") == "kept"
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".keyring" for path in files)
    assert not any(b"kept" in path.read_bytes() for path in files)


def test_a_locked_keyring_is_called_locked(tmp_path: Path) -> None:
    run_in_session(STORE, tmp_path, password="login")
    assert run_in_session(PROBE, tmp_path, password="another") == [False, "Secret Service", "it is locked", []]


def test_a_keyring_that_was_never_unlocked_is_seen_through(tmp_path: Path) -> None:
    usable, backend, problem, _ = run_in_session(PROBE, tmp_path, password=None)
    assert (usable, backend, problem) == (False, "Secret Service", "it was never set up or unlocked")


def test_without_d_bus_there_is_none(tmp_path: Path) -> None:
    assert run_without_session(PROBE, tmp_path) == [False, "", "no keyring that encrypts is installed or running", []]


PLAIN = "wallet_plain_backend.PlaintextKeyring"


@pytest.mark.parametrize("name", ["keyring.backends.null.Keyring", PLAIN])
def test_a_backend_that_does_not_encrypt_is_refused_by_name(tmp_path: Path, name: str) -> None:
    usable, _, problem, refused = run_without_session(PROBE, tmp_path, {"PYTHON_KEYRING_BACKEND": name})
    assert (usable, refused) == (False, [name])
    assert name in problem


def test_a_plain_text_backend_is_refused_even_beside_an_unlocked_keyring(tmp_path: Path) -> None:
    answer = run_in_session(PROBE, tmp_path, password="login", environment={"PYTHON_KEYRING_BACKEND": PLAIN})
    assert answer[0] is False


def test_a_window_that_nobody_answers_is_given_up_and_not_opened_twice() -> None:
    keyring, backend = open_keyring(limit=0.05)
    backend.waits_for = threading.Event()
    assert keyring.probe().problem == "no answer within 0.05 s"
    with pytest.raises(KeyringUnavailable, match="still waits"):
        keyring.get("wallet/1")
    backend.waits_for.set()


def test_a_keyring_that_forgets_is_not_trusted_with_a_key() -> None:
    keyring, backend = open_keyring()
    backend.forgetful = True
    assert keyring.probe().problem == "it did not keep what it was given"
    with pytest.raises(KeyringUnavailable, match="did not keep"):
        keyring.put("wallet/1", Secret("x"))


def test_a_probe_leaves_nothing_behind() -> None:
    keyring, backend = open_keyring()
    assert keyring.probe().usable
    assert backend.entries == {}


def test_more_than_every_keyring_takes_is_refused() -> None:
    keyring, _ = open_keyring()
    with pytest.raises(ValueError, match="1280"):
        keyring.put("wallet/1", Secret("x" * (LONGEST + 1)))
