"""Private files: 0600 in a 0700 directory, written whole or not at all, read only if nobody else could have."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from wallet.errors import WalletError
from wallet.whole_file import create_file, replace_file, sync_directory


class FileProblem(WalletError):
    """A file cannot be read or written as it should."""


class ReadableByOthers(FileProblem):
    """A file with a secret that other accounts of this machine may read or change."""


class FileExists(FileProblem):
    """Something is there already and is not overwritten."""


def make_private_directory(path: Path) -> None:
    """Make a directory for this account only, with those above it that are missing; one that exists is taken back."""
    try:
        for missing in reversed([one for one in (path, *path.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise FileProblem(str(path), f"cannot be made private: {error.strerror}") from None


def write_private(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a 0600 file that is on the disk when this returns, whole or not at all.

    Raises:
        FileExists: something is there and ``overwrite`` is not set.
        FileProblem: the system said no.
    """
    try:
        (replace_file if overwrite else create_file)(path, data)
    except FileExistsError:
        raise FileExists(str(path), "there is something already", "choose another name or move it away") from None
    except OSError as error:
        raise FileProblem(str(path), f"cannot be written: {error.strerror}", "check the directory") from None


def read_private(path: Path, largest: int) -> bytes:
    """Read a file that holds a secret. A pipe (``/dev/fd/63``) is read too: it has no mode to check.

    Args:
        largest: bytes that it may have.

    Raises:
        ReadableByOthers: its mode or its owner lets another account read or change it.
        FileProblem: missing, too large, neither file nor pipe, or the system said no.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode):
                _check_private(path, status)
            elif not stat.S_ISFIFO(status.st_mode):
                raise FileProblem(str(path), "neither a file nor a pipe")
            data = file.read(largest + 1)
    except OSError as error:
        raise FileProblem(str(path), f"cannot be read: {error.strerror}", "check the name and whose it is") from None
    if len(data) > largest:
        raise FileProblem(str(path), f"larger than {largest} bytes", "this is another kind of file")
    return data


def remove(path: Path) -> None:
    """Delete a file, durably; one that is not there is no problem."""
    try:
        path.unlink(missing_ok=True)
        sync_directory(path.parent)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise FileProblem(str(path), f"cannot be deleted: {error.strerror}") from None


def _check_private(path: Path, status: os.stat_result) -> None:
    if status.st_mode & 0o077:
        raise ReadableByOthers(
            str(path),
            f"its mode is {stat.S_IMODE(status.st_mode):04o}, expected 0600: other accounts may have read it",
            f"run chmod 600 {path}, or consider the key known",
        )
    if status.st_uid not in (0, os.geteuid()):
        raise ReadableByOthers(str(path), f"it belongs to user {status.st_uid}, not to you", "make a copy of your own")
