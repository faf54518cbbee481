"""One finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do about it.

    Attributes:
        status: ``warn`` where the node works, but less well or less safely than it could; ``fail`` where it does not.
        remedy: a command where there is one; empty if nothing is needed.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ""
