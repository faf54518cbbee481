"""The app on several nodes: one is at hand, and all of them are listened to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.screen import Screen

from node.control.client import ControlClient
from tui import actions
from tui.app import StokerApp
from tui.fleet.rig import Rig, RigSpoke
from tui.fleet.screen import Fleet
from tui.messages import LedgerArrived
from tui.modes import MODES
from tui.running import chosen, show


class FleetApp(StokerApp):
    """Shows one of several nodes at a time, and a line for each.

    Attributes:
        rig: the node at hand.
    """

    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.APP, fleet=True)
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {"fleet": Fleet, **MODES}
    DEFAULT_MODE = "fleet"
    FLEET: ClassVar[bool] = True

    def __init__(
        self,
        nodes: Sequence[tuple[str, ControlClient]],
        *,
        theme: str = "",
        keys: Mapping[str, str] | None = None,
        keep_theme: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(nodes[0][1], theme=theme, keys=keys, keep_theme=keep_theme)
        self.rigs = tuple(Rig(name, client, self.post_message) for name, client in nodes)
        self.rig = self.rigs[0]
        self.view = self.rig.view
        self._links = [rig.link for rig in self.rigs]

    def on_rig_spoke(self, message: RigSpoke) -> None:
        rig, word = message.rig, message.word
        rig.hear(word)
        if rig is self.rig:
            self._show(replace(rig.view, held=self.view.held))
            if isinstance(word, LedgerArrived):
                self.on_ledger_arrived(word)
        elif self.is_running and isinstance(self.screen, Fleet):
            self.screen.see(self.view)

    def take(self, index: int) -> None:
        """Have this node at hand. Screens that were opened on another one are built anew when they are next gone to."""
        rig = self.rigs[index]
        if rig is self.rig:
            return
        self.rig, self.client = rig, rig.client
        for name, screen in MODES.items():
            if name != self.current_mode:
                self.remove_mode(name)
                self.add_mode(name, screen)
        self._show(replace(rig.view, held=self.view.held))

    @work(exclusive=True, group="rig")
    async def action_next_node(self) -> None:
        """The same screen, on the next node."""
        mode = self.current_mode
        while len(self.screen_stack) > 1:
            self.pop_screen()
        await self.switch_mode("fleet")
        self.take((self.rigs.index(self.rig) + 1) % len(self.rigs))
        await self.switch_mode(mode)

    async def action_leave(self) -> None:  # type: ignore[override]
        """The nodes go on, so nothing is asked."""
        self.exit(0)


def run(nodes: Sequence[tuple[str, ControlClient]], *, home: Path | None = None) -> int:
    """Show these nodes, by their names, until the person leaves; all else is as of `tui.running.run`."""
    return asyncio.run(show(FleetApp(nodes, **chosen(home))))
