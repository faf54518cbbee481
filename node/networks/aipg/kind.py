"""AI Power Grid, as the node's table of networks has it."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated

from pydantic import Field

from node.networks.aipg.dialect import trust
from node.networks.aipg.network import AipgNetwork
from node.networks.kind import Enrolment, Kind, Options


class AipgOptions(Options):
    """What a worker of the grid can be told beside account and models."""

    root_file: Annotated[str, Field(max_length=4000)] = Field(
        "",
        description="A PEM file with the root that signs the grid's worker address: Cloudflare's for origin servers.",
    )


def build(enrolment: Enrolment) -> AipgNetwork:
    """
    Raises:
        ValueError: something that the grid would take and should not, or the root file cannot be used.
    """
    options: AipgOptions = enrolment.options
    return AipgNetwork(
        name=enrolment.name,
        url=enrolment.url,
        key=enrolment.key,
        worker_name=enrolment.worker_name,
        models={served: name or served for served, name in enrolment.models.items()},
        ledger=enrolment.ledger,
        state_dir=enrolment.directory,
        clock=enrolment.clock,
        tls=_trusted(options.root_file) if options.root_file else None,
    )


def _trusted(file: str) -> ssl.SSLContext:
    try:
        return trust(Path(file))
    except OSError as error:  # ssl.SSLError is one
        raise ValueError(f"root_file {file}: cannot be used: {error}; expected a PEM file") from None


KIND = Kind(build, pays_money=True, options=AipgOptions)
