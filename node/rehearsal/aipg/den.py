"""What the grid pays for a job, in its work units ("den"). Pure.

Source: grid-core services/den.py. Tokens are counted as the coordinator does without its tokenizer's data: a quarter
of the characters.
"""

from __future__ import annotations

import math

SIZES = {"qwen3-27b": 27.0, "qwen3.6-27b": 27.0, "gpt-oss-120b": 120.0, "gpt-oss-20b": 20.0}
LEAST = 0.1


def tokens(text: str) -> int:
    """How many tokens the coordinator takes a text for."""
    return max(1, len(text) // 4) if text else 0


def den(paid_tokens: int, prompt_words: int, model: str) -> float:
    """Units for so many paid tokens after a prompt of so many words, rounded to two decimals.

    Args:
        model: the id exactly as the worker announced it; unknown ones have size 1.
    """
    if paid_tokens <= 0:
        return LEAST
    size = SIZES.get(model.lower(), 1.0)
    bonus = math.pow(max(size, 13.0) / 13.0, 0.20)
    context = min(1.2 + math.pow(2.2, math.log2(max(prompt_words / 1024, 0.1))), 30.0)
    return max(round(paid_tokens * bonus * size / 125 * context, 2), LEAST)


def paid_tokens(spoken: int, said: object, frames: int, limit: int) -> int:
    """How many tokens count: what was delivered, bounded by what was reported and by what was asked for.

    Args:
        spoken: tokens of the text and the reasoning. said: ``usage.completion_tokens`` as it came.
        frames: token frames, which stand in where nothing usable was reported.
    """
    reported = said if type(said) is int else frames
    return min(spoken, reported if reported > 0 else spoken, limit)
