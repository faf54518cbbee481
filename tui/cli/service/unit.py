"""The files that tell a service manager how to run the node; the texts are in ``assets``. Pure but for reading them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from tui.cli.failures import Failure

NAME = "stoker.service"
LABEL = "stoker"
"""What launchd calls it."""

_PLAIN = re.compile(r"[A-Za-z0-9_./:@+,=-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def user_unit(command: Sequence[str]) -> str:
    """The unit of one person's service that runs this command.

    Raises:
        Failure: a word of it cannot be written into a unit.
    """
    return Template(_asset("stoker.user.service")).substitute(command=" ".join(map(quoted, command)))


def system_unit() -> str:
    """The unit of the whole machine's service, as it is shipped."""
    return _asset("stoker.service")


def launch_agent(command: Sequence[str], directory: Path) -> str:
    """The property list of one person's service on macOS; untested."""
    arguments = "\n".join(f"    <string>{escape(_one_line(word))}</string>" for word in command)
    errors = escape(_one_line(str(directory / "logs" / "launchd.err")))
    return Template(_asset("stoker.plist")).substitute(arguments=arguments, errors=errors)


def quoted(word: str) -> str:
    """A word of a command line as systemd.service(5) reads it back, after ``ExecStart=:``.

    Raises:
        Failure: it holds a control character.
    """
    if _PLAIN.fullmatch(_one_line(word)):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _one_line(word: str) -> str:
    if _CONTROL.search(word):
        raise Failure(
            f"{word!r}: expected a path without control characters", "move it, or choose another with --data-dir"
        )
    return word


def _asset(name: str) -> str:
    return (resources.files("assets") / name).read_text("utf-8")
