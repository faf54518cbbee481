"""The owner's commands, each tied to the part of the node that carries it out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node import settings_form
from node.conduct.watch import Watch
from node.conduct.wishes import Wishes
from node.config import ConfigError
from node.control.commands import Arguments, Commands
from node.control.errors import ControlError
from node.control.upkeep import told
from node.dispatcher import Dispatcher
from node.engines.base import Engine, EngineError
from node.ledger.errors import LedgerError
from node.ledger.records import OwnerCommand
from node.ledger.store import Ledger
from node.membership.orders import MembershipOrders
from node.models.errors import ModelError
from node.models.store import ModelStore
from node.models.transfers import Transfers
from node.networks.local.access import AccessError, AccessKeys
from node.networks.local.limits import KeyLimits
from node.owner.presence import Presence
from node.purse.orders import WalletOrders
from node.purse.purse import Purse

log = logging.getLogger(__name__)

LONGEST_OVERRIDE = 366 * 86_400
UNRECORDED = frozenset({"owner_active"})
"""Commands that are mere news and come every few seconds; the books do not want them."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Who carries out what.

    Attributes:
        drain, stop: begin to end the node; they return at once.
    """

    ledger: Ledger
    dispatcher: Dispatcher
    watch: Watch
    wishes: Wishes
    presence: Presence
    engine: Engine
    store: ModelStore
    transfers: Transfers
    access: AccessKeys
    purse: Purse
    memberships: MembershipOrders
    settings_path: Path
    drain: Callable[[], None]
    stop: Callable[[], None]

    def table(self) -> Commands:
        """All commands by name."""
        commands = Commands(self._record)
        handlers: dict[str, Callable[[Arguments], Awaitable[dict[str, Any]]]] = {
            "pause": self._pause,
            "resume": self._resume,
            "run_anyway": self._run_anyway,
            "owner_active": self._owner_active,
            "drain": self._drain,
            "stop": self._stop,
            "cancel_job": self._cancel_job,
            "use_model": self._use_model,
            "remove_model": self._remove_model,
            "cancel_pull": self._cancel_pull,
            "new_key": self._new_key,
            "revoke_key": self._revoke_key,
        }
        for name, handler in handlers.items():
            commands.add(name, handler)
        WalletOrders(self.purse).add_to(commands)
        self.memberships.add_to(commands)
        return commands

    async def _record(self, name: str, values: Mapping[str, object], uid: int, pid: int) -> None:
        if name in UNRECORDED:
            return
        try:
            await self.ledger.append(OwnerCommand(name, json.dumps(values, sort_keys=True), uid, pid))
        except LedgerError as error:
            log.error("%s was done, but could not be written down: %s", name, error)

    async def _pause(self, arguments: Arguments) -> dict[str, Any]:
        reason = arguments.text("reason", "", longest=200).strip() or "until you resume"
        try:
            self.wishes.pause(reason)
        except OSError as error:
            raise ControlError(507, "not_written", f"the pause could not be written down: {error.strerror}") from None
        self.watch.act()
        return {"jobs": len(self.dispatcher.runs)}

    async def _resume(self, _: Arguments) -> dict[str, Any]:
        self.wishes.resume()
        self.watch.act()
        return {}

    async def _run_anyway(self, arguments: Arguments) -> dict[str, Any]:
        """Set aside the rules that are the owner's to set aside."""
        seconds = arguments.optional_number("seconds", least=1, most=LONGEST_OVERRIDE)
        try:
            self.wishes.run_anyway(seconds)
        except OSError as error:
            raise ControlError(507, "not_written", f"that could not be written down: {error.strerror}") from None
        self.watch.act()
        return {"until_at": self.wishes.override_until}

    async def _owner_active(self, arguments: Arguments) -> dict[str, Any]:
        """An attached program says for how many seconds its owner has been quiet."""
        self.presence.report(arguments.number("idle_seconds", most=LONGEST_OVERRIDE))
        return {}

    async def _drain(self, _: Arguments) -> dict[str, Any]:
        self.drain()
        return {"jobs": len(self.dispatcher.runs), "seconds": self.dispatcher.seconds_left()}

    async def _stop(self, _: Arguments) -> dict[str, Any]:
        jobs = len(self.dispatcher.runs)
        self.stop()
        return {"jobs": jobs}

    async def _cancel_job(self, arguments: Arguments) -> dict[str, Any]:
        number = arguments.number("number")
        if not self.dispatcher.cancel_job(number, "cancelled by you"):
            raise ControlError(409, "not_in_hand", f"job {number} is not in hand", "stoker jobs")
        return {"number": number}

    async def _use_model(self, arguments: Arguments) -> dict[str, Any]:
        """Load this model now and at every start; unload the others."""
        name = arguments.text("name", longest=200)
        if self.store.find(name) is None:
            raise ControlError(409, "unknown_model", f"model {name!r} is not here", f"stoker model pull {name}")
        others = [model.name for model in await self.engine.models() if model.name != name]
        await self._write_setting("engine.model", name)
        try:
            await self.engine.load(name)
        except EngineError as error:
            raise ControlError(409, error.fault.value, error.message) from None
        for other in others:
            await self.engine.unload(other)
        await self.dispatcher.refresh()
        return {"name": name}

    async def _remove_model(self, arguments: Arguments) -> dict[str, Any]:
        name = arguments.text("name", longest=200)
        if name in {model.name for model in await self.engine.models()}:
            await self.engine.unload(name)
        try:
            await self.store.remove(name)
        except ModelError as error:
            raise told(error) from None
        return {"name": name}

    async def _cancel_pull(self, arguments: Arguments) -> dict[str, Any]:
        return {"cancelled": self.transfers.cancel(arguments.text("name", longest=4000))}

    async def _write_setting(self, key: str, value: str) -> None:
        try:
            await asyncio.to_thread(settings_form.change, self.settings_path, key, value)
        except ConfigError as error:
            raise ControlError(400, "bad_setting", str(error), "stoker settings") from None
        except OSError as error:
            raise ControlError(507, "not_written", f"{self.settings_path}: {error.strerror}") from None

    async def _new_key(self, arguments: Arguments) -> dict[str, Any]:
        limits = KeyLimits(
            requests_per_minute=arguments.optional_number("requests_per_minute", least=1, most=1_000_000),
            concurrent=arguments.optional_number("concurrent", least=1, most=10_000),
            max_tokens=arguments.optional_number("max_tokens", least=1, most=10_000_000),
        )
        try:
            key, secret = await asyncio.to_thread(self.access.new, arguments.text("name", longest=100), limits)
        except AccessError as error:
            raise ControlError(409, "access", str(error), "stoker access list") from None
        return {"name": key.name, "key": secret.reveal()}

    async def _revoke_key(self, arguments: Arguments) -> dict[str, Any]:
        try:
            key = await asyncio.to_thread(self.access.revoke, arguments.text("name", longest=100))
        except AccessError as error:
            raise ControlError(409, "access", str(error), "stoker access list") from None
        return {"name": key.name}
