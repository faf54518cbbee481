"""The node's own key."""

from __future__ import annotations

import base64
import copy
import hashlib
import os
import pickle
import stat
import threading
from pathlib import Path

import pytest

from node.identity import FILE, Identity, IdentityError, PublicIdentity


def test_the_first_start_makes_a_key_and_the_next_finds_it(tmp_path: Path) -> None:
    first = Identity.load_or_create(tmp_path / "data")
    again = Identity.load_or_create(tmp_path / "data")
    assert first.public == again.public
    assert first.sign(b"x") == again.sign(b"x")


def test_only_the_owner_may_read_the_file_and_its_folder(tmp_path: Path) -> None:
    Identity.load_or_create(tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "data" / FILE).stat().st_mode) == 0o600


def test_nothing_is_left_beside_the_key(tmp_path: Path) -> None:
    Identity.load_or_create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_two_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    found: list[PublicIdentity] = []
    gate = threading.Barrier(8)

    def start() -> None:
        gate.wait()
        found.append(Identity.load_or_create(tmp_path).public)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    Identity.load_or_create(tmp_path)
    (tmp_path / FILE).chmod(mode)
    with pytest.raises(IdentityError, match=rf"{mode:04o}.*expected 0600.*chmod 600"):
        Identity.load_or_create(tmp_path)


def test_a_link_in_place_of_the_key_is_refused(tmp_path: Path) -> None:
    Identity.load_or_create(tmp_path / "other")
    (tmp_path / FILE).symlink_to(tmp_path / "other" / FILE)
    with pytest.raises(IdentityError, match="plain file"):
        Identity.load_or_create(tmp_path)


def test_a_folder_in_place_of_the_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(IdentityError, match=r"plain file|cannot be read"):
        Identity.load_or_create(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"PRIVATE+KEY+stoker/x+00", b"x" * 9000])
def test_a_damaged_key_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(IdentityError, match="not a node key"):
        Identity.load_or_create(tmp_path)
    assert path.read_bytes() == content


def test_one_wrong_letter_in_the_key_is_noticed(tmp_path: Path) -> None:
    Identity.load_or_create(tmp_path)
    path = tmp_path / FILE
    good = path.read_bytes().rstrip(b"\n")
    for position in range(len(good) - 4):
        wrong = good[:position] + (b"A" if good[position : position + 1] != b"A" else b"B") + good[position + 1 :]
        path.write_bytes(wrong)
        with pytest.raises(IdentityError):
            Identity.load_or_create(tmp_path)


def test_the_secret_shows_nowhere(tmp_path: Path) -> None:
    identity = Identity(b"\x07" * 32)
    assert repr(identity) == f"Identity({identity.name})"
    assert str(identity) == repr(identity)
    for copier in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copier(identity)


def test_names_and_fingerprints_come_from_the_public_key() -> None:
    identity = Identity(b"\x07" * 32)
    digest = hashlib.sha256(identity.public_key)
    assert identity.name == f"stoker/{digest.hexdigest()[:16]}"
    assert identity.fingerprint == "SHA256:" + base64.b64encode(digest.digest()).decode().rstrip("=")
    assert PublicIdentity.of(identity.public_key) == identity.public


def test_the_verifier_key_is_in_the_form_of_signed_note_tools() -> None:
    public = PublicIdentity(
        "PeterNeumann", base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
    )  # the example of Go's sumdb/note
    assert public.verifier_key == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_signature_holds_for_its_message_and_key_only() -> None:
    identity, other = Identity(b"\x07" * 32), Identity(b"\x08" * 32)
    signature = identity.sign(b"message")
    assert identity.public.verify(b"message", signature)
    assert not identity.public.verify(b"massage", signature)
    assert not other.public.verify(b"message", signature)
    assert not identity.public.verify(b"message", signature[:-1])


def test_a_key_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Identity.load_or_create(tmp_path)
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(IdentityError, match=f"belongs to user {owner}"):
        Identity.load_or_create(tmp_path)
