"""What a llama-server says of its cards while it loads a model. Pure."""

from __future__ import annotations

import re

from node.engines.launch import Device, Greeting

USED = re.compile(r"using device (?P<name>\S+) \((?P<description>.*?)\)(?: \([\w:. -]*\))? - \d+ MiB free")
LAYERS = re.compile(r"offloaded (?P<some>\d+)/(?P<all>\d+) layers to GPU")
LISTED = re.compile(r"^\s+(?P<name>\S+): (?P<description>.*) \(\d+ MiB, \d+ MiB free\)$")
MOST_DEVICES = 64


class Offload:
    """Listens to a llama-server's standard error, line by line."""

    def __init__(self) -> None:
        self._devices: list[Device] = []
        self._some = self._all = 0

    def hear(self, line: str) -> None:
        """The next line; most say nothing of interest."""
        if (used := USED.search(line)) and len(self._devices) < MOST_DEVICES:
            self._devices.append(Device(used["name"], used["description"], "GPU"))
        elif layers := LAYERS.search(line):
            self._some, self._all = int(layers["some"]), int(layers["all"])

    @property
    def greeting(self) -> Greeting:
        """The cards that hold at least a part of the model; none if it is computed on the processor."""
        if not self._some:
            return Greeting(())
        part = "" if self._some == self._all else f"{self._some} of {self._all} layers"
        return Greeting(tuple(self._devices), part)


def listed(output: str) -> tuple[Device, ...]:
    """The cards in the output of ``llama-server --list-devices``."""
    lines = (LISTED.match(line) for line in output.splitlines())
    return tuple(Device(line["name"], line["description"], "GPU") for line in lines if line)[:MOST_DEVICES]
