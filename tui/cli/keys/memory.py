"""What a process does before it hears a secret: see to it that a crash leaves no image of its memory."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from wallet.process import forbid_core_dumps

__all__ = ["forbid_core_dumps", "handles_keys"]

Command = TypeVar("Command", bound=Callable[..., Any])


def handles_keys(command: Command) -> Command:
    """Mark the function of a command that hears secrets: core dumps are off before it begins."""

    @functools.wraps(command)
    def guarded(*arguments: Any, **options: Any) -> Any:
        forbid_core_dumps()
        return command(*arguments, **options)

    return guarded  # type: ignore[return-value]
