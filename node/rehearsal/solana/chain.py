"""A local Solana: LiteSVM with the token programs, and around it slots, block hashes, finality and a history."""

from __future__ import annotations

import hashlib
import json
import struct
import time
from dataclasses import dataclass
from typing import Any

from solders.account import Account
from solders.clock import Clock
from solders.hash import Hash
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.token.state import TokenAccount
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata
from solders.transaction_status import TransactionConfirmationStatus, TransactionStatus

from wallet.solana.cluster import DEVNET

TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022 = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
ASSOCIATED = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")

SLOT_SECONDS = 0.4
BLOCKHASH_SLOTS = 150
FIRST_SLOT = 1000


@dataclass(frozen=True)
class Landed:
    """A transaction that is on the chain."""

    transaction: VersionedTransaction
    slot: int
    at: int
    meta: dict[str, Any]


class Chain:
    """One cluster. Time runs by the wall clock; ``warp`` moves it on.

    Attributes:
        confirm_slots, final_slots: how long a transaction takes to be confirmed, and to be final.
        drops: how many of the next transactions get lost.
    """

    def __init__(self, genesis: str = DEVNET.genesis, *, confirm_slots: int = 0, final_slots: int = 4) -> None:
        self.svm = LiteSVM().with_blockhash_check(False).with_transaction_history(0).with_log_bytes_limit(None)
        self.genesis = genesis
        self.confirm_slots = confirm_slots
        self.final_slots = final_slots
        self.known: set[Pubkey] = set()
        self.landed: dict[Signature, Landed] = {}
        self.by_address: dict[Pubkey, list[Signature]] = {}
        self.drops = 0
        self._began = time.time()
        self._warped = 0
        self.faucet = Keypair()
        self.svm.airdrop(self.faucet.pubkey(), 9 * 10**14)

    # Time

    def slot(self) -> int:
        """The slot of now."""
        return FIRST_SLOT + self._warped + int((time.time() - self._began) / SLOT_SECONDS)

    def warp(self, slots: int) -> None:
        """Let so many slots pass at once."""
        self._warped += slots

    def blockhash(self, slot: int | None = None) -> Hash:
        """The block hash of a slot; None for the newest."""
        return Hash(hashlib.sha256(f"{self.genesis}:{self.slot() if slot is None else slot}".encode()).digest())

    def is_fresh(self, blockhash: Hash) -> bool:
        """Whether a transaction with this block hash may still land."""
        now = self.slot()
        return any(self.blockhash(slot) == blockhash for slot in range(now, now - BLOCKHASH_SLOTS - 1, -1))

    # Accounts

    def account(self, address: Pubkey) -> Account | None:
        """What is at an address; None where nobody put anything."""
        found = self.svm.get_account(address)
        return found if found and (found.lamports or found.data) else None

    def token_account(self, account: Account | None) -> TokenAccount | None:
        """The token account in an account's data; the 166th byte tells those of Token-2022 from mints."""
        if account is None or account.owner not in (TOKEN, TOKEN_2022):
            return None
        data = bytes(account.data)
        if len(data) != 165 and (len(data) < 166 or data[165] != 2):
            return None
        return TokenAccount.from_bytes(data[:165]) if data[108] else None

    def decimals(self, mint: Pubkey) -> int:
        """Of a mint that exists."""
        return self._existing(mint).data[44]

    def plant(self, address: Pubkey, account: Account) -> None:
        """Put any account anywhere: how the mint of USDC comes to its real address."""
        self.svm.set_account(address, account)
        self.known.add(address)

    def plant_mint(self, mint: str, decimals: int, authority: Pubkey, program: Pubkey = TOKEN) -> Pubkey:
        """A mint whose tokens ``authority`` may make."""
        data = struct.pack("<I32sQBB36x", 1, bytes(authority), 0, decimals, 1)
        address = Pubkey.from_string(mint)
        self.plant(address, Account(lamports=1_461_600, data=data, owner=program, executable=False))
        return address

    def plant_tokens(self, owner: Pubkey, mint: Pubkey, units: int, *, frozen: bool = False) -> Pubkey:
        """The associated token account of an owner, with so much in it."""
        program = self._existing(mint).owner
        data = struct.pack("<32s32sQ36xB12x8x36x", bytes(mint), bytes(owner), units, 2 if frozen else 1)
        address = associated(owner, mint, program)
        self.plant(address, Account(lamports=2_039_280, data=data, owner=program, executable=False))
        return address

    def fund(self, address: Pubkey, lamports: int) -> Signature:
        """SOL from the faucet, as a transaction like any other."""
        give = transfer(TransferParams(from_pubkey=self.faucet.pubkey(), to_pubkey=address, lamports=lamports))
        return self.send([give], self.faucet)

    # Transactions

    def send(self, instructions: list[Any], payer: Keypair, *signers: Keypair) -> Signature:
        """Compile, sign and execute."""
        message = MessageV0.try_compile(payer.pubkey(), instructions, [], self.blockhash())
        return self.execute(VersionedTransaction(message, [payer, *signers]))

    def execute(self, transaction: VersionedTransaction) -> Signature:
        """Land a transaction, as a cluster does: once, unless it is stale, dropped or cannot pay its fee."""
        signature = transaction.signatures[0]
        if signature in self.landed or not self.is_fresh(transaction.message.recent_blockhash):
            return signature
        if self.drops:
            self.drops -= 1
            return signature
        self.set_clock()
        keys = list(transaction.message.account_keys)
        before, tokens_before = self._lamports(keys), self._tokens(keys)
        outcome = self.svm.send_transaction(transaction)
        error, inner = None, outcome
        if isinstance(outcome, FailedTransactionMetadata):
            error, inner = error_json(outcome.err()), outcome.meta()
        if isinstance(error, str) or isinstance(inner, FailedTransactionMetadata):
            return signature
        meta = {
            "err": error,
            "status": {"Err": error} if error else {"Ok": None},
            "fee": inner.fee(),
            "preBalances": before,
            "postBalances": self._lamports(keys),
            "preTokenBalances": tokens_before,
            "postTokenBalances": self._tokens(keys),
            "logMessages": inner.logs(),
            "computeUnitsConsumed": inner.compute_units_consumed(),
        }
        self.known.update(keys)
        self.landed[signature] = Landed(transaction, self.slot(), int(time.time()), meta)
        for key in keys:
            self.by_address.setdefault(key, []).append(signature)
        return signature

    def status(self, signature: Signature) -> str | None:
        """The commitment that a transaction has reached; None if it never landed."""
        landed = self.landed.get(signature)
        if landed is None:
            return None
        age = self.slot() - landed.slot
        return "finalized" if age >= self.final_slots else "confirmed" if age >= self.confirm_slots else "processed"

    def set_clock(self) -> None:
        """Tell the programs what slot and time it is."""
        clock, slot = self.svm.get_clock(), self.slot()
        self.svm.set_clock(
            Clock(slot, clock.epoch_start_timestamp, slot // 432_000, slot // 432_000 + 1, int(time.time()))
        )

    def _existing(self, address: Pubkey) -> Account:
        found = self.svm.get_account(address)
        if found is None:
            raise ValueError(f"there is no account {address}")
        return found

    def _lamports(self, keys: list[Pubkey]) -> list[int]:
        return [self.svm.get_balance(key) or 0 for key in keys]

    def _tokens(self, keys: list[Pubkey]) -> list[dict[str, Any]]:
        found = []
        for index, key in enumerate(keys):
            account = self.svm.get_account(key)
            token = self.token_account(account)
            if account is not None and token is not None:
                found.append(
                    {
                        "accountIndex": index,
                        "mint": str(token.mint),
                        "owner": str(token.owner),
                        "programId": str(account.owner),
                        "uiTokenAmount": ui_amount(token.amount, self.decimals(token.mint)),
                    }
                )
        return found


def associated(owner: Pubkey, mint: Pubkey, program: Pubkey = TOKEN) -> Pubkey:
    """The address of an owner's associated token account."""
    return Pubkey.find_program_address([bytes(owner), bytes(program), bytes(mint)], ASSOCIATED)[0]


def ui_amount(units: int, decimals: int) -> dict[str, Any]:
    """An amount as the RPC shows it."""
    whole, part = divmod(units, 10**decimals)
    text = f"{whole}.{part:0{decimals}d}".rstrip("0").rstrip(".") if decimals else str(whole)
    return {"amount": str(units), "decimals": decimals, "uiAmount": units / 10**decimals, "uiAmountString": text}


def error_json(error: Any) -> Any:
    """A transaction error as the RPC shows it: a text if it never landed, an object if an instruction failed."""
    status = TransactionStatus(
        slot=0,
        confirmations=None,
        status=None,
        err=error,
        confirmation_status=TransactionConfirmationStatus.Processed,
    )
    return json.loads(status.to_json())["err"]
