"""What the service managers of this machine are asked and told, through their own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.service.unit import NAME

PATIENCE = 4000.0
"""Seconds: a drain may take an hour (node.drain_seconds), and systemd itself gives up on what hangs."""

QUICK = 20.0
_ASKED = ("LoadState", "FragmentPath", "UnitFileState", "ActiveState", "SubState", "StatusText", "Result", "MainPID",
          "NRestarts", "ExecMainStatus", "ActiveEnterTimestamp", "InactiveEnterTimestamp")  # fmt: skip


class Scope(StrEnum):
    """Whose service manager: this person's, or the machine's."""

    USER = "user"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class ServiceState:
    """What systemd knows of the service.

    Attributes:
        unit: the file that defines it; None if it is not installed.
        enabled: it starts by itself. active: it runs, or is just starting or ending.
        state: systemd's words, such as ``active (running)``.
        status: what the node says of itself.
        result: how it ended the last time, such as ``exit-code`` or ``watchdog``; ``success`` if nothing went wrong.
        exit_code: of its last end. restarts: how often systemd has started it again by itself.
        since: of the state, in Unix seconds; None if systemd does not say.
    """

    unit: Path | None
    enabled: bool
    active: bool
    state: str
    status: str
    result: str
    exit_code: int
    restarts: int
    pid: int | None
    since: float | None


def unit_path() -> Path:
    """Where one person's unit lies."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "systemd" / "user" / NAME


def require() -> None:
    """Make sure that this person's service manager can be spoken to.

    Raises:
        Failure: there is none; says what to do.
    """
    if shutil.which("systemctl") is None:
        raise Failure(
            "systemd is not here, and `stoker service` knows no other service manager",
            "let yours run `stoker --headless` in the foreground; SIGTERM makes it finish its jobs and end",
        )
    done = _run("systemctl", "--user", "show-environment", patience=QUICK)
    if done.returncode != 0:
        raise Failure(
            f"your own service manager cannot be reached ({_last(done)})",
            f"log in as {person()} itself, over ssh or at the machine: su and sudo bring no session along",
        )


def state(scope: Scope) -> ServiceState:
    """The service as it is now; not installed if systemd cannot be asked."""
    if shutil.which("systemctl") is None:
        return _read({})
    done = _run(
        "systemctl", f"--{scope}", "show", "--timestamp=unix", f"--property={','.join(_ASKED)}", NAME, patience=QUICK
    )
    lines = (line.partition("=") for line in done.stdout.splitlines())
    return _read({name: value for name, _, value in lines} if done.returncode == 0 else {})


def tell(*words: str) -> None:
    """Give this person's service manager an order, such as ``enable --now``, and wait until it is carried out.

    Raises:
        Failure: it could not be.
    """
    done = _run("systemctl", "--user", *words, patience=PATIENCE)
    if done.returncode != 0:
        raise Failure(f"systemctl --user {' '.join(words)}: {_last(done)}", "see why: `stoker service logs`")


def lingers() -> bool | None:
    """Whether this person's services run without a login; None if logind cannot be asked."""
    if shutil.which("loginctl") is None:
        return None
    done = _run("loginctl", "show-user", person(), "--property=Linger", "--value", patience=QUICK)
    if done.returncode != 0:
        return Path("/var/lib/systemd/linger", person()).exists()  # logind knows only who is logged in or lingers
    return done.stdout.strip() == "yes"


def linger() -> None:
    """Let this person's services run without a login, from the start of the machine on.

    Raises:
        Failure: it is not allowed; says who can.
    """
    done = _run("loginctl", "enable-linger", person(), patience=QUICK)
    if done.returncode != 0:
        raise Failure(f"loginctl enable-linger: {_last(done)}", f"sudo loginctl enable-linger {person()}")


def journal(scope: Scope, lines: int) -> list[str]:
    """The service's last lines in the journal; none if it may not be read or keeps none."""
    if shutil.which("journalctl") is None:
        return []
    done = _run(*journal_command(scope, lines), "--quiet", patience=QUICK)
    return done.stdout.splitlines() if done.returncode == 0 else []


def journal_command(scope: Scope, lines: int) -> list[str]:
    """What prints the service's last lines in the journal."""
    unit = f"--user-unit={NAME}" if scope is Scope.USER else f"--unit={NAME}"
    return ["journalctl", unit, f"--lines={lines}", "--output=cat", "--no-pager"]


def person() -> str:
    """The name of the account that runs this."""
    import pwd  # not on Windows

    return pwd.getpwuid(os.getuid()).pw_name


def _run(*words: str, patience: float) -> subprocess.CompletedProcess[str]:
    runtime = f"/run/user/{os.getuid()}"
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    if Path(runtime).is_dir():  # there, but not told: a cron job, a bare shell
        environment.setdefault("XDG_RUNTIME_DIR", runtime)
    try:
        return subprocess.run(  # noqa: S603  systemd's own programs, no shell
            words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=patience, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failure(f"{words[0]} does not answer", "see whether the machine is well: `dmesg`", Exit.NOT_NOW) from None


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[0] if lines else f"it ended with {done.returncode}"


def _read(said: dict[str, str]) -> ServiceState:
    loaded = said.get("LoadState") == "loaded"
    active = said.get("ActiveState", "inactive")
    since = said.get("ActiveEnterTimestamp" if active == "active" else "InactiveEnterTimestamp", "")
    return ServiceState(
        unit=Path(said["FragmentPath"]) if loaded and said.get("FragmentPath") else None,
        enabled=said.get("UnitFileState") in ("enabled", "enabled-runtime"),
        active=active in ("active", "activating", "deactivating", "reloading"),
        state=f"{active} ({said.get('SubState', 'dead')})",
        status=said.get("StatusText", ""),
        result=said.get("Result", "success"),
        exit_code=_number(said.get("ExecMainStatus")),
        restarts=_number(said.get("NRestarts")),
        pid=_number(said.get("MainPID")) or None,
        since=float(since[1:]) if since[:1] == "@" and since[1:].isdigit() else None,
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
