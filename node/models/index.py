"""What the store knows about its files: one small JSON file, replaced whole at every change."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from node.models.gguf import GgufHeader
from node.models.partial import PartialFile

log = logging.getLogger(__name__)

NAME = "index.json"
MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One installed model.

    Attributes:
        file: its name in the store's directory. source: where it came from, for people.
    """

    name: str
    file: str
    sha256: str
    source: str
    header: GgufHeader


@dataclass(frozen=True, slots=True)
class Index:
    """All of them, as they are on disk."""

    version: int
    models: tuple[Record, ...]


INDEX = TypeAdapter(Index)


def load_index(directory: Path) -> dict[str, Record]:
    """The records by name. A damaged index is put aside and counts as empty: pulling takes known files in again."""
    path = directory / NAME
    try:
        with path.open("rb") as file:
            index = INDEX.validate_json(file.read(MAX_BYTES))
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        log.warning("%s is damaged (%d errors) and was put aside as %s", path, error.error_count(), aside.name)
        return {}
    return {
        record.name: record for record in index.models if record.file == Path(record.file).name and record.file != NAME
    }


def save_index(directory: Path, records: Mapping[str, Record]) -> None:
    """Write the index atomically and durably."""
    with PartialFile(directory / f"{NAME}.part") as draft:
        draft.restart()
        draft.write(INDEX.dump_json(Index(1, tuple(records[name] for name in sorted(records)))))
        draft.commit(directory / NAME)
