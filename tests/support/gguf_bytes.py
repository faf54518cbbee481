"""Builds GGUF files byte by byte, right or wrong, for tests of whoever reads them.

The weights are zeros: no engine gives prose from them (tiny_model has one that an engine can load).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence

from node.models.ggml_types import TENSOR_TYPES

ALIGNMENT = 32

LLAMA: Mapping[str, object] = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "general.license": "mit",
    "general.file_type": 1,
    "llama.block_count": 2,
    "llama.context_length": 2048,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.ggml.tokens": ["a", "b", "c", "d"],
    "tokenizer.chat_template": "{{ messages }}",
}
TENSORS: Sequence[tuple[str, tuple[int, ...], int]] = (
    ("token_embd.weight", (64, 4), 1),
    ("blk.0.attn_q.weight", (64, 64), 1),
    ("output_norm.weight", (64,), 0),
)


def text(value: str | bytes) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(raw)) + raw


def value(item: object) -> bytes:
    """One typed value; integers become u32, or u64 where they must."""
    if isinstance(item, bytes):
        return item
    if isinstance(item, bool):
        return struct.pack("<IB", 7, item)
    if isinstance(item, int):
        return struct.pack("<II", 4, item) if 0 <= item < 1 << 32 else struct.pack("<Iq", 11, item)
    if isinstance(item, float):
        return struct.pack("<If", 6, item)
    if isinstance(item, str):
        return struct.pack("<I", 8) + text(item)
    if isinstance(item, list) and item and isinstance(item[0], str):
        return struct.pack("<IIQ", 9, 8, len(item)) + b"".join(text(one) for one in item)
    if isinstance(item, list):
        return struct.pack("<IIQ", 9, 5, len(item)) + b"".join(struct.pack("<i", one) for one in item)
    raise TypeError(f"no GGUF type for {item!r}")


def header_bytes(
    metadata: Mapping[str, object] = LLAMA,
    tensors: Sequence[tuple[str, tuple[int, ...], int]] = TENSORS,
    version: int = 3,
) -> tuple[bytes, int]:
    """A header and the bytes of tensor data that should follow it."""
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata))
    out += b"".join(text(key) + value(item) for key, item in metadata.items())
    offset = 0
    for name, shape, number in tensors:
        out += text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        out += struct.pack("<IQ", number, offset)
        kind = TENSOR_TYPES.get(number)
        extent = math.prod(shape) // kind.elements * kind.size if kind else 0
        offset += -(-extent // ALIGNMENT) * ALIGNMENT
    return out + b"\0" * (-len(out) % ALIGNMENT), offset


def gguf_bytes(
    metadata: Mapping[str, object] = LLAMA,
    tensors: Sequence[tuple[str, tuple[int, ...], int]] = TENSORS,
    version: int = 3,
) -> bytes:
    """A whole file."""
    header, data = header_bytes(metadata, tensors, version)
    return header + b"\0" * data


def changed(**fields: object) -> dict[str, object]:
    """The metadata of the tiny model with other values: ``llama__block_count=3``; None leaves a key out."""
    metadata = dict(LLAMA)
    for field, item in fields.items():
        key = field.replace("__", ".")
        if item is None:
            del metadata[key]
        else:
            metadata[key] = item
    return metadata
