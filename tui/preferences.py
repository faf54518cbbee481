"""How the app looks and which keys it has: the person's own, in ``app.toml`` in the data directory."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from textual.theme import BUILTIN_THEMES

from tui.keymap import KeymapError, keymap
from tui.themes import own_themes
from wallet.whole_file import replace_file

FILE = "app.toml"


class PreferencesError(Exception):
    """The file cannot be used: file, key, value, what was expected."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the person has chosen.

    Attributes:
        theme: empty for the default one. keys: of actions by their ids, in Textual's notation.
    """

    theme: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)


def load(path: Path) -> Preferences:
    """Read the file; a missing one means defaults.

    Raises:
        PreferencesError: names file, key, value and what was expected, and the nearest that there is.
    """
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PreferencesError(f"{path}: is not TOML: {error}") from None
    except OSError as error:
        raise PreferencesError(f"{path}: cannot be read: {error.strerror}") from None
    for name in written:
        if name not in ("theme", "keys"):
            raise PreferencesError(f"{path}: {name}: there is no such setting; expected theme or [keys]")
    keys = written.get("keys", {})
    if not isinstance(keys, dict):
        raise PreferencesError(f"{path}: keys: got {keys!r:.60}; expected a table, written [keys]")
    try:
        return Preferences(_theme(path, written.get("theme", "")), keymap(_flat(keys)))
    except KeymapError as error:
        raise PreferencesError(f"{path}: keys: {error}") from None


def keep_theme(path: Path, theme: str) -> None:
    """Write the theme into the file; all else in it stays as it is.

    Raises:
        OSError: it cannot be written.
    """
    import tomlkit

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    document["theme"] = theme
    replace_file(path, tomlkit.dumps(document).encode())


def _theme(path: Path, name: object) -> str:
    own = [theme.name for theme in own_themes()]
    known = [*own, *BUILTIN_THEMES]
    if not name or name in known:
        return str(name)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]}?" if near else ""
    expected = f"{', '.join(own)} or another one that the key t offers"
    raise PreferencesError(f"{path}: theme: got {name!r:.60}; expected {expected}{hint}")


def _flat(table: Mapping[str, object], before: str = "") -> dict[str, object]:
    """``node.pause`` without quotation marks is a table in a table to TOML."""
    flat: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = value
    return flat
