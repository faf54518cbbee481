"""Signed notes and checkpoints after C2SP."""

from __future__ import annotations

import base64

import pytest
from books import KEY
from hypothesis import given
from hypothesis import strategies as st

from node.identity import Identity
from node.ledger.checkpoint import Checkpoint, NoteInvalid, open_note, sign_note

# The published example of Go's golang.org/x/mod/sumdb/note.
NEUMANN = Identity(base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:], "PeterNeumann")
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_is_signed_as_the_published_example() -> None:
    assert sign_note(TEXT, NEUMANN) == NOTE


def test_the_published_example_is_read() -> None:
    assert open_note(NOTE, NEUMANN.public) == TEXT


def test_signatures_by_others_are_passed_over() -> None:
    witness = sign_note(TEXT, KEY).rpartition("\n\n")[2]
    assert open_note(NOTE + witness, NEUMANN.public) == TEXT
    assert open_note(NOTE + witness, KEY.public) == TEXT


def test_a_note_that_only_others_signed_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="no signature by"):
        open_note(NOTE, KEY.public)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_any_changed_byte_makes_a_note_invalid(position: int, change: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[position] ^= change
    with pytest.raises((NoteInvalid, UnicodeDecodeError)):
        open_note(raw.decode(), NEUMANN.public)


@given(st.text(max_size=300))
def test_any_text_at_all_is_either_a_note_or_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        open_note(text, KEY.public)


def test_a_checkpoint_is_origin_size_and_root_each_in_a_line() -> None:
    note = Checkpoint(KEY.name, 20852163, bytes(range(32))).sign(KEY)
    lines = note.split("\n")
    assert lines[:4] == [KEY.name, "20852163", base64.b64encode(bytes(range(32))).decode(), ""]
    assert lines[4].startswith(f"— {KEY.name} ")
    assert lines[5:] == [""]


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(KEY.name, size, root)
    assert Checkpoint.open(checkpoint.sign(KEY), KEY.public) == checkpoint


def test_extension_lines_are_passed_over() -> None:
    root = base64.b64encode(bytes(32)).decode()
    note = sign_note(f"{KEY.name}\n5\n{root}\nTimestamp 12\n", KEY)
    assert Checkpoint.open(note, KEY.public).size == 5


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("somebody\n5\n{root}\n", "is of the ledger 'somebody'"),
        ("{name}\n05\n{root}\n", "decimal number"),
        ("{name}\n-5\n{root}\n", "decimal number"),
        ("{name}\n٥\n{root}\n", "decimal number"),
        ("{name}\n5\nAAAA\n", "32 bytes"),
        ("{name}\n5\n!\n", "32 bytes"),
        ("{name}\n5\n", "three lines"),
    ],
)
def test_a_signed_text_that_is_no_checkpoint_of_ours_is_refused(text: str, wrong: str) -> None:
    note = sign_note(text.format(name=KEY.name, root=base64.b64encode(bytes(32)).decode()), KEY)
    with pytest.raises(NoteInvalid, match=wrong):
        Checkpoint.open(note, KEY.public)
