"""What lies where in the data directory."""

from __future__ import annotations

import errno
import stat
from dataclasses import dataclass
from pathlib import Path

from wallet.home import WALLETS


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one node, all below one directory that only its owner can read."""

    directory: Path

    @property
    def settings(self) -> Path:
        return self.directory / "stoker.toml"

    @property
    def lock(self) -> Path:
        return self.directory / "node.lock"

    @property
    def ledger(self) -> Path:
        return self.directory / "ledger.db"

    @property
    def telemetry(self) -> Path:
        return self.directory / "telemetry.db"

    @property
    def access(self) -> Path:
        return self.directory / "access.json"

    @property
    def models(self) -> Path:
        return self.directory / "models"

    @property
    def engine(self) -> Path:
        """Where children of the engine live."""
        return self.directory / "engine"

    @property
    def builds(self) -> Path:
        """Builds of llama.cpp for this machine's cards."""
        return self.directory / "engines"

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def wallets(self) -> Path:
        """Made by `stoker keys`, which needs no node."""
        return self.directory / WALLETS

    @property
    def pause(self) -> Path:
        """Exists while the owner has paused the node; holds the reason. A restart does not undo a pause."""
        return self.directory / "paused"

    @property
    def override(self) -> Path:
        """Exists while the owner has set the rules aside; holds until when."""
        return self.directory / "run-anyway"

    @property
    def networks(self) -> Path:
        """The networks that the owner has joined, without their keys."""
        return self.directory / "networks.toml"

    @property
    def network_states(self) -> Path:
        """What each joined network's adapter has to remember, in a directory by its name."""
        return self.directory / "networks"

    @property
    def prices(self) -> Path:
        """Electricity prices that were fetched."""
        return self.directory / "prices.json"

    @property
    def traffic(self) -> Path:
        """How much went over the line this day and this month."""
        return self.directory / "traffic.json"

    @property
    def power(self) -> Path:
        """Exists while a power limit of a card is not the one that was found; holds that one."""
        return self.directory / "power.json"

    def prepare(self) -> None:
        """Make the directory, for its owner alone.

        Raises:
            OSError: it cannot be made or written, or it holds other things and is open to others.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(self.directory.stat().st_mode) & 0o077:
            ours = (self.lock, self.settings, self.models, self.ledger, self.wallets)
            known = any(path.exists() for path in ours)
            if not known and any(self.directory.iterdir()):
                raise PermissionError(errno.EPERM, "it holds other things and is open to other users")
            self.directory.chmod(0o700)
        self.models.mkdir(mode=0o700, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
