"""One node of several, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from textual.message import Message

from node.control.client import ControlClient
from tui.link import Link
from tui.messages import SnapshotArrived, after
from tui.view import View

UNNAMED = "stoker"
"""What a node calls itself whose owner has not named it: its place says more."""


class Rig:
    """A node, the line to it, and its view.

    Args:
        name: what it is called until it says so itself.
        post: takes what it says, from another thread.
    """

    def __init__(self, name: str, client: ControlClient, post: Callable[[Message], object]) -> None:
        self.client = client
        self.view = View(name=name)
        self.link = Link(client, lambda word: post(RigSpoke(self, word)))
        self._name = name

    def hear(self, word: Message) -> None:
        """Take in what it says."""
        view = after(self.view, word)
        said = view.snapshot.node.name if view.snapshot else UNNAMED
        self.view = replace(view, name=self._name if said == UNNAMED else said)


@dataclass
class RigSpoke(Message):
    """One of the nodes said something."""

    rig: Rig
    word: Message

    def can_replace(self, message: Message) -> bool:
        newer = isinstance(message, RigSpoke) and message.rig is self.rig
        return newer and isinstance(self.word, SnapshotArrived) and self.word.can_replace(message.word)  # type: ignore[attr-defined]
