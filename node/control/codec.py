"""Frozen dataclasses to JSON values and back, checked on the way in.

Unknown fields are tolerated, so that an older client reads a newer node; a wrong type is a clear error.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Decoder = Callable[[Any, str], Any]
T = TypeVar("T")


class WireError(ValueError):
    """A value that does not have the shape it was promised to have."""


def encode(value: Any) -> Any:
    """A JSON value of a wire model: objects, arrays, strings, numbers, booleans and null."""
    if is_dataclass(value):
        return {name: encode(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value


def decode(shape: type[T], data: Any) -> T:
    """Build a wire model from a JSON value.

    Raises:
        WireError: names the field, the value and what was expected.
    """
    decoded: T = _decoder(shape)(data, shape.__name__)
    return decoded


def _build(shape: Any) -> Decoder:
    origin = get_origin(shape)
    if origin in (Union, types.UnionType):
        return _optional(shape)
    if origin is tuple:
        return _sequence(_decoder(get_args(shape)[0]))
    if origin is dict:
        return _object
    if shape in (object, Any):
        return lambda data, _: data
    if is_dataclass(shape) and isinstance(shape, type):
        return _model(shape)
    if isinstance(shape, type) and issubclass(shape, Enum):
        return _enumeration(shape)
    return _plain(shape)


def _field_names(shape: Any) -> tuple[str, ...]:
    return tuple(item.name for item in fields(shape))


_decoder: Callable[[Any], Decoder] = cache(_build)
_names: Callable[[Any], tuple[str, ...]] = cache(_field_names)


def _optional(shape: Any) -> Decoder:
    inner = _decoder(next(part for part in get_args(shape) if part is not types.NoneType))
    return lambda data, path: None if data is None else inner(data, path)


def _sequence(inner: Decoder) -> Decoder:
    def read(data: Any, path: str) -> Any:
        if not isinstance(data, list):
            raise _wrong(path, data, "a list")
        return tuple(inner(item, f"{path}[{index}]") for index, item in enumerate(data))

    return read


def _object(data: Any, path: str) -> Any:
    if not isinstance(data, dict):
        raise _wrong(path, data, "an object")
    return data


def _model(shape: type) -> Decoder:
    hints = get_type_hints(shape)
    decoders = {name: _decoder(hints[name]) for name in _names(shape)}
    required = [item.name for item in fields(shape) if item.default is MISSING and item.default_factory is MISSING]

    def read(data: Any, path: str) -> Any:
        data = _object(data, path)
        for name in required:
            if name not in data:
                raise WireError(f"{path}.{name}: is missing")
        known = {name: read(data[name], f"{path}.{name}") for name, read in decoders.items() if name in data}
        return shape(**known)

    return read


def _enumeration(shape: type[Enum]) -> Decoder:
    def read(data: Any, path: str) -> Any:
        try:
            return shape(data)
        except ValueError:
            raise _wrong(path, data, "one of " + ", ".join(str(item.value) for item in shape)) from None

    return read


def _plain(shape: type) -> Decoder:
    def read(data: Any, path: str) -> Any:
        if shape is float and type(data) is int and abs(data) < 2**1023:
            return float(data)
        if not isinstance(data, shape) or (shape is int and isinstance(data, bool)):
            raise _wrong(path, data, f"a value of type {shape.__name__}")
        return data

    return read


def _wrong(path: str, data: Any, expected: str) -> WireError:
    return WireError(f"{path}: got {str(data)[:60]!r}, expected {expected}")
