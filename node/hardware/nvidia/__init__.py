"""NVIDIA cards, through NVML."""

from node.hardware.nvidia.backend import REOPEN_S, NvidiaBackend
from node.hardware.nvidia.card import RARE_S, SLOW_S

__all__ = ["RARE_S", "REOPEN_S", "SLOW_S", "NvidiaBackend"]
