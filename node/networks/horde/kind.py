"""AI Horde, as the node's table of networks has it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from node.networks.horde.names import REFERENCE_URL
from node.networks.horde.network import HordeNetwork
from node.networks.horde.pace import LONGEST
from node.networks.kind import Enrolment, Kind, Options

NAME = re.compile(r"[^\x00-\x1f&<>]{1,100}")
FORBIDDEN = re.compile(r"colab|tpu|google", re.IGNORECASE)
"""Words that the network takes in no worker's name."""


class HordeOptions(Options):
    """What an AI Horde worker can be told beside account and models."""

    longest: Annotated[int, Field(ge=16, le=65_536)] = Field(
        LONGEST, description="Tokens of the longest answer that you want to compute."
    )
    info: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f]*$")] = Field(
        "", description="What the network tells everybody about your worker."
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
    name = enrolment.worker_name
    if not NAME.fullmatch(name) or FORBIDDEN.search(name):
        raise ValueError(
            f"worker_name: got {name[:60]!r}; expected at most 100 characters without &, <, > and the words colab, "
            "tpu and google"
        )
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
        info=options.info,
        reference_url=options.reference_url,
    )


KIND = Kind(build, pays_money=False, options=HordeOptions)
