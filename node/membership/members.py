"""All joined networks, live: what the owner changes takes effect at once, and no network notices another's change."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.membership.errors import MembershipError
from node.membership.kinds import kind_of
from node.membership.member import House, Member
from node.membership.membership import Membership
from node.membership.pages import changed_pages
from node.membership.roster import Roster
from node.networks.base import Maintainable, MaintenanceRefused, Standing
from wallet.money import Amount

log = logging.getLogger(__name__)

RESTART_SECONDS = 30.0
MEND_SECONDS = 5.0
"""Between two looks at a roster that cannot be read when the node starts."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One membership, and the member that lives it; none while it is switched off."""

    name: str
    membership: Membership
    member: Member | None


class Members:
    """Follows the roster.

    Attributes:
        problem: why the roster cannot be read; empty if it can.
    """

    def __init__(self, roster: Roster, house: House) -> None:
        self.problem = ""
        self._roster = roster
        self._house = house
        self._entries: dict[str, Membership] = {}
        self._changed_pages: tuple[str, ...] = ()
        self._live: dict[str, Member] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._following = asyncio.Lock()
        self._running = False

    async def run(self) -> None:
        """Let the members work until cancelled."""
        self._running = True
        try:
            while not await self._begun():  # noqa: ASYNC110  somebody may be mending the file
                await asyncio.sleep(MEND_SECONDS)
            await asyncio.get_running_loop().create_future()
        finally:
            self._running = False
            self._live.clear()
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def follow(self, renewed: str = "") -> None:
        """Bring the members to what the roster says now.

        Args:
            renewed: a membership that begins anew even if its entry is the same, as its key is another one.

        Raises:
            MembershipError: the roster cannot be read; the members stay as they are.
        """
        async with self._following:
            try:
                entries = await asyncio.to_thread(self._read)
            except MembershipError as error:
                self.problem = str(error)
                raise
            self.problem = ""
            self._entries = entries
            if not self._running:
                return
            for name in tuple(self._live):
                entry = entries.get(name)
                member = self._live[name]
                if entry is None or not entry.enabled or name == renewed or not _alike(entry, member.membership):
                    self._live.pop(name).leave()
                elif entry != member.membership:
                    member.amend(entry)
            for name, entry in entries.items():
                if entry.enabled and name not in self._live:
                    self._begin(name, entry)
            self._changed_pages = await asyncio.to_thread(changed_pages, entries)

    def joined(self) -> tuple[Joined, ...]:
        """Every membership, in the order of the roster."""
        return tuple(Joined(name, entry, self._live.get(name)) for name, entry in self._entries.items())

    def standings(self) -> Mapping[str, Standing]:
        """How each live network stood when it was last asked."""
        found = {}
        for name, member in self._live.items():
            if member.condition is not None:
                found[name] = Standing(False, problem=member.condition.reason, remedy=member.condition.remedy)
            else:
                found[name] = member.standing or Standing(False, "no answer yet")
        return found

    def notes(self) -> tuple[str, ...]:
        """What the state line says of the memberships."""
        if self.problem:
            return (self.problem,)
        return tuple(
            f"the page of {name} has changed since you agreed to it: stoker networks accept {name}"
            for name in self._changed_pages
        )

    def held(self) -> Mapping[str, Sequence[Amount]]:
        """What each live network probably holds back and shows nobody: estimates, as of the last look."""
        standings = ((name, member.standing) for name, member in self._live.items())
        return {name: standing.held for name, standing in standings if standing is not None}

    async def set_maintenance(self, name: str, on: bool, message: str) -> None:
        """
        Raises:
            MembershipError: it is not live, it has no such switch, or the network does not do it.
        """
        membership = await asyncio.to_thread(self._roster.get, name)
        member = self._live.get(name)
        if member is None or member.adapter is None:
            raise MembershipError(name, "it is not at work now", f"stoker networks enable {name}", "not_at_work")
        if not isinstance(member.adapter, Maintainable):
            raise MembershipError(
                name, f"{membership.kind} knows no maintenance", f"stoker networks disable {name}", "no_maintenance"
            )
        try:
            await member.adapter.set_maintenance(on, message)
        except MaintenanceRefused as error:
            raise MembershipError(name, str(error), "try again later", "refused_by_network") from None
        member.look_now()

    def _read(self) -> dict[str, Membership]:
        """The roster, with every module that it needs loaded: importing takes longer than the event loop may wait."""
        entries = self._roster.read()
        for entry in entries.values():
            kind_of(entry.kind)
        return entries

    async def _begun(self) -> bool:
        known = self.problem
        try:
            await self.follow()
        except MembershipError as error:
            if self.problem != known:
                log.error("%s", error)
            return False
        return True

    def _begin(self, name: str, entry: Membership) -> None:
        member = self._live[name] = Member(name, entry, self._house, lambda: self._roster.key(name))
        self._tasks[name] = asyncio.create_task(self._live_on(member, self._tasks.get(name)), name=f"member-{name}")

    async def _live_on(self, member: Member, predecessor: asyncio.Task[None] | None) -> None:
        if predecessor is not None:
            await asyncio.wait([predecessor])  # it finishes what it has in hand, in the same directory and desk
        while not member.left:
            try:
                await member.run()
            except Exception:
                log.exception("%s could not be kept at work", member.name)
                await asyncio.sleep(RESTART_SECONDS)


def _alike(one: Membership, other: Membership) -> bool:
    """The same but for what an adapter is not made of: the weight, and when which page was accepted."""
    beside = {"weight", "accepted_page", "accepted_at"}
    return one.model_dump(exclude=beside) == other.model_dump(exclude=beside)
