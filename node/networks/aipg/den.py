"""What AI Power Grid pays for a job, by its own formula. Pure.

Source: ``AIPowerGrid/grid-core`` 4ee16f7 (2026-08-21), grid_api/services/den.py. The size that counts is looked up by
the exact id of the model, whatever the model really is; an id that the grid does not know counts as one billion.
"""

from __future__ import annotations

import math

from node.networks.aipg.dialect import DEN
from wallet.money import Amount

BILLIONS = {"qwen3-27b": 27.0, "qwen3.6-27b": 27.0, "gpt-oss-120b": 120.0, "gpt-oss-20b": 20.0}
UNKNOWN_BILLIONS = 1.0
LEAST = 0.1


def known(model: str) -> bool:
    """Whether the grid pays for this id by its size."""
    return model.lower() in BILLIONS


def reward(model: str, *, answer_tokens: int, prompt_words: int) -> Amount:
    """What a job of that length brings."""
    billions = BILLIONS.get(model.lower(), UNKNOWN_BILLIONS)
    bonus = math.pow(max(billions, 13.0) / 13.0, 0.20)
    context = min(30.0, 1.2 + math.pow(2.2, math.log2(max(prompt_words / 1024, 0.1))))
    paid = max(LEAST, round(answer_tokens * bonus * billions / 125 * context, 2))
    return Amount(round(paid * 100), DEN)
