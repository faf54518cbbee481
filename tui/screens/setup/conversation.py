"""What was said and what is asked: the part of the screen in which a person answers."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tui.screens.setup import drawing
from tui.setup.words import Busy, Choose, Conceal, Enter, Option, Progress, Stuck, Word
from tui.widgets.roll import Roll, Row
from tui.widgets.secret_field import SecretField
from tui.widgets.sheet import Sheet

GAPS = 3  # empty lines above the parts, as the style sheet has them
AGAIN, ON = "again", "on"
STUCK = (Option(AGAIN, "Try this step again"), Option(ON, "Go on without it"))
SHAPES: dict[type[Word], str] = {Enter: "-enter", Conceal: "-conceal", Choose: "-choose", Stuck: "-choose"}


class Conversation(Vertical):
    """Shows words, and one question at a time.

    Attributes:
        asked: the question that is open; None while there is none.
        hides: more was said than there is room for.
    """

    @dataclass
    class Answered(Message):
        """The person has answered; a secret stays in its field until it is taken."""

        answer: object

    class Overflowed(Message):
        """There is no more room for all that was said, or there is again."""

    def __init__(self) -> None:
        super().__init__(id="conversation")
        self.asked: Word | None = None
        self.hides = False
        self._told: list[Word] = []
        self._since = 0  # the place in them of the last question

    def compose(self) -> ComposeResult:
        told = Roll(id="told", cursor=False, follow=True)
        told.can_focus = False
        yield told
        yield Sheet(id="question")
        yield Roll(id="options")
        yield Input(id="text", max_length=4000, select_on_focus=False)
        yield SecretField(id="secret")
        yield Sheet(id="note")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    @property
    def more(self) -> str:
        """What there is to know about the question."""
        return self.asked.more if isinstance(self.asked, Choose | Enter | Conceal) else ""

    @property
    def options(self) -> tuple[Option, ...]:
        if isinstance(self.asked, Choose):
            return self.asked.options
        return STUCK if isinstance(self.asked, Stuck) else ()

    @property
    def answer_to(self) -> Widget:
        """Where the question is answered."""
        if isinstance(self.asked, Enter):
            return self.query_one(Input)
        return self.query_one(SecretField if isinstance(self.asked, Conceal) else "#options")

    def turn(self) -> None:
        """Forget what was said, but for what came of the last answer."""
        self._told, self._since = self._told[self._since :], 0
        self.draw()

    def clear(self) -> None:
        """Forget all that was said."""
        self._since = len(self._told)
        self.turn()

    def hear(self, word: Word) -> None:
        """Show a word that asks nothing."""
        self._end_of_busy()
        self._told.append(word)
        self.query_one("#told", Roll).follow = True
        self.draw()

    def ask(self, word: Word | None) -> None:
        """Show a question and take the keys; None shows that nothing is asked."""
        self.asked = word
        for shape in set(SHAPES.values()):
            self.set_class(word is not None and SHAPES[type(word)] == shape, shape)
        self.query_one(SecretField).clear()
        if word is None:
            self.draw()
            return
        self._end_of_busy()
        if isinstance(word, Stuck):
            self._told.append(word)
        self._since = len(self._told)
        if isinstance(word, Enter):
            field = self.query_one(Input)
            field.value, field.placeholder = word.default or "", word.nothing
            field.select_all()  # what is typed takes the place of what is proposed
        self.draw()
        if isinstance(word, Choose):
            self.query_one("#options", Roll).put_cursor(word.default)
        self.answer_to.focus()

    def scroll(self, pages: int) -> None:
        """Read on, or back, in what was said."""
        self.query_one("#told", Roll).action_page(pages)

    def take(self) -> str:
        """The secret that was typed, once."""
        return self.query_one(SecretField).take()

    def draw(self) -> None:
        """Show everything for the room that there is."""
        told = self.query_one("#told", Roll)
        width = self.size.width - 1  # beside a scroll bar
        if width <= 0:
            return
        lines = tuple(drawing.told(self._told, width))
        asked = tuple(drawing.question(self.asked, width)) if self.asked is not None else ()
        options, note = self.query_one("#options", Roll), self.query_one("#note", Sheet)
        words = drawing.word_width(self.options)
        options.show(tuple(Row(one.value, drawing.option_line(one, width - 1, words)) for one in self.options))
        answers = max(1, len(self.options))
        kept = self._kept_for_note(width, self._room - len(lines) - len(asked) - answers)
        answers = max(1, min(answers, self._room - len(asked) - kept))
        room = max(0, self._room - len(asked) - answers - kept)
        told.styles.height = min(len(lines), room)
        if self.hides != (len(lines) > room):
            self.hides = not self.hides
            self.post_message(self.Overflowed())
        told.show(tuple(Row(str(at), line) for at, line in enumerate(lines)))
        question = self.query_one("#question", Sheet)
        question.styles.height = len(asked)
        question.show(asked)
        options.styles.height = answers
        note.styles.height = kept
        note.show(drawing.note(self._hints(width).get(options.cursor_key or "", ""), width, kept))

    @property
    def _room(self) -> int:
        """Lines without the empty ones between the parts."""
        return self.size.height - (0 if self.screen.has_class("-short") else GAPS)

    def _kept_for_note(self, width: int, spare: int) -> int:
        """Lines under the answers: as many for each of them, so that nothing jumps while the cursor goes about."""
        most = max((len(drawing.note(text, width)) for text in self._hints(width).values()), default=0)
        return min(most, max(spare, 2 if self.screen.has_class("-short") else 4))

    def _hints(self, width: int) -> dict[str, str]:
        """What each answer means, if its line says only a part; else what there is to know."""
        if not self.options:
            return {"": self.more}
        room = drawing.word_width(self.options)
        return {
            option.value: "" if drawing.is_whole(option, width - 1, room) else option.meaning for option in self.options
        }

    def _end_of_busy(self) -> None:
        if self._told and isinstance(self._told[-1], Busy | Progress):
            self._told.pop()

    def on_resize(self, event: Resize) -> None:
        self.draw()

    def on_roll_resized(self, message: Roll.Resized) -> None:
        message.stop()

    def on_roll_moved(self, message: Roll.Moved) -> None:
        message.stop()
        self.draw()

    def on_roll_opened(self, message: Roll.Opened) -> None:
        message.stop()
        if self.asked is not None:
            answer = message.key == AGAIN if isinstance(self.asked, Stuck) else message.key
            self.post_message(self.Answered(answer))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if isinstance(self.asked, Enter) and (text or self.asked.default is not None):
            self.post_message(self.Answered(text))

    def hand_in(self) -> None:
        """The secret is complete."""
        if isinstance(self.asked, Conceal) and not self.query_one(SecretField).empty:
            self.post_message(self.Answered(None))
