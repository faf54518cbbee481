"""The Textual app: a client of the node that shows it and gives it commands."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from rich.style import Style
from rich.text import Text
from textual import work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.events import Event, InputEvent, Key
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import Input

from node.control.client import ControlClient
from tui import actions, terminal
from tui.attendance import Attendance
from tui.ink import Tone
from tui.keymap import keyed
from tui.link import TROUBLE, Link, ask, explain
from tui.messages import HistoryArrived, LedgerArrived, NodeGone, SnapshotArrived, after
from tui.modes import MODES
from tui.screens.base import NodeScreen
from tui.themes import ASSETS, DEFAULT, SIXTEEN, fallbacks, own_themes, palette
from tui.view import View

INTERRUPT_WINDOW = 5.0  # seconds in which a repeated ctrl+c means more


class StokerApp(App[int], inherit_bindings=False):
    """Shows one node. Its result is the exit code of the program."""

    TITLE = "stoker"
    CSS_PATH = ASSETS / "stoker.tcss"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.APP)
    MODES = MODES
    DEFAULT_MODE = "dashboard"
    SUSPENDED_SCREEN_CLASS = "-screen-suspended"  # Textual dims these where no colours can be blended
    FLEET: ClassVar[bool] = False  # whether there are several nodes
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-tiny"),
        (60, "-narrow"),
        (100, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (15, "-short"),
        (24, "-medium"),
        (32, "-tall"),
        (50, "-lofty"),
    ]

    def __init__(
        self,
        client: ControlClient,
        *,
        theme: str = "",
        name: str = "",
        setup_at: str | None = None,
        keys: Mapping[str, str] | None = None,
        keep_theme: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self.keys = keys or {}
        self.set_keymap(dict(self.keys))
        self._keep_theme = keep_theme
        self._opens_setup = setup_at is not None
        self.setup_at = setup_at or ""
        self.client = client
        self.view = View(name=name, keys=self.keys)
        self.animation_level = "none"
        for own in own_themes():
            self.register_theme(own)
        self.no_color = bool(os.environ.get("NO_COLOR"))
        wanted = SIXTEEN if self.no_color else os.environ.get("TEXTUAL_THEME", "") or theme
        self.theme = wanted if wanted in self.available_themes else DEFAULT
        self._palette: Mapping[Tone, Style] = {}
        self._palette_of = ""
        self._links = [Link(client, self.post_message)]
        self._attendance = Attendance(client)
        self._leaving = False
        self._interrupts: list[float] = []

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's own way without colours are shades of grey, on a black ground."""
        coloured = [found for found in super().get_line_filters() if not isinstance(found, Monochrome)]
        return [*coloured, NoColor()] if self.no_color else coloured

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return fallbacks(self.current_theme)

    @property
    def palette(self) -> Mapping[Tone, Style]:
        """How each tone is drawn in the theme of the moment."""
        if self._palette_of != self.theme:
            self._palette, self._palette_of = palette(self.theme_variables), self.theme
        return self._palette

    # What the node says

    def on_load(self) -> None:
        for link in self._links:
            link.start()

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._theme_chosen)
        if self._opens_setup:
            self.switch_mode("setup")
        driver = self._driver
        descriptor = getattr(driver, "fileno", None)
        if isinstance(descriptor, int):
            self.set_interval(1.0, partial(self._watch_terminal, descriptor))

    def on_unmount(self) -> None:
        for link in self._links:
            link.stop()

    def _watch_terminal(self, descriptor: int) -> None:
        if terminal.is_lost(descriptor):
            self.exit(terminal.LOST)

    def on_snapshot_arrived(self, message: SnapshotArrived) -> None:
        self._show(after(self.view, message))

    def on_history_arrived(self, message: HistoryArrived) -> None:
        self._show(after(self.view, message))

    def on_node_gone(self, message: NodeGone) -> None:
        if self._leaving:
            self.exit(0)
        self._show(after(self.view, message))

    def on_ledger_arrived(self, message: LedgerArrived) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, NodeScreen):
                screen.booked(message.event)

    def _show(self, view: View) -> None:
        """Hand what is known to the screens in sight, as long as there are any."""
        if not self.is_running:
            return
        self.view = view = replace(view, keys=self.keys)
        with self.batch_update():
            for screen in self.screen_stack:
                if isinstance(screen, NodeScreen):
                    screen.see(view)

    # What the node is told

    @work(exit_on_error=False)
    async def tell(self, name: str, news: str, **arguments: Any) -> None:
        """Give the node a command; say how it went."""
        try:
            await ask(lambda: self.client.command(name, **arguments))
        except TROUBLE as error:
            self.notify(explain(error), title=f"{name} was refused", severity="error", markup=False)
        else:
            if news:
                self.notify(news, markup=False)

    def action_pause(self) -> None:
        if self.view.paused:
            self.tell("resume", "The node takes work again.")
        else:
            self.tell("pause", "No new work is taken; running jobs go on.")

    @work
    async def action_anyway(self) -> None:
        if self.view.anyway:
            self.tell("resume", "The node goes by your limits again.")
            return
        from tui.screens.questions import anyway

        if seconds := await self.push_screen_wait(anyway(self.view)):
            until = None if seconds == "always" else int(seconds)
            self.tell("run_anyway", "Your limits are set aside. Heat and a full disk still count.", seconds=until)

    @work
    async def action_drain(self) -> None:
        from tui.screens.questions import drain

        if await self.push_screen_wait(drain(self.view)) == "drain":
            self.tell("drain", "")

    # Ways out

    @work(exclusive=True, group="leave")
    async def action_leave(self) -> None:
        if self.view.gone:
            self.exit(0)
            return
        from tui.screens.questions import leave

        self._leave(await self.push_screen_wait(leave(self.view)))

    def _leave(self, way: str) -> None:
        if way == "drain":
            self._leaving = True
            self.tell("drain", "Stoker closes when the last job has ended.")
        elif way == "stop":
            self._leaving = True
            self.tell("stop", "")
        elif way == "leave":
            self.exit(0)

    def action_interrupt(self) -> None:
        """ctrl+c: copy what is selected; else ask; twice drains, three times stops."""
        focused = self.focused
        selected = focused.selected_text if isinstance(focused, Input) else self.screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
            return
        now = time.monotonic()
        self._interrupts = [at for at in self._interrupts if now - at < INTERRUPT_WINDOW] + [now]
        if self.view.gone or len(self._interrupts) > 3:
            self.exit(0)
        elif len(self._interrupts) == 1:
            if not self.screen.is_modal:
                self.action_leave()
        else:
            self.workers.cancel_group(self, "leave")
            while self.screen.is_modal:
                self.pop_screen()
            self._leave("drain" if len(self._interrupts) == 2 else "stop")

    # The view

    def action_go(self, mode: str) -> None:
        while self.screen.is_modal:
            self.pop_screen()
        self.switch_mode(mode)

    def action_hold(self) -> None:
        self._show(replace(self.view, held=not self.view.held))

    def action_theme(self) -> None:
        if self.no_color:
            self.notify("NO_COLOR is set: no theme has colours then. Unset it and start Stoker again.")
        else:
            self.search_themes()

    def _theme_chosen(self, theme: Theme) -> None:
        if self._keep_theme is None:
            return
        try:
            self._keep_theme(theme.name)
        except (OSError, ValueError) as error:
            self.notify(f"The theme is not kept: {error}", severity="warning", markup=False)

    def action_copy(self) -> None:
        text, name = self.screen.to_copy() if isinstance(self.screen, NodeScreen) else ("", "")
        if text:
            self.copy_to_clipboard(text)
            self.notify(f"Copied {name}.", markup=False)
        else:
            self.notify("There is nothing to copy here.", severity="warning")

    def action_help(self) -> None:
        from tui.screens.help import Help

        if isinstance(self.screen, NodeScreen):
            self.push_screen(Help(self.screen))

    def action_why(self, action_id: str) -> None:
        """Say why something cannot be done now."""
        action = keyed(next(action for action in actions.ACTIONS if action.id == action_id), self.keys)
        screen = self.screen
        reason = screen.obstacle(action) if isinstance(screen, NodeScreen) else actions.obstacle(action_id, self.view)
        if reason:
            self.notify(f"{action.key} {action.label}: {reason}.", severity="warning", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "command_palette" and not isinstance(self.screen, NodeScreen):
            return False
        known = actions.by_call(action, parameters, actions.APP)
        return None if known and actions.obstacle(known.id, self.view) else True

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self._attendance.touched()
        await super().on_event(event)

    def on_key(self, event: Key) -> None:
        """A key that nothing took: if it is only that it cannot act now, say so."""
        screen = self.screen
        if isinstance(screen, NodeScreen):
            for action in screen.offered():
                if event.key in action.keys.split(",") and screen.obstacle(action):
                    self.action_why(action.id)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        if not isinstance(screen, NodeScreen):
            return
        for action in screen.known(actions.APP, screen.SCOPE):
            if action.id in ("app.palette", "app.interrupt", "app.quit.anywhere"):
                continue
            key = "" if actions.shadowed(action, screen.SCOPE) else f" ({action.key})"
            title = f"{screen.word(action).capitalize()}{key}"
            if reason := screen.obstacle(action):
                yield SystemCommand(title, f"Not now: {reason}.", partial(self.action_why, action.id))
            else:
                target = self if action.scope == actions.APP else screen
                yield SystemCommand(title, action.help, partial(self.run_action, action.call, target))

    # The end of it

    def _fatal_error(self) -> None:
        """Textual's own version prints the local variables of every frame."""
        self.bell()
        self._exit_renderables.append(Text(traceback.format_exc()))
        self._close_messages_no_wait()
