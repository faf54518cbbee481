"""One life of an engine's child: started, greeted, watched, ended. Nothing survives it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from node.engines.launch import Greeting
from node.engines.offload import Offload
from node.engines.stderr_log import StderrLog

log = logging.getLogger(__name__)

LONGEST_GREETING = 64 << 10
POLITE_S = 1.0  # from closing the life line to the kill
SIGNALLED = 128  # bubblewrap's own exit code is this plus the signal that ended what it ran


class Child:
    """A running child. ``stop`` is to be called on every way out.

    Attributes:
        lines: the last lines that it said on standard error.
        offload: what it said there of its cards, if it is a llama-server.
    """

    def __init__(self, process: asyncio.subprocess.Process, log_file: Path) -> None:
        self._process = process
        self.offload = Offload()
        self._stderr = StderrLog(log_file, hear=self.offload.hear)
        self._pump = asyncio.create_task(self._read_stderr(), name=f"engine-stderr-{process.pid}")

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        first_line: bytes,
        *,
        directory: Path,
        environment: Mapping[str, str],
        log_file: Path,
    ) -> Child:
        """Start it in ``directory`` and hand it its first line; its standard input stays open as its life line.

        Raises:
            OSError: it cannot be started at all.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=directory,
            env=environment,
            limit=LONGEST_GREETING,
            start_new_session=True,
        )
        child = cls(process, log_file)
        assert process.stdin is not None
        process.stdin.write(first_line)
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lines(self) -> Sequence[str]:
        return tuple(self._stderr.lines)

    async def greeting(self) -> Greeting | None:
        """Its first line; None if it ended, or said something else, before that."""
        assert self._process.stdout is not None
        try:
            return Greeting.from_line(await self._process.stdout.readline())
        except (ValueError, KeyError, TypeError):
            return None

    async def ended(self) -> int:
        """Wait for its end: the return code, negative for a signal. Its last words have been read by then."""
        code = await self._process.wait()
        await asyncio.wait((self._pump,), timeout=POLITE_S)
        return SIGNALLED - code if code > SIGNALLED else code

    async def stop(self) -> None:
        """Close the life line, and kill it if that does not end it within a second."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(POLITE_S):
                await self._process.wait()
        except TimeoutError:
            log.warning("the engine (pid %d) did not end by itself and is killed", self.pid)
            self.kill()
            await self._process.wait()
        finally:
            self.kill()
            await asyncio.wait((self._pump,), timeout=POLITE_S)  # until nothing of it is left that could speak
            self._pump.cancel()
            await asyncio.wait((self._pump,))

    def kill(self) -> None:
        """End it now. Harmless if it has ended.

        Not by the process's own ``kill``: that polls first, and would take the exit code from whoever waits for it.
        """
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(LONGEST_GREETING):
            self._stderr.feed(data)
        self._stderr.end()
