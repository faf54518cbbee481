"""What a search means. Pure."""

from __future__ import annotations


def matches(pattern: str, *texts: str) -> bool:
    """Whether any text holds the pattern, in any case; ``!`` in front turns it round."""
    if pattern.startswith("!"):
        return len(pattern) == 1 or not matches(pattern[1:], *texts)
    pattern = pattern.casefold()
    return any(pattern in text.casefold() for text in texts)
