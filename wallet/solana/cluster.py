"""Solana's clusters and the tokens on them that we know by their mint."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from wallet.money import Asset

SOL = Asset("SOL", 9)
SPL = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
SPL_2022 = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"

_MAINNET_TOKENS = {
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v": Asset("USDC", 6),
    "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB": Asset("USDT", 6),
    "2b1kV6DkPAnxd5ixfnxCpjxmKwqjjaYmCZfHsFu24GXo": Asset("PYUSD", 6),
    "So11111111111111111111111111111111111111112": Asset("wSOL", 9),
    "nosXBVoaCTtYdLvKY6Csb4AC8JCdQKKAaWYtx2ZMoo7": Asset("NOS", 6),
    "rndrizKT3MK1iimdxRdWabcF7Zg7AR5T4nud4EkHBof": Asset("RENDER", 8),
}
_DEVNET_TOKENS = {
    "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU": Asset("USDC", 6),
    "So11111111111111111111111111111111111111112": Asset("wSOL", 9),
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One Solana network.

    Attributes:
        genesis: the hash that ``getGenesisHash`` answers with; nothing else tells the clusters apart.
        tokens: what is known, by mint. A token that calls itself USDC and is not here is not USDC.
        rpc: the public node, for a start; rate-limited.
    """

    name: str
    genesis: str
    rpc: str
    tokens: MappingProxyType[str, Asset] = field(compare=False)

    @property
    def caip2(self) -> str:
        """The chain id of CAIP-2."""
        return f"solana:{self.genesis[:32]}"


MAINNET = Cluster(
    "mainnet",
    "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    "https://api.mainnet-beta.solana.com",
    MappingProxyType(_MAINNET_TOKENS),
)
DEVNET = Cluster(
    "devnet",
    "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
    "https://api.devnet.solana.com",
    MappingProxyType(_DEVNET_TOKENS),
)
TESTNET = Cluster(
    "testnet",
    "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY",
    "https://api.testnet.solana.com",
    MappingProxyType({"So11111111111111111111111111111111111111112": Asset("wSOL", 9)}),
)
CLUSTERS = {cluster.name: cluster for cluster in (MAINNET, DEVNET, TESTNET)}
