"""The AI Power Grid worker: its connections, and what its account pages say."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from node.clock import Clock
from node.networks.aipg.account import Account, AccountError
from node.networks.aipg.bookkeeper import Bookkeeper
from node.networks.aipg.den import known, reward
from node.networks.aipg.dialect import DEN, AipgDialect, trust
from node.networks.aipg.registration import HOME, checked_key, checked_models, checked_name, socket_url
from node.networks.aipg.strikes import MOST
from node.networks.base import Capacity, Finding, Standing, Tickets, Worth
from node.networks.credits import Credits
from node.networks.websocket import LinkLimits, PushNetwork
from wallet.money import Amount
from wallet.secret import Secret

FIRST_LOOK_SECONDS = 10.0
PROMPT, PROMPT_WORDS, ANSWER = 1000, 750, 200
"""Tokens, and words, of a usual job."""


class AipgNetwork(PushNetwork):
    """Implements `node.networks.base.Joinable`.

    Attributes:
        droppable: a job that is handed back by leaving costs nothing.
    """

    droppable = True

    def __init__(
        self,
        *,
        name: str = "aipg",
        url: str = HOME,
        key: Secret,
        worker_name: str,
        models: Mapping[str, str],
        ledger: Credits,
        state_dir: Path,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        limits: LinkLimits | None = None,
        chance: random.Random | None = None,
    ) -> None:
        """
        Args:
            url: of the HTTP API; workers dial the address that follows from it.
            models: the grid's id of each model that it may have, by the model's name in this house.
            ledger: where credited units and payouts are written down. state_dir: this account's own.
            tls: what to trust; by default the system's roots and the one that the grid's worker address needs.

        Raises:
            ValueError: something that the grid would take and should not; names it.
        """
        address = socket_url(url)
        secure = (tls or trust()) if address.startswith("wss:") else None
        self._words = AipgDialect(address, secure, checked_key(key), checked_name(worker_name), clock)
        super().__init__(name, self._words, checked_models(models), clock, limits=limits, chance=chance)
        self._keeper = Bookkeeper(name, worker_name, url, key, secure, ledger, state_dir, clock)

    async def run(self, tickets: Tickets) -> None:
        """Work until cancelled, and keep the books meanwhile; they are seen before the first job, if they can be."""
        try:
            async with asyncio.timeout(FIRST_LOOK_SECONDS):
                await self._keeper.look()
        except TimeoutError:
            pass
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keeper.run())
            tasks.create_task(super().run(tickets))

    async def probe(self) -> Standing:
        """Connections, strikes, and what the account pages said in the last minute."""
        standing = await super().probe()
        words = [standing.detail]
        if self._words.strikes:
            words.append(f"{self._words.strikes} of {MOST} strikes for failed jobs")
        account = self._keeper.account
        if account is not None:
            words.append(f"{account.completed} jobs and {account.earned} by the grid's books")
        return replace(
            standing,
            detail="; ".join(word for word in (*words, self._keeper.problem) if word),
            owed=() if account is None else (account.owed,),
            paid=() if account is None else (account.paid,),
            messages=() if account is None else _messages(account),
        )

    def worths(self, capacity: Capacity) -> list[Worth]:
        """By the grid's formula: a job of 200 tokens after a prompt of 1,000."""
        slots = {model.name: model.slots for model in capacity.models()}
        found = []
        for served, name in self._models.items():
            a_job = reward(name, answer_tokens=ANSWER, prompt_words=PROMPT_WORDS)
            seconds = capacity.seconds(served, PROMPT, ANSWER)
            an_hour = Amount(int(a_job.units * slots.get(served, 1) * 3600 / seconds), DEN) if seconds else None
            found.append(Worth(served, name, known(name), None, a_job, an_hour))
        return found

    async def examine(self, capacity: Capacity) -> list[Finding]:
        """The account's pages, then a registration that takes no job."""
        try:
            account = await self._keeper.read()
        except AccountError as error:
            return [Finding(False, str(error), "check the address and the API key")]
        findings = [Finding(True, f"account with {account.completed:,} jobs and {account.earned} earned")]
        findings += [Finding(False, told, "use the grid's console") for told in _messages(account)]
        return [*findings, *await super().examine(capacity)]

    def accepted(self, job_id: str, number: int) -> None:
        self._keeper.note_job()


def _messages(account: Account) -> tuple[str, ...]:
    messages = []
    if not account.wallet:
        messages.append("the grid has no payout wallet for this account: set one in its console, or nothing is paid")
    if account.blocked:
        messages.append(f"{account.blocked} payouts are held back by the grid for a check")
    return tuple(messages)
