"""Which engine the owner's settings ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from node.box.isolation import unboxed
from node.clock import Clock
from node.config import ConfigError, EngineSettings
from node.engines.base import Engine
from node.engines.llamacpp import LlamaCpp, means_of_this_machine
from node.engines.openai import OpenAIServer
from wallet.secret import Secret


def chosen_engine(
    settings: EngineSettings,
    *,
    directory: Path,
    models: Callable[[str], Path | None],
    key: Secret | None,
    clock: Clock,
) -> Engine:
    """The embedded engine, or a server of the owner's own.

    Args:
        directory: where children of the embedded engine live. models: the file of a model by its name.
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
    )


def _read_key(path: Path) -> Secret:
    try:
        return Secret(path.read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"engine.key_file: {path} cannot be read: {error}") from None
