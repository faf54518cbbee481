"""What the node writes down: by level, by text, following the newest line."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import ScreenResume

from node.control.wire import LogLine
from tui import format as said
from tui.actions import Action, bindings
from tui.ink import Line, Span, Tone, cell, clip, crop, dim
from tui.keymap import hint
from tui.lesson import NODE_ASKED, Lesson, Way, trouble
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.search import matches
from tui.view import View
from tui.widgets.prompt import Prompt
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

KEPT = 2000  # lines
FETCHED = 500  # lines at a time
FETCH_EVERY = 1.0  # seconds

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
TONES = {"DEBUG": Tone.DIM, "INFO": Tone.PLAIN, "WARNING": Tone.WARN, "ERROR": Tone.BAD, "CRITICAL": Tone.BAD}

UNFOUND = Lesson(
    "Nothing of this level and text was written.",
    (
        Way("Lines of every level", actions=("logs.level",)),
        Way("Lines with any text", actions=("logs.filter", "prompt.close")),
    ),
)


class Logs(NodeScreen):
    """The newest lines, fetched once a second while they are looked at."""

    SCOPE: ClassVar[str] = "logs"
    BINDINGS: ClassVar[list[BindingType]] = bindings("logs")

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[LogLine] = []
        self._level = 1
        self._pattern = ""
        self._asked = False
        self._trouble = ""

    def body(self) -> ComposeResult:
        yield Sheet(id="tally")
        yield Prompt()
        yield Roll(id="list", follow=True)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()
        self.set_interval(FETCH_EVERY, self._fetch_if_seen)

    def on_screen_resume(self, event: ScreenResume) -> None:
        super().on_screen_resume(event)
        self.fetch()

    def _fetch_if_seen(self) -> None:
        view = self.node_app.view
        if self.is_current and not view.gone and not view.held:
            self.fetch()

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node for the lines behind the last one that is known."""
        after = self._lines[-1].seq if self._lines else 0
        try:
            fresh = await ask(partial(self.node_app.client.logs, after=after, limit=FETCHED))
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            news = bool(fresh or self._trouble or not self._asked)
            self._asked, self._trouble = True, ""
            self._lines = [*self._lines, *fresh][-KEPT:]
            if not news:
                return
        self._list()

    def look(self, view: View) -> None:
        """Logs come by their own way; a snapshot changes nothing here."""
        if not self.query_one(Roll).rows:
            self._list()

    def _list(self) -> None:
        roll = self.query_one(Roll)
        width = roll.size.width
        if not width:
            return
        kept = [line for line in self._lines if self._wanted(line)]
        rows = tuple(Row(str(line.seq), written(line, width)) for line in kept)
        roll.show(rows, (), self._nothing(width))
        self.query_one("#tally", Sheet).show((self._tally(len(rows)),))

    def _nothing(self, width: int) -> tuple[Line, ...]:
        if self._trouble:
            return trouble(self._trouble, width)
        return (UNFOUND if self._asked else NODE_ASKED).lines(width, self.node_app.keys)

    def _wanted(self, line: LogLine) -> bool:
        level = LEVELS.index(line.level) if line.level in LEVELS else len(LEVELS)
        return level >= self._level and (not self._pattern or matches(self._pattern, line.message, line.source))

    def _tally(self, shown: int) -> Line:
        level = LEVELS[self._level]
        following: Line = (Span("following", Tone.EMBER),)
        if not self.query_one(Roll).follow:
            following = (dim("standing still, "), hint("logs.follow", self.node_app.keys), dim(" follows"))
        line = [
            Span(" "),
            Span("Logs", Tone.BOLD),
            dim("  "),
            Span(str(shown)),
            dim(f" {'line' if shown == 1 else 'lines'}   from "),
            Span(level.lower(), TONES[level]),
        ]
        if self._pattern:
            line += [dim("   with "), Span(self._pattern, Tone.EMBER)]
        return (*line, dim("   "), *following)

    def word(self, action: Action) -> str:
        if action.id == "logs.follow" and self.is_mounted and self.query_one(Roll).follow:
            return "stop"
        return super().word(action)

    def to_copy(self) -> tuple[str, str]:
        kept = [line for line in self._lines if self._wanted(line)]
        text = "\n".join(f"{said.clock(line.at)} {line.level} {line.source} {line.message}" for line in kept)
        return text, f"{len(kept)} lines"

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self._pattern = message.text
        self._list()

    def on_prompt_left(self, message: Prompt.Left) -> None:
        self.query_one(Roll).focus()

    def on_roll_moved(self, message: Roll.Moved) -> None:
        self.see(self.node_app.view)
        self._list()

    def action_filter(self) -> None:
        self.query_one(Prompt).open()

    def action_level(self) -> None:
        self._level = (self._level + 1) % len(LEVELS)
        self._list()

    def action_follow(self) -> None:
        roll = self.query_one(Roll)
        roll.follow = not roll.follow
        self._list()
        self.see(self.node_app.view)


def written(line: LogLine, width: int) -> Line:
    """One line of the log in one line of the screen."""
    tone = TONES.get(line.level, Tone.PLAIN)
    source = line.source.removeprefix("node.")
    parts: list[Span] = [Span(" "), dim(said.clock(line.at)), Span("  "), cell(line.level.lower(), 8, tone), Span(" ")]
    if width >= 90:
        parts += [cell(source, 20, Tone.DIM), Span(" ")]
    parts.append(Span(clip(line.message, 2000), tone if tone is not Tone.WARN else Tone.PLAIN))
    return crop(parts, width)
