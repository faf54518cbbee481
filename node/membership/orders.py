"""What the owner can order of the memberships; the same with and without a running node."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from node.control.commands import Arguments, Commands
from node.control.errors import ControlError
from node.control.wire.networks import NetworkKind
from node.membership.enrolment import Registrar
from node.membership.errors import MembershipError
from node.membership.kinds import kind_of
from node.membership.members import Members
from node.membership.membership import Membership
from node.membership.pages import PageError
from node.membership.proposals import Proposal, change, proposal
from node.membership.roster import Roster, checked_name
from wallet.errors import WalletError
from wallet.secret import Secret

LONGEST_KEY = 4000
CODES = {"unknown_network": 404, "bad_membership": 400}


@dataclass(frozen=True, slots=True)
class MembershipOrders:
    """The commands that concern memberships.

    Attributes:
        members: those of a running node; None where none runs.
    """

    roster: Roster
    registrar: Registrar
    members: Members | None = None

    def add_to(self, commands: Commands) -> None:
        """Put them into the table."""
        handlers: dict[str, Callable[[Arguments], Awaitable[dict[str, Any]]]] = {
            "add_network": self._add,
            "change_network": self._change,
            "enable_network": lambda arguments: self._switch(arguments, enabled=True),
            "disable_network": lambda arguments: self._switch(arguments, enabled=False),
            "remove_network": self._remove,
        }
        if self.members is not None:
            handlers["network_maintenance"] = self._maintenance
        for name, handler in handlers.items():
            secrets = ("key",) if name in ("add_network", "change_network") else ()
            commands.add(name, _telling(handler), secrets=secrets)

    async def _add(self, arguments: Arguments) -> dict[str, Any]:
        wanted, page = await asyncio.to_thread(proposal, arguments.values)
        wanted.check_agreed(page)
        name = checked_name(wanted.called)
        key = await self._key_for(name, wanted, page, given_key(arguments.secret("key", longest=LONGEST_KEY)))
        await self._keep(name, wanted.membership(page, _now()), key)
        return {"name": name}

    async def _change(self, arguments: Arguments) -> dict[str, Any]:
        wanted = change(arguments.values)
        old = await asyncio.to_thread(self.roster.get, wanted.name)
        changed = await asyncio.to_thread(wanted.applied, old, _now())
        await self._keep(wanted.name, changed, given_key(arguments.secret("key", longest=LONGEST_KEY)))
        return {"name": wanted.name}

    async def _switch(self, arguments: Arguments, *, enabled: bool) -> dict[str, Any]:
        name = arguments.text("name", longest=100)
        old = await asyncio.to_thread(self.roster.get, name)
        await asyncio.to_thread(self.roster.put, name, old.model_copy(update={"enabled": enabled}))
        await self._followed()
        return {"name": name}

    async def _remove(self, arguments: Arguments) -> dict[str, Any]:
        name = arguments.text("name", longest=100)
        await asyncio.to_thread(self.roster.remove, name)
        await self._followed()
        return {"name": name}

    async def _maintenance(self, arguments: Arguments) -> dict[str, Any]:
        assert self.members is not None
        name, on = arguments.text("name", longest=100), arguments.values.get("on")
        if not isinstance(on, bool):
            raise MembershipError("on", f"got {on!r:.40}; expected true or false")
        await self.members.set_maintenance(name, on, arguments.text("message", "", longest=1000))
        return {"name": name, "on": on}

    async def _key_for(self, name: str, wanted: Proposal, page: NetworkKind, given: Secret | None) -> Secret | None:
        """The key to keep; None to leave the one that is kept.

        Raises:
            MembershipError: the name is taken, or there is no key.
        """
        known = await asyncio.to_thread(self.roster.read)
        if name in known and not wanted.replace:
            raise MembershipError(
                "name",
                f"{name} is joined already",
                f"another account wants another name; stoker networks set {name} changes this one",
                "already_joined",
            )
        if given is not None or (name in known and self.roster.key_kept(name)):
            return given
        new_key = kind_of(wanted.kind).new_key
        if new_key is None:
            raise MembershipError("key", "is missing", f"give the API key of your account at {page.title}", "no_key")
        return new_key()

    async def _keep(self, name: str, membership: Membership, key: Secret | None) -> None:
        """Try it as far as that goes without asking anybody, then write it down and live by it."""
        tried = await asyncio.to_thread(self.roster.key, name) if key is None else key
        adapter = await self.registrar.adapter(name, membership, tried, membership.models)
        await adapter.aclose()
        await asyncio.to_thread(self.roster.put, name, membership, key)
        await self._followed(name if key is not None else "")

    async def _followed(self, renewed: str = "") -> None:
        if self.members is not None:
            await self.members.follow(renewed)


def given_key(secret: Secret | None) -> Secret | None:
    """A key as it was typed or pasted, without the space around it; None if it was not given, or is empty."""
    stripped = b"" if secret is None else secret.reveal_bytes().strip()
    return Secret(stripped) if stripped else None


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def told(error: MembershipError) -> ControlError:
    """A membership's trouble as an answer."""
    return ControlError(CODES.get(error.code, 409), error.code, f"{error.field}: {error.problem}", error.remedy)


def _telling(
    handler: Callable[[Arguments], Awaitable[dict[str, Any]]],
) -> Callable[[Arguments], Awaitable[dict[str, Any]]]:
    async def telling(arguments: Arguments) -> dict[str, Any]:
        try:
            return await handler(arguments)
        except MembershipError as error:
            raise told(error) from None
        except WalletError as error:
            raise ControlError(409, "key", f"{error.field}: {error.problem}", error.remedy) from None
        except PageError as error:
            raise ControlError(500, "page", str(error)) from None

    return telling
