"""The routes for networks: those that were joined, those that could be, and what joining would bring."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import apsw
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from node.clock import Clock
from node.control.codec import encode
from node.control.errors import ControlError
from node.control.query import body
from node.control.wire.networks import NetworkView
from node.ledger.sums import Totals, earnings
from node.membership.errors import MembershipError
from node.membership.examination import Examiner
from node.membership.kinds import KINDS, kind_of
from node.membership.members import Joined, Members
from node.membership.membership import Membership
from node.membership.orders import given_key, told
from node.membership.pages import PageError, load_page
from node.membership.proposals import proposal
from node.membership.roster import Roster
from node.membership.views import NOT_RUNNING, NOTHING, STARTING, Floor, Sums, view_of
from wallet.errors import WalletError
from wallet.secret import Secret

HOUR_NS = 3600 * 10**9


class Reader(Protocol):
    """Whoever can ask the books."""

    def __call__(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...


@dataclass(frozen=True, slots=True)
class MembershipRoutes:
    """What these routes need.

    Attributes:
        read: runs a query of the books off the event loop. floor: how busy a network is now.
        members: those of a running node; None where none runs.
    """

    roster: Roster
    examiner: Examiner
    read: Reader
    clock: Clock
    floor: Callable[[str], Floor] = lambda _: Floor()
    members: Members | None = None

    def routes(self) -> list[Route]:
        return [
            Route("/networks", self.joined),
            Route("/networks/kinds", self.kinds),
            Route("/networks/examine", self.examine, methods=["POST"]),
        ]

    async def joined(self, _: Request) -> Response:
        try:
            return JSONResponse({"networks": encode(await self.views())})
        except MembershipError as error:
            raise told(error) from None

    async def kinds(self, _: Request) -> Response:
        try:
            pages = await asyncio.to_thread(lambda: [load_page(kind) for kind in KINDS])
        except PageError as error:
            raise ControlError(500, "page", str(error)) from None
        return JSONResponse({"kinds": encode(pages)})

    async def examine(self, request: Request) -> Response:
        """Of a network that may be joined, or (by ``name`` alone) of one that is."""
        said = await body(request)
        secret = said.pop("key", None)
        if not isinstance(secret, str | None):
            raise ControlError(400, "bad_argument", "key: expected a text")
        key = given_key(None if secret is None else Secret(secret))
        try:
            findings, models = await (self._examine_new(said, key) if "kind" in said else self._examine_known(said))
        except MembershipError as error:
            raise told(error) from None
        except WalletError as error:
            raise ControlError(409, "key", f"{error.field}: {error.problem}", error.remedy) from None
        except PageError as error:
            raise ControlError(500, "page", str(error)) from None
        return JSONResponse({"findings": encode(findings), "models": encode(models)})

    async def views(self) -> list[NetworkView]:
        """Every membership.

        Raises:
            MembershipError: the roster cannot be read.
        """
        joined = () if self.members is None else self.members.joined()
        if not joined:  # none is, or they cannot be read, or the node has not come to them yet
            known = await asyncio.to_thread(self.roster.read)
            joined = tuple(Joined(name, membership, None) for name, membership in known.items())
        sums = await self._sums() if joined else {}
        told = await asyncio.to_thread(
            lambda: {one.name: (load_page(one.membership.kind).title, self.roster.key_kept(one.name)) for one in joined}
        )
        return [
            view_of(
                one.name,
                one.membership,
                *told[one.name],
                sums.get(one.name, Sums()),
                self.floor(one.name),
                one.member,
                NOT_RUNNING if self.members is None else STARTING,
            )
            for one in joined
        ]

    async def _examine_new(self, said: dict[str, Any], key: Secret | None) -> Any:
        wanted, page = await asyncio.to_thread(proposal, said)
        new_key = kind_of(wanted.kind).new_key
        key = key or (None if new_key is None else new_key())
        if key is None:
            raise MembershipError("key", "is missing", f"give the API key of your account at {page.title}", "no_key")
        return await self.examiner.examine(wanted.called, wanted.membership(page, datetime.now(UTC)), key)

    async def _examine_known(self, said: dict[str, Any]) -> Any:
        name = said.get("name")
        if not isinstance(name, str) or set(said) != {"name"}:
            raise MembershipError("name", f"got {name!r:.60}; expected the name of a joined network, or a kind")
        membership: Membership = await asyncio.to_thread(self.roster.get, name)
        key = await asyncio.to_thread(self.roster.key, name)
        known = () if self.members is None else self.members.joined()
        member = next((one.member for one in known if one.name == name), None)
        return await self.examiner.examine(name, membership, key, None if member is None else member.adapter)

    async def _sums(self) -> dict[str, Sums]:
        try:
            found: dict[str, Sums] = await self.read(sums_of, self.clock.wall_ns())
        except ControlError:  # there are no books yet
            return {}
        return found


def sums_of(connection: apsw.Connection, now_ns: int) -> dict[str, Sums]:
    """What the books say of each network."""
    ever: dict[str, Totals] = {one.key: one.totals for one in earnings(connection, "network", 0, now_ns + 1)}
    hour = {one.key: one.totals for one in earnings(connection, "network", now_ns - HOUR_NS, now_ns + 1)}
    computed = sum(totals.compute_us for totals in hour.values())
    return {name: Sums(totals, hour.get(name, NOTHING), computed) for name, totals in ever.items()}
