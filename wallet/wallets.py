"""The room's front door: named wallets, their keys, and which of them are unlocked.

Everything here blocks (Argon2, files, the keyring): call it in a thread.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from wallet import formats, vault
from wallet.errors import WalletError
from wallet.keys import KeyPair
from wallet.keystore.money import MoneyKeys
from wallet.material import FromWords, KeyMaterial
from wallet.register import Chain, Register, RegisterFile, Store, Wallet, parse_address
from wallet.secret import Secret
from wallet.unlocked import Locked, Unlocked

WORDS_TO_PROVE = 3
"""Words that must be given back before a wallet counts as backed up."""


class NotBackedUp(WalletError):
    """Going on would lose the only copy of a key."""


class Wallets:
    """The wallets of one data directory."""

    def __init__(self, directory: Path, keys: MoneyKeys | None = None, unlocked: Unlocked | None = None) -> None:
        """Opens nothing yet.

        Args:
            directory: holds the register, and the vault files unless ``keys`` says otherwise; made 0700 when needed.
            keys: where the keys are; None for vault files alone.
            unlocked: who holds the keys in memory; None for one with the usual idle limit.
        """
        self._file = RegisterFile(directory)
        self._keys = keys or MoneyKeys(directory)
        self._unlocked = unlocked or Unlocked()

    def register(self) -> Register:
        """All wallets and the active one. Raises ``RegisterError`` if the file is damaged."""
        return self._file.read()

    def watch(self, name: str, address: str) -> Wallet:
        """Follow an address without its key: Solana's, or an EVM one whose case carries the EIP-55 checksum.

        Raises:
            AddressError: it is none. RegisterError: the name or the address is here already.
        """
        chain, canonical = parse_address(address)
        return self._add(Wallet(_new_id(), name, chain, canonical, Store.WATCH_ONLY, int(time.time())))

    def adopt_credentials(self) -> tuple[Wallet, ...]:
        """Register the money keys that systemd's credentials directory gives us and that are not known yet."""
        adopted = []
        for name in self._keys.credential_names():
            material = self._keys.credential(name)
            if material is None or any(wallet.name == name for wallet in self.register().wallets):
                continue
            wallet = _described(name, material, Store.CREDENTIALS)
            # whoever set up the credential has the key: there is nothing to back up here
            adopted.append(self._add(replace(wallet, backed_up_at=wallet.created_at)))
        return tuple(adopted)

    def add(
        self, name: str, material: KeyMaterial, *, store: Store | None = None, passphrase: Secret | None = None
    ) -> Wallet:
        """Keep a key under a name; it is locked until ``unlock``.

        Args:
            store: KEYRING or VAULT. None takes the vault if a passphrase is given and the keyring otherwise.
            passphrase: for the vault.

        Raises:
            RegisterError: the name or the address is here already.
            NeedsPassphrase: the vault was asked for without one.
            KeyringUnavailable: there is no keyring that may be used; a passphrase for a vault is the way out.
        """
        wallet = _described(name, material, store or (Store.VAULT if passphrase is not None else Store.KEYRING))
        self.register().added(wallet)  # complain before anything is stored
        self._keys.put(wallet, material, passphrase)
        try:
            return self._add(wallet)
        except BaseException:
            self._keys.delete(wallet)
            raise

    def use(self, name: str) -> Wallet:
        """Make it the active one."""
        return self._file.change(lambda register: register.used(name)).get(name)

    def rename(self, name: str, new: str) -> Wallet:
        """Give it another name; a wallet from the credentials directory cannot have one."""
        if self.register().get(name).store is Store.CREDENTIALS:
            raise WalletError("name", "it is the name of the credential", "change it where the unit is defined")
        return self._file.change(lambda register: register.renamed(name, new)).get(new)

    def remove(self, name: str, *, even_if_lost: bool = False) -> Wallet:
        """Forget a wallet and delete its key.

        Raises:
            NotBackedUp: its key was never proved to be anywhere else, and ``even_if_lost`` is not set.
            KeyringUnavailable: its key is in a keyring that is not open; nothing was changed.
        """
        wallet = self.register().get(name)
        if wallet.needs_backup and not even_if_lost:
            raise NotBackedUp(name, "nobody has proved to have its words or a backup", "verify the backup first")
        self._unlocked.lock(wallet.id)
        self._keys.delete(wallet)
        self._file.change(lambda register: register.removed(name))
        return wallet

    def material(self, name: str, passphrase: Secret | None = None) -> KeyMaterial:
        """The key itself, from its store, for export and backup. Raises like ``MoneyKeys.get``."""
        return self._keys.get(self.register().get(name), passphrase)

    def vault_cost(self, name: str) -> vault.Cost | None:
        """What it costs to open its vault file, to be stated; None if it is in no vault. Raises ``VaultError``."""
        return self._keys.vault_cost(self.register().get(name))

    def unlock(self, name: str, passphrase: Secret | None = None) -> Wallet:
        """Take the key into memory, for signing. Raises like ``MoneyKeys.get``."""
        wallet = self.register().get(name)
        self._unlocked.hold(wallet.id, self._keys.get(wallet, passphrase).key_pair())
        return wallet

    def signer(self, name: str) -> KeyPair:
        """The key of an unlocked wallet. Asking counts as use: the idle time starts anew.

        Raises:
            Locked: it is not unlocked, or was left idle too long.
        """
        pair = self._unlocked.use(self.register().get(name).id)
        if pair is None:
            raise Locked(name, "it is locked", "unlock it first")
        return pair

    def locked(self, name: str) -> bool:
        """Whether signing would need an unlock first; true of watch-only wallets too."""
        return not self._unlocked.holds(self.register().get(name).id)

    def lock(self, name: str | None = None) -> None:
        """Wipe the key of one wallet, or of all, from memory."""
        self._unlocked.lock(None if name is None else self.register().get(name).id)

    def lock_idle(self) -> int:
        """Lock what was left idle; to be called now and then. Returns how many that were."""
        return self._unlocked.lock_idle()

    def challenge(self, name: str) -> tuple[int, ...]:
        """The positions of three words to ask a person for, from 1, ascending; none if it does not come from words."""
        words = self.register().get(name).words
        chosen = secrets.SystemRandom().sample(range(1, words + 1), WORDS_TO_PROVE) if words else []
        return tuple(sorted(chosen))

    def verify_words(self, name: str, given: Mapping[int, Secret], passphrase: Secret | None = None) -> Wallet:
        """Count a wallet as backed up if these are its words, by position from 1.

        Raises:
            WalletError: fewer than three positions, or one is not right; it does not say what would be.
        """
        material = self.material(name, passphrase)
        if not isinstance(material, FromWords):
            raise formats.NoWords("words", "this wallet came as a key and has none", "verify a backup file instead")
        words = material.words.reveal().split()
        if len(given) < WORDS_TO_PROVE or not all(1 <= at <= len(words) for at in given):
            raise WalletError("words", f"expected {WORDS_TO_PROVE} of the words 1 to {len(words)}")
        wrong = [at for at, word in sorted(given.items()) if Secret(words[at - 1]) != _tidied(word)]
        if wrong:
            raise WalletError("words", f"not what belongs at {', '.join(map(str, wrong))}", "look at your notes again")
        return self._backed_up(name)

    def verify_backup(self, name: str, backup: Secret, backup_passphrase: Secret) -> Wallet:
        """Count a wallet as backed up if this is a backup of it that opens.

        Raises:
            FormatError, VaultError: it does not. WalletError: it is of another wallet.
        """
        wallet = self.register().get(name)
        material = formats.decode(backup, formats.Format.BACKUP, passphrase=backup_passphrase)
        if material.key_pair().address != wallet.address:
            raise WalletError("backup", f"it is not of {name!r}", "verify it against the wallet it was made of")
        return self._backed_up(name)

    def _add(self, wallet: Wallet) -> Wallet:
        return self._file.change(lambda register: register.added(wallet)).get(wallet.name)

    def _backed_up(self, name: str) -> Wallet:
        now = int(time.time())
        return self._file.change(
            lambda register: register.replaced(name, replace(register.get(name), backed_up_at=now))
        ).get(name)


def _described(name: str, material: KeyMaterial, store: Store) -> Wallet:
    address, now = material.key_pair().address, int(time.time())
    if isinstance(material, FromWords):
        path, words = str(material.path or ""), len(material.words.reveal().split())
        return Wallet(_new_id(), name, Chain.SOLANA, address, store, now, path, words)
    return Wallet(_new_id(), name, Chain.SOLANA, address, store, now)


def _tidied(word: Secret) -> Secret:
    return Secret(word.reveal().strip().lower())


def _new_id() -> str:
    return secrets.token_hex(8)
