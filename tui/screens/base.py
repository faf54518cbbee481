"""What all main screens have in common: the state line above, the keys below, one sentence where there is no room."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize, ScreenResume
from textual.widget import Widget

from node.control.wire import LedgerEvent
from tui import actions
from tui.actions import Action
from tui.closing import ClosesOnce
from tui.ink import Line, Span, dim, wrapped
from tui.keymap import keyed
from tui.link import PATIENCE, TROUBLE, ask, explain
from tui.view import View
from tui.widgets.key_bar import KeyBar
from tui.widgets.sheet import Sheet
from tui.widgets.state_line import StateLine

if TYPE_CHECKING:
    from tui.app import StokerApp

LEAST_WIDTH, LEAST_HEIGHT = 60, 15


class NodeScreen(ClosesOnce[None]):
    """A screen that is handed what the app knows, as often as that changes."""

    SCOPE: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        yield StateLine()
        with Container(id="body"):
            yield from self.body()
        yield KeyBar(self.SCOPE, self.word, self.obstacle)
        yield Sheet(id="too-small")

    def body(self) -> list[Widget] | ComposeResult:
        """The widgets between the state line and the keys."""
        raise NotImplementedError

    def look(self, view: View) -> None:
        """Show this view; whatever is the same as before stays as it is."""

    def see(self, view: View) -> None:
        """Called by the app with every change."""
        if not self.is_mounted:
            return
        self.set_class(bool(view.gone), "-gone")
        self.query_one(StateLine).look(view)
        if not view.held:
            self.look(view)
        self.query_one(KeyBar).look(self.offered())

    def booked(self, event: LedgerEvent) -> None:
        """The books have a new entry."""

    def offered(self) -> tuple[Action, ...]:
        """The actions that a key does here."""
        return tuple(
            action for action in self.known(actions.APP, self.SCOPE) if not actions.shadowed(action, self.SCOPE)
        )

    def known(self, *scopes: str) -> tuple[Action, ...]:
        """The actions of these scopes that there are in this app, with the keys that they have in it."""
        app = self.node_app
        return tuple(keyed(action, app.keys) for action in actions.of(*scopes, fleet=app.FLEET))

    def word(self, action: Action) -> str:
        """What an action is called as things stand."""
        return actions.label(action, self.node_app.view)

    def obstacle(self, action: Action) -> str:
        """Why an action cannot be done now; empty if it can."""
        return actions.obstacle(action.id, self.node_app.view)

    def to_copy(self) -> tuple[str, str]:
        """What ``y`` copies, and what that is called; empty if there is nothing."""
        return "", ""

    async def order(self, command: str, news: str, **arguments: object) -> bool:
        """Give the node a command and say how it went; whether it was done."""
        try:
            await ask(partial(self.node_app.client.order, command, arguments, timeout=PATIENCE))
        except TROUBLE as error:
            self.notify(explain(error), title=f"{command} was refused", severity="error", markup=False)
            return False
        self.notify(news, markup=False)
        return True

    @property
    def node_app(self) -> StokerApp:
        from tui.app import StokerApp

        assert isinstance(self.app, StokerApp)
        return self.app

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        known = actions.by_call(action, parameters, self.SCOPE)
        return None if known and self.obstacle(known) else True

    def on_mount(self) -> None:
        self.see(self.node_app.view)

    def on_screen_resume(self, event: ScreenResume) -> None:
        self.see(self.node_app.view)

    def on_resize(self, event: Resize) -> None:
        width, height = event.size
        if width < LEAST_WIDTH or height < LEAST_HEIGHT:
            self.query_one("#too-small", Sheet).show(too_small(width, height))


def too_small(width: int, height: int) -> tuple[Line, ...]:
    """The sentence for a terminal in which nothing fits."""
    sentence = f"Stoker needs {LEAST_WIDTH} columns and {LEAST_HEIGHT} lines; this window has {width} and {height}."
    rows: list[Line] = [(Span("stoker"),), *((dim(text),) for text in wrapped(sentence, max(1, width - 2)))]
    return tuple(rows)
