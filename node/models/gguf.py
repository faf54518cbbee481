"""What a GGUF file says about the model inside it, before anything else may open the file.

An engine can be killed by a header (``context_length = 0`` aborts llama.cpp), so that every file is read here first.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from node.models.errors import ModelError
from node.models.fit import Shape
from node.models.ggml_types import FILE_TYPES, POOLING_TYPES
from node.models.gguf_cursor import Malformed
from node.models.gguf_reader import Container, Counted, Value, read_container

MAX_CONTEXT = 1 << 30  # tokens
MAX_BLOCKS = 1024
MAX_WIDTH = 1 << 20  # elements: embeddings, heads
MAX_VOCABULARY = 1 << 24
GET_ANOTHER = "Fetch the file again, or take another one: `stoker model list` shows what can be had"


class GgufError(ModelError):
    """A model file that cannot be used."""

    def __init__(self, path: Path, what: str, remedy: str = GET_ANOTHER) -> None:
        super().__init__(f"{path}: {what}", remedy)
        self.path = path


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """A model, as its file describes it.

    Attributes:
        name: for people, printable; empty if the file has none.
        licence: as the file has it (an SPDX identifier, mostly, or a name); empty if it says nothing.
        context_length: tokens that the model was made for.
        block_count: layers.
        heads, kv_heads: attention heads of each layer.
        key_length, value_length: elements of one key and of one value of one head.
        vocabulary: tokens that it knows.
        quantisation: in llama.cpp's words, such as ``Q4_K_M``.
        pooling: how it makes one vector of a text (``mean``, ``cls``, ...); empty for a model that chats.
        tensor_bytes: what the weights occupy in memory.
        file_bytes: what the file occupies on disk.
    """

    architecture: str
    name: str
    licence: str
    context_length: int
    block_count: int
    embedding_length: int
    heads: tuple[int, ...]
    kv_heads: tuple[int, ...]
    key_length: int
    value_length: int
    vocabulary: int
    quantisation: str
    chat_template: bool
    pooling: str
    tensor_bytes: int
    file_bytes: int

    @property
    def embeddings(self) -> bool:
        """Whether it is made for turning texts into vectors."""
        return self.pooling not in ("", "none")

    @property
    def shape(self) -> Shape:
        """What its need of memory depends on."""
        return Shape(
            weights=self.tensor_bytes,
            cache_width=sum(self.kv_heads) * (self.key_length + self.value_length),
            embedding_length=self.embedding_length,
            vocabulary=self.vocabulary,
        )


def read_header(path: Path) -> GgufHeader:
    """Read and check the header of a model file; blocks for some tenths of a second at most.

    Raises:
        GgufError: there is no such file, it cannot be read, or it is not a whole GGUF model.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise GgufError(path, "it is no regular file", "Give the path of a .gguf file")
        with path.open("rb") as file:
            return _describe(read_container(file, status.st_size), status.st_size)
    except OSError as error:
        raise GgufError(path, error.strerror or str(error), "Check the path and its permissions") from error
    except Malformed as error:
        raise GgufError(path, str(error)) from error


def _describe(container: Container, size: int) -> GgufHeader:
    metadata = container.metadata
    parts = metadata.get("split.count", 0)
    if isinstance(parts, int) and parts > 1:
        raise Malformed(f"it is one of {parts} parts; join them first with `llama-gguf-split --merge`")
    kind = _words(metadata, "general.type") or "model"
    architecture = _words(metadata, "general.architecture")
    if not architecture or kind != "model" or architecture == "clip":
        raise Malformed(f"it holds no language model (type {kind!r}, architecture {architecture!r})")
    if not container.tensor_count:
        raise Malformed("it has no tensors")

    def number(key: str, low: int, high: int, default: int | None = None) -> int:
        return _integer(metadata, f"{architecture}.{key}", low, high, default)

    blocks = number("block_count", 1, MAX_BLOCKS)
    width = number("embedding_length", 1, MAX_WIDTH)
    heads = _per_layer(metadata, f"{architecture}.attention.head_count", blocks, None)
    most = max(heads)
    usual = width // most if most else 0
    return GgufHeader(
        architecture=architecture,
        name=_words(metadata, "general.name"),
        licence=_licence(metadata),
        context_length=number("context_length", 1, MAX_CONTEXT),
        block_count=blocks,
        embedding_length=width,
        heads=heads,
        kv_heads=_per_layer(metadata, f"{architecture}.attention.head_count_kv", blocks, heads),
        key_length=number("attention.key_length", 0, MAX_WIDTH, usual),
        value_length=number("attention.value_length", 0, MAX_WIDTH, usual),
        vocabulary=_vocabulary(container, architecture),
        quantisation=_quantisation(container),
        chat_template="tokenizer.chat_template" in metadata,
        pooling=_pooling(metadata, architecture),
        tensor_bytes=sum(container.tensor_bytes.values()),
        file_bytes=size,
    )


def _words(metadata: Mapping[str, Value], key: str) -> str:
    value = metadata.get(key, "")
    if not isinstance(value, str):
        raise Malformed(f"{key} is {value!r}, expected a short text")
    return "".join(character if character.isprintable() else " " for character in value).strip()


def _licence(metadata: Mapping[str, Value]) -> str:
    """Its identifier; where that is ``other``, its name, which files keep apart."""
    identifier = _words(metadata, "general.license")
    named = _words(metadata, "general.license.name")
    return named if named and identifier.lower() in ("", "other") else identifier


def _integer(metadata: Mapping[str, Value], key: str, low: int, high: int, default: int | None) -> int:
    value = metadata.get(key, default)
    if value is None:
        raise Malformed(f"{key} is missing")
    if type(value) is not int or not low <= value <= high:
        raise Malformed(f"{key} is {value!r}, expected a whole number from {low} to {high:,}")
    return value


def _per_layer(
    metadata: Mapping[str, Value], key: str, blocks: int, default: tuple[int, ...] | None
) -> tuple[int, ...]:
    """One number for each layer; a file gives either that or one number for all of them."""
    value = metadata.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, tuple):
        return (_integer(metadata, key, 0, MAX_WIDTH, None),) * blocks
    counts = tuple(count for count in value if isinstance(count, int) and 0 <= count <= MAX_WIDTH)
    if len(value) != blocks or len(counts) != blocks:
        raise Malformed(f"{key} has {len(value)} values, expected {blocks} numbers of heads")
    return counts


def _vocabulary(container: Container, architecture: str) -> int:
    tokens = container.metadata.get("tokenizer.ggml.tokens")
    counted = tokens.length if isinstance(tokens, Counted) else None
    key = f"{architecture}.vocab_size"
    return _integer(container.metadata, key, 1, MAX_VOCABULARY, counted or container.embedding_rows)


def _quantisation(container: Container) -> str:
    number = container.metadata.get("general.file_type")
    if isinstance(number, int) and number in FILE_TYPES:
        return FILE_TYPES[number]
    return max(container.tensor_bytes, key=lambda name: container.tensor_bytes[name])


def _pooling(metadata: Mapping[str, Value], architecture: str) -> str:
    key = f"{architecture}.pooling_type"
    if key not in metadata:
        return ""
    number = _integer(metadata, key, 0, max(POOLING_TYPES), None)
    return POOLING_TYPES[number]
