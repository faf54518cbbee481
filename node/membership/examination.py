"""What is looked at before a network is joined, and again whenever its owner wants to know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from node.control.wire import networks as wire
from node.membership.admission import NOTHING_SERVED, Bar, admitted
from node.membership.enrolment import Registrar
from node.membership.kinds import kind_of
from node.membership.membership import Membership
from node.membership.views import model_views
from node.models.licences import Licence
from node.networks.base import Capacity, Finding, Joinable
from wallet.secret import Secret

LIMIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Examiner:
    """Looks at memberships.

    Attributes:
        capacity: what this node serves now. bar, licence: as members have them.
    """

    registrar: Registrar
    capacity: Capacity
    bar: Callable[[], Bar | None]
    licence: Callable[[str], Licence]

    async def examine(
        self, name: str, membership: Membership, key: Secret, at_work: Joinable | None = None
    ) -> tuple[list[wire.Finding], list[wire.NetworkModel]]:
        """Ask the network, without taking a job.

        Args:
            at_work: its adapter, where one is at work already.

        Raises:
            MembershipError: something that the network would not take; names it.
        """
        chosen = dict(membership.models) or {model.name: "" for model in self.capacity.models() if model.chat}
        offered, barred = admitted(chosen, self.licence, pays_money=kind_of(membership.kind).pays_money)
        adapter = at_work or await self.registrar.adapter(name, membership, key, offered)
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                findings = list(await adapter.examine(self.capacity))
        except TimeoutError:
            told = f"no answer to all questions within {LIMIT_SECONDS:g} s"
            findings = [Finding(False, told, "check the address and the connection")]
        finally:
            if adapter is not at_work:
                await adapter.aclose()
        findings += self._own(chosen, barred)
        worths = adapter.worths(self.capacity) if offered else ()
        return [wire.Finding(one.good, one.what, one.remedy) for one in findings], model_views(worths, barred)

    def _own(self, chosen: Mapping[str, str], barred: Mapping[str, str]) -> list[Finding]:
        """What is known here without asking."""
        findings = []
        if (bar := self.bar()) is not None:
            findings.append(Finding(False, bar.reason, bar.remedy))
        if not chosen:
            findings.append(Finding(True, *NOTHING_SERVED))
        for served in chosen:
            licence = self.licence(served)
            if served in barred:
                findings.append(Finding(False, f"{served}: {barred[served]}", "stoker model list shows others"))
            elif licence.commercial is None:
                findings.append(Finding(True, f"{served}: its licence is not known here; make sure that you may"))
            elif licence.conditions:
                findings.append(Finding(True, f"{served}: {licence.name}: {licence.conditions}"))
        return findings
