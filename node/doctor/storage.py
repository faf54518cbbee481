"""The data directory, its disk, and the library that writes the books."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw

from node.doctor.check import Check
from node.paths import Paths

LITTLE_GB = 1.0
WAL_RESET_FIXED = (3, 51, 3)  # SQLite 3.7.0 to 3.51.2 could corrupt a WAL with two writers


def checks(paths: Paths, kept_free_gb: float) -> Iterator[Check]:
    """Blocking.

    Args:
        kept_free_gb: disk space that the owner wants to be left alone.
    """
    yield directory(paths.directory)
    yield disk(paths.directory, shutil.disk_usage(paths.directory).free / 1e9, kept_free_gb)
    yield sqlite(apsw.sqlite_lib_version())


def directory(path: Path) -> Check:
    """Whether it can be written by us and by nobody else."""
    if not os.access(path, os.W_OK | os.X_OK):
        return Check("data directory", "fail", f"{path} cannot be written", f"chown -R $USER {path}")
    mode = path.stat().st_mode
    if mode & 0o077:
        return Check("data directory", "warn", f"{path} is open to other users", f"chmod 700 {path}")
    return Check("data directory", "ok", str(path))


def disk(path: Path, free_gb: float, kept_free_gb: float) -> Check:
    """Whether there is room for the books and for models."""
    detail = f"{free_gb:.1f} GB free for {path}"
    if free_gb < kept_free_gb:
        remedy = "free some disk space, or lower limits.disk_free_gb"
        return Check("disk", "fail", f"{detail}, and {kept_free_gb:g} GB are to be kept free", remedy)
    if free_gb < LITTLE_GB:
        return Check("disk", "warn", detail, "free some disk space: models and the ledger need it")
    return Check("disk", "ok", detail)


def sqlite(version: str) -> Check:
    """Whether it keeps what it has acknowledged."""
    if tuple(int(part) for part in version.split(".")[:3]) < WAL_RESET_FIXED:
        return Check("SQLite", "fail", f"{version} can corrupt the ledger", "pip install --upgrade apsw")
    return Check("SQLite", "ok", version)
