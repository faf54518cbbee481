"""How ssh is called, and what is said through it."""

from __future__ import annotations

from pathlib import Path

from tui.rigs.place import SshPlace

MARK = "stoker-is-at"
ASK_THERE = "; ".join(
    (
        'home="${XDG_DATA_HOME:-$HOME/.local/share}/stoker"',
        'test "$(uname -s)" = Darwin && home="$HOME/Library/Application Support/stoker"',
        "echo",
        f'echo "{MARK}:$(id -u):$XDG_RUNTIME_DIR:${{STOKER_HOME:-$home}}"',
        "exec cat >/dev/null",
    )
)
"""Says the user's number, the runtime directory and the data directory; the same rule as `default_directory`."""

OPTIONS = {
    "ClearAllForwardings": "yes",
    "ControlPersist": "no",
    "PermitLocalCommand": "no",
    "RemoteCommand": "none",
    "ServerAliveInterval": "10",
    "ServerAliveCountMax": "3",
    "ConnectTimeout": "15",
}
"""What would let the person's own settings for this host get in the way, or a dead line go unseen."""


def master(place: SshPlace, control: Path, *, ask: bool) -> list[str]:
    """Arguments of an ssh that holds the connection and says where the node is.

    Args:
        control: the socket by which it can be told to forward. ask: whether it may ask the person.
    """
    options = OPTIONS if ask else {**OPTIONS, "BatchMode": "yes"}
    line = ["-T", "-a", "-x", "-M", "-S", str(control)]
    for name, value in options.items():
        line += ["-o", f"{name}={value}"]
    if place.user:
        line += ["-l", place.user]
    if place.port is not None:
        line += ["-p", str(place.port)]
    return [*line, "--", place.host, f"sh -c '{ASK_THERE}'"]


def forward(place: SshPlace, control: Path, here: Path, there: str) -> list[str]:
    """Arguments of an ssh that tells the one at ``control`` to forward a socket of ours to one there."""
    return ["-F", "none", "-S", str(control), "-O", "forward", "-L", f"{here}:{there}", "--", place.host]


def by_hand(place: SshPlace) -> str:
    """What to do if that fails: the same, as the person would type it."""
    port = f" -p {place.port}" if place.port is not None else ""
    user = f"{place.user}@" if place.user else ""
    return f"see whether this works: ssh{port} {user}{place.host}"


def told(line: str) -> tuple[int, str, str] | None:
    """The user's number, the runtime directory and the data directory there, if this line says them."""
    mark, _, rest = line.partition(":")
    uid, _, rest = rest.partition(":")
    runtime, _, home = rest.partition(":")
    if mark != MARK or not (uid.isascii() and uid.isdigit()):
        return None
    return int(uid), runtime, home
