import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.system_program import TransferParams, transfer

from node.rehearsal.solana.chain import Chain
from node.rehearsal.solana.instructions import create_associated, memo, transfer_tokens
from node.rehearsal.solana.nodes import Node, Nodes
from wallet import base58
from wallet.money import Amount, Asset
from wallet.solana.answers import SignatureEntry
from wallet.solana.cluster import DEVNET, SOL
from wallet.solana.history import Change, Cursor, Direction, Entry, history, merge
from wallet.solana.rpc import SolanaRpc

USDC_MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
USDC = Asset("USDC", 6)
FEE = Amount(5000, SOL)
NO_FEE = Amount(0, SOL)


class Town:
    """A chain with two people on it, who have SOL and USDC."""

    def __init__(self) -> None:
        self.chain = Chain()
        self.alice, self.bob = Keypair(), Keypair()
        self.usdc = self.chain.plant_mint(USDC_MINT, 6, Keypair().pubkey())
        self.chain.fund(self.alice.pubkey(), 10_000_000_000)
        self.chain.plant_tokens(self.alice.pubkey(), self.usdc, 100_000_000)
        self.node = Node(self.chain)

    def rpc(self) -> SolanaRpc:
        return SolanaRpc(DEVNET, ["http://a/"], transport=Nodes(a=self.node), per_second=1000.0, patience=0.0)

    def give_sol(self, lamports: int, text: str = "") -> str:
        give = transfer(TransferParams(from_pubkey=self.alice.pubkey(), to_pubkey=self.bob.pubkey(), lamports=lamports))
        return str(self.chain.send([give, *([memo(text)] if text else [])], self.alice))

    def give_usdc(self, units: int) -> str:
        alice, bob = self.alice.pubkey(), self.bob.pubkey()
        return str(self.chain.send([transfer_tokens(alice, bob, self.usdc, units, 6)], self.alice))

    def open_account(self) -> str:
        alice, bob = self.alice.pubkey(), self.bob.pubkey()
        return str(self.chain.send([create_associated(alice, bob, self.usdc)], self.alice))

    async def entries(self, who: Keypair, limit: int = 20) -> tuple[Entry, ...]:
        async with self.rpc() as rpc:
            return (await history(rpc, str(who.pubkey()), limit)).entries


@pytest.fixture
def town() -> Town:
    return Town()


async def test_both_sides_of_a_gift_see_each_other(town: Town) -> None:
    signature = town.give_sol(1_000_000_000, "for the rent")
    alice, bob = str(town.alice.pubkey()), str(town.bob.pubkey())
    given_ = (await town.entries(town.alice))[0]
    got = (await town.entries(town.bob))[0]
    assert given_.changes == (Change(Direction.OUT, Amount(1_000_000_000, SOL), "", bob),)
    assert got.changes == (Change(Direction.IN, Amount(1_000_000_000, SOL), "", alice),)
    assert (given_.fee, got.fee) == (FEE, NO_FEE)
    assert (given_.memo, got.memo) == ("for the rent", "for the rent")
    assert given_.signature == got.signature == signature
    assert not got.failed
    assert got.at is not None


async def test_tokens_that_arrive_are_found_though_the_transaction_does_not_name_the_receiver(town: Town) -> None:
    town.open_account()
    town.chain.warp(1)
    signature = town.give_usdc(2_500_000)
    entry = (await town.entries(town.bob))[0]
    assert entry.signature == signature
    assert entry.changes == (Change(Direction.IN, Amount(2_500_000, USDC), USDC_MINT, str(town.alice.pubkey())),)
    assert entry.fee == NO_FEE


async def test_what_opening_an_account_for_somebody_costs_is_seen(town: Town) -> None:
    town.open_account()
    opened = (await town.entries(town.alice))[0]
    assert [(one.direction, one.amount.units) for one in opened.changes or ()] == [(Direction.OUT, 2_039_280)]


async def test_a_transaction_that_failed_changes_nothing_but_costs_its_fee(town: Town) -> None:
    town.open_account()
    town.give_usdc(10**12)
    entry = (await town.entries(town.alice))[0]
    assert (entry.failed, entry.changes, entry.fee) == (True, (), FEE)


async def test_a_transaction_that_the_node_has_lost_is_shown_as_unknown(town: Town) -> None:
    town.give_sol(1_000_000)
    town.node.methods.getTransaction = lambda *_: None
    entry = (await town.entries(town.bob))[0]
    assert (entry.changes, entry.failed) == (None, False)


async def test_pages_show_everything_once_newest_first(town: Town) -> None:
    town.open_account()
    sent = []
    for number in range(1, 9):
        town.chain.warp(number % 2)
        sent += [town.give_sol(1_000_000 * number), town.give_usdc(number)]
    alice = str(town.alice.pubkey())
    pages, cursor = [], None
    async with town.rpc() as rpc:
        while True:
            page = await history(rpc, alice, 3, cursor)
            pages.append([entry.signature for entry in page.entries])
            if page.older is None:
                break
            cursor = page.older
    shown = [signature for page in pages for signature in page]
    assert all(pages)
    assert len(shown) == len(set(shown)) == len(sent) + 2  # the faucet's gift and the account that was opened
    assert set(sent) < set(shown)


def entry(number: int, slot: int) -> SignatureEntry:
    return SignatureEntry(signature=base58.encode(bytes([1]) * 62 + number.to_bytes(2)), slot=slot)


@st.composite
def account_lists(draw: st.DrawFn) -> dict[str, list[SignatureEntry]]:
    """Transactions that each touch some of our accounts, as each account lists them: newest first, slots shared."""
    slots = sorted(draw(st.lists(st.integers(1, 6), max_size=25)), reverse=True)
    touched = [draw(st.sets(st.sampled_from("abc"), min_size=1)) for _ in slots]
    entries = [entry(number, slot) for number, slot in enumerate(slots)]
    return {one: [item for item, accounts in zip(entries, touched, strict=True) if one in accounts] for one in "abc"}


@given(account_lists(), st.integers(1, 6))
def test_merging_pages_loses_nothing_and_repeats_nothing(lists: dict[str, list[SignatureEntry]], limit: int) -> None:
    shown: list[SignatureEntry] = []
    cursor = Cursor({})
    while True:
        page = {}
        for account, found in lists.items():
            names = [item.signature for item in found]
            start = names.index(cursor.seen[account]) + 1 if account in cursor.seen else 0
            page[account] = found[start : start + cursor.wanted(limit)]
        chosen, cursor = merge(page, limit, cursor)
        if not any(page.values()):
            break
        shown += chosen
    signatures = [item.signature for item in shown]
    assert len(signatures) == len(set(signatures))
    assert set(signatures) == {item.signature for found in lists.values() for item in found}
    assert [item.slot for item in shown] == sorted((item.slot for item in shown), reverse=True)
