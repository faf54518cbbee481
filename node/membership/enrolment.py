"""From a membership to its adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from node.clock import Clock
from node.membership.errors import MembershipError
from node.membership.kinds import kind_of
from node.membership.membership import Membership, typed
from node.networks.base import Joinable
from node.networks.credits import Credits
from node.networks.kind import Enrolment
from wallet.secret import Secret

ANY_MODEL = {"any-model": ""}
"""Stands for what will be served, where only the rest of a membership is tried."""


class Registrar:
    """Makes adapters.

    Args:
        directory: below which each adapter keeps what it has to remember.
    """

    def __init__(self, directory: Path, ledger: Credits, clock: Clock) -> None:
        self._directory = directory
        self._ledger = ledger
        self._clock = clock

    async def adapter(self, name: str, membership: Membership, key: Secret, models: Mapping[str, str]) -> Joinable:
        """An adapter that has asked nobody yet.

        Raises:
            MembershipError: something that the network would not take; names it.
        """
        kind = kind_of(membership.kind)
        enrolment = Enrolment(
            name=name,
            url=membership.url,
            worker_name=membership.worker_name,
            key=key,
            models=models or ANY_MODEL,
            options=typed(kind.options, membership.options, "options."),
            directory=self._directory / name,
            clock=self._clock,
            ledger=self._ledger,
        )
        try:
            return await asyncio.to_thread(kind.build, enrolment)
        except ValueError as error:
            field, _, problem = str(error).partition(": ")
            raise MembershipError(field, problem) if problem else MembershipError("membership", field) from None
