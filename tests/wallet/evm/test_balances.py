import json
from typing import Any

import httpx
import pytest

from wallet.evm.address import AddressError
from wallet.evm.balances import BASE, EvmBalances, evm_balances, evm_rpc
from wallet.evm.keccak import keccak_256
from wallet.money import Amount, Asset
from wallet.rpc.client import BadAnswer, RpcUnavailable

OWNER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
USDC_CONTRACT = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"


class EvmNode:
    """An Ethereum JSON-RPC node with one owner's balances."""

    def __init__(
        self, chain_id: int = 8453, native: Any = "0xde0b6b3a7640000", usdc: Any = "0x" + f"{2_500_000:064x}"
    ) -> None:
        self.answers = {"eth_chainId": hex(chain_id), "eth_getBalance": native, "eth_call": usdc}
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        question = json.loads(request.content)
        self.asked.append(question)
        return httpx.Response(200, json={"id": question["id"], "result": self.answers[question["method"]]})


async def ask(node: EvmNode) -> EvmBalances:
    async with evm_rpc(BASE, ["http://a/"], transport=httpx.MockTransport(node), patience=0.0) as rpc:
        return await evm_balances(rpc, BASE, OWNER.lower())


async def test_the_coin_and_the_usdc_of_an_address() -> None:
    found = await ask(EvmNode())
    assert found == EvmBalances(OWNER, Amount(10**18, Asset("ETH", 18)), (Amount(2_500_000, Asset("USDC", 6)),))


async def test_the_token_is_asked_as_erc_20_says() -> None:
    node = EvmNode()
    await ask(node)
    call, block = next(one["params"] for one in node.asked if one["method"] == "eth_call")
    selector = keccak_256(b"balanceOf(address)")[:4].hex()
    assert call == {"to": USDC_CONTRACT, "data": f"0x{selector}{'0' * 24}{OWNER[2:].lower()}"}
    assert block == "latest"


async def test_a_node_of_another_chain_is_not_believed() -> None:
    with pytest.raises(RpcUnavailable, match="not on Base"):
        await ask(EvmNode(chain_id=1))


@pytest.mark.parametrize("answer", [None, "", "0x", 5, "12", "0x" + "f" * 65, "0xg", ["0x1"]])
async def test_what_is_no_number_is_an_error_and_not_a_number(answer: Any) -> None:
    with pytest.raises(BadAnswer):
        await ask(EvmNode(native=answer))
    with pytest.raises(BadAnswer):
        await ask(EvmNode(usdc=answer))


async def test_a_solana_address_is_refused_before_anything_is_asked() -> None:
    node = EvmNode()
    async with evm_rpc(BASE, ["http://a/"], transport=httpx.MockTransport(node)) as rpc:
        with pytest.raises(AddressError):
            await evm_balances(rpc, BASE, "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk")
    assert node.asked == []
