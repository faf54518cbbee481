"""Where money that is earned should go."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count
from typing import Any

from node.control.client import ControlClient, Refused
from node.control.wire import WalletView
from tui import format as shown
from tui.cli.failures import Failure
from tui.setup import facts
from tui.setup.facts import Facts
from tui.setup.step import Step
from tui.setup.words import Choose, Enter, Option, Run, Say, Sign, Talk, asked, ran, wronged

ADDRESS, KEY, LATER = "address", "key", "later"
NAME = "payouts"

MORE = (
    "To be paid, an address is enough: its key stays where you have it, in a wallet app or on a hardware wallet, "
    "and cannot be stolen from this machine. A key that is made here is for who has none yet: it is kept in your "
    "system's keyring or in a file with a passphrase, and only you can make a copy of it. Nothing is sent "
    "anywhere by this step."
)


def judge(facts: Facts) -> tuple[bool, str]:
    active = next((wallet for wallet in facts.wallets if wallet.active), None)
    if active is None:
        return False, "no address yet"
    return True, f"{active.name}: {shown.ends(active.address)} on {active.chain}, {active.store}"


def talk(client: ControlClient) -> Talk[None]:
    wallets = facts.look(client).wallets
    for wallet in wallets:
        yield Say(f"Known already: {wallet.name}, {wallet.address} on {wallet.chain} ({wallet.store}).")
    options = (
        Option(ADDRESS, "To an address that I own", "on Solana, or on Base (0x…); no key comes here"),
        Option(KEY, "To a key that is made here", "you write its words down afterwards"),
        Option(LATER, "Later", "networks that pay in kudos need none"),
    )
    choice = yield from asked(Choose("payout.where", "Where should the money go?", options, LATER, MORE, explicit=True))
    if choice == ADDRESS:
        yield from _watched(client, wallets)
    elif choice == KEY:
        yield from _made(wallets)
    else:
        yield Say("No address for now. `stoker wallet watch NAME ADDRESS` adds one at any time.", Sign.NOTE)


def _watched(client: ControlClient, wallets: Sequence[WalletView]) -> Talk[None]:
    where = Enter("payout.address", "The address", more="Of Solana (base58), or of Base: 0x and 40 digits.")
    name = ""
    while True:
        address = (yield from asked(where)).strip()
        if known := next((wallet.name for wallet in wallets if wallet.address == address), ""):
            yield Say(f"It is known already, as {known}.", Sign.GOOD)
            return
        name = name or (yield from _named(wallets))
        try:
            wallet: dict[str, Any] = client.command("watch_wallet", name=name, address=address)
        except Refused as error:
            where = wronged(where, f"{error.message}; {error.remedy}" if error.remedy else error.message)
            name = name if error.message.startswith("address") else ""
        else:
            yield Say(f"{name} is {wallet['address']} on {wallet['chain']}; only its address is here.", Sign.GOOD)
            yield Say("Networks pay where you tell them on their own pages: give them this address there.")
            return


def _made(wallets: Sequence[WalletView]) -> Talk[None]:
    name = yield from _named(wallets)
    done = yield from ran(Run(("keys", "new", name), "making a key", asks=True))
    if done.code:
        raise Failure(" ".join(done.said[-3:]) or "no key was made", f"`stoker keys new {name}` does it by hand")
    yield Say(f"The key of {name} is here.", Sign.GOOD)
    yield Say(
        "Nothing but this machine has it: write its words down before money comes.",
        Sign.NOTE,
        f"stoker keys export {name} --format mnemonic --reveal",
    )


def _named(wallets: Sequence[WalletView]) -> Talk[str]:
    """A name that no wallet has yet."""
    taken = {wallet.name for wallet in wallets}
    names = chain((NAME,), (f"{NAME}-{number}" for number in count(2)))
    free = next(name for name in names if name not in taken)
    question = Enter("payout.name", "What do you call it here?", free, "Letters, digits, dots, - and _.")
    while (name := (yield from asked(question)).strip()) in taken:
        question = wronged(question, f"{name} is taken: expected another name")
    return name


STEP = Step("payout", "Payouts", ("payout",), judge, talk)
