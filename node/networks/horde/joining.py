"""What is checked and shown before a worker joins."""

from __future__ import annotations

from collections.abc import Mapping

from node.networks.base import Finding, Remedy
from node.networks.horde.client import HordeClient, Refused, Unreachable
from node.networks.horde.kudos import Outlook

UNLISTED = Finding(
    True,
    "the network's list of models cannot be had now, so that what it pays for ours is not known",
    "stoker networks test, later",
)


async def examine(
    client: HordeClient, worker_name: str, outlooks: Mapping[str, Outlook], *, listed: bool
) -> list[Finding]:
    """Look at the account, the worker's name and the models' worth, without taking a job.

    Args:
        outlooks: what each model would bring, by the name under which we serve it.
        listed: the network's list of models is here; without it none of them is known.
    """
    try:
        models = [_model(served, one) for served, one in outlooks.items()] if listed else [UNLISTED]
        return [*await _account(client, worker_name), *models]
    except Unreachable as error:
        return [Finding(False, error.problem, "check the address and the connection")]


async def _account(client: HordeClient, worker_name: str) -> list[Finding]:
    try:
        user = await client.user()
    except Refused as refusal:
        return [Finding(False, f"the API key is not accepted: {refusal.message}", Remedy.KEY)]
    trust = "trusted" if user.trusted else "not trusted yet: half of each reward is held back, and shown to nobody"
    findings = [Finding(True, f"account {user.username}, {user.kudos:,.0f} kudos, {trust}")]
    if user.flagged:
        findings.append(Finding(False, "the account is flagged", "write to the network's moderators"))
    worker = await client.worker(worker_name)
    if worker is None:
        findings.append(Finding(True, f"worker name {worker_name!r} is free"))
    elif worker.owner is not None and worker.owner != user.username:
        taken = f"worker name {worker_name!r} belongs to {worker.owner}"
        findings.append(Finding(False, taken, Remedy.NAME))
    elif worker.maintenance_mode:
        findings.append(Finding(False, f"worker {worker_name!r} is in maintenance", Remedy.MAINTENANCE))
    else:
        findings.append(Finding(True, f"worker {worker_name!r} is yours, {worker.requests_fulfilled:,} jobs done"))
    return findings


def _model(served: str, one: Outlook) -> Finding:
    value = one.value
    an_hour = "" if one.an_hour is None else f", {one.an_hour} an hour while it is busy"
    worth = f"about {one.a_job} for 200 tokens{an_hour}, {one.uptime_an_hour} an hour for being there"
    if value.billions is None:
        return Finding(
            True,
            f"{served}: the network does not know {value.name!r} and pays little for it: {worth}",
            "give the model's name as the network's list has it, if it is there",
        )
    share = "" if value.validated else "; this software is not on the network's list, so that it pays 30 %"
    return Finding(True, f"{served}: known as {value.name} ({value.billions:g} billion parameters): {worth}{share}")
