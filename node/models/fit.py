"""How much memory a model needs, and whether it is there: known before the download. Pure.

The formula, checked against llama.cpp's own report (SmolLM2-135M Q4_1 at 8192 tokens: weights 92.10 and cache 180.0 MiB
exactly, compute 16.6 MiB where the bound says 102.8):

    weights = bytes of all tensors
    cache   = tokens in all slots * sum over layers of kv_heads * (key length + value length) * bytes of one element
    compute <= micro-batch * (vocabulary + 6 * embedding length) * 4

A model whose layers look back through a sliding window (Gemma), or that keeps no cache (embeddings), needs less.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HEADROOM = 1 << 30  # bytes that llama.cpp leaves free on a device, too
F16 = 2  # bytes of one cached element
MICRO_BATCH = 512  # tokens


@dataclass(frozen=True, slots=True)
class Shape:
    """What a model's need of memory depends on.

    Attributes:
        weights: bytes.
        cache_width: elements that one token leaves in the cache, over all layers.
    """

    weights: int
    cache_width: int
    embedding_length: int
    vocabulary: int


class FitLevel(StrEnum):
    """How well it fits."""

    FITS = "fits"
    TIGHT = "tight"  # it fits, and leaves less than the headroom
    TOO_BIG = "too_big"


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer; everything in bytes. ``compute`` and with it ``total`` are upper bounds."""

    level: FitLevel
    weights: int
    kv: int
    compute: int
    total: int
    available: int
    sentence: str


def fit(
    shape: Shape,
    *,
    slots: int,
    context: int,
    available: int,
    element: float = F16,
    micro_batch: int = MICRO_BATCH,
) -> Fit:
    """Whether ``slots`` jobs of ``context`` tokens each fit into ``available`` bytes.

    Args:
        element: bytes of one cached element: 2 for f16, 1.0625 for q8_0.
        micro_batch: tokens computed at once.
    """
    if slots < 1 or context < 1:
        raise ValueError(f"slots={slots}, context={context}: both are at least 1")
    kv = round(shape.cache_width * context * slots * element)
    compute = micro_batch * (shape.vocabulary + 6 * shape.embedding_length) * 4
    total = shape.weights + kv + compute
    if total + HEADROOM <= available:
        level, verdict = FitLevel.FITS, "fits"
    elif total <= available:
        level, verdict = FitLevel.TIGHT, "fits, with little to spare"
    else:
        level, verdict = FitLevel.TOO_BIG, f"is {human_bytes(total - available)} too big"
    jobs = "1 job" if slots == 1 else f"{slots} jobs"
    sentence = (
        f"{verdict}: needs at most {human_bytes(total)} of {human_bytes(available)} free "
        f"(weights {human_bytes(shape.weights)}, {jobs} of {context:,} tokens {human_bytes(kv)}, "
        f"working memory {human_bytes(compute)})"
    )
    return Fit(level, shape.weights, kv, compute, total, available, sentence)


def human_bytes(count: int) -> str:
    """Bytes as a person reads them, in powers of 1024."""
    if abs(count) >= 1 << 30:
        return f"{count / (1 << 30):.1f} GiB"
    return f"{count / (1 << 20):.0f} MiB"
