"""The rewards behind one figure: what was claimed, credited and paid of each, and when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from node.control.client import ControlClient
from node.control.wire import RewardView
from tui import format as said
from tui.actions import Action, bindings
from tui.ink import BLANK, Line, Span, Tone, dim
from tui.keymap import hint
from tui.lesson import BOOKS_ASKED, Lesson, Way, trouble
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.screens.earnings import rewards, spans
from tui.view import View
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

PAGE = 200  # rewards that are asked for at once
PAGES = 20  # that are looked through for the first one of a day or a model
KEPT = 500  # rows at most

EMPTY = Lesson("No reward is in the books for this.")
SO_FAR = Lesson("None was found so far.", (Way("Look further back", actions=("rewards.older",)),))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rewards: of a network, a model, a local date or an asset; None is any."""

    network: str | None = None
    model: str | None = None
    day: str | None = None
    asset: str | None = None

    def holds(self, reward: RewardView) -> bool:
        """Whether a reward is one of them; network and asset were asked for already."""
        of_model = self.model is None or reward.model == self.model
        return of_model and (self.day is None or rewards.of_day(reward, self.day))

    def words(self) -> str:
        return " · ".join(part for part in (self.day, self.network, self.model, self.asset) if part)


@dataclass(frozen=True, slots=True)
class Found:
    """Rewards that were wanted, newest first, how far back was looked, and where that goes on."""

    rewards: tuple[RewardView, ...] = ()
    back_to: float | None = None
    before: int | None = None


class RewardList(NodeScreen):
    """Newest first; what is older is looked for on demand."""

    SCOPE: ClassVar[str] = "rewards"
    BINDINGS: ClassVar[list[BindingType]] = bindings("rewards")

    def __init__(self, wanted: Wanted) -> None:
        super().__init__()
        self._wanted = wanted
        self._found: Found | None = None
        self._trouble = ""

    def body(self) -> ComposeResult:
        yield Sheet(id="tally")
        yield Roll(id="list")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Roll).focus()
        self.fetch()

    def on_roll_resized(self, message: Roll.Resized) -> None:
        self.look(self.node_app.view)

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Look for more of them, from where the last look ended."""
        try:
            self._found = await ask(partial(looked, self.node_app.client, self._wanted, self._found or Found()))
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._trouble = ""
        self.see(self.node_app.view)

    def look(self, view: View) -> None:
        roll, found = self.query_one(Roll), self._found
        if not roll.size.width:
            return
        now = view.snapshot.at if view.snapshot else 0.0
        layout = rewards.layout(roll.size.width)
        shown = found.rewards if found else ()
        rows = tuple(Row(str(reward.entry), rewards.row(layout, reward, now)) for reward in shown)
        roll.show(rows, rewards.heading(layout) if rows else BLANK, self._nothing(roll.size.width))
        self.query_one("#tally", Sheet).show((self._tally(now),))

    def _nothing(self, width: int) -> tuple[Line, ...]:
        if self._trouble:
            return trouble(self._trouble, width)
        if self._found is None:
            return BOOKS_ASKED.lines(width)
        return (SO_FAR if self._found.before else EMPTY).lines(width, self.node_app.keys)

    def _tally(self, now: float) -> Line:
        found = self._found or Found()
        line = [Span(" "), Span("Rewards", Tone.BOLD), dim("  "), Span(str(len(found.rewards)))]
        line += [dim("   of "), Span(self._wanted.words())]
        if found.before is not None:
            line += [dim(f"   looked back to {said.moment(found.back_to, now)}   " if found.back_to else "   ")]
            line += [hint("rewards.older", self.node_app.keys), dim(" older")]
        if self._trouble:
            line += [Span("   ✖ ", Tone.BAD), dim(self._trouble)]
        return tuple(line)

    def _current(self) -> RewardView | None:
        key = self.query_one(Roll).cursor_key
        found = self._found or Found()
        return next((reward for reward in found.rewards if str(reward.entry) == key), None)

    def obstacle(self, action: Action) -> str:
        if action.id == "rewards.older":
            if self._found is None or self._found.before is None:
                return "there is no older one"
            return "no more than 500 are listed: write a file instead" if len(self._found.rewards) >= KEPT else ""
        return super().obstacle(action)

    def to_copy(self) -> tuple[str, str]:
        reward = self._current()
        return (rewards.reference(reward), "the reference of the reward") if reward else ("", "")

    def on_roll_opened(self, message: Roll.Opened) -> None:
        from tui.widgets.reading import Reading

        if reward := self._current():
            now = self.node_app.view.snapshot.at if self.node_app.view.snapshot else 0.0
            self.app.push_screen(Reading("Reward", lambda width: rewards.told(reward, now, width)))

    def action_older(self) -> None:
        self.fetch()

    def action_back(self) -> None:
        self.dismiss()


def looked(client: ControlClient, wanted: Wanted, found: Found) -> Found:
    """Look further back, page by page, until something more was found, the day has passed or it was enough."""
    before, kept = found.before, list(found.rewards)
    for _ in range(PAGES):
        page = client.rewards(network=wanted.network, asset=wanted.asset, before=before, limit=PAGE)
        kept += [reward for reward in page if wanted.holds(reward)]
        before = page[-1].entry if len(page) == PAGE else None
        back_to = rewards.begun(page[-1]) if page else None
        if before is None or len(kept) > len(found.rewards) + PAGE // 2:
            break
        if wanted.day and back_to is not None and spans.day(back_to) < wanted.day:
            before = None
            break
        if kept and not wanted.day and not wanted.model:
            break
    return Found(tuple(kept[:KEPT]), back_to, before)
