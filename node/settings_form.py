"""The settings as a form: what each is, where it comes from, and how one is changed in the file."""

from __future__ import annotations

import os
import threading
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import tomlkit

from node import config
from node.control.wire import SettingView
from wallet.whole_file import replace_file

GUARDED = frozenset(
    key
    for key, _ in config.fields()
    if key.startswith(("limits.", "schedule.", "owner.")) or key in ("electricity.ceiling", "electricity.profit_only")
) - {"owner.on_input"}
"""Settings that the guard follows at once; asking the desktop for the owner begins at the start of the node."""

LIVE = GUARDED | {"node.log_level"}
"""Settings that take effect at once; the others do at the next start."""

_ONE_AT_A_TIME = threading.Lock()
"""A change reads the file and writes it: two at once would lose one."""

_EXPECTED = {
    "switch": "true or false",
    "integer": "a whole number",
    "number": "a number, written like 0.5",
    "list": "words between commas",
}


def describe(path: Path) -> list[SettingView]:
    """Every setting with its value in force, its default and its help.

    Raises:
        ConfigError: the file has become unreadable.
    """
    written = config.read_file(path)
    current = config.build(written, str(path)).model_dump()
    return [_view(key, field, written, current) for key, field in config.fields()]


def change(path: Path, key: str, text: str | None) -> SettingView:
    """Write one setting into the file, keeping the owner's comments; None takes it out again.

    Raises:
        ConfigError: the key is unknown or the value does not fit; the file is then untouched.
    """
    if key not in dict(config.fields()):
        near = config.nearest_key(key)
        raise config.ConfigError(f"{key}: there is no such setting" + (f"; did you mean {near}?" if near else ""))
    with _ONE_AT_A_TIME:
        config.read_file(path)
        document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
        group, name = key.split(".")
        table: Any = document.setdefault(group, tomlkit.table())
        if not isinstance(table, MutableMapping):
            raise config.ConfigError(f"{path}: {group}: got {table!r:.80}; expected a table, written [{group}]")
        if text is None:
            table.pop(name, None)
        else:
            table[name] = _parse(key, text)
        values = document.unwrap()
        config.check_group(group, values[group], path.name)
        config.build(values, path.name)
        replace_file(path, tomlkit.dumps(document).encode())
    return next(view for view in describe(path) if view.key == key)


def _parse(key: str, text: str) -> object:
    kind, choices = config.kind_of(dict(config.fields())[key])
    text = text.strip() if kind != "text" else text
    words = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
    try:
        if kind == "switch":
            return words[text.lower()]
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
        if kind == "list":
            return config.split_words(text)
    except (KeyError, ValueError):
        wanted = _EXPECTED[kind]
        raise config.ConfigError(f"{key}: got {text!r}; expected {wanted}") from None
    if choices and text not in choices:
        raise config.ConfigError(f"{key}: got {text!r}; expected one of {', '.join(choices)}")
    return text


def _view(key: str, field: Any, written: dict[str, Any], current: dict[str, Any]) -> SettingView:
    group, name = key.split(".")
    kind, choices = config.kind_of(field)
    source = "file" if name in written.get(group, {}) else "default"
    if f"{config.PREFIX}{group}__{name}".upper() in {variable.upper() for variable in os.environ}:
        source = "environment"
    return SettingView(
        key=key,
        kind=kind,
        value=_text(current[group][name]),
        default=_text(field.default),
        help=field.description or "",
        source=source,
        choices=choices,
        restart=key not in LIVE,
    )


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return config.join_words(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
