"""A box of namespaces by bubblewrap: https://github.com/containers/bubblewrap."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from node.box.confinement import Confinement

PROGRAM = "bwrap"
PROBE_S = 10.0
CLOSED = ("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
          "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp")  # fmt: skip  # noqa: S108


def find() -> str:
    """Where the program is; empty if it is not installed."""
    return shutil.which(PROGRAM) or ""


def wrapped(program: str, command: Sequence[str], confinement: Confinement) -> list[str]:
    """The command inside the box: its own process, network, user and other namespaces, and a file system of its own.

    The environment is handed through; give it only what the command may know. A death by signal n comes out as exit
    code 128 + n.
    """
    own = str(confinement.own)
    binds = [word for path in confinement.readable for word in ("--ro-bind-try", str(path), str(path))]
    devices = [word for path in confinement.devices for word in ("--dev-bind-try", str(path), str(path))]
    return [program, *CLOSED, *binds, *devices, "--bind", own, own, "--chdir", own, "--", *command]


def trouble(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a boxed command that does nothing: why it cannot be run, in bubblewrap's words; empty if it can. Blocking."""
    try:
        done = subprocess.run(  # noqa: S603
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    lines = done.stderr.decode(errors="replace").split("\n")
    said = next((line for line in reversed(lines) if line.strip()), f"it ended with {done.returncode}")
    return said.removeprefix("bwrap: ").strip()[:300]


def version(program: str) -> str:
    """Such as ``0.8.0``; empty if it does not say. Blocking."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=PROBE_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").removeprefix("bubblewrap").strip()[:20]
