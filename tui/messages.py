"""What the link tells the app."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.message import Message

from node.control.wire import History, LedgerEvent, Snapshot
from tui.view import View, grown


@dataclass
class SnapshotArrived(Message):
    """The node at one moment. A newer one takes the place of one that nobody has looked at yet."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotArrived)


@dataclass
class HistoryArrived(Message):
    """The last minutes, as the node kept them."""

    history: History


@dataclass
class LedgerArrived(Message):
    """The books have a new entry."""

    event: LedgerEvent


@dataclass
class NodeGone(Message):
    """No node answers, for this reason; it is being tried again."""

    reason: str


def after(view: View, word: Message) -> View:
    """What is known once this has been heard."""
    match word:
        case SnapshotArrived(snapshot):
            return replace(view, snapshot=snapshot, gone="", history=grown(view.history, snapshot))
        case HistoryArrived(history):
            return replace(view, history=history)
        case NodeGone(reason):
            return replace(view, gone=reason)
        case _:
            return view
