"""Records of integers and texts, as the books hold them: bounded, and flat.

A longer text is cut; what no Unicode text can hold becomes ``?``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar, Self, cast, get_type_hints

MAX_TEXT = 4096
"""Characters of one text; a longer one is cut and ends in an ellipsis."""

MAX_INTEGER = 2**63 - 1
MAX_UNITS = 2**100
"""Bound of an amount in base units: a million million whole units at 18 decimals, with room to spare."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A record whose fields are integers and texts already."""

    kind: ClassVar[str]

    def to_body(self) -> dict[str, int | str]:
        names = _types(cast("Hashable", type(self)))
        return {name: plain(name, value) for name in names if (value := getattr(self, name)) is not None}

    @classmethod
    def from_body(cls, body: Mapping[str, object]) -> Self:
        """
        Raises:
            ValueError: a field is missing or of the wrong type; names it.
        """
        values: dict[str, Any] = {}
        for name, types in _types(cast("Hashable", cls)).items():
            value = body.get(name)
            if type(value) not in types:
                raise ValueError(f"{cls.kind}.{name}: unexpected {value!r:.80}")
            values[name] = value
        return cls(**values)


@cache
def _types(record: Any) -> dict[str, tuple[type, ...]]:
    nothing = type(None)
    known: dict[object, tuple[type, ...]] = {int: (int,), int | None: (int, nothing), str | None: (str, nothing)}
    hints = get_type_hints(record)
    return {field.name: known.get(hints[field.name], (str,)) for field in fields(record)}


def expected(kind: str, body: Mapping[str, object], name: str, wanted: type) -> object:
    """The value of a field.

    Raises:
        ValueError: it is missing or of another type; names it.
    """
    value = body.get(name)
    if type(value) is not wanted:
        raise ValueError(f"{kind}.{name}: unexpected {value!r:.80}")
    return value


def plain(name: str, value: object) -> int | str:
    """A value as the books hold it.

    Raises:
        ValueError: an integer is beyond its bound, or it is neither integer nor text.
    """
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            value = value[: MAX_TEXT - 1] + "…"
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if type(value) is not int:
        raise ValueError(f"{name}: expected an integer or a text for the books, got {type(value).__name__}")
    if name == "units":
        return bounded_units(value)
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise ValueError(f"{name}: {value} does not fit the books")
    return value


def bounded_units(units: int) -> int:
    """An amount in base units.

    Raises:
        ValueError: it is beyond its bound.
    """
    if not -MAX_UNITS < units < MAX_UNITS:
        raise ValueError(f"units: {units} base units do not fit the books (limit 2^100)")
    return units
