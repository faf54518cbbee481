"""Where a new key is kept: the OS keyring where one may be used, else a vault file with a passphrase."""

from __future__ import annotations

from typing import Any

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.keys.entry import ask, can_ask
from tui.cli.terminal.output import narrate, write, write_json
from tui.cli.terminal.progress import Waiting
from wallet.keystore.keyring import Keyring
from wallet.material import KeyMaterial
from wallet.register import Chain, Store, Wallet
from wallet.secret import Secret
from wallet.vault import MODERATE
from wallet.wallets import Wallets

STORES = {
    Store.WATCH_ONLY: "watch-only",
    Store.CREDENTIALS: "credentials",
    Store.KEYRING: "keyring",
    Store.VAULT: "vault",
}
CHAINS = {Chain.SOLANA: "solana", Chain.EVM: "base"}


def keep(wallets: Wallets, name: str, material: KeyMaterial, passphrase: Secret | None, *, vault: bool) -> Wallet:
    """Store a key under a name, and say where.

    Args:
        passphrase: a given one means a vault file. vault: a vault file even where there is a keyring.

    Raises:
        Failure: there is neither a keyring nor a passphrase, and nobody to ask for one.
    """
    if passphrase is None and not vault:
        problem = _keyring_problem()
        if not problem:
            return wallets.add(name, material, store=Store.KEYRING)
        if not can_ask():
            remedy = "keep the key in a vault file: `--passphrase-file FILE` or `--passphrase-fd N`"
            raise Failure(f"there is no keyring to keep the key in: {problem}", remedy, Exit.NOT_NOW)
        narrate(f"There is no keyring to keep the key in ({problem}), so it goes into a vault file with a passphrase.")
    chosen = passphrase if passphrase is not None else ask(f"New passphrase of {name}", twice=True)
    with Waiting("sealing the vault"):
        wallet = wallets.add(name, material, store=Store.VAULT, passphrase=chosen)
    cost = wallets.vault_cost(name)
    if cost is not None and cost.memory < MODERATE.memory:
        narrate(f"Memory is short here, so the vault was made with a smaller setting: {cost}.")
    return wallet


def tell(wallet: Wallet, *, active: bool, as_json: bool) -> None:
    """What became of a wallet: its address on stdout, where its key is on stderr."""
    if as_json:
        write_json(document(wallet, active=active))
        return
    narrate(f"{wallet.name} is kept here: {wallet.store.value}." + (" It is the active wallet." if active else ""))
    write(wallet.address)


def document(wallet: Wallet, *, active: bool) -> dict[str, Any]:
    """What is public about a wallet, as JSON has it."""
    return {
        "name": wallet.name,
        "address": wallet.address,
        "chain": CHAINS[wallet.chain],
        "store": STORES[wallet.store],
        "active": active,
        "path": wallet.path,
        "words": wallet.words,
        "created_at": wallet.created_at,
        "backed_up": not wallet.needs_backup if wallet.has_key else None,
    }


def _keyring_problem() -> str:
    with Waiting("asking the keyring; look for a window of its own"):
        return Keyring().probe().problem
