"""Money of a local chain: SOL from nothing, and USDC whose mint lies at its real address."""

from __future__ import annotations

from solders.pubkey import Pubkey
from solders.signature import Signature

from node.rehearsal.solana.chain import Chain
from node.rehearsal.solana.instructions import create_associated, memo, transfer_tokens
from wallet.solana.cluster import Cluster

USDC_DECIMALS = 6
_PLENTY = 10**15


class Mint:
    """Makes money on one chain; what it gives comes as transactions like any other."""

    def __init__(self, chain: Chain, cluster: Cluster) -> None:
        """Plants USDC's mint.

        Raises:
            ValueError: the cluster has no USDC.
        """
        address = next((mint for mint, asset in cluster.tokens.items() if asset.code == "USDC"), None)
        if address is None:
            raise ValueError(f"{cluster.name}: expected a cluster with USDC, such as devnet")
        self.usdc = chain.plant_mint(address, USDC_DECIMALS, chain.faucet.pubkey())
        self._chain = chain
        chain.plant_tokens(chain.faucet.pubkey(), self.usdc, _PLENTY)

    def give_sol(self, address: str, lamports: int) -> Signature:
        """SOL for anyone.

        Raises:
            ValueError: less than an account must hold to exist, 890,880 lamports for one that is empty.
        """
        return self._landed(self._chain.fund(Pubkey.from_string(address), lamports))

    def give_usdc(self, address: str, units: int, note: str = "") -> Signature:
        """USDC for anyone, with an account for it if there is none; ``units`` of a millionth."""
        faucet, owner = self._chain.faucet, Pubkey.from_string(address)
        steps = [
            create_associated(faucet.pubkey(), owner, self.usdc),
            transfer_tokens(faucet.pubkey(), owner, self.usdc, units, USDC_DECIMALS),
        ]
        return self._landed(self._chain.send([*steps, memo(note)] if note else steps, faucet))

    def _landed(self, signature: Signature) -> Signature:
        landed = self._chain.landed.get(signature)
        if landed is None or landed.meta["err"] is not None:
            raise ValueError("the chain did not take it: give more, or another address")
        return signature
