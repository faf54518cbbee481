"""Checkpoints: signed statements of what the books held, in C2SP tlog-checkpoint form (a signed note).

A checkpoint given to someone else is the anchor that shows whether the books were rewritten or cut short later.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from node.identity import Identity, PublicIdentity

__all__ = ["Checkpoint", "NoteInvalid", "open_note", "sign_note"]

MAX_NOTE = 64 * 1024


class NoteInvalid(ValueError):
    """A note that is malformed, or that the key did not sign."""


def sign_note(text: str, identity: Identity) -> str:
    """Text and signature as C2SP signed-note has them.

    Raises:
        NoteInvalid: the text does not end in a newline, or holds control characters.
    """
    _check_text(text)
    signature = base64.b64encode(identity.public.key_id + identity.sign(text.encode())).decode()
    return f"{text}\n— {identity.name} {signature}\n"


def open_note(note: str, public: PublicIdentity) -> str:
    """The text of a signed note, once this key's signature is found and true. Other signatures are passed over.

    Raises:
        NoteInvalid: it is no signed note, or has no true signature by this key.
    """
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    if len(note) > MAX_NOTE or not blank or not signatures.endswith("\n"):
        raise NoteInvalid("not a signed note: expected a text, an empty line and signature lines")
    _check_text(text)
    signed = False
    for line in signatures[:-1].split("\n"):
        name, payload = _signature(line)
        if name == public.name and payload[:4] == public.key_id:
            if not public.verify(text.encode(), payload[4:]):
                raise NoteInvalid(f"the signature by {public.name} is false")
            signed = True
    if not signed:
        raise NoteInvalid(f"there is no signature by {public.name}")
    return text


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    try:
        payload = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        payload = b""
    if dash != "—" or not name or len(payload) < 5 or base64.b64encode(payload).decode() != encoded:
        raise NoteInvalid("malformed signature line: expected — <name> <base64>")
    return name, payload


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(sign) < 32 and sign != "\n" for sign in text):
        raise NoteInvalid("a note's text ends in a newline and holds no other control characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NoteInvalid("a note's text is valid Unicode") from None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one ledger at one size.

    Attributes:
        origin: which ledger: the name of its node.
        size: how many entries it had.
        root: the RFC 6962 root over their hashes, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def sign(self, identity: Identity) -> str:
        """This checkpoint as a signed note."""
        return sign_note(f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n", identity)

    @classmethod
    def open(cls, note: str, public: PublicIdentity) -> Checkpoint:
        """Read a signed checkpoint and check its signature and origin. Extension lines are passed over.

        Raises:
            NoteInvalid: it is malformed, not signed by this node, or of another ledger.
        """
        lines = open_note(note, public).split("\n")[:-1]
        if len(lines) < 3 or not all(lines):
            raise NoteInvalid("a checkpoint has at least three lines: origin, size and root")
        origin, size, root = lines[:3]
        if origin != public.name:
            raise NoteInvalid(f"the checkpoint is of the ledger {origin!r}, expected {public.name!r}")
        if not (size.isascii() and size.isdigit()) or len(size) > 19 or (size != "0" and size.startswith("0")):
            raise NoteInvalid(f"a checkpoint's size is a decimal number, got {size!r}")
        try:
            decoded = base64.b64decode(root, validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        if len(decoded) != 32:
            raise NoteInvalid("a checkpoint's root is 32 bytes in base64")
        return cls(origin, int(size), decoded)
