"""What the engine's child is told, and with what it is started. Imported by both sides, so it needs little else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from node.box.belts import Belts

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
CHILD, SERVER_CHILD = "node.engines.llamacpp_child", "node.engines.server_child"
SOCKET = "engine.sock"  # in the child's working directory; llama.cpp knows it for a Unix socket by its ending
WANTED = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
WANTED_PREFIXES = ("CUDA_", "NVIDIA_", "GGML_", "HIP_", "HSA_", "ROCR_", "VK_", "MTL_", "OMP_")


@dataclass(frozen=True, slots=True)
class ChildSettings:
    """One line of JSON on the child's standard input.

    Attributes:
        key: the bearer key that the child is to want; hence standard input, which nobody else can read.
        slots: jobs at once. context: tokens of each of them.
        embeddings: serve vectors instead of answers.
        belts: what it fastens before it does anything else; None to run without.
        program: the llama-server that it turns into; empty if it computes itself.
    """

    model: str
    name: str
    key: str
    slots: int
    context: int
    threads: int
    embeddings: bool
    belts: Belts | None = None
    program: str = ""

    def __repr__(self) -> str:
        return f"ChildSettings({self.name}, {self.slots} × {self.context})"

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ChildSettings:
        said = json.loads(line)
        belts = said.pop("belts")
        return cls(**said, belts=None if belts is None else Belts.from_json(belts))


@dataclass(frozen=True, slots=True)
class Device:
    """Something that the engine can compute on, as it says itself.

    Attributes:
        kind: ``CPU``, ``GPU``, ``IGPU`` or ``ACCEL``.
    """

    name: str
    description: str
    kind: str


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a child says once it listens on its socket and the model is loaded.

    Attributes:
        part: how much of the model the cards hold, in words; empty if it is all or nothing.
    """

    devices: tuple[Device, ...]
    part: str = ""

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Greeting:
        said = json.loads(line)
        return cls(tuple(Device(**device) for device in said["devices"]), said["part"])

    @property
    def gpu(self) -> Device | None:
        """The first graphics processor among the devices."""
        return next((device for device in self.devices if device.kind in ("GPU", "IGPU")), None)

    @property
    def device(self) -> str:
        """For people."""
        if self.gpu is None:
            return "CPU"
        return f"{self.gpu.description} ({', '.join(filter(None, (self.gpu.name, self.part)))})"


def trial() -> list[str]:
    """A command that ends with 0 where a child could be started."""
    return [sys.executable, "-P", "-c", f"import {CHILD}"]


def environment(home: Path, ours: Mapping[str, str] | None = None) -> dict[str, str]:
    """Only what an engine needs; whatever else our environment holds stays with us.

    Args:
        home: where it may leave what it keeps from one start to the next, such as compiled kernels.
    """
    source = os.environ if ours is None else ours
    kept = {name: value for name, value in source.items() if name in WANTED or name.startswith(WANTED_PREFIXES)}
    return kept | {
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": str(PACKAGE_ROOT),
        "PYTHONUNBUFFERED": "1",
        "GGML_NO_BACKTRACE": "1",  # else an abort forks a debugger
    }
