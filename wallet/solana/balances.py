"""What an address has: SOL, and the tokens of both token programs."""

from __future__ import annotations

from dataclasses import dataclass

from wallet.money import Amount, Asset
from wallet.rpc.client import BadAnswer
from wallet.rpc.together import together
from wallet.solana.answers import TokenAccountData, TokenAccounts, TokenInfo
from wallet.solana.cluster import SOL, SPL, SPL_2022, Cluster
from wallet.solana.rpc import SolanaRpc

FINEST = 30
"""Decimals that a token may have and still be shown; more is a token made to confuse."""


@dataclass(frozen=True, slots=True)
class TokenHolding:
    """All that an address has of one token.

    Attributes:
        amount: of an unknown token the asset's code is the mint: what it calls itself is not to be believed.
        known: whether the mint is one of ours.
        frozen: whether any of it is frozen by the token's issuer.
    """

    mint: str
    amount: Amount
    known: bool
    frozen: bool


@dataclass(frozen=True, slots=True)
class Balances:
    """What an address has.

    Attributes:
        slot: as of which slot, the oldest of the answers.
        tokens: known ones first, then by mint; empty accounts are left out, but not of known tokens.
        unreadable: token accounts that the node could not parse, or with decimals that no token has.
    """

    address: str
    slot: int
    sol: Amount
    tokens: tuple[TokenHolding, ...]
    unreadable: tuple[str, ...] = ()

    def of(self, code: str) -> Amount | None:
        """How much there is of a known asset; None if the address has no account for it."""
        if code == SOL.code:
            return self.sol
        return next((one.amount for one in self.tokens if one.known and one.amount.asset.code == code), None)


async def balances(rpc: SolanaRpc, address: str) -> Balances:
    """Ask for everything that an address has.

    Raises:
        RpcUnavailable, RpcRefused: no answer to one of the questions; there is no half answer.
        BadAnswer: an answer that cannot be true.
    """
    sol = await rpc.balance(address)
    accounts = await together(rpc.token_accounts(address, program) for program in (SPL, SPL_2022))
    tokens, unreadable = holdings(rpc.cluster, address, accounts)
    slot = min(sol.context.slot, *(answer.context.slot for answer in accounts))
    return Balances(address, slot, Amount(sol.value, SOL), tokens, unreadable)


def holdings(
    cluster: Cluster, owner: str, answers: list[TokenAccounts]
) -> tuple[tuple[TokenHolding, ...], tuple[str, ...]]:
    """The token accounts summed up by mint, and those that cannot be read.

    Anyone can send anyone a token made to confuse, so what is wrong with an unknown token spoils no other number.

    Raises:
        BadAnswer: an account of somebody else, or a known token with decimals that are not its own.
    """
    found: dict[str, TokenHolding] = {}
    unreadable = []
    for entry in (entry for answer in answers for entry in answer.value):
        info = _info(entry.account.data)
        if info is None or info.token_amount.decimals > FINEST:
            unreadable.append(entry.pubkey)
            continue
        if info.owner != owner:
            raise BadAnswer("getTokenAccountsByOwner", "an account of somebody else", "set another RPC URL")
        holding = _holding(cluster, info)
        before = found.get(info.mint)
        if before is None:
            found[info.mint] = holding
        elif before.amount.asset != holding.amount.asset:
            raise BadAnswer("getTokenAccountsByOwner", f"two kinds of {info.mint}", "set another RPC URL")
        else:
            total, frozen = before.amount + holding.amount, before.frozen or holding.frozen
            found[info.mint] = TokenHolding(info.mint, total, holding.known, frozen)
    shown = [holding for holding in found.values() if holding.known or holding.amount.units]
    return tuple(sorted(shown, key=lambda one: (not one.known, one.amount.asset.code))), tuple(unreadable)


def token_asset(cluster: Cluster, mint: str, decimals: int) -> Asset:
    """The asset of a mint: ours if it is known, else named by the mint.

    Raises:
        BadAnswer: a known token with decimals that are not its own.
    """
    known = cluster.tokens.get(mint)
    if known is None:
        return Asset(mint, decimals)
    if known.decimals != decimals:
        raise BadAnswer(known.code, f"{decimals} decimals, expected {known.decimals}", "set another RPC URL")
    return known


def _info(data: TokenAccountData | list[object]) -> TokenInfo | None:
    return data.parsed.info if isinstance(data, TokenAccountData) else None


def _holding(cluster: Cluster, info: TokenInfo) -> TokenHolding:
    asset = token_asset(cluster, info.mint, info.token_amount.decimals)
    amount = Amount(int(info.token_amount.amount), asset)
    return TokenHolding(info.mint, amount, info.mint in cluster.tokens, info.state == "frozen")
