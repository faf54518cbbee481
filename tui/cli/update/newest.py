"""Whether there is a newer Stoker: asked of whoever would bring it, in the way and with the settings it would use."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.cli.failures import Failure
from tui.cli.update.installation import NAME, Installation, Source, Tool

PATIENCE = 90.0  # seconds
_RELEASE = re.compile(r"\d+(\.\d+)*")


@dataclass(frozen=True, slots=True)
class Newest:
    """What was found.

    Attributes:
        version: the newest release; empty where versions are commits.
        commit: the newest commit; empty where versions are releases.
        newer: than what is installed.
    """

    version: str = ""
    commit: str = ""
    newer: bool = False


def newest(installed: Installation) -> Newest:
    """Ask. Blocking; it goes over the network.

    Raises:
        Failure: it cannot be asked; says why and what to do.
    """
    match installed.source:
        case Source.INDEX:
            version = _by_uv() if installed.tool in (Tool.UV, Tool.UV_TOOL) else _by_pip(installed.python)
            return Newest(version=version, newer=is_newer(version, installed.version))
        case Source.CHECKOUT:
            return _of_checkout(installed.place)
        case Source.GIT:
            commit = _remote_commit(installed.place, installed.revision or "HEAD")
            return Newest(commit=commit, newer=commit != installed.commit)
        case Source.FILE:
            raise Failure(
                f"this Stoker was installed from a file ({installed.place}), which has no newer versions",
                "install a newer file in the same way",
            )


def is_newer(version: str, than: str) -> bool:
    """Whether an installer's newest version is newer than another one, by the numbers that both begin with."""
    first, second = _numbers(version), _numbers(than)
    return first > second if first != second else version != than


def _numbers(version: str) -> tuple[int, ...]:
    found = _RELEASE.match(version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _by_pip(python: str) -> str:
    """What ``pip install`` would take; wheels alone, since looking must not run anybody's build."""
    said = _asked(
        [python, "-P", "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--only-binary=:all:",
         "--quiet", "--no-input", "--disable-pip-version-check", "--report", "-", NAME],
        "pip",
    )  # fmt: skip
    try:
        return str(json.loads(said)["install"][0]["metadata"]["version"])
    except (ValueError, LookupError, TypeError):
        raise Failure(
            "pip said something else than expected", "a newer pip may help: pip install --upgrade pip"
        ) from None


def _by_uv() -> str:
    said = _asked(
        ["uv", "pip", "compile", "-", "--no-deps", "--no-header", "--no-annotate", "--only-binary=:all:", "--quiet"],
        "uv",
        told=NAME,
    )
    found = re.search(rf"^{NAME}==(\S+)$", said, re.MULTILINE)
    if found is None:
        raise Failure("uv said something else than expected", "a newer uv may help: uv self update")
    return found[1]


def _of_checkout(folder: str) -> Newest:
    if not (Path(folder) / ".git").exists():
        raise Failure(
            f"this Stoker was installed from {folder}, which is no git checkout", "get a newer one in the same way"
        )
    git = ["git", "-C", folder]
    _require("git")
    asked = _run([*git, "rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"])
    if asked.returncode != 0:
        raise Failure(
            f"the checkout {folder} follows no branch of another repository",
            f"git -C {folder} branch --set-upstream-to=origin/main",
        )
    remote, _, branch = asked.stdout.strip().partition("/")
    commit = _remote_commit(remote, f"refs/heads/{branch}", git)
    known = _run([*git, "merge-base", "--is-ancestor", commit, "HEAD"]).returncode == 0
    return Newest(commit=commit, newer=not known)


def _remote_commit(remote: str, revision: str, git: Sequence[str] = ("git",)) -> str:
    said = _asked([*git, "ls-remote", "--exit-code", "--", remote, revision], "git").split()
    if not said or not re.fullmatch(r"[0-9a-f]{40,64}", said[0]):
        raise Failure(f"{remote} has no {revision}", "see what it has: git ls-remote")
    return said[0]


def _asked(command: Sequence[str], program: str, told: str = "") -> str:
    _require(command[0])
    done = _run(command, told)
    if done.returncode == 0:
        return done.stdout
    lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"it ended with {done.returncode}"]
    if "No module named pip" in lines[-1]:
        raise Failure("there is no pip in Stoker's environment, and it alone knows", f"{command[0]} -m ensurepip")
    raise Failure(
        f"{program} could not tell: {lines[-1].strip()[:300]}", "check the network, and try it by hand: "
        + " ".join(word for word in command if word not in ("--quiet", "-"))
    )  # fmt: skip


def _require(program: str) -> None:
    if shutil.which(program) is None:
        raise Failure(f"{program} is not here, and it alone knows", f"install {program}, or look by hand")


def _run(command: Sequence[str], told: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603  installers that the person uses anyway, no shell
            command, input=told, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failure(f"no answer within {PATIENCE:.0f} s", "check the network, and try again") from None
