"""What an address has on an EVM chain: the native coin and the tokens that payouts come in. Read-only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import httpx

from wallet.evm.address import parse_evm_address
from wallet.money import Amount, Asset
from wallet.rpc.client import BadAnswer, Identity, JsonRpc
from wallet.rpc.together import together
from wallet.secret import Secret

_BALANCE_OF = "0x70a08231"  # the first four bytes of Keccak-256 of "balanceOf(address)"


@dataclass(frozen=True, slots=True)
class EvmChain:
    """One EVM chain.

    Attributes:
        chain_id: of EIP-155, what ``eth_chainId`` answers.
        tokens: ERC-20 contracts that are asked, by their address.
        rpc: the public node, for a start; rate-limited.
    """

    name: str
    chain_id: int
    native: Asset
    rpc: str
    tokens: MappingProxyType[str, Asset]

    @property
    def caip2(self) -> str:
        """The chain id of CAIP-2."""
        return f"eip155:{self.chain_id}"


BASE = EvmChain(
    "Base",
    8453,
    Asset("ETH", 18),
    "https://mainnet.base.org",
    MappingProxyType({"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913": Asset("USDC", 6)}),
)


@dataclass(frozen=True, slots=True)
class EvmBalances:
    """What an address has. ``tokens`` in the order of the chain's contracts, zero amounts too."""

    address: str
    native: Amount
    tokens: tuple[Amount, ...]


def evm_rpc(
    chain: EvmChain,
    urls: Sequence[str | Secret] = (),
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    **pace: Any,
) -> JsonRpc:
    """Nodes of a chain, whose chain id is checked before they are believed; ``pace`` as in ``JsonRpc``."""
    identity = Identity("eth_chainId", hex(chain.chain_id), chain.name)
    return JsonRpc(urls or (chain.rpc,), identity, transport=transport, **pace)


async def evm_balances(rpc: JsonRpc, chain: EvmChain, address: str) -> EvmBalances:
    """Ask for everything that an address has, as of the latest block.

    Raises:
        AddressError: not an EVM address.
        RpcUnavailable, RpcRefused: no answer to one of the questions; there is no half answer.
        BadAnswer: an answer that is no number.
    """
    owner = parse_evm_address(address)
    data = _BALANCE_OF + owner[2:].lower().rjust(64, "0")
    native, *tokens = await together(
        [
            rpc.call("eth_getBalance", owner, "latest"),
            *(rpc.call("eth_call", {"to": contract, "data": data}, "latest") for contract in chain.tokens),
        ]
    )
    return EvmBalances(
        owner,
        Amount(_number(native, "eth_getBalance"), chain.native),
        tuple(
            Amount(_number(answer, "eth_call"), asset)
            for answer, asset in zip(tokens, chain.tokens.values(), strict=True)
        ),
    )


def _number(answer: object, method: str) -> int:
    if not isinstance(answer, str) or not re.fullmatch(r"0x[0-9a-fA-F]{1,64}", answer, re.ASCII):
        raise BadAnswer(method, "its answer is no number of 256 bits", "set another RPC URL")
    return int(answer, 16)
