"""The secrets that the node works with, opened once at its start: a reboot needs neither a login nor a passphrase."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wallet.errors import WalletError
from wallet.home import open_operating_secrets
from wallet.keystore.sealed import Place
from wallet.secret import Secret

log = logging.getLogger(__name__)

ENGINE = "engine"
"""The key of the owner's own engine server. Networks keep theirs under their own names."""


@dataclass(frozen=True, slots=True)
class Operating:
    """What was opened.

    Attributes:
        secrets: by name. places: where each of them is, those that did not open too.
        problems: why one did not open, by name.
    """

    secrets: Mapping[str, Secret] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def open_all(data_directory: Path) -> Operating:
    """Open what is there. One that cannot be opened keeps none of the others back, nor the node. Blocking."""
    kept = open_operating_secrets(data_directory)
    secrets: dict[str, Secret] = {}
    places: dict[str, Place] = {}
    problems: dict[str, str] = {}
    for name in kept.names():
        try:
            place = kept.place(name)
            if place is not None:
                places[name] = place
            secret = kept.get(name)
        except WalletError as error:
            problems[name] = str(error)
            log.warning("the secret %s cannot be used: %s", name, error)
            continue
        if secret is not None:
            secrets[name] = secret
            log.info("the secret %s is opened (%s)", name, places[name])
    return Operating(secrets, places, problems)
