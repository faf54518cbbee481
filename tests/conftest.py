"""What holds for every test, and what is built only once in a run.

Hypothesis searches the same examples in every run, and as long as a loaded machine needs;
``--hypothesis-profile=default`` searches anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_nvml import compiled
from hypothesis import HealthCheck, settings

settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def nvml_drivers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the NVML double, one for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "nvml"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def nvml_library(nvml_drivers: Path) -> Path:
    """The NVML double, compiled."""
    return compiled(nvml_drivers)
