"""The named wallets in words: where each key lies, whether it is locked, whether it is backed up. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from node.control.wire import WalletView
from tui import format as said
from tui.ink import Line, Span, Tone, bold, cell, clip, dim, measure, wrapped
from tui.lesson import Lesson, Way
from tui.widgets import columns
from tui.widgets.columns import Column, Layout

LABEL = 9
COLUMNS = (
    Column("active", "", 1),
    Column("name", "wallet", 12),
    Column("address", "address", 11, widest=44),
    Column("chain", "chain", 7, rank=2),
    Column("store", "key", 14, rank=1),
    Column("lock", "lock", 10),
    Column("backup", "backup", 15),
)

CHAINS = {"solana": "Solana", "base": "Base"}
STORES = {
    "keyring": ("OS keyring", "in the OS keyring"),
    "vault": ("encrypted file", "in an encrypted file"),
    "credentials": ("systemd", "in systemd's credentials directory"),
    "watch-only": ("watch-only", "not here: the address is only watched"),
}
"""What a store is called in a list, and in a sentence."""

EMPTY = Lesson(
    "No wallet is here yet. What networks pay comes to an address; the key to it need not be on this machine.",
    (
        Way("Paste an address you own", actions=("wallet.watch",)),
        Way("Or create a key here", command="stoker keys new"),
    ),
)


def chain(name: str) -> str:
    """A chain as it writes itself."""
    return CHAINS.get(name, name)


def store(name: str) -> str:
    """Where a key lies, to follow "the key lies"."""
    return STORES[name][1] if name in STORES else f"in {name}"


def needs_passphrase(wallet: WalletView) -> bool:
    """Whether unlocking takes a passphrase; a keyring has its own lock, and credentials were opened by systemd."""
    return wallet.store == "vault"


def layout(width: int) -> Layout:
    return columns.laid_out(COLUMNS, width - 1)


def heading(layout: Layout) -> Line:
    return columns.heading(layout)


def row(layout: Layout, wallet: WalletView) -> Line:
    """One wallet in one line."""
    room = next(width for column, width in layout if column.name == "address")
    address = wallet.address if len(wallet.address) <= room else said.ends(wallet.address)
    lock, lock_tone = lock_word(wallet)
    backup, backup_tone = backup_word(wallet)
    return columns.row(
        layout,
        {
            "active": ("●" if wallet.active else "", Tone.EMBER),
            "name": (wallet.name, Tone.BOLD if wallet.active else Tone.PLAIN),
            "address": (address, Tone.PLAIN),
            "chain": (chain(wallet.chain), Tone.DIM),
            "store": (STORES.get(wallet.store, (wallet.store,))[0], Tone.DIM),
            "lock": (lock, lock_tone),
            "backup": (backup, backup_tone),
        },
    )


def lock_word(wallet: WalletView) -> tuple[str, Tone]:
    """Whether its key is in the node's memory."""
    if wallet.locked is None:
        return said.DASH, Tone.DIM
    return ("⚿ locked", Tone.DIM) if wallet.locked else ("⚿ unlocked", Tone.EMBER)


def backup_word(wallet: WalletView) -> tuple[str, Tone]:
    """Whether somebody has proved to have its key elsewhere too."""
    if wallet.backed_up is None:
        return said.DASH, Tone.DIM
    return ("✔ backed up", Tone.GOOD) if wallet.backed_up else ("▲ not backed up", Tone.WARN)


def about(wallet: WalletView, width: int, height: int) -> tuple[Line, ...]:
    """What is known of one wallet, the most important first; the last line tells if there is more to say."""
    word, tone = lock_word(wallet)
    lock = (Span(f"   {word}", tone),) if wallet.locked is not None else ()
    rows: list[Line] = [(_label("address"), bold(wallet.address)), (_label("key"), Span(store(wallet.store)), *lock)]
    if wallet.backed_up is not None:
        rows += _backup(wallet, width)
    if room := max(0, height - len(rows)):
        told = wrapped(wallet.store_detail, width - LABEL)
        if len(told) > room:
            told = [*told[: room - 1], clip(" ".join(told[room - 1 :]), width - LABEL)]
        rows += [(cell("", LABEL), dim(text)) for text in told]
    return tuple(rows)


def _backup(wallet: WalletView, width: int) -> list[Line]:
    word, tone = backup_word(wallet)
    line: Line = (_label("backup"), Span(word, tone))
    if wallet.backed_up:
        return [line]
    mend: Line = (dim("→  "), Span(f"stoker keys verify-backup {wallet.name}", Tone.EMBER))
    if measure(line) + 2 + measure(mend) <= width:
        return [(*line, dim("  "), *mend)]
    return [line, (cell("", LABEL), *mend)]


def _label(name: str) -> Span:
    return cell(name, LABEL, Tone.DIM)


def free_name(wallets: Iterable[WalletView]) -> str:
    """A name to suggest for an address that is watched."""
    taken = {wallet.name for wallet in wallets}
    return next(name for name in ("payouts", *(f"payouts-{n}" for n in range(2, 1000))) if name not in taken)
