"""A real gnome-keyring under a D-Bus session of its own, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_WITH_DAEMON = (
    'printf %s "$KEYRING_PASSWORD" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"'
)


def run_in_session(program: str, home: Path, *, password: str | None, environment: dict[str, str] | None = None) -> Any:
    """Run a Python program that prints JSON inside ``dbus-run-session``; returns what it printed.

    Args:
        home: becomes HOME and holds XDG_RUNTIME_DIR; keyrings in it stay for the next session.
        password: the login keyring is unlocked with it, or made with it; None never unlocks one.
    """
    daemon = ["bash", "-c", _WITH_DAEMON, "bash"] if password is not None else []
    command = ["dbus-run-session", "--", *daemon, sys.executable, "-c", program]
    return _run(command, home, {"KEYRING_PASSWORD": password or "", **(environment or {})})


def run_without_session(program: str, home: Path, environment: dict[str, str] | None = None) -> Any:
    """Run a Python program that prints JSON where there is no D-Bus at all."""
    return _run([sys.executable, "-c", program], home, environment or {})


def _run(command: list[str], home: Path, extra: dict[str, str]) -> Any:
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    inherited = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    paths = {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        command, env=inherited | paths | extra, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}: {done.stdout}\n{done.stderr}")
    return json.loads(done.stdout)
