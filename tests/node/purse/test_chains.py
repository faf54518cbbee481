"""What the node says of an address, over real HTTP to a local Solana: true numbers, or a reason for none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from served_chain import ServedChain, served_chain
from solders.keypair import Keypair

from node.config import WalletSettings
from node.purse.chains import Chains
from node.purse.cursor import BadCursor
from node.rehearsal.solana.nodes import http, rpc_error
from wallet.register import Chain

MINE = str(Keypair().pubkey())


@pytest.fixture
def chain() -> Iterator[ServedChain]:
    with served_chain() as chain:
        yield chain


@pytest.fixture
async def chains(chain: ServedChain, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chains]:
    monkeypatch.setattr("node.purse.chains.PATIENCE_SECONDS", 1.0)
    found = Chains(WalletSettings(**chain.settings()))  # type: ignore[arg-type]
    yield found
    await found.aclose()


def funded(chain: ServedChain) -> None:
    chain.mint.give_sol(MINE, 2_000_000_000)
    chain.mint.give_usdc(MINE, 12_345_678, "thank you")


async def test_what_was_received_is_in_the_balance_and_in_the_history(chain: ServedChain, chains: Chains) -> None:
    funded(chain)
    view = await chains.balance(Chain.SOLANA, MINE, "mine")
    assert (view.wallet, view.address, view.cluster, view.problem) == ("mine", MINE, "devnet", "")
    assert [(each.asset, each.units, each.known) for each in view.holdings] == [
        ("SOL", 2_000_000_000, True),
        ("USDC", 12_345_678, True),
    ]
    page = await chains.movements(Chain.SOLANA, MINE, "mine", "", 25)
    faucet = str(chain.chain.faucet.pubkey())
    assert [(one.direction, one.asset, one.units, one.counterparty, one.memo) for one in page.movements] == [
        ("in", "USDC", 12_345_678, faucet, "thank you"),
        ("in", "SOL", 2_000_000_000, faucet, ""),
    ]
    assert {one.fee_units for one in page.movements} == {None}
    assert page.older == ""


async def test_a_history_goes_on_where_its_page_ended(chain: ServedChain, chains: Chains) -> None:
    for lamports in range(1_000_000, 1_000_005):
        chain.mint.give_sol(MINE, lamports)
    units: list[int] = []
    older = ""
    while True:
        page = await chains.movements(Chain.SOLANA, MINE, "mine", older, 2)
        units += [one.units for one in page.movements]
        if not (older := page.older):
            break
    assert units == [1_000_004, 1_000_003, 1_000_002, 1_000_001, 1_000_000]


async def test_an_address_that_nobody_has_used_holds_nothing(chains: Chains) -> None:
    view = await chains.balance(Chain.SOLANA, str(Keypair().pubkey()))
    assert [(each.asset, each.units) for each in view.holdings] == [("SOL", 0)]


async def test_test_money_is_worth_nothing(chain: ServedChain) -> None:
    funded(chain)
    chains = Chains(WalletSettings(**chain.settings() | {"price_source": True}))  # type: ignore[arg-type]
    view = await chains.balance(Chain.SOLANA, MINE)
    assert {each.worth for each in view.holdings} == {""}
    await chains.aclose()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (http(503), "it is busy or limits us (HTTP 503)"),
        (http(429, retry_after="30"), "it is busy or limits us (HTTP 429)"),
        (http(200, "<html>"), "its answer is not JSON"),
        (http(403), "it refuses us (HTTP 403): check its API key"),
        (rpc_error(-32005, "Node is behind"), "it says 'Node is behind' (-32005)"),
    ],
)
async def test_a_node_in_trouble_gives_a_reason_and_no_number(
    chain: ServedChain, chains: Chains, monkeypatch: pytest.MonkeyPatch, fault: object, told: str
) -> None:
    monkeypatch.setattr("node.purse.chains.PATIENCE_SECONDS", 0.3)
    funded(chain)
    chain.node.fault = fault  # type: ignore[assignment]
    view = await chains.balance(Chain.SOLANA, MINE)
    assert (view.holdings, view.at) == ((), None)
    assert view.problem
    assert view.remedy
    assert told in view.endpoints[0]
    page = await chains.movements(Chain.SOLANA, MINE, "mine", "", 25)
    assert page.movements == ()
    assert page.problem


async def test_a_node_on_another_cluster_is_not_believed(chain: ServedChain) -> None:
    funded(chain)
    chains = Chains(WalletSettings(**chain.settings() | {"cluster": "mainnet"}))  # type: ignore[arg-type]
    view = await chains.balance(Chain.SOLANA, MINE)
    assert view.holdings == ()
    assert "wrong chain, it is not on Solana mainnet" in view.endpoints[0]
    await chains.aclose()


async def test_a_node_that_is_too_slow_is_given_up_in_time(chain: ServedChain, chains: Chains) -> None:
    funded(chain)
    chain.node.delay = 0.6  # each question is answered in time, all together are not
    view = await asyncio.wait_for(chains.balance(Chain.SOLANA, MINE), 2)
    assert (view.holdings, view.problem) == ((), "no whole answer within 1 s")


async def test_nobody_at_all_is_told_with_what_to_do() -> None:
    chains = Chains(WalletSettings(rpc_urls="http://127.0.0.1:9", price_source=False))
    view = await chains.balance(Chain.SOLANA, MINE)
    assert "127.0.0.1 not reached (ConnectError)" in view.problem
    assert "set another RPC URL" in view.remedy
    await chains.aclose()


async def test_the_history_on_base_is_not_read(chains: Chains) -> None:
    page = await chains.movements(Chain.EVM, "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "base", "", 25)
    assert "Base" in page.problem


async def test_a_made_up_place_in_the_history_is_refused(chains: Chains) -> None:
    with pytest.raises(BadCursor):
        await chains.movements(Chain.SOLANA, MINE, "mine", "elsewhere", 25)
