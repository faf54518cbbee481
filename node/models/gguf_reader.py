"""The container format GGUF (versions 2 and 3), read with bounds on everything that a file can claim.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Nothing here knows what a model is; long strings and
arrays (token lists) are stepped over and only counted, so that memory stays small whatever the file says.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from node.models.ggml_types import TENSOR_TYPES
from node.models.gguf_cursor import Cursor, Malformed

MAX_METADATA = 1024
MAX_TENSORS = 65_536
MAX_STRINGS = 4 << 20  # strings in arrays, in one file
MAX_KEY = 256  # bytes
MAX_TENSOR_NAME = 256  # bytes
MAX_DIMENSIONS = 4
MAX_EXTENT = 1 << 48  # bytes of one tensor
MAX_ALIGNMENT = 1 << 20
KEPT_STRING = 4096  # bytes; longer ones are counted only
KEPT_ARRAY = 1024  # elements; longer ones are counted only

BOOL, STRING, ARRAY = 7, 8, 9
SCALARS = {
    number: struct.Struct("<" + code)
    for number, code in {
        0: "B",
        1: "b",
        2: "H",
        3: "h",
        4: "I",
        5: "i",
        6: "f",
        7: "B",
        10: "Q",
        11: "q",
        12: "d",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Counted:
    """A string or an array that was stepped over: how many bytes or elements it has."""

    length: int


Value = int | float | bool | str | tuple[int | float, ...] | Counted


@dataclass(frozen=True, slots=True)
class Container:
    """What a GGUF file says about itself.

    Attributes:
        metadata: by key.
        tensor_bytes: bytes of all tensors, by the name of their type.
        embedding_rows: rows of ``token_embd.weight``, one for each token it knows; None without that tensor.
    """

    version: int
    metadata: Mapping[str, Value]
    tensor_count: int
    tensor_bytes: Mapping[str, int]
    embedding_rows: int | None


def read_container(file: BinaryIO, size: int) -> Container:
    """Read the header of an open file of ``size`` bytes.

    Raises:
        Malformed: it is no GGUF file, of a version that is not known, damaged, cut off, or beyond the bounds above.
    """
    cursor = Cursor(file, size)
    if size < 4 or cursor.take(4) != b"GGUF":
        raise Malformed("it is not a GGUF file: it does not begin with the four letters GGUF")
    version = cursor.u32()
    if version not in (2, 3):
        if version & 0xFFFF == 0:
            raise Malformed("it is written for big-endian machines")
        raise Malformed(f"its GGUF version is {version}, expected 2 or 3")
    tensor_count = _at_most(cursor.u64(), MAX_TENSORS, "tensors")
    metadata = _read_metadata(cursor, _at_most(cursor.u64(), MAX_METADATA, "metadata entries"))
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 1 <= alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        raise Malformed(f"general.alignment is {alignment!r}, expected a power of two up to {MAX_ALIGNMENT:,}")
    return _read_tensors(cursor, size, version, metadata, tensor_count, alignment)


def _at_most(count: int, limit: int, what: str) -> int:
    if count > limit:
        raise Malformed(f"it claims {count:,} {what}, expected at most {limit:,}")
    return count


def _read_metadata(cursor: Cursor, count: int) -> dict[str, Value]:
    metadata: dict[str, Value] = {}
    strings = 0
    for _ in range(count):
        key = _text(cursor, MAX_KEY, "a metadata key")
        if key in metadata:
            raise Malformed(f"the key {key!r} is there twice")
        kind = cursor.u32()
        if kind in SCALARS:
            metadata[key] = _scalar(cursor, kind, key)
        elif kind == STRING:
            length = cursor.u64()
            if length > KEPT_STRING:
                cursor.skip(length)
                metadata[key] = Counted(length)
            else:
                metadata[key] = cursor.take(length).decode(errors="replace")
        elif kind == ARRAY:
            element, length = cursor.u32(), cursor.u64()
            if element == STRING:
                strings = _at_most(strings + length, MAX_STRINGS, "strings")
                cursor.skip_strings(length)
                metadata[key] = Counted(length)
            elif element in SCALARS:
                metadata[key] = _numbers(cursor, element, length)
            else:
                raise Malformed(f"{key!r} is an array of type {element}, expected numbers or strings")
        else:
            raise Malformed(f"{key!r} has the value type {kind}, expected 0 to 12")
    return metadata


def _scalar(cursor: Cursor, kind: int, key: str) -> int | float | bool:
    layout = SCALARS[kind]
    value: int | float = layout.unpack(cursor.take(layout.size))[0]
    if kind != BOOL:
        return value
    if value not in (0, 1):
        raise Malformed(f"{key!r} is {value}, expected true (1) or false (0)")
    return bool(value)


def _numbers(cursor: Cursor, kind: int, length: int) -> tuple[int | float, ...] | Counted:
    layout = SCALARS[kind]
    if length > KEPT_ARRAY:
        cursor.skip(length * layout.size)
        return Counted(length)
    return tuple(value for (value,) in layout.iter_unpack(cursor.take(length * layout.size)))


def _text(cursor: Cursor, limit: int, what: str) -> str:
    length = cursor.u64()
    if length > limit:
        raise Malformed(f"{what} claims {length:,} bytes, expected at most {limit}")
    try:
        return cursor.take(length).decode()
    except UnicodeDecodeError:
        raise Malformed(f"{what} is not valid UTF-8") from None


def _read_tensors(
    cursor: Cursor, size: int, version: int, metadata: Mapping[str, Value], count: int, alignment: int
) -> Container:
    bytes_by_type: dict[str, int] = {}
    rows: int | None = None
    furthest, furthest_name = 0, ""
    for _ in range(count):
        name = _text(cursor, MAX_TENSOR_NAME, "a tensor name")
        dimensions = [cursor.u64() for _ in range(_at_most(cursor.u32(), MAX_DIMENSIONS, "dimensions of one tensor"))]
        number, offset = cursor.u32(), cursor.u64()
        kind = TENSOR_TYPES.get(number)
        if kind is None:
            raise Malformed(f"the tensor {name!r} has type {number}, which this version does not know")
        if not dimensions or 0 in dimensions or dimensions[0] % kind.elements:
            raise Malformed(f"the tensor {name!r} of type {kind.name} has the impossible shape {dimensions}")
        extent = math.prod(dimensions) // kind.elements * kind.size
        if extent > MAX_EXTENT:
            raise Malformed(f"the tensor {name!r} claims {extent:,} bytes, expected at most {MAX_EXTENT:,}")
        if offset % alignment:
            raise Malformed(f"the tensor {name!r} begins at {offset:,}, expected a multiple of {alignment}")
        bytes_by_type[kind.name] = bytes_by_type.get(kind.name, 0) + extent
        if offset + extent > furthest:
            furthest, furthest_name = offset + extent, name
        if name == "token_embd.weight" and len(dimensions) == 2:
            rows = dimensions[1]
    end = -(-cursor.position // alignment) * alignment + furthest
    if end > size or sum(bytes_by_type.values()) > size:
        needed = max(end, sum(bytes_by_type.values()))
        raise Malformed(
            f"it is cut off: the tensor {furthest_name!r} needs {needed:,} bytes of file and there are {size:,}"
        )
    return Container(version, metadata, count, bytes_by_type, rows)
