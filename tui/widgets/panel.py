"""A titled box around a drawing."""

from __future__ import annotations

from collections.abc import Callable

from tui.ink import Line, Picture, framed
from tui.view import View
from tui.widgets.sheet import Drawing

Paint = Callable[[View, int, int], Picture]
"""Gets the view, and the columns and lines inside the frame."""


class Panel(Drawing):
    """A frame, a title, and inside what ``paint`` says."""

    def __init__(self, title: str, paint: Paint, *, id: str | None = None) -> None:  # noqa: A002
        def draw(view: View, width: int, height: int) -> tuple[Line, ...]:
            if width < 6 or height < 2:
                return ()
            return framed(title, paint(view, width - 4, height - 2), width, height)

        super().__init__(draw, id=id)
