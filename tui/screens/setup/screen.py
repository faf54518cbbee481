"""The guide in the app: the steps on the left, the conversation on the right."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType
from textual.containers import Horizontal

from tui.actions import Action, bindings
from tui.keymap import hint
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.screens.networks.page import Page
from tui.screens.setup import drawing
from tui.screens.setup.conversation import Conversation
from tui.setup.guide import STEPS, guide, summary
from tui.setup.programs import perform
from tui.setup.words import (
    QUESTIONS,
    Agree,
    Begin,
    Busy,
    Choose,
    Conceal,
    GoTo,
    Option,
    Ran,
    Run,
    Say,
    Sign,
    Standing,
    Talk,
    Way,
    Word,
)
from tui.widgets.reading import Reading, paragraph
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

OVER = Choose(
    "setup.over",
    "That is all. Any step can be changed: tab goes to the steps, enter opens one.",
    (Option("dashboard", "To the dashboard", "what the node does now"),),
    "dashboard",
)
OVER_IN_SHORT = replace(OVER, text="That is all. In a taller window, or by stoker setup STEP, any step can be changed.")
UNLENT = "this terminal cannot be lent to another program; type it yourself in another one"


class Setup(NodeScreen):
    """Holds the conversation of the guide; each word comes from a thread of its own, so that the app never waits."""

    SCOPE: ClassVar[str] = "setup"
    BINDINGS: ClassVar[list[BindingType]] = bindings("setup")

    def __init__(self) -> None:
        super().__init__()
        self._talk: Talk[None] | None = None
        self._standings: tuple[Standing, ...] = ()
        self._number = 0
        self._given: object = None

    def body(self) -> ComposeResult:
        yield Sheet(id="heading")
        with Horizontal():
            yield Roll(id="steps")
            yield Conversation()

    def on_mount(self) -> None:
        super().on_mount()
        self._begin(self.node_app.setup_at)

    def on_unmount(self) -> None:
        if self._talk is not None:
            with suppress(ValueError):  # it is held this very moment, by a thread that ends with the program
                self._talk.close()

    @property
    def _conversation(self) -> Conversation:
        return self.query_one(Conversation)

    def _begin(self, start: str) -> None:
        self._talk = guide(self.node_app.client, start=start)
        self._given = None
        self.converse()

    # The answer is fetched inside: an argument would be kept in the worker's description, and it may be a secret.
    @work(exclusive=True, group="setup")
    async def converse(self) -> None:
        """Hand the answer on and take words until the next question."""
        answer = self._answer()
        self._conversation.ask(None)
        while self._talk is not None:
            try:
                word = await ask(partial(_next, self._talk, answer))
            except TROUBLE as error:
                self._conversation.hear(Say(explain(error), Sign.BAD))
                word = None
            answer = None
            if isinstance(word, Run):
                answer = await self._run_command(word)
            elif isinstance(word, Agree):
                answer = await self.app.push_screen_wait(Page(word.kind)) is True
            elif isinstance(word, QUESTIONS):
                self._conversation.ask(word)
                self._redraw()
                return
            elif word is not None:
                self._hear(word)
            else:
                self._talk = None
        await self._conclude()

    def _answer(self) -> object:
        """What was given, once."""
        given, self._given = self._given, None
        if isinstance(self._conversation.asked, Conceal) and given is None:
            return self._conversation.take()
        return given

    def _hear(self, word: Word) -> None:
        if isinstance(word, Begin):
            self._standings, self._number = word.standings, word.number
            self._conversation.turn()
            self._redraw()
            self.query_one("#steps", Roll).put_cursor(STEPS[word.number].id)
        else:
            self._conversation.hear(word)

    async def _run_command(self, run: Run) -> Ran:
        directory = self.node_app.client.directory
        if not run.asks:
            self._conversation.hear(Busy(run.what))
            return await ask(partial(perform, run, directory))
        return self._lend_terminal(run, directory)

    def _lend_terminal(self, run: Run, directory: Path) -> Ran:
        """Step aside while the command speaks with the person."""
        try:
            with self.app.suspend():
                done = perform(run, directory, terminal=True)
                with suppress(EOFError):
                    input("Enter goes back to the app. ")
        except SuspendNotSupported:
            return Ran(1, (f"`stoker {' '.join(run.arguments)}`: {UNLENT}",))
        return done

    async def _conclude(self) -> None:
        """Show how everything stands at the end."""
        with suppress(*TROUBLE):
            found = await ask(partial(summary, self.node_app.client))
            self._standings = tuple(found)
            self._number = len(found)
            self._conversation.clear()
            for standing in found:
                self._hear(Say(f"{standing.title}: {standing.sentence}", Sign.GOOD if standing.done else Sign.OPEN))
        self._conversation.ask(OVER if self.query_one("#steps").display else OVER_IN_SHORT)
        self._redraw()

    def _redraw(self) -> None:
        """The steps, and the keys as they act now."""
        steps = self.query_one("#steps", Roll)
        if self._standings and steps.size.width:
            steps.show(
                tuple(
                    Row(step.id, drawing.step_line(number, standing, steps.size.width, now=number == self._number))
                    for number, (step, standing) in enumerate(zip(STEPS, self._standings, strict=True))
                )
            )
        self._head()
        self.see(self.node_app.view)

    def _head(self) -> None:
        above = hint("setup.up", self.node_app.keys) if self._conversation.hides else None
        self.query_one("#heading", Sheet).show((drawing.heading(self._number, self._standings, above),))

    def on_conversation_overflowed(self) -> None:
        self._head()

    # What the person does

    def on_roll_resized(self, message: Roll.Resized) -> None:
        self._redraw()

    def on_roll_opened(self, message: Roll.Opened) -> None:
        """A step was asked for."""
        if self._talk is None:
            self._begin(message.key)
        elif self._conversation.asked is not None:
            self._give(GoTo(message.key))

    def on_conversation_answered(self, message: Conversation.Answered) -> None:
        if self._conversation.asked in (OVER, OVER_IN_SHORT):
            self.node_app.action_go("dashboard")
        else:
            self._give(message.answer)

    def _give(self, answer: object) -> None:
        self._given = answer
        self.converse()

    def obstacle(self, action: Action) -> str:
        if self.is_mounted and action.id in ("setup.back", "setup.more"):
            if self._conversation.asked is None or self._talk is None:
                return "nothing is asked now"
            if action.id == "setup.more" and not self._conversation.more:
                return "there is nothing more to tell about this"
        if self.is_mounted and action.id == "setup.steps" and not self.query_one("#steps").display:
            return "the steps have no room in this window"
        return super().obstacle(action)

    def action_back(self) -> None:
        self._give(Way.BACK)

    def action_more(self) -> None:
        self.app.push_screen(Reading("More about this", paragraph(self._conversation.more)))

    def action_steps(self) -> None:
        steps = self.query_one("#steps", Roll)
        if steps.has_focus:
            self._conversation.answer_to.focus()
        else:
            steps.focus()

    def action_read(self, pages: int) -> None:
        self._conversation.scroll(pages)

    def action_hand_in(self) -> None:
        self._conversation.hand_in()


def _next(talk: Talk[None], answer: object) -> Word | None:
    """The next word; None at the end. StopIteration cannot travel through a future."""
    try:
        return talk.send(answer)
    except StopIteration:
        return None
