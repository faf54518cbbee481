"""Whatever a node answers, the wallet gives a right number or a clear error."""

import copy
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair

from node.rehearsal.solana.chain import Chain
from node.rehearsal.solana.instructions import memo, transfer_tokens
from node.rehearsal.solana.methods import Methods
from wallet.errors import WalletError
from wallet.rpc.endpoint import RpcRefused
from wallet.solana.balances import Balances, balances
from wallet.solana.cluster import DEVNET
from wallet.solana.history import Page, history
from wallet.solana.rpc import SolanaRpc

USDC_MINT = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"
ODD = st.sampled_from([None, True, -1, 0, 1.5, 2**64, 2**300, "", "x", "-5", "1" * 50, [], {}, [[]], {"": 0}])


def honest_methods() -> tuple[Methods, str]:
    chain, owner, other = Chain(), Keypair(), Keypair()
    usdc = chain.plant_mint(USDC_MINT, 6, Keypair().pubkey())
    chain.fund(owner.pubkey(), 10**9)
    chain.plant_tokens(owner.pubkey(), usdc, 10**6)
    chain.plant_tokens(other.pubkey(), usdc, 0)
    chain.send([transfer_tokens(owner.pubkey(), other.pubkey(), usdc, 5, 6), memo("hello")], owner)
    return Methods(chain), str(owner.pubkey())


METHODS, OWNER = honest_methods()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def bent(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """The value with an odd thing at a place."""
    if not path:
        return odd
    bent_value = copy.deepcopy(value)
    place = bent_value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = odd
    return bent_value


@given(st.data())
@settings(max_examples=300)
@pytest.mark.parametrize(
    "victim", ["getBalance", "getTokenAccountsByOwner", "getSignaturesForAddress", "getTransaction"]
)
async def test_an_answer_with_something_odd_in_it_never_gets_past_the_types(victim: str, data: st.DataObject) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        question = json.loads(request.content)
        answer = METHODS.answer(question)
        if question["method"] == victim:
            path = data.draw(st.sampled_from(places(answer["result"])))
            answer["result"] = bent(answer["result"], path, data.draw(ODD))
        return httpx.Response(200, text=json.dumps(answer))

    pace = {"per_second": 10_000.0, "patience": 0.0}
    async with SolanaRpc(DEVNET, ["http://a/"], transport=httpx.MockTransport(handle), **pace) as rpc:
        try:
            found = await balances(rpc, OWNER)
            page = await history(rpc, OWNER)
        except (WalletError, RpcRefused) as error:
            assert str(error)
        else:
            assert isinstance(found, Balances)
            assert isinstance(page, Page)
            assert all(one.amount.units >= 0 for one in found.tokens)
