"""The pages that a worker may read, in the shapes that the grid answers with."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from node.rehearsal.aipg.books import PAID, Account, Books, stamp

if TYPE_CHECKING:
    from node.rehearsal.aipg.coordinator import Coordinator

Page = tuple[int, object]


class Pages:
    """Answers GET requests from the books."""

    def __init__(self, books: Books, coordinator: Coordinator) -> None:
        self._books = books
        self._coordinator = coordinator

    def answer(self, target: str, secret: str) -> Page:
        """Status and JSON value for a path with its query, asked with this key."""
        split = urlsplit(target)
        public = {
            "/health": self._health,
            "/v1/status/models": self._models,
            "/v1/models": self._ids,
            "/rehearsal/books": self._books.summary,
        }
        if split.path.startswith(("/api/v2/", "/v2/")):
            return 410, {"status": "gone"}
        if split.path in public:
            return 200, public[split.path]()
        private = {
            "/v1/account": self._account,
            "/v1/account/workers": self._workers,
            "/v1/account/payouts": self._payouts,
        }
        if split.path not in (*private, "/v1/account/jobs"):
            return 404, {"detail": "Not Found"}
        key = self._books.keys.get(secret)
        if key is None or key.revoked or "account.read" not in key.scopes:
            return 401, {"detail": "Invalid API key"}
        if split.path == "/v1/account/jobs":
            return self._jobs(key.account, parse_qs(split.query).get("limit", ["50"])[0])
        return 200, private[split.path](key.account)

    def _health(self) -> object:
        served = self._coordinator.served()
        online = len(self._coordinator.online)
        return {
            "status": "ok",
            "build_commit": None,
            "redis": True,
            "workers_connected": online,
            "models_available": served,
        }

    def _ids(self) -> object:
        served = sorted({*self._coordinator.served(), "auto"})
        return {"object": "list", "data": [{"id": name, "object": "model"} for name in served]}

    def _models(self) -> object:
        counts: dict[str, int] = {}
        for name in _listed(self._coordinator):
            counts[name] = counts.get(name, 0) + 1
        return [{"name": name, "count": count, "type": "text", "samples": 0} for name, count in counts.items()]

    def _account(self, account: Account) -> object:
        return {
            "account_id": account.id,
            "username": "rig owner",
            "wallet": account.wallet or None,
            "payout_wallet": account.wallet or None,
            "identities": [],
            "payout": {"asset": "USDC", "assets": ["USDC", "AIPG"], "active": False, "live_asset": "AIPG"},
            "keys": [],
        }

    def _workers(self, account: Account) -> object:
        workers = []
        for name, entry in self._books.names.items():
            if entry.account is not account:
                continue
            done = [one for one in self._books.earned if one.worker == name]
            workers.append(
                {
                    "name": name,
                    "type": "text",
                    "models": entry.models,
                    "den_earned": round(sum(one.den for one in done), 2),
                    "jobs_completed": len(done),
                    "last_seen": entry.last_seen or None,
                    "maintenance": False,
                    "online": name in self._coordinator.online,
                }
            )
        return {
            "count": len(workers),
            "online": sum(bool(worker["online"]) for worker in workers),
            "den_earned": self._books.den_of(account),
            "jobs_completed": sum(int(str(worker["jobs_completed"])) for worker in workers),
            "workers": workers,
        }

    def _jobs(self, account: Account, limit: str) -> Page:
        if not limit.isdigit() or not 1 <= int(limit) <= 100:
            return 422, {"detail": "limit: expected 1 to 100"}
        if not account.wallet:
            return 200, {"payout_wallet": None, "total_den": 0.0, "jobs": [], "note": "set a payout wallet"}
        mine = [one for one in self._books.earned if one.account is account][::-1][: int(limit)]
        jobs = [
            {
                "job_id": one.job_id,
                "model": one.model,
                "type": "text",
                "den": one.den,
                "output_units": 0,
                "duration_s": 0.0,
                "ttft_s": None,
                "result_hash": None,
                "signed": False,
                "epoch_id": None,
                "created": stamp(one.at_ns),
            }
            for one in mine
        ]
        total = round(sum(one.den for one in mine), 2)
        return 200, {"payout_wallet": account.wallet, "total_den": total, "jobs": jobs}

    def _payouts(self, account: Account) -> object:
        rows = account.payouts
        paid = sum(row.aipg for row in rows if row.status in PAID)
        return {
            "payout_wallet": account.wallet or None,
            "accrued_aipg": round(sum(row.aipg for row in rows) - paid, 8),
            "paid_aipg": round(paid, 8),
            "total_den": self._books.den_of(account),
            "periods": len(rows),
            "payouts": [
                {
                    "period_id": row.period,
                    "den": row.den,
                    "aipg": row.aipg,
                    "status": row.status,
                    "tx_hash": row.tx_hash,
                    "address": row.address,
                    "created": row.created,
                    "paid": row.paid,
                }
                for row in rows[:200]
            ],
        }


def _listed(coordinator: Coordinator) -> list[str]:
    told = [socket.registration for socket in coordinator.online.values()]
    return [model for one in told if one is not None and isinstance(one.models, list) for model in one.models]
