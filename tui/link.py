"""The line to the node: one thread that listens, and a way to ask without holding up the screen."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.message import Message

from node.control.client import ControlClient, NodeAbsent, Refused, WireError
from node.control.wire import Snapshot
from tui.messages import HistoryArrived, LedgerArrived, NodeGone, SnapshotArrived

T = TypeVar("T")

TROUBLE = (NodeAbsent, Refused, WireError, OSError, http.client.HTTPException, ValueError)
"""Everything that talking to a node may raise."""

PATIENCE = 60.0  # seconds that a command may take which has to ask a network, or to wait for jobs in hand
FIRST_WAIT = 0.5
LONGEST_WAIT = 5.0


def explain(error: BaseException) -> str:
    """What went wrong, and what to do, in one line."""
    if isinstance(error, Refused):
        return f"{error.message}: {error.remedy}" if error.remedy else error.message
    if isinstance(error, TimeoutError):
        return "the node does not answer in time"
    return str(error) or type(error).__name__


async def ask(call: Callable[[], T]) -> T:
    """Run a blocking call of the client in a thread of its own that never keeps the program from ending.

    Neither the call nor its error is kept in a cycle: with the last one who looks at it, it is gone from memory.
    """
    future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    threading.Thread(target=_answer, args=(call, future), name="ask", daemon=True).start()
    del call
    try:
        return await future
    finally:
        del future


def _answer(call: Callable[[], T], future: asyncio.Future[T]) -> None:
    settle: Callable[[], None]
    try:
        settle = partial(_settle, future, call(), None)
    except Exception as error:
        settle = partial(_settle, future, None, error)
    with contextlib.suppress(RuntimeError):  # the program has ended in the meantime
        future.get_loop().call_soon_threadsafe(settle)
    del settle, call, future


def _settle(future: asyncio.Future[T], result: T | None, error: Exception | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)  # type: ignore[arg-type]


class Link:
    """Listens to the node's event stream and posts what arrives; comes back by itself behind the last ledger entry."""

    def __init__(
        self, client: ControlClient, post: Callable[[Message], object], *, first_wait: float = FIRST_WAIT
    ) -> None:
        self._client = client
        self._post = post
        self._first_wait = first_wait
        self._stopped = threading.Event()
        self._last_entry: int | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, name="link", daemon=True).start()

    def stop(self) -> None:
        """No more messages; the thread ends with the next event or time limit and holds nobody up."""
        self._stopped.set()

    def _run(self) -> None:
        wait = self._first_wait
        while not self._stopped.is_set():
            try:
                self._tell(SnapshotArrived(self._client.state()))
                self._tell(HistoryArrived(self._client.history()))
                wait = self._first_wait
                self._listen()
                reason = "it ended the connection"
            except TROUBLE as error:
                reason = explain(error)
            self._tell(NodeGone(reason))
            self._stopped.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _listen(self) -> None:
        for event in self._client.events(self._last_entry):
            if self._stopped.is_set():
                return
            if isinstance(event, Snapshot):
                self._tell(SnapshotArrived(event))
            else:
                self._last_entry = event.seq
                self._tell(LedgerArrived(event))

    def _tell(self, message: Message) -> None:
        if not self._stopped.is_set():
            self._post(message)
