"""Earnings as CSV for tax programs: which forms there are, and how they are fetched and written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from node.control.client import ControlClient
from tui.widgets.dialog import Choice, Dialog

CLIPBOARD = 64_000  # characters; terminals drop more than about that
FORMS: Mapping[str, str] = {
    "generic": "claims, credits, payments and their worth",
    "koinly": "what came in, as Koinly imports it",
}


def question() -> Dialog:
    """Which form to copy."""
    return Dialog(
        "Copy as CSV",
        "Each line has what it was worth when it came, and where that price is from. Kudos are no money and have none.",
        (
            *(Choice(form, form[0], form.capitalize(), meaning) for form, meaning in FORMS.items()),
            Choice("", "c", "Cancel", "copy nothing"),
        ),
    )


def fetch(client: ControlClient, form: str, since: int | None) -> str:
    """The text of a sheet."""
    return client.text("/earnings.csv", form=form, since=since)


def lines(text: str) -> str:
    """How many lines it has below its heading, in words."""
    count = max(0, len(text.splitlines()) - 1)
    return f"{count:,} {'line' if count == 1 else 'lines'}"


def write(path: str, text: str) -> str:
    """Write a new file that only its owner can read, and give its whole path; ``~`` is the home directory.

    Raises:
        FileExistsError: it is there already. OSError: it cannot be written.
    """
    whole = Path(path).expanduser().absolute()
    descriptor = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return str(whole)
