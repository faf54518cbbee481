"""What is right and what is wrong with this machine and this node, each with what to do about it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import apsw
import psutil

from node.config import Settings
from node.hardware.discover import gpus_present
from node.hardware.readings import HardwareReading
from node.models.store import ModelStore
from node.paths import Paths
from node.purse.operating import Operating
from wallet.keystore.sealed import Place

Status = Literal["ok", "warn", "fail"]

LITTLE_DISK = 1 << 30
NOTHING_KEPT = Operating()
WAL_RESET_FIXED = (3, 51, 3)  # SQLite 3.7.0 to 3.51.2 could corrupt a WAL with two writers


@dataclass(frozen=True, slots=True)
class Check:
    """One finding."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


def examine(
    paths: Paths,
    settings: Settings,
    store: ModelStore,
    reading: HardwareReading | None,
    absences: Sequence[str] = (),
    operating: Operating = NOTHING_KEPT,
) -> list[Check]:
    """Look at everything that can be seen without computing. Blocking."""
    checks = [_python(), _directory(paths), _sqlite(), _processor(), _memory()]
    checks += _engine(settings)
    checks.append(_model(settings, store))
    checks += _secrets(operating)
    checks += _cards(reading, absences)
    return checks


def _python() -> Check:
    return Check("Python", "ok", f"{platform.python_version()} at {sys.executable}")


def _directory(paths: Paths) -> Check:
    directory = paths.directory
    if not os.access(directory, os.W_OK | os.X_OK):
        return Check(
            "data directory",
            "fail",
            f"{directory} cannot be written",
            f"give it to yourself: chown -R $USER {directory}",
        )
    free = shutil.disk_usage(directory).free
    detail = f"{directory}, {free / 1e9:.1f} GB free"
    if free < LITTLE_DISK:
        return Check("data directory", "warn", detail, "free some disk space: models and the ledger need it")
    return Check("data directory", "ok", detail)


def _sqlite() -> Check:
    version = apsw.sqlite_lib_version()
    if tuple(int(part) for part in version.split(".")[:3]) < WAL_RESET_FIXED:
        return Check("SQLite", "fail", f"{version} can corrupt the ledger", "pip install --upgrade apsw")
    return Check("SQLite", "ok", version)


def _processor() -> Check:
    count = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    if platform.machine().lower() not in ("x86_64", "amd64") or not Path("/proc/cpuinfo").exists():
        return Check("processor", "ok", f"{platform.machine()}, {count} cores")
    flags = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")), "")
    if "avx2" not in flags.split():
        return Check(
            "processor", "fail", "no AVX2: the embedded engine cannot run here",
            "use a server of your own: stoker settings set engine.kind openai",
        )  # fmt: skip
    return Check("processor", "ok", f"{count} cores with AVX2")


def _memory() -> Check:
    memory = psutil.virtual_memory()
    detail = f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB available"
    if memory.available < LITTLE_DISK:
        return Check("memory", "warn", detail, "close some programs, or take a smaller model")
    return Check("memory", "ok", detail)


def _engine(settings: Settings) -> Iterator[Check]:
    if settings.engine.kind == "openai":
        if not settings.engine.url:
            yield Check(
                "engine", "fail", "engine.url is not set", "stoker settings set engine.url http://127.0.0.1:11434/v1"
            )
        else:
            yield Check("engine", "ok", f"a server of your own at {settings.engine.url}")
        return
    if importlib.util.find_spec("xllamacpp") is None:
        yield Check("engine", "fail", "the embedded engine is not installed", "pip install xllamacpp")
        return
    yield Check("engine", "ok", "llama.cpp, embedded")
    if sys.platform == "linux" and not _has_openmp():
        yield Check("OpenMP", "fail", "libgomp.so.1 is missing, the engine needs it", "apt-get install libgomp1")


def _has_openmp() -> bool:
    import ctypes

    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True


def _model(settings: Settings, store: ModelStore) -> Check:
    name = settings.engine.model
    if settings.engine.kind == "openai":
        return Check("model", "ok", "chosen by your own server")
    found = store.find(name)
    if found is None:
        return Check("model", "warn", f"{name} is not here yet", f"stoker model pull {name}")
    return Check("model", "ok", f"{name}, {found.size_bytes / 1e6:.0f} MB")


def _secrets(operating: Operating) -> Iterator[Check]:
    for name, problem in operating.problems.items():
        yield Check(f"secret {name}", "warn", problem, "what needs it cannot work until it opens")
    for name in operating.secrets:
        place = operating.places[name]
        detail = f"in the {place}"
        if place is Place.HOST_SEALED:
            detail = f"in a {place}, which protects copies and backups, not this account"
        yield Check(f"secret {name}", "ok", detail)


def _cards(reading: HardwareReading | None, absences: Sequence[str]) -> Iterator[Check]:
    cards = () if reading is None else reading.gpus
    for card in cards:
        temperature = "" if card.temperature_c is None else f", {card.temperature_c:.0f} °C"
        yield Check(f"GPU {card.index}", "fail" if card.lost else "ok", f"{card.name}{temperature}")
    if cards:
        return
    present = gpus_present()
    if present:
        yield Check(
            "GPU",
            "warn",
            f"{', '.join(present)} is here, but nothing can read it",
            " ".join(absences) or "install its driver",
        )
    else:
        yield Check("GPU", "ok", "none on this machine; jobs run on the processor")
