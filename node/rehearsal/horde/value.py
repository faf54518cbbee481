"""What the AI Horde pays. Written apart from the worker's own prediction, so that each tests the other."""

from __future__ import annotations

import math


def counted(characters: int, max_length: int) -> int:
    """The "tokens" of a text: a quarter of its characters, at least 20, at most what was asked for."""
    return min(max_length, max(20, math.ceil(characters / 4)))


def reward_cents(
    *,
    answer: int,
    prompt: int,
    max_length: int,
    billions: float | None,
    validated: bool,
    trusted: bool,
) -> int:
    """Hundredths of kudos for one job.

    Args:
        answer, prompt: lengths in characters. billions: parameters of a known model; None for an unknown one.
    """
    written, read = counted(answer, max_length), counted(prompt, max_length)
    context = min(30.0, max(0.1, 1.2 + math.pow(2.2, math.log2(read / 1024))))
    if billions is None:
        kudos = written * context * 0.027 if trusted else context
    else:
        size_bonus = math.pow(max(billions, 13) / 13, 0.20)
        kudos = written * size_bonus * billions / 125 * (1.0 if validated else 0.3) * context
    return round(round(kudos, 2) * 100)


def uptime_cents(context: int, *, billions: float | None, validated: bool) -> int:
    """Hundredths of kudos for ten minutes of being there; whole kudos."""
    kudos = 25 + 15 * min(context, 262_144) / 1024
    if billions is None:
        kudos *= 0.5
    else:
        kudos *= max(billions / 7, 0.25) * (1.0 if validated else 0.3)
    return math.floor(kudos + 0.5) * 100


def fastest_allowed(model: str, billions: float) -> float:
    """Tokens a second above which an untrusted worker becomes suspicious."""
    limit = 30 if billions >= 70 else 100 if billions >= 14 else 150
    return limit * (3 if "8x" in model else 1)
