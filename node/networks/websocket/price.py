"""What an answer is worth where a network pays by the token."""

from __future__ import annotations

from dataclasses import dataclass

from node.jobs import Usage


@dataclass(frozen=True, slots=True)
class Price:
    """Base units of an asset for a million tokens: micro-USDC, for instance."""

    prompt: int
    answer: int

    def __post_init__(self) -> None:
        if self.prompt < 1 or self.answer < 1:
            raise ValueError(f"price: expected at least 1 base unit for a million tokens, got {self}")

    def millionths(self, usage: Usage | None) -> int:
        """The worth of an answer in millionths of a base unit, so that sums stay exact; 0 where nothing was counted."""
        return 0 if usage is None else usage.prompt_tokens * self.prompt + usage.completion_tokens * self.answer
