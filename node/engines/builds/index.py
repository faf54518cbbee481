"""The pinned builds: which archives of which release, for which machines, and by which hashes they are known."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from node.engines.builds.errors import BuildError

Backend = Literal["vulkan", "cuda", "rocm", "metal"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PinnedArchive(_Entry):
    """One file of the release."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.(tar\.gz|zip)$", max_length=200)]
    size_bytes: Annotated[int, Field(gt=0, le=4 << 30)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PinnedBuild(_Entry):
    """One build for one kind of machine.

    Attributes:
        system, machine: as ``platform.system()`` and ``platform.machine()`` call them.
        glibc: the oldest C library that it runs with; empty where that is not known.
        driver: the oldest major version of NVIDIA's driver; 0 where it needs none.
        archive: the server itself, then what is unpacked beside it.
    """

    backend: Backend
    system: str
    machine: str
    glibc: Annotated[str, StringConstraints(pattern=r"^(\d+\.\d+)?$")] = ""
    driver: Annotated[int, Field(ge=0)] = 0
    archive: Annotated[tuple[PinnedArchive, ...], Field(min_length=1)]

    @property
    def size_bytes(self) -> int:
        """What has to be downloaded."""
        return sum(archive.size_bytes for archive in self.archive)


class PinnedRelease(_Entry):
    """All builds of one release.

    Attributes:
        url: the address below which its files lie.
    """

    release: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    build: tuple[PinnedBuild, ...]

    def archive(self, name: str) -> PinnedArchive | None:
        """The file of that name."""
        return next((file for build in self.build for file in build.archive if file.name == name), None)


def parse_release(text: str, where: str) -> PinnedRelease:
    """Read a release in TOML.

    Raises:
        BuildError: it is no TOML, or an entry is wrong; says which key.
    """
    try:
        return PinnedRelease.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"{where}: {error}", "Mend the file") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BuildError(f"{where}: {key}: {first['msg']}, got {first['input']!r:.80}", "Mend the file") from error


def load_release() -> PinnedRelease:
    """The release that this version of Stoker is made for."""
    file = resources.files("assets") / "engines.toml"
    return parse_release(file.read_text(encoding="utf-8"), "engines.toml")
