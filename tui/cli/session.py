"""Which node a command speaks to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from node.control.client import ControlClient, NodeAbsent, OfflineClient
from tui.cli.exits import Exit
from tui.cli.failures import Failure

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """The node of one data directory, whether it runs or not; or one that was named with ``--node``.

    Attributes:
        directory: of this machine's own node.
        named: the node that was named. It is spoken to, and nothing else: it is neither started nor are its files read.
        name: what that is called. others: further ones, by their names; only the app shows several.
    """

    directory: Path
    named: ControlClient | None = None
    name: str = ""
    others: tuple[tuple[str, ControlClient], ...] = ()

    @property
    def node(self) -> ControlClient:
        """The running node; its methods raise NodeAbsent if there is none."""
        return self.named or ControlClient(self.directory)

    def read(self, question: Callable[[ControlClient], T]) -> T:
        """Ask the running node, or its books and files if none runs."""
        try:
            return question(self.node)
        except NodeAbsent:
            if self.named is not None:
                raise
            return question(OfflineClient(self.directory))

    def own(self, command: str) -> None:
        """Say that a command works on the files of this machine.

        Raises:
            Failure: a node was named, which may be on another.
        """
        if self.named is not None:
            raise Failure(
                f"{command} works on the files of the machine that it runs on, and --node names {self.named.place}",
                "run it there; for a data directory of this machine give --data-dir",
                Exit.USAGE,
            )


pass_session = click.make_pass_decorator(Session)
