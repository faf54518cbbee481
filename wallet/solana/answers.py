"""The shapes of Solana's JSON-RPC answers that we read, with bounds. Unknown fields are tolerated."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from wallet import base58
from wallet.keys import is_address
from wallet.rpc.client import BadAnswer

U64 = Annotated[int, Field(ge=0, lt=2**64)]


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError("not a Solana address")
    return text


def _signature(text: str) -> str:
    if not 64 <= len(text) <= 88 or len(base58.decode(text)) != 64:
        raise ValueError("not a transaction signature")
    return text


Address = Annotated[str, AfterValidator(_address)]
TransactionSignature = Annotated[str, AfterValidator(_signature)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)


class Context(_Answer):
    slot: U64


class Lamports(_Answer):
    """getBalance."""

    context: Context
    value: U64


class TokenAmount(_Answer):
    """An amount of a token in base units, as text because JavaScript has no 64-bit integers."""

    amount: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")]
    decimals: Annotated[int, Field(ge=0, le=255)]


class TokenInfo(_Answer):
    mint: Address
    owner: Address
    state: str
    token_amount: Annotated[TokenAmount, Field(alias="tokenAmount")]


class _Parsed(_Answer):
    type: str
    info: TokenInfo


class TokenAccountData(_Answer):
    parsed: _Parsed


class TokenAccount(_Answer):
    """The data is a list where the node could not parse the account."""

    data: TokenAccountData | list[Any]
    lamports: U64
    owner: Address


class TokenAccountEntry(_Answer):
    pubkey: Address
    account: TokenAccount


class TokenAccounts(_Answer):
    """getTokenAccountsByOwner, jsonParsed."""

    context: Context
    value: list[TokenAccountEntry]


class SignatureEntry(_Answer):
    """One of getSignaturesForAddress. ``block_time`` in Unix seconds; ``err`` is None if the transaction succeeded."""

    signature: TransactionSignature
    slot: U64
    err: Any = None
    block_time: Annotated[int | None, Field(alias="blockTime", ge=0, lt=2**40)] = None


class SignatureList(_Answer):
    """getSignaturesForAddress, newest first."""

    value: list[SignatureEntry]


class AccountKey(_Answer):
    pubkey: Address


class Instruction(_Answer):
    program_id: Annotated[Address, Field(alias="programId")]
    parsed: Any = None


class Message(_Answer):
    account_keys: Annotated[list[AccountKey], Field(alias="accountKeys", min_length=1, max_length=256)]
    instructions: list[Instruction]


class TransactionBody(_Answer):
    message: Message


class TokenBalance(_Answer):
    """``owner`` is missing in transactions from before 2022."""

    account_index: Annotated[int, Field(alias="accountIndex", ge=0, lt=256)]
    mint: Address
    owner: Address | None = None
    ui_token_amount: Annotated[TokenAmount, Field(alias="uiTokenAmount")]


class Meta(_Answer):
    err: Any = None
    fee: U64
    pre_balances: Annotated[list[U64], Field(alias="preBalances")]
    post_balances: Annotated[list[U64], Field(alias="postBalances")]
    pre_token_balances: Annotated[list[TokenBalance] | None, Field(alias="preTokenBalances")] = None
    post_token_balances: Annotated[list[TokenBalance] | None, Field(alias="postTokenBalances")] = None


class Transaction(_Answer):
    """getTransaction, jsonParsed."""

    slot: U64
    block_time: Annotated[int | None, Field(alias="blockTime", ge=0, lt=2**40)] = None
    transaction: TransactionBody
    meta: Meta


Shape = TypeVar("Shape", bound=BaseModel)


def read(shape: type[Shape], answer: object, method: str) -> Shape:
    """An answer in its shape.

    Raises:
        BadAnswer: it does not fit; says where.
    """
    try:
        return shape.model_validate(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "result"
        raise BadAnswer(method, f"{where}: {first['msg']}", "set another RPC URL if this stays") from None
