"""Solana's JSON-RPC over a local chain: the methods that a wallet asks, with a node's own errors."""

from __future__ import annotations

import base64
from collections import Counter
from typing import Any

from solders.hash import Hash
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata

from node.rehearsal.solana.chain import BLOCKHASH_SLOTS, Chain, error_json
from node.rehearsal.solana.views import account_view, memos, transaction_view


class RpcError(Exception):
    """An error as JSON-RPC has it."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Methods:
    """The RPC methods by their own names. ``calls`` counts them."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.calls: Counter[str] = Counter()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one JSON-RPC request, errors included."""
        method, params = request.get("method", ""), request.get("params") or []
        self.calls[method] += 1
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request.get("id")}
        handler = (
            getattr(self, method, None) if method.startswith(("get", "is", "send", "simulate", "request")) else None
        )
        try:
            if handler is None:
                raise RpcError(-32601, "Method not found")
            return reply | {"result": handler(*params)}
        except RpcError as error:
            data = {} if error.data is None else {"data": error.data}
            return reply | {"error": {"code": error.code, "message": error.message} | data}
        except (ValueError, TypeError) as error:
            return reply | {"error": {"code": -32602, "message": f"Invalid params: {error}"}}

    def getHealth(self) -> str:  # noqa: N802
        return "ok"

    def getVersion(self) -> dict[str, Any]:  # noqa: N802
        return {"solana-core": "3.0.0-local", "feature-set": 0}

    def getGenesisHash(self) -> str:  # noqa: N802
        return self._chain.genesis

    def getSlot(self, options: Any = None) -> int:  # noqa: N802
        return self._chain.slot()

    def getBlockHeight(self, options: Any = None) -> int:  # noqa: N802
        return self._chain.slot()

    def getBalance(self, address: str, options: Any = None) -> Any:  # noqa: N802
        return self._at_slot(self._chain.svm.get_balance(Pubkey.from_string(address)) or 0)

    def getAccountInfo(self, address: str, options: Any = None) -> Any:  # noqa: N802
        account = self._chain.account(Pubkey.from_string(address))
        return self._at_slot(account_view(self._chain, account, (options or {}).get("encoding", "base64")))

    def getMultipleAccounts(self, addresses: list[str], options: Any = None) -> Any:  # noqa: N802
        encoding = (options or {}).get("encoding", "base64")
        accounts = [self._chain.account(Pubkey.from_string(address)) for address in addresses]
        return self._at_slot([account_view(self._chain, account, encoding) for account in accounts])

    def getTokenAccountsByOwner(self, owner: str, wanted: dict[str, str], options: Any = None) -> Any:  # noqa: N802
        encoding = (options or {}).get("encoding", "base64")
        found = []
        for address in sorted(self._chain.known, key=str):
            account = self._chain.account(address)
            token = self._chain.token_account(account)
            if token is None or account is None or str(token.owner) != owner:
                continue
            if wanted.get("mint") == str(token.mint) or wanted.get("programId") == str(account.owner):
                found.append({"pubkey": str(address), "account": account_view(self._chain, account, encoding)})
        return self._at_slot(found)

    def getLatestBlockhash(self, options: Any = None) -> Any:  # noqa: N802
        slot = self._chain.slot()
        return self._at_slot(
            {"blockhash": str(self._chain.blockhash(slot)), "lastValidBlockHeight": slot + BLOCKHASH_SLOTS}
        )

    def isBlockhashValid(self, blockhash: str, options: Any = None) -> Any:  # noqa: N802
        return self._at_slot(self._chain.is_fresh(Hash.from_string(blockhash)))

    def getMinimumBalanceForRentExemption(self, size: int, options: Any = None) -> int:  # noqa: N802
        return self._chain.svm.minimum_balance_for_rent_exemption(size)

    def requestAirdrop(self, address: str, lamports: int, options: Any = None) -> str:  # noqa: N802
        return str(self._chain.fund(Pubkey.from_string(address), lamports))

    def sendTransaction(self, encoded: str, options: Any = None) -> str:  # noqa: N802
        options = options or {}
        transaction = _transaction(encoded, options)
        if not all(transaction.verify_with_results()):
            raise RpcError(-32003, "Transaction signature verification failure")
        if not options.get("skipPreflight"):
            error, logs = self._simulated(transaction)
            if error is not None:
                raise RpcError(-32002, "Transaction simulation failed", {"err": error, "logs": logs})
        return str(self._chain.execute(transaction))

    def simulateTransaction(self, encoded: str, options: Any = None) -> Any:  # noqa: N802
        error, logs = self._simulated(_transaction(encoded, options or {}))
        return self._at_slot({"err": error, "logs": logs})

    def getSignatureStatuses(self, signatures: list[str], options: Any = None) -> Any:  # noqa: N802
        return self._at_slot([self._status(Signature.from_string(one)) for one in signatures])

    def getSignaturesForAddress(self, address: str, options: Any = None) -> list[dict[str, Any]]:  # noqa: N802
        options = options or {}
        newest_first = self._chain.by_address.get(Pubkey.from_string(address), [])[::-1]
        if options.get("before"):
            before = Signature.from_string(options["before"])
            newest_first = newest_first[newest_first.index(before) + 1 :] if before in newest_first else []
        found = []
        for signature in newest_first[: options.get("limit", 1000)]:
            landed = self._chain.landed[signature]
            found.append(
                {
                    "signature": str(signature),
                    "slot": landed.slot,
                    "err": landed.meta["err"],
                    "memo": memos(landed),
                    "blockTime": landed.at,
                    "confirmationStatus": self._chain.status(signature),
                }
            )
        return found

    def getTransaction(self, signature: str, options: Any = None) -> Any:  # noqa: N802
        options = options or {}
        landed = self._chain.landed.get(Signature.from_string(signature))
        if landed is None:
            return None
        is_v0 = isinstance(landed.transaction.message, MessageV0)
        if is_v0 and options.get("maxSupportedTransactionVersion") is None:
            raise RpcError(-32015, "Transaction version (0) is not supported by the requesting client")
        return transaction_view(landed, options.get("encoding", "base64"))

    def _at_slot(self, value: Any) -> dict[str, Any]:
        return {"context": {"apiVersion": "3.0.0", "slot": self._chain.slot()}, "value": value}

    def _status(self, signature: Signature) -> dict[str, Any] | None:
        landed, status = self._chain.landed.get(signature), self._chain.status(signature)
        if landed is None:
            return None
        confirmations = None if status == "finalized" else self._chain.slot() - landed.slot
        return {
            "slot": landed.slot,
            "confirmations": confirmations,
            "err": landed.meta["err"],
            "confirmationStatus": status,
        }

    def _simulated(self, transaction: VersionedTransaction) -> tuple[Any, list[str]]:
        if not self._chain.is_fresh(transaction.message.recent_blockhash):
            return "BlockhashNotFound", []
        if transaction.signatures[0] in self._chain.landed:
            return "AlreadyProcessed", []
        self._chain.set_clock()
        outcome = self._chain.svm.simulate_transaction(transaction)
        error = error_json(outcome.err()) if isinstance(outcome, FailedTransactionMetadata) else None
        return error, outcome.meta().logs()


def _transaction(encoded: str, options: dict[str, Any]) -> VersionedTransaction:
    if options.get("encoding") != "base64":
        raise RpcError(-32602, "this node takes transactions in base64")
    try:
        return VersionedTransaction.from_bytes(base64.b64decode(encoded, validate=True))
    except ValueError as error:
        raise RpcError(-32602, f"failed to deserialize VersionedTransaction: {error}") from None
