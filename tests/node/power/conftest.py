from __future__ import annotations

from pathlib import Path

import pynvml
import pytest
from fake_nvml import FakeNvml


@pytest.fixture
def nvml(nvml_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNvml:
    """The double below the real nvidia-ml-py, with one card whose limit only root may set."""
    monkeypatch.setattr(pynvml, "nvmlLib", None)
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    fake = FakeNvml(nvml_library, tmp_path)
    for name, value in fake.environment.items():
        monkeypatch.setenv(name, value)
    fake.add_card()
    return fake
