"""The driver's line, with the test double below the real nvidia-ml-py: it checks our use of the interface, no card."""

from __future__ import annotations

from pathlib import Path

import pynvml
import pytest
from fake_nvml import FakeNvml

from node.doctor import cards


def test_the_drivers_version_and_the_librarys_place_are_told(
    nvml_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pynvml, "nvmlLib", None)
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    fake = FakeNvml(nvml_library, tmp_path)
    for name, value in fake.environment.items():
        monkeypatch.setenv(name, value)
    found = cards.driver((fake.library,))
    assert found.status == "ok"
    assert str(fake.library) in found.detail
    assert "NVML" in found.detail
