"""AI Horde, as the node's table of networks has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from node.networks.horde.names import REFERENCE_URL
from node.networks.horde.network import HordeNetwork
from node.networks.horde.pace import LONGEST
from node.networks.kind import Enrolment, Kind, Options

NAME = r"[^\x00-\x1f&<>]{1,100}"


class HordeOptions(Options):
    """What an AI Horde worker can be told beside account and models."""

    longest: Annotated[int, Field(ge=16, le=65_536)] = Field(
        LONGEST, description="Tokens of the longest answer that you want to compute."
    )
    reference_url: Annotated[str, Field(max_length=2000, pattern=r"^(https?://\S+)?$")] = Field(
        REFERENCE_URL, description="Where the network's list of models is; empty for none."
    )


def build(enrolment: Enrolment) -> HordeNetwork:
    """
    Raises:
        ValueError: the URL or the worker's name is none.
    """
    options: HordeOptions = enrolment.options
    return HordeNetwork(
        name=enrolment.name,
        url=enrolment.url,
        key=enrolment.key,
        worker_name=enrolment.worker_name,
        models=enrolment.models,
        state_dir=enrolment.directory,
        clock=enrolment.clock,
        ledger=enrolment.ledger,
        longest=options.longest,
        reference_url=options.reference_url,
    )


KIND = Kind(build, pays_money=False, options=HordeOptions)
