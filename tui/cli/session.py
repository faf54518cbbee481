"""Which node a command speaks to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from node.control.client import ControlClient, NodeAbsent, OfflineClient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """The node of one data directory, whether it runs or not."""

    directory: Path

    @property
    def node(self) -> ControlClient:
        """The running node; its methods raise NodeAbsent if there is none."""
        return ControlClient(self.directory)

    def read(self, question: Callable[[ControlClient], T]) -> T:
        """Ask the running node, or its books and files if none runs."""
        try:
            return question(self.node)
        except NodeAbsent:
            return question(OfflineClient(self.directory))


pass_session = click.make_pass_decorator(Session)
