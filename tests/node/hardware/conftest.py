from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pynvml
import pytest
from fake_nvml import FakeNvml, compiled
from fake_sysfs import FakeSysfs
from hand_clock import HandClock

from node.hardware.nvidia import NvidiaBackend


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def old_nvml_library(nvml_drivers: Path) -> Path:
    return compiled(nvml_drivers, old_driver=True)


@pytest.fixture
def fresh_pynvml(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real nvidia-ml-py as a new process has it: no library loaded yet."""
    monkeypatch.setattr(pynvml, "nvmlLib", None)
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})


@pytest.fixture
def make_nvml(fresh_pynvml: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], FakeNvml]:
    def make(library: Path) -> FakeNvml:
        fake = FakeNvml(library, tmp_path)
        for name, value in fake.environment.items():
            monkeypatch.setenv(name, value)
        return fake

    return make


@pytest.fixture
def nvml(make_nvml: Callable[[Path], FakeNvml], nvml_library: Path) -> FakeNvml:
    return make_nvml(nvml_library)


@pytest.fixture
def nvidia(nvml: FakeNvml, clock: HandClock) -> Iterator[NvidiaBackend]:
    backend = NvidiaBackend(clock, libraries=(nvml.library,))
    yield backend
    nvml.set(hang=None)
    backend.close()


@pytest.fixture
def sysfs(tmp_path: Path) -> FakeSysfs:
    root = tmp_path / "sys"
    root.mkdir()
    return FakeSysfs(root)
