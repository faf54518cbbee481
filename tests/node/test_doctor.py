"""The doctor: what is right, what is wrong, and for everything wrong what to do about it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest
from tiny_model import tiny_model

from node import doctor
from node.config import EngineSettings, Settings
from node.doctor import Check
from node.hardware.readings import GpuReading, HardwareReading, HostReading
from node.models.catalogue import load_catalogue
from node.models.store import ModelStore
from node.paths import Paths

Examine = Callable[..., dict[str, Check]]


@pytest.fixture
def examine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    paths = Paths(tmp_path)
    paths.prepare()
    store = ModelStore(paths.models, load_catalogue())
    monkeypatch.setattr(doctor, "gpus_present", list)

    def found(
        reading: HardwareReading | None = None, absences: tuple[str, ...] = (), **engine: str
    ) -> dict[str, Check]:
        settings = Settings(engine=EngineSettings(**{"model": "tiny", **engine}))  # type: ignore[arg-type]
        return {check.name: check for check in doctor.examine(paths, settings, store, reading, absences)}

    found.store = store  # type: ignore[attr-defined]
    return found


def test_whatever_is_not_right_has_a_remedy(examine: Examine) -> None:
    for check in examine().values():
        assert check.status == "ok" or check.remedy, check


def test_a_missing_model_is_told_with_the_command_that_brings_it(examine: Examine) -> None:
    assert examine()["model"] == Check("model", "warn", "tiny is not here yet", "stoker model pull tiny")


def test_a_model_that_is_here_is_told_with_its_size(examine: Examine, tmp_path: Path) -> None:
    asyncio.run(examine.store.import_file(tiny_model(tmp_path), "tiny", lambda done, total: None))  # type: ignore[attr-defined]
    assert (examine()["model"].status, examine()["model"].detail) == ("ok", "tiny, 0 MB")


def test_a_server_of_ones_own_needs_its_address(examine: Examine) -> None:
    missing = examine(kind="openai")["engine"]
    assert (missing.status, missing.detail) == ("fail", "engine.url is not set")
    there = examine(kind="openai", url="http://127.0.0.1:11434/v1")
    assert there["engine"].status == there["model"].status == "ok"


def test_little_disk_space_is_a_warning(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000_000))
    check = examine()["data directory"]
    assert (check.status, "0.1 GB free" in check.detail) == ("warn", True)


def test_an_sqlite_that_can_corrupt_the_books_is_a_failure(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    for version, status in [("3.51.2", "fail"), ("3.51.3", "ok"), ("3.52.0", "ok")]:
        monkeypatch.setattr(apsw, "sqlite_lib_version", lambda version=version: version)
        assert examine()["SQLite"].status == status


def test_a_missing_openmp_is_told_with_its_package(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_has_openmp", lambda: False)
    assert examine()["OpenMP"].remedy == "apt-get install libgomp1"


def test_cards_are_told_with_their_temperature_and_lost_ones_as_failures(examine: Examine) -> None:
    cards = (
        GpuReading(0, "RTX 4090", "GPU-0", "nvml", temperature_c=61.0),
        GpuReading(1, "RTX 3060", "GPU-1", "nvml", lost=True),
    )
    checks = examine(HardwareReading(1.0, HostReading(), cards))
    assert (checks["GPU 0"].status, checks["GPU 0"].detail) == ("ok", "RTX 4090, 61 °C")
    assert checks["GPU 1"].status == "fail"


def test_a_card_that_nothing_can_read_is_told_with_the_reason(
    examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "gpus_present", lambda: ["RTX 4090"])
    check = examine(absences=("libnvidia-ml.so.1 is missing",))["GPU"]
    assert (check.status, check.remedy) == ("warn", "libnvidia-ml.so.1 is missing")
    assert "RTX 4090 is here" in check.detail
