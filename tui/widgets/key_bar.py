"""The last line of every screen: the keys, what cannot be done now in grey."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Resize

from tui.actions import Action
from tui.ink import Line, Span, Tone, ends, join, measure
from tui.widgets.sheet import Sheet

KEPT = 3  # rank of what is shown of the app's own actions before the screens give up their words


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
        room = self.size.width - 2
        needed = [*places, *own, *(action for action in rest if action.rank <= KEPT)]
        places_line = [(1, self._item(action)) for action in places]
        if measure(join([self._item(action) for action in needed])) > room:
            places_line = [(0, self._numbers(places))]
        left = [*places_line, *((action.rank, self._item(action)) for action in own)]
        right = [(action.rank, self._item(action)) for action in rest]
        self.show(((Span(" "), *ends(left, right, room)),))

    def _numbers(self, places: list[Action]) -> Line:
        """The screens by their keys alone, and the word of the one that is shown."""
        items = [self._item(action) for action in places]
        here = f"go.{self._here}"
        return join([item if action.id == here else item[:1] for action, item in zip(places, items, strict=True)], " ")

    def _item(self, action: Action) -> Line:
        word = self._word(action)
        if self._obstacle(action):
            return (Span(f"{action.key} {word}", Tone.FAINT, f"app.why('{action.id}')"),)
        here = action.id == f"go.{self._here}"
        return (
            Span(action.key, Tone.EMBER, action.run),
            Span(f" {word}", Tone.BOLD if here else Tone.DIM, action.run),
        )
