"""Bringing a build here: fetched from its release or from files on disk, checked, unpacked, and not yet tried."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from node.engines.builds.errors import BuildError
from node.engines.builds.fresh import fresh_directory
from node.engines.builds.index import PinnedBuild, PinnedRelease
from node.engines.builds.store import Build, BuildStore
from node.engines.builds.suit import BACKENDS, backend_of
from node.engines.builds.unpack import find_server, merge, unpack
from node.models.blocking import step
from node.models.download import Downloads
from node.models.errors import FetchError
from node.models.partial import hash_file, require_space

GROWTH = 3  # an unpacked archive is about this much bigger; to look for room beforehand
UNTRIED = "it has not been tried yet"
BY_FILE = "download it by hand and add it with `stoker engine add --from FILE`"


@dataclass(frozen=True, slots=True)
class Step:
    """What is going on. ``done`` and ``total`` are bytes; ``total`` is None where nobody knows."""

    detail: str
    done: int = 0
    total: int | None = None


Tell = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Taking:
    """Puts builds into the store."""

    store: BuildStore
    release: PinnedRelease
    downloads: Downloads

    async def fetch(self, pinned: PinnedBuild, tell: Tell) -> Build:
        """A pinned build; one that is here already is returned as it is. What an interrupted fetch has brought is used.

        Raises:
            BuildError: it cannot be had, or is not what was pinned.
        """
        name = f"{pinned.backend}-{self.release.release}"
        digests = tuple(archive.sha256 for archive in pinned.archive)
        known = await asyncio.to_thread(self.store.find, name)
        if known is not None and known.sha256 == digests:
            return known
        arrivals = await asyncio.to_thread(self.store.prepare) / f".{name}"
        await asyncio.to_thread(arrivals.mkdir, mode=0o700, exist_ok=True)
        try:
            await step(require_space, arrivals, pinned.size_bytes * (1 + GROWTH))
            await self._download(pinned, arrivals, name, tell)
        except FetchError as error:
            raise BuildError(f"{name}: {error.what}", error.remedy) from error
        build = Build(name, pinned.backend, "", f"llama.cpp {self.release.release}", digests, fault=UNTRIED)
        found = await self._unpack(build, [arrivals / archive.name for archive in pinned.archive], tell)
        await step(shutil.rmtree, arrivals, ignore_errors=True)
        return found

    async def bring(self, wanted: str, files: Sequence[Path], tell: Tell) -> Build:
        """A build out of archives on disk.

        Raises:
            BuildError: it is not clear for which cards it is, a file is not what its name says, or is no archive.
        """
        backend = wanted if wanted in BACKENDS else backend_of(files)
        if not backend:
            raise BuildError(
                f"{files[0].name}: its name does not say for which kind of card it is",
                f"Say it: `stoker engine add BACKEND --from {files[0]}`, BACKEND being one of {', '.join(BACKENDS)}",
            )
        digests = []
        for file in files:
            tell(Step(f"reading {file.name}"))
            digests.append(await self._checked(file))
        name = f"{backend}-{hashlib.sha256(''.join(digests).encode()).hexdigest()[:8]}"
        origin = f"from {', '.join(file.name for file in files)}"
        return await self._unpack(Build(name, backend, "", origin, tuple(digests), fault=UNTRIED), files, tell)

    async def _download(self, pinned: PinnedBuild, arrivals: Path, name: str, tell: Tell) -> None:
        before, total = 0, pinned.size_bytes

        def note(done: int, _: int | None) -> None:
            tell(Step(f"fetching {name}", before + done, total))

        for archive in pinned.archive:
            target, url = arrivals / archive.name, f"{self.release.url}/{archive.name}"
            size, sha256 = archive.size_bytes, archive.sha256
            if not (target.is_file() and await hash_file(target) == sha256):
                await self.downloads.fetch(url, target, size=size, sha256=sha256, progress=note)
            before += size

    async def _checked(self, file: Path) -> str:
        """The sha256 of a file that is, by its name, the release's or none of the release's."""
        try:
            digest = await hash_file(file)
        except OSError as error:
            raise BuildError(f"{file}: {error.strerror}", "Give the path of an archive") from error
        pinned = self.release.archive(file.name)
        if pinned is not None and pinned.sha256 != digest:
            raise BuildError(
                f"{file.name}: its sha256 is {digest}; the release's file of that name has {pinned.sha256}",
                "Do not trust it; if you built it yourself, give it another name",
            )
        return digest

    async def _unpack(self, build: Build, archives: Sequence[Path], tell: Tell) -> Build:
        scratch = await step(fresh_directory, await step(self.store.prepare), ".unpack-")
        whole = scratch / "build"
        try:
            for number, archive in enumerate(archives):
                pieces = unpack(archive, scratch / str(number))
                while (written := await step(next, pieces, None)) is not None:
                    tell(Step(f"unpacking {archive.name}", written))
                await step(merge, scratch / str(number), whole)
            server = await step(find_server, whole)
            return await step(self.store.keep, whole, replace(build, server=str(server.relative_to(whole))))
        except OSError as error:
            what = f"{self.store.directory}: it cannot be unpacked: {error.strerror}"
            raise BuildError(what, "Make room on this disk, or see who may write there") from error
        finally:
            await step(shutil.rmtree, scratch, ignore_errors=True)
