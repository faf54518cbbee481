"""Is the ledger what was written? Every hash, link, checkpoint and derived table, without a node running."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import apsw

from node.identity import PublicIdentity
from node.ledger.agreement import Agreement
from node.ledger.chain import GENESIS, Entry, entry_hash
from node.ledger.checkpoint import Checkpoint, NoteInvalid
from node.ledger.errors import LedgerForeign, in_words
from node.ledger.merkle import Frontier
from node.ledger.schema import connect_reader, version_of

__all__ = ["Broken", "Problem", "Progress", "Verification", "Walk", "check", "verify", "walk"]

Progress = Callable[[int, int], None]
"""Called now and then with the entries checked so far and those there are."""

_ENTRIES = (
    "SELECT seq, at_ns, CAST(kind AS BLOB), CAST(body AS BLOB), prev, hash FROM entries WHERE seq > ? ORDER BY seq"
)
_CHECKPOINTS = "SELECT size, CAST(note AS BLOB), frontier FROM checkpoints WHERE size > ? ORDER BY size"


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing that is wrong.

    Attributes:
        seq: the entry where it shows; None where it belongs to no entry.
        what: what is wrong, in words.
    """

    seq: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    Attributes:
        entries: how many entries are good, from the first.
        head_hex: the hash of the last good one, in hexadecimal.
        checkpoints: how many signed checkpoints agree with them.
        signed_up_to: how many entries the last of these covers; later ones have only the chain.
        problem: None if the ledger is whole.
    """

    entries: int
    head_hex: str
    checkpoints: int
    signed_up_to: int
    problem: Problem | None


@dataclass(slots=True)
class Walk:
    """A place in the chain, moved forward by ``walk``."""

    seq: int
    hash: bytes
    frontier: Frontier
    signed: int = 0
    checkpoints: int = 0

    @classmethod
    def from_the_start(cls) -> Walk:
        return cls(0, GENESIS, Frontier())


class Broken(Exception):
    """The verification has found its first problem."""

    def __init__(self, seq: int | None, what: str) -> None:
        super().__init__(what)
        self.problem = Problem(seq, what)


def verify(path: Path, public_key: bytes, progress: Progress | None = None) -> Verification:
    """Check the whole ledger of the node with this public key. Blocking; reads only.

    The verification works on one moment of the file, also while a node writes it.

    Raises:
        LedgerForeign: the file is no ledger, or a newer Stoker's.
        LedgerUnavailable: it cannot be read now.
    """
    place = Walk.from_the_start()
    problem: Problem | None = None
    try:
        connection = connect_reader(path)
        try:
            if version_of(connection, path) == 0:
                raise LedgerForeign(f"{path}: there is no ledger in this file yet")
            connection.execute("BEGIN")
            check(connection, place, PublicIdentity.of(public_key), progress)
        finally:
            connection.close()
    except Broken as broken:
        problem = broken.problem
    except (apsw.CorruptError, UnicodeDecodeError) as error:
        problem = Problem(place.seq + 1, f"the file is damaged here or behind ({error})")
    except apsw.Error as error:
        raise in_words(error, path) from None
    return Verification(place.seq, place.hash.hex(), place.checkpoints, place.signed, problem)


def check(connection: apsw.Connection, place: Walk, public: PublicIdentity, progress: Progress | None = None) -> None:
    """Move a place through all that an open transaction sees, derived tables and SQLite's own pages included.

    Raises:
        Broken: at the first thing that is wrong.
    """
    total = cast("int", connection.execute("SELECT count(*) FROM entries").get)
    agreement = Agreement(connection)
    for entry in walk(connection, place, public):
        disagreement = agreement.check(entry)
        if disagreement:
            raise Broken(entry.seq, disagreement)
        if progress is not None and entry.seq % 1000 == 0:
            progress(entry.seq, total)
    stray = connection.execute("SELECT min(seq) FROM entries WHERE seq < 1").get
    if stray is not None:
        raise Broken(cast("int", stray), "entries are numbered from 1")
    disagreement = agreement.remainder()
    if disagreement:
        raise Broken(None, disagreement)
    health = connection.execute("PRAGMA integrity_check(1)").get
    if health != "ok":
        raise Broken(None, f"SQLite finds the file damaged ({health})")
    if progress is not None:
        progress(place.seq, total)


def walk(connection: apsw.Connection, place: Walk, public: PublicIdentity) -> Iterator[Entry]:
    """Follow the chain from a place to the end, and give each entry once it and its checkpoint are good.

    Raises:
        Broken: at the first entry that is not what was written.
        apsw.CorruptError: the file cannot be read further.
    """
    statements = iter(connection.cursor().execute(_CHECKPOINTS, (place.seq,)))
    statement = next(statements, None)
    for row in connection.cursor().execute(_ENTRIES, (place.seq,)):
        entry = _link(place, row)
        if statement is not None and cast("int", statement[0]) <= entry.seq:
            _agree(place, statement, public)
            statement = next(statements, None)
        yield entry
    if statement is not None:
        raise Broken(
            place.seq + 1,
            f"this and later entries are missing: a signed checkpoint covers {statement[0]} entries, "
            f"the ledger ends after {place.seq}",
        )


def _link(place: Walk, row: tuple[apsw.SQLiteValue, ...]) -> Entry:
    seq, at_ns, kind, body, prev, digest = cast("tuple[int, int, bytes, bytes, bytes, bytes]", row)
    expected = place.seq + 1
    if seq != expected:
        raise Broken(expected, f"the entry is missing; the next one here is {seq}")
    try:
        good = prev == place.hash and digest == entry_hash(seq, at_ns, kind, prev, body)
        entry = Entry(seq, at_ns, kind.decode(), json.loads(body), prev, digest) if good else None
    except (struct.error, TypeError, ValueError):
        entry = None
    if entry is None:
        raise Broken(seq, "the entry was changed after it was written: its hash does not fit")
    place.frontier.push(digest)
    place.seq, place.hash = seq, digest
    return entry


def _agree(place: Walk, statement: tuple[apsw.SQLiteValue, ...], public: PublicIdentity) -> None:
    size, note, frontier = cast("tuple[int, bytes, bytes]", statement)
    try:
        checkpoint = Checkpoint.open(note.decode(), public)
    except (NoteInvalid, UnicodeDecodeError) as error:
        raise Broken(place.seq, f"the checkpoint over {size} entries is not valid: {error}") from None
    if checkpoint.size != size or size != place.seq:
        raise Broken(place.seq, f"a checkpoint is filed under {size} entries and signs {checkpoint.size}")
    if checkpoint.root != place.frontier.root():
        raise Broken(
            place.signed + 1,
            f"entries {place.signed + 1} to {size} are not those that were signed: "
            "one of them was replaced together with all hashes behind it",
        )
    if frontier != place.frontier.to_bytes():
        raise Broken(place.seq, f"the tree kept with the checkpoint over {size} entries does not fit")
    place.signed = size
    place.checkpoints += 1
