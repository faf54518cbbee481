"""How much one client may ask of the node's own endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from node.config import LocalSettings
from node.serving import Patience


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for every client of the endpoint, with or without a key.

    Attributes:
        body_bytes: the largest request body; more is answered with 413 and never kept.
        body_seconds: how long a client may take to send its body.
        in_hand: requests running and waiting at once, of all clients together.
        patience: how long a client may send nothing or take nothing.
    """

    body_bytes: int = 2 * 1024 * 1024
    body_seconds: float = 30.0
    in_hand: int = 256
    patience: Patience = field(default_factory=Patience)

    @classmethod
    def of(cls, settings: LocalSettings) -> Self:
        """As the owner's settings have them."""
        return cls(
            body_bytes=settings.max_request_bytes,
            in_hand=settings.queue,
            patience=Patience(stalled_seconds=settings.stall_seconds),
        )


class KeyLimits(BaseModel):
    """What one access key may use; None is no limit of its own."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    requests_per_minute: int | None = Field(default=None, ge=1, le=1_000_000)
    concurrent: int | None = Field(default=None, ge=1, le=10_000, description="jobs running and waiting at once")
    max_tokens: int | None = Field(default=None, ge=1, le=10_000_000, description="new tokens per request")
