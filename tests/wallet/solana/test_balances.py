import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from node.rehearsal.solana.chain import TOKEN_2022, Chain
from node.rehearsal.solana.nodes import Node, Nodes, http
from wallet.money import Amount, Asset
from wallet.rpc.client import BadAnswer, RpcUnavailable
from wallet.solana.balances import Balances, balances
from wallet.solana.cluster import DEVNET, SOL
from wallet.solana.rpc import SolanaRpc

USDC_MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
USDC = Asset("USDC", 6)
ISSUER = Keypair().pubkey()


@pytest.fixture
def chain() -> Chain:
    return Chain()


def rpc_of(*nodes: Node, **options: Any) -> SolanaRpc:
    hosts = {f"n{at}": node for at, node in enumerate(nodes)}
    settings = {"timeout": 1.0, "patience": 0.0, "per_second": 1000.0} | options
    return SolanaRpc(DEVNET, [f"http://{host}/" for host in hosts], transport=Nodes(**hosts), **settings)


async def ask(chain: Chain, owner: Pubkey) -> Balances:
    async with rpc_of(Node(chain)) as rpc:
        return await balances(rpc, str(owner))


async def test_an_address_that_nobody_has_used_has_nothing(chain: Chain) -> None:
    found = await ask(chain, Keypair().pubkey())
    assert (found.sol, found.tokens, found.unreadable) == (Amount(0, SOL), (), ())
    assert found.of("USDC") is None


async def test_sol_usdc_and_tokens_of_both_programs(chain: Chain) -> None:
    owner = Keypair().pubkey()
    chain.fund(owner, 1_500_000_000)
    chain.plant_tokens(owner, chain.plant_mint(USDC_MINT, 6, ISSUER), 12_345_678)
    newer = chain.plant_mint(str(Keypair().pubkey()), 2, ISSUER, TOKEN_2022)
    chain.plant_tokens(owner, newer, 999)
    found = await ask(chain, owner)
    assert str(found.sol) == "1.500000000 SOL"
    assert found.of("SOL") == found.sol
    assert found.of("USDC") == Amount(12_345_678, USDC)
    assert [(one.known, str(one.amount)) for one in found.tokens] == [
        (True, "12.345678 USDC"),
        (False, f"9.99 {newer}"),
    ]
    assert found.slot >= 1000


async def test_several_accounts_of_one_token_are_one_holding(chain: Chain) -> None:
    owner, mint = Keypair().pubkey(), chain.plant_mint(USDC_MINT, 6, ISSUER)
    first = chain.plant_tokens(owner, mint, 2)
    chain.plant(Keypair().pubkey(), chain.account(first))
    chain.plant_tokens(owner, mint, 3, frozen=True)
    holding = (await ask(chain, owner)).tokens[0]
    assert (holding.amount, holding.frozen) == (Amount(5, USDC), True)


async def test_empty_accounts_are_shown_of_known_tokens_only(chain: Chain) -> None:
    owner = Keypair().pubkey()
    chain.plant_tokens(owner, chain.plant_mint(USDC_MINT, 6, ISSUER), 0)
    chain.plant_tokens(owner, chain.plant_mint(str(Keypair().pubkey()), 6, ISSUER), 0)
    assert [one.amount for one in (await ask(chain, owner)).tokens] == [Amount(0, USDC)]


async def test_a_token_made_to_confuse_spoils_no_other_number(chain: Chain) -> None:
    owner = Keypair().pubkey()
    chain.plant_tokens(owner, chain.plant_mint(USDC_MINT, 6, ISSUER), 7)
    odd = chain.plant_tokens(owner, chain.plant_mint(str(Keypair().pubkey()), 200, ISSUER), 2**64 - 1)
    found = await ask(chain, owner)
    assert found.of("USDC") == Amount(7, USDC)
    assert found.unreadable == (str(odd),)


async def test_a_usdc_with_other_decimals_is_not_believed(chain: Chain) -> None:
    owner = Keypair().pubkey()
    chain.plant_tokens(owner, chain.plant_mint(USDC_MINT, 9, ISSUER), 7)
    with pytest.raises(BadAnswer, match="USDC: 9 decimals, expected 6"):
        await ask(chain, owner)


async def test_a_node_that_lies_about_owners_is_caught(chain: Chain) -> None:
    owner, mint = Keypair().pubkey(), chain.plant_mint(USDC_MINT, 6, ISSUER)
    chain.plant_tokens(Keypair().pubkey(), mint, 10**12)
    node = Node(chain)
    honest = node.methods.getTokenAccountsByOwner
    stranger = next(str(chain.token_account(chain.account(one)).owner) for one in chain.known if one != mint)
    node.methods.getTokenAccountsByOwner = lambda _, wanted, options: honest(stranger, wanted, options)
    async with rpc_of(node) as rpc:
        with pytest.raises(BadAnswer, match="somebody else"):
            await balances(rpc, str(owner))


async def test_a_node_down_in_the_middle_gives_no_half_answer(chain: Chain) -> None:
    node = Node(chain)
    node.fault = lambda: http(500)() if node.methods.calls["getBalance"] else None
    async with rpc_of(node) as rpc:
        with pytest.raises(RpcUnavailable):
            await balances(rpc, str(Keypair().pubkey()))


async def test_a_second_node_takes_over_in_the_middle(chain: Chain) -> None:
    owner = Keypair().pubkey()
    chain.plant_tokens(owner, chain.plant_mint(USDC_MINT, 6, ISSUER), 7)
    failing = Node(chain)
    failing.fault = lambda: http(500)() if failing.methods.calls["getBalance"] else None
    async with rpc_of(failing, Node(chain)) as rpc:
        assert (await balances(rpc, str(owner))).of("USDC") == Amount(7, USDC)


@pytest.mark.parametrize(
    "result",
    [
        None,
        5,
        {"context": {"slot": 1}},
        {"context": {"slot": -1}, "value": 5},
        {"context": {"slot": 1}, "value": "5"},
        {"context": {"slot": 1}, "value": -5},
        {"context": {"slot": 1}, "value": 2**64},
        {"context": {"slot": 1}, "value": 1.5},
        {"context": {"slot": True}, "value": 5},
    ],
)
async def test_an_answer_of_the_wrong_shape_is_an_error_and_not_a_number(result: object) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        question = json.loads(request.content)
        answer = DEVNET.genesis if question["method"] == "getGenesisHash" else result
        return httpx.Response(200, json={"id": question["id"], "result": answer})

    async with SolanaRpc(DEVNET, ["http://a/"], transport=httpx.MockTransport(handle)) as rpc:
        with pytest.raises(BadAnswer, match="getBalance"):
            await rpc.balance(str(ISSUER))


def test_clusters_have_their_caip_2_names() -> None:
    assert DEVNET.caip2 == "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1"
    assert replace(DEVNET, genesis="x" * 44).caip2 == "solana:" + "x" * 32
