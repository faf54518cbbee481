"""The last line of every screen: the keys, what cannot be done now in grey."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Resize

from tui.actions import Action
from tui.ink import Line, Span, Tone, ends
from tui.widgets.sheet import Sheet


class KeyBar(Sheet):
    """Shows actions; each can be clicked."""

    def __init__(self, here: str, word: Callable[[Action], str], obstacle: Callable[[Action], str]) -> None:
        super().__init__(id="keys")
        self._here = here
        self._word = word
        self._obstacle = obstacle
        self._actions: tuple[Action, ...] = ()

    def look(self, actions: tuple[Action, ...]) -> None:
        """Show these actions as they stand now."""
        self._actions = actions
        self._redraw()

    def on_resize(self, event: Resize) -> None:
        self._redraw()

    def _redraw(self) -> None:
        if not self.size.width:
            return
        shown = [action for action in self._actions if action.rank]
        places = [action for action in shown if action.id.startswith("go.")]
        own = [action for action in shown if action.scope != "app"]
        rest = [action for action in shown if action not in places and action not in own]
        left = [(action.rank, self._item(action)) for action in (*places, *own)]
        right = [(action.rank, self._item(action)) for action in rest]
        self.show(((Span(" "), *ends(left, right, self.size.width - 2)),))

    def _item(self, action: Action) -> Line:
        word = self._word(action)
        if self._obstacle(action):
            return (Span(f"{action.key} {word}", Tone.FAINT, f"app.why('{action.id}')"),)
        call = action.call if action.scope == "app" else f"screen.{action.call}"
        run = f"app.{call}" if action.scope == "app" else call
        here = action.id == f"go.{self._here}"
        return (
            Span(action.key, Tone.EMBER, run),
            Span(f" {word}", Tone.BOLD if here else Tone.DIM, run),
        )
