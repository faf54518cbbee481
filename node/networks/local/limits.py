"""How much one client may ask of the node's own endpoint."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for every client of the endpoint, with or without a key.

    Attributes:
        body_bytes: the largest request body; more is answered with 413 and never kept.
        body_seconds: how long a client may take to send its body.
        head_bytes: the largest request line and headers together.
        head_seconds: how long a connection may stay silent or unfinished before a request's head is complete.
        in_hand: requests running and waiting at once, of all clients together.
        stalled_seconds: a reader that takes no byte for so long, with an answer waiting for it, is cut off.
    """

    body_bytes: int = 2 * 1024 * 1024
    body_seconds: float = 30.0
    head_bytes: int = 64 * 1024
    head_seconds: float = 15.0
    in_hand: int = 256
    stalled_seconds: float = 30.0


class KeyLimits(BaseModel):
    """What one access key may use; None is no limit of its own."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    requests_per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    concurrent: int | None = Field(default=None, ge=1, le=10_000, description="jobs running and waiting at once")
    max_tokens: int | None = Field(default=None, ge=1, le=10_000_000, description="new tokens per request")
