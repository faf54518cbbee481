"""What dialogs with fields have in common: a titled box, esc closes it, and what is wrong stands in red."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType
from textual.widgets import Static

from tui.actions import bindings
from tui.closing import ClosesOnce
from tui.ink import clean
from tui.keymap import legend

if TYPE_CHECKING:
    from tui.app import StokerApp


class Form(ClosesOnce[ScreenResultType], ModalScreen[ScreenResultType]):
    """Closes without an answer on esc."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    @property
    def node_app(self) -> StokerApp:
        from tui.app import StokerApp

        assert isinstance(self.app, StokerApp)
        return self.app

    def action_close(self) -> None:
        self.dismiss(None)

    def legend(self, *parts: tuple[str, str]) -> Content:
        """What the keys do, with those that the person has; see `tui.keymap.legend`."""
        return titled(legend(self.node_app.keys, *parts))

    def say(self, text: str, *, wrong: bool = False, under: str = "#note") -> None:
        """Put a note under a field; one that says what is wrong carries a sign."""
        note = self.query_one(under, Static)
        note.set_class(wrong, "-wrong")
        note.update(clean(f"✖ {text}" if wrong else text))


def titled(text: str) -> Content:
    """A text as the title of a box: as it is, whatever brackets it has."""
    return Content(clean(text))
