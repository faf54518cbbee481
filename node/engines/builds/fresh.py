"""A directory for the time of one piece of work, of which there is never more than one."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path


def fresh_directory(parent: Path, prefix: str) -> Path:
    """A new directory (0700); those of the same prefix, left by a node that was killed, go. Blocking."""
    for leftover in parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
