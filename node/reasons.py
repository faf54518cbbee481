"""Why a connection failed, in words."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"^\[Errno -?\d+\] ")


def reason_of(error: Exception) -> str:
    """What an error says for people, without its number; its kind if it says nothing."""
    return _NUMBER.sub("", str(error)) or type(error).__name__
