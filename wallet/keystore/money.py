"""Money keys in their stores: which one holds a wallet's key, and how it goes in and out. Everything here blocks."""

from __future__ import annotations

from pathlib import Path

from wallet import formats, vault
from wallet.errors import NeedsPassphrase, WalletError
from wallet.files import make_private_directory, read_private, remove, write_private
from wallet.keystore.credentials import CredentialsDirectory
from wallet.keystore.keyring import Keyring, KeyringUnavailable
from wallet.material import KeyMaterial, dump, load
from wallet.register import Store, Wallet
from wallet.secret import Secret

CREDENTIAL = "stoker-wallet-"
"""What a money key's credential is named: this and the wallet's name. Any import format but a backup."""


class NoKey(WalletError):
    """The wallet is watch-only, or its store has lost the key."""


class MoneyKeys:
    """The keys of one data directory's wallets, by the store that each wallet's record names.

    A credential of systemd with the wallet's name comes before that store.
    """

    def __init__(
        self,
        directory: Path,
        credentials: CredentialsDirectory | None = None,
        keyring: Keyring | None = None,
        cost: vault.Cost | None = None,
    ) -> None:
        """Opens nothing yet. ``cost`` is what new vaults cost, None for the strongest that this machine affords."""
        self._directory = directory
        self._credentials = credentials
        self._keyring = keyring
        self._cost = cost

    def put(self, wallet: Wallet, material: KeyMaterial, passphrase: Secret | None = None) -> None:
        """Store a wallet's key.

        Raises:
            NeedsPassphrase: a vault without one. KeyringUnavailable: as it says.
            WalletError: its store is neither vault nor keyring.
        """
        match wallet.store:
            case Store.VAULT:
                if passphrase is None:
                    raise NeedsPassphrase("passphrase", "a vault file needs one", "give a passphrase")
                sealed = vault.seal(dump(material), passphrase, wallet.address, self._cost)
                make_private_directory(self._directory)
                write_private(self._vault(wallet), sealed)
            case Store.KEYRING:
                self._open_keyring().put(_entry(wallet), dump(material))
            case _:
                raise WalletError(
                    "store", f"{wallet.store.value!r} takes no keys", "choose the OS keyring or a vault file"
                )

    def get(self, wallet: Wallet, passphrase: Secret | None = None) -> KeyMaterial:
        """A wallet's key.

        Raises:
            NoKey: watch-only, gone, or in its place is the key of another address.
            NeedsPassphrase: it is in a vault.
            WrongPassphrase, DamagedVault, KeyringUnavailable: as they say.
        """
        material = self.credential(wallet.name) or self._stored(wallet, passphrase)
        if material.key_pair().address != wallet.address:
            raise NoKey(wallet.name, "its store holds the key of another address", "remove it and import it again")
        return material

    def delete(self, wallet: Wallet) -> None:
        """Delete a wallet's key from its store; harmless if there is none. Raises ``KeyringUnavailable``."""
        if wallet.store is Store.VAULT:
            remove(self._vault(wallet))
        elif wallet.store is Store.KEYRING:
            self._open_keyring().delete(_entry(wallet))

    def credential(self, name: str) -> KeyMaterial | None:
        """The key that the service manager gives for a wallet's name, if any. Raises ``FormatError``."""
        text = self._credentials.get(CREDENTIAL + name) if self._credentials else None
        return None if text is None else formats.decode(text)

    def credential_names(self) -> tuple[str, ...]:
        """The wallet names that the service manager gives keys for."""
        return self._credentials.names(CREDENTIAL) if self._credentials else ()

    def vault_cost(self, wallet: Wallet) -> vault.Cost | None:
        """What it costs to open a wallet's vault file; None if it is in none. Raises ``VaultError``."""
        if wallet.store is not Store.VAULT:
            return None
        return vault.read_header(read_private(self._vault(wallet), vault.LARGEST)).cost

    def _stored(self, wallet: Wallet, passphrase: Secret | None) -> KeyMaterial:
        match wallet.store:
            case Store.VAULT:
                if not self._vault(wallet).exists():
                    raise NoKey(wallet.name, "its vault file is gone", "import its words or its backup again")
                if passphrase is None:
                    raise NeedsPassphrase("passphrase", f"{wallet.name!r} is in a vault file", "give its passphrase")
                return load(vault.unseal(read_private(self._vault(wallet), vault.LARGEST), passphrase))
            case Store.KEYRING:
                stored = self._open_keyring().get(_entry(wallet))
                if stored is None:
                    raise NoKey(wallet.name, "its key is not in the keyring", "import its words or its backup again")
                return load(stored)
            case Store.CREDENTIALS:
                raise NoKey(wallet.name, "the service manager gave no such credential", "see LoadCredentialEncrypted=")
            case Store.WATCH_ONLY:
                raise NoKey(wallet.name, "it is watch-only", "import its key to sign with it")

    def _open_keyring(self) -> Keyring:
        if self._keyring is None:
            raise KeyringUnavailable("keyring", "it is switched off", "give a passphrase for a vault file")
        return self._keyring

    def _vault(self, wallet: Wallet) -> Path:
        return self._directory / f"{wallet.id}.vault"


def _entry(wallet: Wallet) -> str:
    return f"wallet/{wallet.id}"
