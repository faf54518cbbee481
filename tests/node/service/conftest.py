"""The stand-in NVML as the driver that whole nodes find."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_nvml import FakeNvml


@pytest.fixture
def nvml(nvml_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNvml:
    """What the nodes of this test find as their driver; it has no card yet."""
    driver = tmp_path / "driver"
    driver.mkdir()
    (driver / "libnvidia-ml.so.1").symlink_to(nvml_library)
    fake = FakeNvml(nvml_library, tmp_path)
    for name, value in {**fake.environment, "LD_LIBRARY_PATH": str(driver)}.items():
        monkeypatch.setenv(name, value)
    return fake
