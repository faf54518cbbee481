"""Writes the table of all keys into ``docs/app.md``: ``python assets/keys.py`` from the project's root."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "app.md"
HEAD = "| action | key | |\n|---|---|---|\n"


def table() -> str:
    """A row for each action: its id, its keys, and what it does."""
    from tui.actions import ACTIONS, written

    rows = (
        f"| `{action.id}` | {' '.join(map(written, action.keys.split(',')))} | {action.help} |\n" for action in ACTIONS
    )
    return HEAD + "".join(rows)


def main() -> None:
    sys.path.insert(0, str(ROOT))
    text, _, _ = PAGE.read_text(encoding="utf-8").partition(HEAD)
    PAGE.write_text(text + table(), encoding="utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
