"""Keys of one's own: which key does what, checked before the app begins. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from types import MappingProxyType

from textual.keys import Keys as Named
from textual.keys import _character_to_key

from tui.actions import ACTIONS, APP, Action, written
from tui.ink import Span, Tone

Keys = Mapping[str, str]
"""The keys that a person chose, by an action's id; of every other action the shipped ones hold."""

SHIPPED: Keys = MappingProxyType({})
NAMED = frozenset(key.value for key in Named if not key.value.startswith("<"))
LETTERS = frozenset(_character_to_key(chr(code)) for code in range(ord("!"), ord("~") + 1))
MODIFIERS = ("ctrl+", "alt+", "shift+", "super+")
WIDGETS = ("list", "prompt", "editor", "dialog")
"""Scopes of what has the focus, which takes a key before the screen and the app."""
BY_ID = {action.id: action for action in ACTIONS}


class KeymapError(ValueError):
    """A line of the table that cannot be used: what it says, what was expected, and the nearest that would do."""


def keymap(table: Mapping[str, object]) -> dict[str, str]:
    """The keys of each action that is named, in Textual's notation.

    Args:
        table: keys by an action's id, such as ``{"node.pause": "P"}``; several with commas between.

    Raises:
        KeymapError: there is no such action or key, or one key would do two things.
    """
    made: dict[str, str] = {}
    for name, value in table.items():
        if name not in BY_ID:
            near = difflib.get_close_matches(name, BY_ID, n=1, cutoff=0.5)
            raise KeymapError(f"{name}: there is no such action" + (f"; did you mean {near[0]}?" if near else ""))
        made[name] = ",".join(_keys(name, value))
    _no_key_twice(made)
    return made


def keyed(action: Action, keys: Keys) -> Action:
    """The action with the keys that it really has."""
    own = keys.get(action.id)
    return action if own is None else replace(action, keys=own)


def hint(action_id: str, keys: Keys = SHIPPED) -> Span:
    """The key of an action where a text speaks of it: to be pressed, or clicked."""
    action = keyed(BY_ID[action_id], keys)
    return Span(action.key, Tone.EMBER, action.run)


def legend(keys: Keys, *parts: tuple[str, str]) -> str:
    """What the keys of a dialog do: ``y copies   esc closes``.

    Args:
        parts: an action's id, or a key that is always the same one; and what it does.
    """
    return "   ".join(f"{hint(key, keys).text if key in BY_ID else key} {words}" for key, words in parts)


def _keys(name: str, value: object) -> list[str]:
    if not isinstance(value, str) or not value.strip():
        raise KeymapError(f"{name}: got {value!r:.60}; expected a key in quotation marks, such as 'P' or 'ctrl+g'")
    return [_key(name, each.strip()) for each in value.split(",")]


def _key(name: str, text: str) -> str:
    modifiers = ""
    rest = text
    while prefix := next((each for each in MODIFIERS if rest.startswith(each) and len(rest) > len(each)), ""):
        modifiers, rest = modifiers + prefix, rest.removeprefix(prefix)
    if len(rest) == 1 and rest.isprintable() and rest != " ":
        return modifiers + _character_to_key(rest)
    if rest in NAMED | LETTERS:
        return modifiers + rest
    near = difflib.get_close_matches(rest, NAMED | LETTERS, n=1)
    hint = f"; did you mean {modifiers}{near[0]}?" if near else ""
    raise KeymapError(f"{name}: got {text!r:.60}; expected a key such as P, f6, ctrl+g or ?{hint}")


def _no_key_twice(made: Mapping[str, str]) -> None:
    for one, other in combinations((keyed(action, made) for action in ACTIONS), 2):
        if {one.id, other.id}.isdisjoint(made) or one.call == other.call or not _heard_together(one, other):
            continue
        if shared := set(one.keys.split(",")) & set(other.keys.split(",")):
            key = written(min(shared))
            raise KeymapError(f"{other.id}: {key} is the key of {one.id}, too; give one of them another")


def _heard_together(one: Action, other: Action) -> bool:
    scopes = {one.scope, other.scope}
    return len(scopes) == 1 or (APP in scopes and scopes.isdisjoint(WIDGETS))
