"""Which versions of Stoker have kept these books, and the way back to the one before."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import apsw

from node.ledger.migrations import MIGRATIONS
from node.ledger.schema import connect_reader

RECENT_ENTRIES = 50_000
"""How far back a good start looks for another version; one that has not run since is no news."""

ALL_ENTRIES = 1 << 62

_VERSION = re.compile(r"[0-9A-Za-z.+!-]{1,40}")
_LAST_START = (
    "SELECT seq, at_ns, json_extract(body, '$.version') FROM entries WHERE kind = 'node_started' "
    "AND json_extract(body, '$.version') IS NOT ?1 AND seq > (SELECT max(seq) FROM entries) - ?2 "
    "ORDER BY seq DESC LIMIT 1"
)
_DONE_BY_ITS_SUCCESSOR = (
    "SELECT 1 FROM jobs WHERE state = 'done' "
    "AND ended_seq > (SELECT min(seq) FROM entries WHERE kind = 'node_started' AND seq > ?) "
    "ORDER BY number DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Start:
    """A start of a node that is in the books. ``at_ns``: nanoseconds since 1970 in UTC."""

    seq: int
    at_ns: int
    version: str


def way_back(ledger: Path, present: str) -> str:
    """What to do when this version does not start on books that another one kept last; empty if it kept them itself.

    Works on the books of a newer Stoker too. Blocking; never raises, since something has failed already.
    """
    try:
        connection = connect_reader(ledger)
        try:
            last = _start(connection, "", ALL_ENTRIES)
            newer = int(connection.pragma("user_version")) > len(MIGRATIONS)
        finally:
            connection.close()
    except (apsw.Error, OSError):
        return ""
    if last is None or last.version == present:
        return ""
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(last.at_ns / 1e9))
    lines = [f"Stoker {last.version} kept these books last (started {day}), this is {present}. "
             f"To run {last.version} again: stoker update --to {last.version}"]  # fmt: skip
    backup = ledger.with_name(f"{ledger.name}.v{len(MIGRATIONS)}.backup")
    if newer and backup.exists():
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(backup.stat().st_mtime))
        lines.append(
            f"Or go on with the books as they were before that update, without what came after {day}: "
            f"move {ledger.name} and {ledger.name}-wal out of {ledger.parent}, then copy {backup.name} to {ledger.name}"
        )
    return "\n".join(lines)


def unproven_after(connection: apsw.Connection, present: str) -> str:
    """The version that ran before, as long as the present one has finished no job; empty otherwise."""
    before = _start(connection, present, RECENT_ENTRIES)
    if before is None:
        return ""
    proven = connection.execute(_DONE_BY_ITS_SUCCESSOR, (before.seq,)).get
    return "" if proven else before.version


def _start(connection: apsw.Connection, unlike: str, within: int) -> Start | None:
    """The last start of another version than ``unlike`` among so many of the newest entries."""
    row = connection.execute(_LAST_START, (unlike, within)).get
    if row is None:
        return None
    seq, at_ns, version = cast("tuple[int, int, object]", row)
    return Start(seq, at_ns, version) if isinstance(version, str) and _VERSION.fullmatch(version) else None
