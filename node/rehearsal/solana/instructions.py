"""Instructions that tests put into transactions: token transfers, memos, associated accounts."""

from __future__ import annotations

import struct

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey

from node.rehearsal.solana.chain import ASSOCIATED, TOKEN, associated

MEMO = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")


def memo(text: str) -> Instruction:
    return Instruction(MEMO, text.encode(), [])


def create_associated(payer: Pubkey, owner: Pubkey, mint: Pubkey, program: Pubkey = TOKEN) -> Instruction:
    """CreateIdempotent of the associated token account program."""
    accounts = [
        AccountMeta(payer, True, True),
        AccountMeta(associated(owner, mint, program), False, True),
        AccountMeta(owner, False, False),
        AccountMeta(mint, False, False),
        AccountMeta(Pubkey.default(), False, False),
        AccountMeta(program, False, False),
    ]
    return Instruction(ASSOCIATED, b"\x01", accounts)


def transfer_tokens(
    owner: Pubkey, to: Pubkey, mint: Pubkey, units: int, decimals: int, program: Pubkey = TOKEN
) -> Instruction:
    """TransferChecked between the associated accounts of two owners."""
    accounts = [
        AccountMeta(associated(owner, mint, program), False, True),
        AccountMeta(mint, False, False),
        AccountMeta(associated(to, mint, program), False, True),
        AccountMeta(owner, True, False),
    ]
    return Instruction(program, struct.pack("<BQB", 12, units, decimals), accounts)
