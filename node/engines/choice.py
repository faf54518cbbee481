"""Which engine the owner's settings ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from node.box.isolation import unboxed
from node.clock import Clock
from node.config import ConfigError, EngineSettings
from node.engines.base import Engine
from node.engines.builds.store import Build, BuildStore
from node.engines.llamacpp import LlamaCpp, means_of_this_machine
from node.engines.openai import OpenAIServer
from node.engines.program import Program
from node.hardware.visible import visible_cards
from wallet.secret import Secret

log = logging.getLogger(__name__)


def chosen_engine(
    settings: EngineSettings,
    *,
    directory: Path,
    builds: BuildStore,
    gpus: Sequence[str],
    models: Callable[[str], Path | None],
    key: Secret | None,
    clock: Clock,
) -> Engine:
    """The embedded engine, or a server of the owner's own.

    Args:
        directory: where children of llama.cpp live. models: the file of a model by its name.
        builds: of llama.cpp for cards. gpus: the cards that are the node's; empty for all.
        key: of the owner's server, where the settings name no file that holds it.

    Raises:
        ConfigError: a setting is missing, or the key's file cannot be read.
    """
    if settings.kind == "openai":
        if not settings.url:
            raise ConfigError("engine.url: is empty; expected the address of your server, for engine.kind openai")
        key = _read_key(Path(settings.key_file)) if settings.key_file else key
        return OpenAIServer("openai", settings.url, key, slots=settings.slots, clock=clock)
    return LlamaCpp(
        directory=directory,
        models=models,
        slots=settings.slots,
        context=settings.context,
        threads=settings.threads or None,
        clock=clock,
        isolate=unboxed if settings.box == "off" else means_of_this_machine,
        program=_program(settings.build, builds, gpus, clock),
    )


def program_of(builds: BuildStore, build: Build, gpus: Sequence[str], clock: Clock) -> Program:
    """What children of a build are."""
    return Program(builds.server(build), build.backend, lambda: visible_cards(gpus, clock))


def _program(name: str, builds: BuildStore, gpus: Sequence[str], clock: Clock) -> Program:
    """The chosen build; the embedded engine where it is not here any more, so that the node works all the same."""
    if not name:
        return Program()
    build = builds.find(name)
    if build is None:
        log.error("engine.build: %s is not here; computing on the processor. Remedy: stoker engine add", name)
        return Program()
    return program_of(builds, build, gpus, clock)


def _read_key(path: Path) -> Secret:
    try:
        return Secret(path.read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"engine.key_file: {path} cannot be read: {error}") from None
