"""The engine and its model."""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator

from node.config import EngineSettings
from node.doctor.check import Check
from node.engines.builds.store import Build, BuildStore
from node.models.store import ModelStore


def checks(settings: EngineSettings, store: ModelStore, builds: BuildStore) -> Iterator[Check]:
    """Blocking."""
    if settings.kind == "openai":
        yield own_server(settings.url)
        yield Check("model", "ok", "chosen by your own server")
        return
    if importlib.util.find_spec("xllamacpp") is None:
        yield Check("engine", "fail", "the embedded engine is not installed", "pip install xllamacpp")
        return
    yield Check("engine", "ok", f"llama.cpp, embedded (xllamacpp {importlib.metadata.version('xllamacpp')})")
    if settings.build:
        yield build(settings.build, builds.find(settings.build))
    if sys.platform == "linux" and not _has_openmp():
        yield Check("OpenMP", "fail", "libgomp.so.1 is missing, the engine needs it", "apt-get install libgomp1")
    yield model(settings.model, store)


def own_server(url: str) -> Check:
    if not url:
        return Check(
            "engine", "fail", "engine.url is not set", "stoker settings set engine.url http://127.0.0.1:11434/v1"
        )
    return Check("engine", "ok", f"a server of your own at {url}")


def build(name: str, found: Build | None) -> Check:
    """The build for a card that the settings ask for."""
    if found is None:
        return Check("engine's build", "fail", f"{name} is not here; the embedded engine computes", "stoker engine add")
    if found.fault:
        return Check("engine's build", "fail", f"{name}: {found.fault}", f"stoker engine test {name}")
    return Check("engine's build", "ok", f"{name} on {found.device}, {found.origin}")


def model(name: str, store: ModelStore) -> Check:
    found = store.find(name)
    if found is None:
        return Check("model", "warn", f"{name} is not here yet", f"stoker model pull {name}")
    return Check("model", "ok", f"{name}, {found.size_bytes / 1e6:.0f} MB")


def _has_openmp() -> bool:
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True
