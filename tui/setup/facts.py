"""What the node and this machine say of themselves: from this alone the guide knows what is done already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.control.client import ControlClient
from node.control.wire import GpuReading, NetworkView, SettingView, Snapshot, WalletView
from tui.cli.service import systemd
from tui.cli.service.systemd import Scope, ServiceState


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it at one moment.

    Attributes:
        models: the node's answer about models: ``installed`` and ``catalogue``.
        service: this person's service of systemd.
    """

    snapshot: Snapshot
    settings: Mapping[str, SettingView]
    models: Mapping[str, list[dict[str, Any]]]
    wallets: tuple[WalletView, ...]
    networks: tuple[NetworkView, ...]
    service: ServiceState

    def value(self, key: str) -> str:
        """A setting as it stands."""
        return self.settings[key].value

    def chosen(self, key: str) -> bool:
        """Whether the owner has set it, be it to its default."""
        return self.settings[key].source != "default"

    @property
    def served(self) -> tuple[str, ...]:
        """The models that are served now."""
        return tuple(name for engine in self.snapshot.engines for name in engine.models)

    @property
    def cards(self) -> tuple[GpuReading, ...]:
        return self.snapshot.hardware.gpus if self.snapshot.hardware else ()

    @property
    def own_server(self) -> bool:
        """The models are those of a server of the owner's."""
        return self.value("engine.kind") == "openai"

    @property
    def on_card(self) -> bool:
        """The node's own engine computes on a card."""
        return bool(self.value("engine.build")) and not self.own_server


def look(client: ControlClient) -> Facts:
    """Ask for all of it; takes some hundredths of a second."""
    return Facts(
        snapshot=client.state(),
        settings={setting.key: setting for setting in client.settings()},
        models=client.get("/models"),
        wallets=tuple(client.wallets()),
        networks=tuple(client.networks()),
        service=systemd.state(Scope.USER),
    )
