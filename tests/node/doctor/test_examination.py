"""The whole examination of this machine."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest
from tiny_model import tiny_model

from node.config import EngineSettings, Settings
from node.doctor import Check, cards, engine, examine
from node.hardware.readings import GpuReading, HardwareReading, HostReading
from node.models.catalogue import load_catalogue
from node.models.store import ModelStore
from node.paths import Paths

Examine = Callable[..., dict[str, Check]]

EVERYTHING = {"Python", "processor", "memory", "data directory", "disk", "SQLite", "clock", "engine", "model",
              "engine's box", "bubblewrap", "Landlock", "seccomp", "GPU", "network"}  # fmt: skip


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "home")
    paths.prepare()
    return paths


@pytest.fixture
def store(paths: Paths) -> ModelStore:
    return ModelStore(paths.models, load_catalogue())


@pytest.fixture
def examined(paths: Paths, store: ModelStore, monkeypatch: pytest.MonkeyPatch) -> Examine:
    monkeypatch.setattr(cards, "gpus_present", list)

    def found(
        reading: HardwareReading | None = None, absences: tuple[str, ...] = (), **engine: str
    ) -> dict[str, Check]:
        settings = Settings(engine=EngineSettings(**{"model": "tiny", **engine}))  # type: ignore[arg-type]
        return {check.name: check for check in examine(paths, settings, store, reading, absences)}

    return found


def test_everything_has_its_line_and_whatever_is_not_right_its_remedy(examined: Examine) -> None:
    found = examined()
    assert set(found) >= EVERYTHING
    assert not [check for check in found.values() if check.status == "fail"]
    for check in found.values():
        assert check.status == "ok" or check.remedy, check


def test_a_missing_model_is_told_with_the_command_that_brings_it(examined: Examine) -> None:
    assert examined()["model"] == Check("model", "warn", "tiny is not here yet", "stoker model pull tiny")


def test_a_model_that_is_here_is_told_with_its_size(examined: Examine, store: ModelStore, tmp_path: Path) -> None:
    asyncio.run(store.import_file(tiny_model(tmp_path), "tiny", lambda done, total: None))
    assert (examined()["model"].status, examined()["model"].detail) == ("ok", "tiny, 0 MB")


def test_a_server_of_ones_own_needs_its_address(examined: Examine) -> None:
    missing = examined(kind="openai")["engine"]
    assert (missing.status, missing.detail) == ("fail", "engine.url is not set")
    there = examined(kind="openai", url="http://127.0.0.1:11434/v1")
    assert there["engine"].status == there["model"].status == "ok"


def test_a_missing_openmp_is_told_with_its_package(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_has_openmp", lambda: False)
    assert examined()["OpenMP"].remedy == "apt-get install libgomp1"


def test_less_disk_space_than_is_to_be_kept_free_is_a_failure(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000_000))
    check = examined()["disk"]
    assert (check.status, "0.1 GB free" in check.detail) == ("fail", True)


def test_an_sqlite_that_can_corrupt_the_books_is_a_failure(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    assert examined()["SQLite"].status == "fail"


def test_cards_are_told_with_their_temperature_and_lost_ones_as_failures(examined: Examine) -> None:
    found = examined(
        HardwareReading(
            1.0,
            HostReading(),
            (
                GpuReading(0, "RTX 4090", "GPU-0", "nvml", temperature_c=61.0),
                GpuReading(1, "RTX 3060", "GPU-1", "nvml", lost=True),
            ),
        )
    )
    assert (found["GPU 0"].status, found["GPU 0"].detail) == ("ok", "RTX 4090, 61 °C")
    assert found["GPU 1"].status == "fail"


def test_a_card_that_nothing_can_read_is_told_with_the_reason(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "gpus_present", lambda: ["NVIDIA RTX 4090"])
    found = examined(absences=("libnvidia-ml.so.1 is missing",))
    assert (found["GPU"].status, found["GPU"].remedy) == ("warn", "libnvidia-ml.so.1 is missing")
    assert "RTX 4090 is here" in found["GPU"].detail
    assert found["NVIDIA driver"].status == "fail"
