"""The device nodes that computing on a GPU needs."""

from __future__ import annotations

from pathlib import Path

PATTERNS = ("nvidiactl", "nvidia[0-9]*", "nvidia-uvm*", "nvidia-modeset", "nvidia-caps/nvidia-cap*", "kfd",
            "dri/renderD*", "dxg")  # fmt: skip
"""NVIDIA's, AMD's, the render nodes of all, and the one of Windows' subsystem for Linux; never a display's."""


def device_nodes(root: Path = Path("/dev")) -> tuple[Path, ...]:
    """Those of them that this machine has; none without a GPU."""
    return tuple(sorted(path for pattern in PATTERNS for path in root.glob(pattern)))
