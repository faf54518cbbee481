"""Screens that close once."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class ClosesOnce(Screen[ScreenResultType]):
    """The first answer counts: keys that were typed ahead still come when a screen has closed, or the app is ending."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with an answer; nothing happens unless this screen is the one on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
