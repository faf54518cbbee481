"""The AI Power Grid worker: its connections, and what its account pages say."""

from __future__ import annotations

import random
import ssl
from collections.abc import Mapping

from node.clock import Clock
from node.ledger.records import Settlement
from node.networks.aipg.account import Account, AccountError, AccountPages
from node.networks.aipg.dialect import DEN, AipgDialect, trust
from node.networks.aipg.registration import HOME, checked_key, checked_models, checked_name, socket_url
from node.networks.aipg.strikes import MOST
from node.networks.base import Standing
from node.networks.websocket import LinkLimits, PushNetwork
from wallet.money import Amount
from wallet.secret import Secret

ASK_SECONDS = 60.0  # the pages are asked no more often
REMEMBERED = 2000  # job ids whose number is known


class AipgNetwork(PushNetwork):
    """Implements `node.networks.base.Network`."""

    def __init__(
        self,
        *,
        name: str = "aipg",
        url: str = HOME,
        key: Secret,
        worker_name: str,
        models: Mapping[str, str],
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        limits: LinkLimits | None = None,
        chance: random.Random | None = None,
    ) -> None:
        """
        Args:
            url: of the HTTP API; workers dial the address that follows from it.
            models: the grid's id of each model that it may have, by the model's name in this house.
            tls: what to trust; by default the system's roots and the one that the grid's worker address needs.

        Raises:
            ValueError: something that the grid would take and should not; names it.
        """
        address = socket_url(url)
        secure = (tls or trust()) if address.startswith("wss:") else None
        self._words = AipgDialect(address, secure, checked_key(key), checked_name(worker_name), clock)
        super().__init__(name, self._words, checked_models(models), clock, limits=limits, chance=chance)
        self._url = url
        self._key = key
        self._tls = secure
        self._account: Account | None = None
        self._asked_at: float | None = None
        self._account_problem = ""
        self._numbers: dict[str, int] = {}
        self._parts: dict[str, Amount] = {}

    async def probe(self) -> Standing:
        """Connections, strikes, and what the account pages said in the last minute."""
        await self._ask()
        standing = await super().probe()
        words = [standing.detail]
        if self._words.strikes:
            words.append(f"{self._words.strikes} of {MOST} strikes for failed jobs")
        if self.rest:
            words.append(f"dialling again in {self.rest:.0f} s")
        account = self._account
        if account is not None:
            words.append(f"{account.completed} jobs and {account.earned} by the grid's books")
        return Standing(
            connected=standing.connected,
            detail="; ".join(words),
            owed=() if account is None else (account.owed,),
            paid=() if account is None else (account.paid,),
            messages=self._messages(account),
        )

    async def settlements(self) -> tuple[Settlement, ...]:
        """Everything that the grid's books show of late, each row with a reference of its own.

        Empty where the pages could not be read; ``probe`` says why. The caller leaves out what it has seen.
        """
        await self._ask()
        shown = () if self._account is None else self._account.settlements(self.name, self._numbers)
        known = {entry.reference for entry in shown}
        parts = tuple(
            Settlement(self.name, DEN.code, DEN.decimals, reward.units, "credited", self._numbers.get(job_id), job_id)
            for job_id, reward in self._parts.items()
            if job_id not in known
        )
        return (*parts, *shown)

    def accepted(self, job_id: str, number: int) -> None:
        self._numbers[job_id] = number
        _forget_the_oldest(self._numbers)

    def paid_in_part(self, job_id: str, reward: Amount) -> None:
        super().paid_in_part(job_id, reward)
        self._parts[job_id] = reward
        _forget_the_oldest(self._parts)

    async def _ask(self) -> None:
        now = self._clock.monotonic()
        if self._asked_at is not None and now - self._asked_at < ASK_SECONDS:
            return
        self._asked_at = now
        pages = AccountPages(self._url, self._key, self._tls)
        try:
            self._account = await pages.read()
            self._account_problem = ""
        except AccountError as error:
            self._account_problem = str(error)
        finally:
            await pages.aclose()

    def _messages(self, account: Account | None) -> tuple[str, ...]:
        messages = []
        if self._account_problem:
            messages.append(self._account_problem)
        if account is not None and not account.wallet:
            messages.append(
                "the grid has no payout wallet for this account: set one in its console, or nothing is paid"
            )
        if account is not None and account.blocked:
            messages.append(f"{account.blocked} payouts are held back by the grid for a check")
        return tuple(messages)


def _forget_the_oldest(remembered: dict[str, int] | dict[str, Amount]) -> None:
    while len(remembered) > REMEMBERED:
        del remembered[next(iter(remembered))]
