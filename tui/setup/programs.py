"""Running commands of ``stoker`` for a step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tui.cli.terminal.output import printable
from tui.setup.words import Ran, Run


def perform(run: Run, directory: Path, *, terminal: bool = False) -> Ran:
    """Run a command on the node of a data directory.

    Args:
        terminal: the person deals with it on this terminal; what it says is not kept then.
    """
    # -P, or a folder named tui where the person stands would be run
    command = [sys.executable, "-P", "-m", "tui.cli", "--data-dir", str(directory), *run.arguments]
    if terminal:
        return Ran(subprocess.run(command, check=False).returncode)  # noqa: S603  our own program, no shell
    done = subprocess.run(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Ran(done.returncode, tuple(printable(line) for line in done.stdout.splitlines() if line.strip()))
