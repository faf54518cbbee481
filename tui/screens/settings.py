"""How the node is set up: search, see what a setting means, change it where it stands."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import ScreenResume

from node.control.client import Refused
from node.control.wire import SettingView
from tui import setting_list
from tui.actions import Action, bindings
from tui.ink import BLANK, Line, Picture, Span, Tone, dim
from tui.lesson import NODE_ASKED, Lesson, Way, trouble
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.view import View
from tui.widgets.editor import Editor
from tui.widgets.panel import Panel
from tui.widgets.prompt import Prompt
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

UNFOUND = Lesson(
    "No setting has this text in its name, its value or its meaning.",
    (Way("See all of them", actions=("settings.filter", "prompt.close")),),
)


class Settings(NodeScreen):
    """A list of every setting; the chosen one is explained below it, and edited there."""

    SCOPE: ClassVar[str] = "settings"
    BINDINGS: ClassVar[list[BindingType]] = bindings("settings")

    def __init__(self) -> None:
        super().__init__()
        self._settings: dict[str, SettingView] = {}
        self._changed: frozenset[str] = frozenset()
        self._pattern = ""
        self._asked = False
        self._trouble = ""

    def body(self) -> ComposeResult:
        yield Sheet(id="tally")
        yield Prompt()
        yield Roll(id="list")
        yield Panel("Setting", self._about, id="about")
        yield Editor(id="editor")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()

    def on_screen_resume(self, event: ScreenResume) -> None:
        super().on_screen_resume(event)
        self.fetch()

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node for its settings."""
        try:
            settings = await ask(self.node_app.client.settings)
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._settings = {setting.key: setting for setting in settings}
            self._asked, self._trouble = True, ""
        self.see(self.node_app.view)

    def look(self, view: View) -> None:
        roll = self.query_one(Roll)
        if not roll.size.width:
            return
        chosen = setting_list.chosen(self._settings.values(), self._pattern)
        layout = setting_list.layout(roll.size.width)
        rows = tuple(Row(one.key, setting_list.line(layout, one, one.key in self._changed)) for one in chosen)
        heading = setting_list.heading(layout) if self._settings else BLANK
        roll.show(rows, heading, self._nothing(roll.size.width))
        self.query_one("#tally", Sheet).show((self._tally(len(rows)),))
        self.query_one(Panel).look(view)

    def _nothing(self, width: int) -> tuple[Line, ...]:
        if self._trouble:
            return trouble(self._trouble, width)
        return (UNFOUND if self._asked else NODE_ASKED).lines(width, self.node_app.keys)

    def _tally(self, shown: int) -> Line:
        line = [Span(" "), Span("Settings", Tone.BOLD), dim("  "), Span(str(shown))]
        if self._pattern:
            line += [dim(f" of {len(self._settings)} with "), Span(self._pattern, Tone.EMBER)]
        if changed := len(self._changed):
            line += [Span("   ▲ ", Tone.WARN), dim(f"{changed} changed, for the next start of the node")]
        return tuple(line)

    def current(self) -> SettingView | None:
        """The setting under the cursor."""
        return self._settings.get(self.query_one(Roll).cursor_key or "")

    def _about(self, view: View, width: int, height: int) -> Picture:
        setting = self.current()
        if setting is None:
            return Picture(())
        return Picture(setting_list.about(setting, width)[:height], (dim(setting.key),))

    def obstacle(self, action: Action) -> str:
        if action.id == "settings.reset" and self.is_mounted:
            setting = self.current()
            if setting is None:
                return "no setting is chosen"
            if self.node_app.view.gone:
                return "no node answers"
            return "" if setting.source == "file" else f"{setting.key} is not set in the file"
        return super().obstacle(action)

    def to_copy(self) -> tuple[str, str]:
        setting = self.current()
        return (setting.value, f"the value of {setting.key}") if setting else ("", "")

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self._pattern = message.text
        self.look(self.node_app.view)

    def on_prompt_left(self, message: Prompt.Left) -> None:
        self.query_one(Roll).focus()

    def on_roll_moved(self, message: Roll.Moved) -> None:
        self.see(self.node_app.view)

    def on_roll_opened(self, message: Roll.Opened) -> None:
        self.query_one(Editor).open(self._settings[message.key])

    def on_editor_entered(self, message: Editor.Entered) -> None:
        self.write(message.setting, message.value)

    def on_editor_left(self, message: Editor.Left) -> None:
        self.query_one(Roll).focus()

    def action_filter(self) -> None:
        self.query_one(Prompt).open()

    def action_reset(self) -> None:
        if setting := self.current():
            self.write(setting, None)

    @work(exclusive=True, group="write")
    async def write(self, setting: SettingView, value: str | None) -> None:
        """Have the node write one setting; what is wrong with it stands at the field."""
        editor = self.query_one(Editor)
        try:
            written = await ask(partial(self.node_app.client.change_setting, setting.key, value))
        except TROUBLE as error:
            text = explain(error)
            if editor.is_open and isinstance(error, Refused):
                editor.wrong(text)
            else:
                self.notify(text, title=setting.key, severity="error", markup=False)
            return
        self._settings[written.key] = written
        if written.restart and written.value != setting.value:
            self._changed |= {written.key}
        editor.close()
        self.query_one(Roll).focus()
        self.see(self.node_app.view)
