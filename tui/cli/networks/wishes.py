"""What the owner wants of one network, as options of a command: how they are written and what they become."""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was given on the command line; what was not is None or empty.

    Attributes:
        models: the network's names of ours; empty where its own list is to be asked.
        options: what only one kind of network has.
    """

    worker_name: str | None = None
    url: str | None = None
    weight: float | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Value] = field(default_factory=dict)

    def arguments(self) -> dict[str, object]:
        """What was given, as the control API takes it."""
        given: dict[str, object] = {name: getattr(self, name) for name in NAMES}
        return {name: value for name, value in given.items() if value not in (None, {})}


NAMES = tuple(each.name for each in dataclasses.fields(Wishes))


def wish_options(command: Command) -> Command:
    """``--name``, ``--url``, ``--model``, ``--weight`` and ``--set``, as the argument ``wishes``."""

    @functools.wraps(command)
    def wishing(*arguments: Any, **given: Any) -> Any:
        wishes = Wishes(**{name: given.pop(name) for name in NAMES})
        return command(*arguments, wishes=wishes, **given)

    decorated: Any = wishing
    for option in (
        click.option(
            "--set",
            "options",
            multiple=True,
            callback=_options,
            metavar="OPTION=VALUE",
            help="Set what only this network has; a wrong name is answered with the right ones.",
        ),
        click.option(
            "--weight", type=click.FloatRange(0.01, 100), help="How much you like it among networks; usual: 1."
        ),
        click.option(
            "--model",
            "models",
            multiple=True,
            callback=_models,
            metavar="SERVED[=NAME]",
            help="Offer our model SERVED, there called NAME; without this, whatever is served.",
        ),
        click.option("--url", help="Another address than the usual one."),
        click.option("--name", "worker_name", help="Your worker's name there; others see it."),
    ):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def _models(_: click.Context, __: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """``SERVED`` alone leaves the name to the network's own list."""
    return _mapping(given, "SERVED or SERVED=NAME")


def _options(_: click.Context, __: click.Parameter, given: Sequence[str]) -> dict[str, Value]:
    if loose := next((text for text in given if "=" not in text), None):
        raise click.BadParameter(f"got {loose[:60]!r}; expected OPTION=VALUE")
    return {name: value_of(text) for name, text in _mapping(given, "OPTION=VALUE").items()}


def value_of(text: str) -> Value:
    """A switch or a number as TOML writes it (``true``, ``4096``, ``0.5``); anything else is a text."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return value if isinstance(value, bool | int | float | str) else text


def _mapping(given: Sequence[str], expected: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        left, _, right = text.partition("=")
        name, value = left.strip(), right.strip()
        if not name:
            raise click.BadParameter(f"got {text[:60]!r}; expected {expected}")
        if found.setdefault(name, value) != value:
            raise click.BadParameter(f"{name} was given twice: {found[name]!r} and {value!r}")
    return found
