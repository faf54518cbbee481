"""A CSV export of the node, page by page, as long as it goes on."""

from __future__ import annotations

import csv
import io

from tui.cli.session import Session
from tui.cli.terminal.output import write_text

PAGE = 1000


def write_pages(session: Session, path: str, cursor: str, limit: int | None, filters: dict[str, object]) -> None:
    """Write what matches the filters, with one header; the first column of a page's last row leads to the next page.

    Args:
        cursor: the query argument that says where a page begins: ``before`` or ``after``.
        limit: at most so many rows; None for all.
    """
    place: dict[str, object] = {}
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        query = {**filters, **place, "limit": size}
        page = session.read(lambda node, query=query: node.text(path, **query))  # type: ignore[misc]
        rows = list(csv.reader(io.StringIO(page, newline="")))[1:]
        write_text(page.partition("\n")[2] if place else page)
        if len(rows) < size:
            return
        place = {cursor: rows[-1][0]}
        left = None if left is None else left - len(rows)
