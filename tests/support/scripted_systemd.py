"""systemctl, loginctl and journalctl as programs that play what a test wrote down, and keep what they are told."""

from __future__ import annotations

from pathlib import Path

RUNNING = {
    "LoadState": "loaded",
    "UnitFileState": "enabled",
    "ActiveState": "active",
    "SubState": "running",
    "StatusText": "WAITING: ready, no job has been sent",
    "Result": "success",
    "MainPID": "4711",
    "NRestarts": "0",
    "ExecMainStatus": "0",
    "ActiveEnterTimestamp": "@1795367315",
}
ABSENT = {"LoadState": "not-found", "ActiveState": "inactive", "SubState": "dead", "Result": "success"}

_PROGRAM = """#!/bin/sh
here={directory}
echo "{name} $*" >> "$here/told"
for word in "$@"; do
    case "$word" in
        -*) ;;
        *) [ -e "$here/{name}-$word-fails" ] && {{ cat "$here/{name}-$word-fails" >&2; exit 1; }} ;;
    esac
done
case "$*" in
{answers}
esac
exit 0
"""


class ScriptedSystemd:
    """A service manager that does nothing but remember.

    Attributes:
        programs: the folder to put on the PATH.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.programs = directory / "bin"
        self.programs.mkdir(parents=True)
        self.shows("user", ABSENT)
        self.shows("system", ABSENT)
        self.lingers(False)
        self.journal("")
        self._install("systemctl", '*--user*show\\ *) cat "$here/user" ;;\n*--system*show\\ *) cat "$here/system" ;;')
        self._install("loginctl", '*show-user*) cat "$here/linger" ;;\nenable-linger*) echo yes > "$here/linger" ;;')
        self._install("journalctl", '*) cat "$here/journal" ;;')

    def shows(self, scope: str, properties: dict[str, str], **changed: str) -> None:
        """What a scope's ``systemctl show`` answers from now on."""
        lines = (f"{name}={value}\n" for name, value in {**properties, **changed}.items())
        (self._directory / scope).write_text("".join(lines))

    def lingers(self, on: bool) -> None:
        (self._directory / "linger").write_text("yes\n" if on else "no\n")

    def journal(self, text: str) -> None:
        (self._directory / "journal").write_text(text)

    def fails(self, program: str, word: str, message: str) -> None:
        """A call of this program with this word fails from now on."""
        (self._directory / f"{program}-{word}-fails").write_text(f"{message}\n")

    def orders(self) -> list[str]:
        """What was told to do, without questions."""
        told = self._directory / "told"
        lines = told.read_text().splitlines() if told.exists() else []
        return [line for line in lines if not {"show", "show-user", "show-environment"} & set(line.split())]

    def _install(self, name: str, answers: str) -> None:
        program = self.programs / name
        program.write_text(_PROGRAM.format(directory=f"'{self._directory}'", name=name, answers=answers))
        program.chmod(0o755)
