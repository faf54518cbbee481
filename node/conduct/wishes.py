"""The owner's standing orders: rest, or run in spite of the rules. A restart undoes neither."""

from __future__ import annotations

from pathlib import Path

from node.clock import Clock
from wallet.whole_file import replace_file

FOR_EVER = "until taken back"


class Wishes:
    """Pause and "run anyway", each kept in a file.

    Args:
        pause_file: exists while the node is paused; holds the reason.
        override_file: exists while the rules are set aside; holds the Unix second at which that ends.
    """

    def __init__(self, pause_file: Path, override_file: Path, clock: Clock) -> None:
        self._pause_file = pause_file
        self._override_file = override_file
        self._clock = clock
        self.paused = _written_pause(pause_file)
        self._until = _written_end(override_file)

    @property
    def override(self) -> bool:
        """Whether the rules that the owner may set aside are set aside now."""
        return self._until is not None and self._clock.wall_ns() / 1e9 < self._until

    @property
    def override_until(self) -> float | None:
        """When that ends by itself, in Unix seconds; None if it does not hold or has no end."""
        return self._until if self.override and self._until != float("inf") else None

    def pause(self, reason: str) -> None:
        """Take nothing new until `resume`; takes "run anyway" back.

        Raises:
            OSError: it cannot be written down.
        """
        replace_file(self._pause_file, reason.encode("utf-8", "replace"), durable=False)
        self.paused = reason
        self._take_back()

    def resume(self) -> None:
        """Work by the rules again: neither paused nor in spite of them."""
        self._pause_file.unlink(missing_ok=True)
        self.paused = ""
        self._take_back()

    def run_anyway(self, seconds: float | None) -> None:
        """Set the rules aside that are the owner's to set aside, for so long or until `resume`; ends a pause.

        Raises:
            OSError: it cannot be written down.
        """
        until = float("inf") if seconds is None else self._clock.wall_ns() / 1e9 + seconds
        said = FOR_EVER if seconds is None else f"{until:.0f}"
        replace_file(self._override_file, said.encode(), durable=False)
        self._pause_file.unlink(missing_ok=True)
        self.paused, self._until = "", until

    def _take_back(self) -> None:
        self._override_file.unlink(missing_ok=True)
        self._until = None


def _written_pause(file: Path) -> str:
    """The reason of a pause that was given before the node started; an empty file is a pause, too."""
    try:
        return file.read_text("utf-8", errors="replace").strip() or "until you resume"
    except FileNotFoundError:
        return ""


def _written_end(file: Path) -> float | None:
    try:
        text = file.read_text("utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None
    if text == FOR_EVER:
        return float("inf")
    try:
        return float(text)
    except ValueError:
        return None
