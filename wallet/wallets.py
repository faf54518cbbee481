"""The room's front door: named wallets, their keys in their stores, and which of them are unlocked.

Everything here blocks (Argon2, files, the keyring): call it in a thread.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from wallet import formats, vault
from wallet.errors import WalletError
from wallet.files import read_private, remove, write_private
from wallet.keys import KeyPair
from wallet.keystore.credentials import CredentialsDirectory
from wallet.keystore.keyring import Keyring
from wallet.material import FromWords, KeyMaterial, dump, load
from wallet.register import Chain, Register, RegisterFile, Store, Wallet, parse_address
from wallet.secret import Secret

CREDENTIAL = "stoker-wallet-"
"""What a money key's credential is named: this and the wallet's name. Any import format but a backup."""

WORDS_TO_PROVE = 3
"""Words that must be given back before a wallet counts as backed up."""


class Locked(WalletError):
    """The wallet's key is not in memory."""


class NeedsPassphrase(WalletError):
    """A vault file is needed or meant, and no passphrase was given for it."""


class NotBackedUp(WalletError):
    """Going on would lose the only copy of a key."""


class NoKey(WalletError):
    """The wallet is watch-only, or its store has lost the key."""


@dataclass(slots=True)
class _Open:
    pair: KeyPair
    used: float


class Wallets:
    """The wallets of one data directory."""

    def __init__(
        self,
        directory: Path,
        *,
        credentials: CredentialsDirectory | None = None,
        keyring: Keyring | None = None,
        idle_limit: float | None = 15 * 60,
        cost: vault.Cost | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Opens nothing yet.

        Args:
            directory: holds the register and the vault files; made 0700 when something is first written.
            keyring: None to do without.
            idle_limit: seconds without a signature after which a wallet locks itself; None for never.
            cost: what new vaults cost; None for the strongest that this machine affords.
        """
        self._directory = directory
        self._file = RegisterFile(directory)
        self._credentials = credentials
        self._keyring = keyring
        self._idle_limit = idle_limit
        self._cost = cost
        self._monotonic = monotonic
        self._open: dict[str, _Open] = {}
        self._guard = threading.Lock()

    # What there is

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
        for name in self._credentials.names(CREDENTIAL) if self._credentials else ():
            if any(wallet.name == name for wallet in self.register().wallets):
                continue
            material = self._from_credentials(name)
            if material is not None:
                wallet = _described(name, material, Store.CREDENTIALS)
                # who set up the credential has the key: there is nothing to back up here
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
            NeedsPassphrase: there is no keyring that may be used, and no passphrase for a vault.
            KeyringUnavailable: the keyring was asked for and cannot be used.
        """
        store = store or (Store.VAULT if passphrase is not None else Store.KEYRING)
        if store not in (Store.KEYRING, Store.VAULT):
            raise WalletError("store", f"{store.value!r} takes no keys", "choose the OS keyring or a vault file")
        wallet = _described(name, material, store)
        self.register().added(wallet)  # complain before anything is stored
        if store is Store.VAULT:
            if passphrase is None:
                raise NeedsPassphrase("passphrase", "a vault file needs one", "give a passphrase")
            sealed = vault.seal(dump(material), passphrase, wallet.address, self._cost)
            self._file.change(lambda register: register)  # makes the directory
            write_private(self._vault(wallet), sealed)
        else:
            self._usable_keyring().put(_entry(wallet), dump(material))
        try:
            return self._add(wallet)
        except BaseException:
            self._forget_key(wallet)
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
        self.lock(name)
        self._forget_key(wallet)
        self._file.change(lambda register: register.removed(name))
        return wallet

    # Keys

    def material(self, name: str, passphrase: Secret | None = None) -> KeyMaterial:
        """The key itself, from its store, for export and backup. The caller wipes what it reveals.

        Raises:
            NoKey: watch-only, or the key is gone. NeedsPassphrase: it is in a vault.
            WrongPassphrase, DamagedVault, KeyringUnavailable: as they say.
        """
        wallet = self.register().get(name)
        material = self._from_credentials(name) or self._from_store(wallet, passphrase)
        if material.key_pair().address != wallet.address:
            raise NoKey(name, "its store holds the key of another address", "remove it and import it again")
        return material

    def unlock(self, name: str, passphrase: Secret | None = None) -> Wallet:
        """Take the key into memory, for signing. Raises like ``material``."""
        wallet = self.register().get(name)
        pair = self.material(name, passphrase).key_pair()
        with self._guard:
            self._open[wallet.id] = _Open(pair, self._monotonic())
        return wallet

    def signer(self, name: str) -> KeyPair:
        """The key of an unlocked wallet. Asking counts as use: the idle time starts anew.

        Raises:
            Locked: it is not unlocked, or was left idle too long.
        """
        wallet = self.register().get(name)
        self.lock_idle()
        with self._guard:
            opened = self._open.get(wallet.id)
            if opened is None:
                raise Locked(name, "it is locked", "unlock it first")
            opened.used = self._monotonic()
            return opened.pair

    def locked(self, name: str) -> bool:
        """Whether signing would need an unlock first; true of watch-only wallets too."""
        wallet = self.register().get(name)
        self.lock_idle()
        with self._guard:
            return wallet.id not in self._open

    def lock(self, name: str | None = None) -> None:
        """Wipe the key of one wallet, or of all, from memory."""
        keep_all_but = None if name is None else self.register().get(name).id
        with self._guard:
            for id_ in [id_ for id_ in self._open if keep_all_but in (None, id_)]:
                self._open.pop(id_).pair.wipe()

    def lock_idle(self) -> int:
        """Lock what has not been used within the idle limit. Returns how many; call it now and then."""
        if self._idle_limit is None:
            return 0
        with self._guard:
            now = self._monotonic()
            idle = [id_ for id_, opened in self._open.items() if now - opened.used >= self._idle_limit]
            for id_ in idle:
                self._open.pop(id_).pair.wipe()
        return len(idle)

    def vault_cost(self, name: str) -> vault.Cost | None:
        """What it costs to open its vault file, to be stated; None if it is in no vault. Raises ``VaultError``."""
        wallet = self.register().get(name)
        if wallet.store is not Store.VAULT:
            return None
        return vault.read_header(read_private(self._vault(wallet), vault.LARGEST)).cost

    # Backup

    def challenge(self, name: str) -> tuple[int, ...]:
        """The positions of three words to ask a person for, from 1, ascending. Empty if it does not come from words."""
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
        wrong = [at for at, word in sorted(given.items()) if Secret(words[at - 1]) != _word(word)]
        if wrong:
            which = ", ".join(map(str, wrong))
            raise WalletError("words", f"not what belongs at {which}", "look at your notes again")
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

    # Stores

    def _add(self, wallet: Wallet) -> Wallet:
        return self._file.change(lambda register: register.added(wallet)).get(wallet.name)

    def _backed_up(self, name: str) -> Wallet:
        now = int(time.time())
        return self._file.change(
            lambda register: register.replaced(name, replace(register.get(name), backed_up_at=now))
        ).get(name)

    def _from_credentials(self, name: str) -> KeyMaterial | None:
        text = self._credentials.get(CREDENTIAL + name) if self._credentials else None
        return None if text is None else formats.decode(text)

    def _from_store(self, wallet: Wallet, passphrase: Secret | None) -> KeyMaterial:
        match wallet.store:
            case Store.VAULT:
                if not self._vault(wallet).exists():
                    raise NoKey(wallet.name, "its vault file is gone", "import its words or its backup again")
                if passphrase is None:
                    raise NeedsPassphrase("passphrase", f"{wallet.name!r} is in a vault file", "give its passphrase")
                return load(vault.unseal(read_private(self._vault(wallet), vault.LARGEST), passphrase))
            case Store.KEYRING:
                stored = self._usable_keyring().get(_entry(wallet))
                if stored is None:
                    raise NoKey(wallet.name, "its key is not in the keyring", "import its words or its backup again")
                return load(stored)
            case Store.CREDENTIALS:
                raise NoKey(wallet.name, "the service manager gave no such credential", "see LoadCredentialEncrypted=")
            case Store.WATCH_ONLY:
                raise NoKey(wallet.name, "it is watch-only", "import its key to sign with it")

    def _usable_keyring(self) -> Keyring:
        if self._keyring is None:
            raise NeedsPassphrase("keyring", "it is switched off", "give a passphrase for a vault file")
        return self._keyring

    def _forget_key(self, wallet: Wallet) -> None:
        if wallet.store is Store.VAULT:
            remove(self._vault(wallet))
        elif wallet.store is Store.KEYRING:
            self._usable_keyring().delete(_entry(wallet))

    def _vault(self, wallet: Wallet) -> Path:
        return self._directory / f"{wallet.id}.vault"


def _described(name: str, material: KeyMaterial, store: Store) -> Wallet:
    address, now = material.key_pair().address, int(time.time())
    if isinstance(material, FromWords):
        path, words = str(material.path or ""), len(material.words.reveal().split())
        return Wallet(_new_id(), name, Chain.SOLANA, address, store, now, path, words)
    return Wallet(_new_id(), name, Chain.SOLANA, address, store, now)


def _word(word: Secret) -> Secret:
    return Secret(word.reveal().strip().lower())


def _new_id() -> str:
    return secrets.token_hex(8)


def _entry(wallet: Wallet) -> str:
    return f"wallet/{wallet.id}"
