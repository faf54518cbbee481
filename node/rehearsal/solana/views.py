"""How Solana's JSON-RPC shows accounts and transactions, in the encodings ``base64`` and ``jsonParsed``."""

from __future__ import annotations

import base64
import struct
from typing import Any

from solders.account import Account
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.token.state import Mint

from node.rehearsal.solana.chain import TOKEN, TOKEN_2022, Chain, Landed, ui_amount
from wallet import base58

PROGRAM_NAMES = {TOKEN: "spl-token", TOKEN_2022: "spl-token-2022"}
_STATES = ("uninitialized", "initialized", "frozen")


def account_view(chain: Chain, account: Account | None, encoding: str) -> dict[str, Any] | None:
    """An account; one that cannot be parsed is shown in base64, as a real node does."""
    if account is None:
        return None
    data: Any = parsed_account(chain, account) if encoding == "jsonParsed" else None
    return {
        "data": data or [base64.b64encode(bytes(account.data)).decode(), "base64"],
        "executable": account.executable,
        "lamports": account.lamports,
        "owner": str(account.owner),
        "rentEpoch": 2**64 - 1,
        "space": len(account.data),
    }


def parsed_account(chain: Chain, account: Account) -> dict[str, Any] | None:
    """A token account or a mint, parsed."""
    if account.owner not in PROGRAM_NAMES:
        return None
    token = chain.token_account(account)
    if token is not None:
        kind = "account"
        info = {
            "isNative": token.is_native is not None,
            "mint": str(token.mint),
            "owner": str(token.owner),
            "state": _STATES[account.data[108]],
            "tokenAmount": ui_amount(token.amount, chain.decimals(token.mint)),
        }
    elif len(account.data) >= 82:
        mint = Mint.from_bytes(bytes(account.data[:82]))
        kind = "mint"
        info = {
            "decimals": mint.decimals,
            "freezeAuthority": mint.freeze_authority and str(mint.freeze_authority),
            "isInitialized": mint.is_initialized,
            "mintAuthority": mint.mint_authority and str(mint.mint_authority),
            "supply": str(mint.supply),
        }
    else:
        return None
    return {
        "parsed": {"info": info, "type": kind},
        "program": PROGRAM_NAMES[account.owner],
        "space": len(account.data),
    }


def transaction_view(landed: Landed, encoding: str) -> dict[str, Any]:
    """A transaction as ``getTransaction`` answers."""
    message = landed.transaction.message
    is_v0 = isinstance(message, MessageV0)
    body: Any
    if encoding == "base64":
        body = [base64.b64encode(bytes(landed.transaction)).decode(), "base64"]
    else:
        body = {
            "signatures": [str(signature) for signature in landed.transaction.signatures],
            "message": {
                "recentBlockhash": str(message.recent_blockhash),
                "accountKeys": _account_keys(message),
                "instructions": [_instruction(message, one) for one in message.instructions],
            },
        }
    version = 0 if is_v0 else "legacy"
    return {"slot": landed.slot, "blockTime": landed.at, "transaction": body, "meta": landed.meta, "version": version}


def memos(landed: Landed) -> str | None:
    """The memos of a transaction as ``getSignaturesForAddress`` shows them."""
    message = landed.transaction.message
    found = [
        bytes(one.data)
        for one in message.instructions
        if str(message.account_keys[one.program_id_index]).startswith("Memo")
    ]
    return "; ".join(f"[{len(memo)}] {memo.decode('utf-8', 'replace')}" for memo in found) or None


def _account_keys(message: Any) -> list[dict[str, Any]]:
    header, total = message.header, len(message.account_keys)
    signers = header.num_required_signatures
    writable_signers = signers - header.num_readonly_signed_accounts
    last_writable = total - header.num_readonly_unsigned_accounts
    return [
        {
            "pubkey": str(key),
            "signer": at < signers,
            "writable": at < writable_signers or signers <= at < last_writable,
            "source": "transaction",
        }
        for at, key in enumerate(message.account_keys)
    ]


def _instruction(message: Any, instruction: Any) -> dict[str, Any]:
    program = message.account_keys[instruction.program_id_index]
    accounts = [str(message.account_keys[at]) for at in instruction.accounts]
    data = bytes(instruction.data)
    shown: dict[str, Any] = {"programId": str(program), "stackHeight": 1}
    if program in PROGRAM_NAMES and data[:1] == b"\x0c":
        units, decimals = struct.unpack("<QB", data[1:10])
        names = dict(zip(("source", "mint", "destination", "authority"), accounts, strict=False))
        info = names | {"tokenAmount": ui_amount(units, decimals)}
        return shown | {"program": PROGRAM_NAMES[program], "parsed": {"type": "transferChecked", "info": info}}
    if program == Pubkey.default() and data[:4] == b"\x02\0\0\0":
        (lamports,) = struct.unpack("<Q", data[4:12])
        info = {"source": accounts[0], "destination": accounts[1], "lamports": lamports}
        return shown | {"program": "system", "parsed": {"type": "transfer", "info": info}}
    if str(program).startswith("Memo"):
        return shown | {"program": "spl-memo", "parsed": data.decode("utf-8", "replace")}
    return shown | {"accounts": accounts, "data": base58.encode(data)}
