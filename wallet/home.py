"""Where a data directory keeps what belongs to the wallet, with the stores that are open to us: one way to open it."""

from __future__ import annotations

from pathlib import Path

from wallet.keystore.credentials import from_environment
from wallet.keystore.keyring import Keyring
from wallet.keystore.money import MoneyKeys
from wallet.keystore.sealed import OperatingSecrets
from wallet.unlocked import Unlocked
from wallet.wallets import Wallets

WALLETS = "wallet"
SECRETS = "secrets"


def open_wallets(data_directory: Path, unlocked: Unlocked | None = None) -> Wallets:
    """The wallets of a data directory over credentials, OS keyring and vault files. Opens nothing yet."""
    directory = data_directory / WALLETS
    return Wallets(directory, MoneyKeys(directory, from_environment(), Keyring()), unlocked)


def open_operating_secrets(data_directory: Path) -> OperatingSecrets:
    """The operating secrets of a data directory. Opens nothing yet."""
    return OperatingSecrets(data_directory / SECRETS, from_environment(), Keyring())
