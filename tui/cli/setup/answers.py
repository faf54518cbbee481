"""Answers that were written down beforehand: a TOML file, and words on the command line that go before it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.networks.wishes import value_of
from tui.setup.words import NO, YES

LARGEST = 64 * 1024  # bytes
COMMAND_LINE = "--answer"

KNOWN: Mapping[str, tuple[str, ...]] = {
    "engine": ("use", "url", "key_file"),
    "model": ("name", "file", "benchmark"),
    "payout": ("where", "address", "name"),
    "limits": ("gpu_celsius", "host_celsius"),
    "electricity": ("price", "currency"),
    "hardware": ("cpu_watts",),
    "schedule": ("hours",),
    "owner": ("on_input",),
    "service": ("run", "linger"),
}
OF_A_NETWORK = ("accept", "worker_name", "url", "api_key_file", "asked_them", "join")
FILES = ("file", "key_file", "api_key_file")
"""Keys whose value is the path of a file; from where the answers stand, if it is not absolute."""

IMPLIED = {
    "engine.url": ("engine.use", "server"),
    "model.file": ("model.name", "file"),
    "payout.address": ("payout.where", "address"),
}
"""What one answer says of another question."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was written down, by the keys of the questions.

    Attributes:
        where: what messages call their origin. networks: the kinds to be joined, in their order.
    """

    where: str
    values: Mapping[str, str]
    networks: tuple[str, ...] = ()

    @property
    def groups(self) -> frozenset[str]:
        """The parts that something is said about."""
        return frozenset(key.partition(".")[0] for key in self.values)


def read(path: Path | None, words: Sequence[str] = ()) -> Answers:
    """Read the file, if there is one, and the words ``KEY=VALUE`` over it.

    Raises:
        Failure: it cannot be read, or says something that nobody asks; names the key and the nearest one.
    """
    where = COMMAND_LINE if path is None else str(path)
    given = {} if path is None else dict(_flat(_parsed(path), where))
    base = Path.cwd() if path is None else path.absolute().parent
    for word in words:
        key, sign, value = word.partition("=")
        if not sign:
            raise Failure(f"{COMMAND_LINE}: got {word[:60]!r}; expected KEY=VALUE", code=Exit.USAGE)
        given[key.strip()] = value_of(value.strip())
    for key in given:
        _check(key, where)
    values = {key: _text(key, value, where, base) for key, value in given.items()}
    for key, (implied, value) in IMPLIED.items():
        if key in values:
            values.setdefault(implied, value)
    networks = tuple(dict.fromkeys(key.split(".")[1] for key in values if key.startswith("networks.")))
    for kind in networks:
        values.setdefault(f"networks.{kind}.join", YES)
    return Answers(where, values, networks)


def _parsed(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > LARGEST:
            raise Failure(f"{path}: larger than {LARGEST} bytes", "expected a short TOML file; see docs/setup.md")
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}", code=Exit.BAD_CONFIG) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Failure(f"{path}: is not TOML: {error}", "mend that line", Exit.BAD_CONFIG) from None


def _flat(found: Mapping[str, object], where: str, above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in found.items():
        key = f"{above}{name}"
        if isinstance(value, dict):
            yield from _flat(value, where, f"{key}.")
        else:
            yield key, value


def _check(key: str, where: str) -> None:
    group, _, rest = key.partition(".")
    if group == "networks":
        kind, _, name = rest.partition(".")
        fine, known = bool(kind) and name in OF_A_NETWORK, [f"networks.{kind}.{one}" for one in OF_A_NETWORK]
    else:
        fine, known = rest in KNOWN.get(group, ()), [f"{one}.{name}" for one, names in KNOWN.items() for name in names]
    if not fine:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "docs/setup.md lists every key"
        raise Failure(f"{where}: {key}: nobody asks for that", hint, Exit.BAD_CONFIG)


def _text(key: str, value: object, where: str, base: Path) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if not isinstance(value, str):
        said = value.isoformat() if hasattr(value, "isoformat") else ""  # a bare date in TOML
        if not said:
            raise Failure(f"{where}: {key}: got {value!r:.60}; expected a text, a number, true or false",
                          code=Exit.BAD_CONFIG)  # fmt: skip
        return str(said)
    if key.rpartition(".")[2] in FILES and value:
        path = base / Path(value).expanduser()
        if not path.is_file():
            raise Failure(f"{where}: {key}: got {value!r:.200}; expected a file, and {path} is none",
                          code=Exit.BAD_CONFIG)  # fmt: skip
        return str(path)
    return value
