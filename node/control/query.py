"""Query arguments and bodies of control requests, read with types and bounds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from node.control.errors import ControlError

LONGEST_TEXT = 500
LONGEST_BODY = 1 << 20


def text(request: Request, name: str) -> str | None:
    """A text argument; None if it was not sent."""
    value = request.query_params.get(name)
    if value is not None and len(value) > LONGEST_TEXT:
        raise _wrong(name, value, f"at most {LONGEST_TEXT} characters")
    return value


def integer(request: Request, name: str, default: int, *, most: int = 2**53) -> int:
    """A whole number from 0 to ``most``."""
    found = optional_integer(request, name, most=most)
    return default if found is None else found


def optional_integer(request: Request, name: str, *, most: int = 2**53) -> int | None:
    """A whole number from 0 to ``most``; None if it was not sent."""
    value = request.query_params.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()) or len(value) > 20 or int(value) > most:
        raise _wrong(name, value, f"a whole number from 0 to {most}")
    return int(value)


def moment(request: Request, name: str, default: int) -> int:
    """A moment in Unix seconds; given back in nanoseconds."""
    value = request.query_params.get(name)
    if value is None:
        return default
    try:
        seconds = float(value)
    except ValueError:
        raise _wrong(name, value, "Unix seconds") from None
    if not 0 <= seconds <= 2**33:
        raise _wrong(name, value, "Unix seconds")
    return round(seconds * 1e9)


def choice(request: Request, name: str, known: Sequence[str]) -> Any:
    """One of some words; the first is the default."""
    value = request.query_params.get(name, known[0])
    if value not in known:
        raise _wrong(name, value, f"one of {', '.join(known)}")
    return value


async def body(request: Request) -> dict[str, Any]:
    """A JSON object, bounded while it is read."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > LONGEST_BODY:
            raise ControlError(413, "too_large", f"the request is larger than {LONGEST_BODY:,} bytes")
    try:
        value = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise ControlError(400, "bad_json", "the request is not JSON") from None
    if not isinstance(value, dict):
        raise ControlError(400, "bad_json", f"the request: expected a JSON object, got {type(value).__name__}")
    return value


def _wrong(name: str, value: str, expected: str) -> ControlError:
    return ControlError(400, "bad_argument", f"{name}: got {value[:60]!r}; expected {expected}")
