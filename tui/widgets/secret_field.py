"""A field for a secret: it shows dots, tells nobody of changes, and gives its content away once."""

from __future__ import annotations

from textual.content import Content
from textual.events import Blur, Focus, Key, Paste
from textual.widget import Widget

LONGEST = 1024  # characters
DOT, CURSOR = "•", "▏"


class SecretField(Widget, can_focus=True):
    """Keeps single characters until ``take``; nothing can be selected in it or copied out of it.

    Textual's own field sends its whole value with every change, and copies and cuts it even where it shows dots.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._letters: list[str] = []

    @property
    def empty(self) -> bool:
        return not self._letters

    def take(self) -> str:
        """What was typed; the field is empty afterwards."""
        taken = "".join(self._letters)
        self.clear()
        return taken

    def clear(self) -> None:
        """Forget what was typed."""
        self._letters.clear()
        self.refresh()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character is not None and character.isprintable()

    def on_key(self, event: Key) -> None:
        if event.is_printable and event.character:
            self._type(event.character)
        elif event.key == "backspace":
            del self._letters[-1:]
        elif event.key == "ctrl+u":
            self._letters.clear()
        else:
            return
        event.stop()
        event.prevent_default()
        self.refresh()

    def on_paste(self, event: Paste) -> None:
        event.stop()
        self._type(event.text.strip("\r\n"))
        self.refresh()

    def _type(self, letters: str) -> None:
        self._letters.extend(letters[: LONGEST - len(self._letters)])

    def on_focus(self, event: Focus) -> None:
        self.refresh()

    def on_blur(self, event: Blur) -> None:
        self.refresh()

    def on_unmount(self) -> None:
        self._letters.clear()

    def render(self) -> Content:
        dots = DOT * min(len(self._letters), max(0, self.size.width - 1))
        return Content(dots + (CURSOR if self.has_focus else ""))
