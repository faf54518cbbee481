"""Frames: one JSON object in one text message, read with bounds. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

Frame = Mapping[str, object]

LONGEST_ID = 200


class Garbage(ValueError):
    """A message that is no frame, or a frame that lacks what it needs; the text says what."""


def decode(message: str | bytes) -> Frame:
    """The object in a message.

    Raises:
        Garbage: it is binary, no JSON, or no object.
    """
    if isinstance(message, bytes):
        raise Garbage(f"a binary message of {len(message)} bytes; expected a JSON object as text")
    try:
        frame = json.loads(message)
    except (ValueError, RecursionError):
        raise Garbage(f"{len(message)} characters that are no JSON; expected an object") from None
    if not isinstance(frame, dict):
        raise Garbage(f"a JSON {type(frame).__name__}; expected an object")
    return frame


def encode(frame: Frame) -> str:
    """The message that says it."""
    return json.dumps(frame, separators=(",", ":"))


def printable(text: str, longest: int = 300) -> str:
    """What a stranger said, as one line that a terminal can show."""
    return "".join(sign if sign.isprintable() else " " for sign in text[:longest])


def text_of(frame: Frame, name: str, longest: int = LONGEST_ID) -> str:
    """A text that must be there.

    Raises:
        Garbage: it is missing, no text, empty or too long.
    """
    value = frame.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Garbage(f"{name}: got a {type(value).__name__}; expected a text of 1 to {longest} characters")
    return value


def uuid_of(frame: Frame, name: str) -> str:
    """A UUID that must be there, as it was written.

    Raises:
        Garbage: it is missing or none.
    """
    value = text_of(frame, name)
    try:
        UUID(value)
    except ValueError:
        raise Garbage(f"{name}: got {printable(value, 60)!r}; expected a UUID") from None
    return value


def number_of(frame: Frame, name: str, default: int, most: int) -> int:
    """A whole number from 0 to ``most``; the default if it is missing.

    Raises:
        Garbage: it is something else.
    """
    value = frame.get(name, default)
    if type(value) is not int or not 0 <= value <= most:
        raise Garbage(f"{name}: got {value!r:.60}; expected a whole number from 0 to {most}")
    return value


def object_of(frame: Frame, name: str) -> Frame:
    """An object that must be there.

    Raises:
        Garbage: it is missing or no object.
    """
    value = frame.get(name)
    if not isinstance(value, dict):
        raise Garbage(f"{name}: got a {type(value).__name__}; expected an object")
    return value
