"""The channels that the owner's settings name."""

from __future__ import annotations

from pathlib import Path

from node.alerts.post import Channel
from node.alerts.programs import Command, Desktop
from node.alerts.web import Ntfy, Webhook
from node.config import AlertSettings, ConfigError
from wallet.secret import Secret


def build_channels(settings: AlertSettings) -> list[Channel]:
    """Every channel that is switched on.

    Raises:
        ConfigError: the token's file cannot be read.
    """
    channels: list[Channel] = []
    desktop = Desktop.here() if settings.desktop else None
    if desktop is not None:
        channels.append(desktop)
    if settings.webhook:
        channels.append(Webhook(settings.webhook))
    if settings.ntfy:
        channels.append(Ntfy(settings.ntfy, _token(settings.ntfy_token_file)))
    if settings.command:
        channels.append(Command(settings.command))
    return channels


def _token(name: str) -> Secret | None:
    if not name:
        return None
    try:
        return Secret(Path(name).read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"alerts.ntfy_token_file: {name} cannot be read: {error}") from None
