"""Small files that only the owner may read, replaced whole: a crash leaves the old one or the new one."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Put a text into a file (0600), all or nothing.

    Raises:
        OSError: it cannot be written; the old file is then untouched.
    """
    fresh = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
