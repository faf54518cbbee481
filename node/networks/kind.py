"""How a kind of network describes itself, so that the node can join one without knowing which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from node.clock import Clock
from node.networks.base import Joinable
from node.networks.credits import Credits
from wallet.secret import Secret


class Options(BaseModel):
    """What only this kind has to be told, typed and bounded; each field with its description."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What one account's adapter is made of.

    Attributes:
        name: what the account is called in this house. url: of the network's API.
        models: the network's name of each model on offer, by ours; empty where the owner gave none.
        options: of the kind's own type. directory: the adapter's own; made if need be.
    """

    name: str
    url: str
    worker_name: str
    key: Secret
    models: Mapping[str, str]
    options: Any
    directory: Path
    clock: Clock
    ledger: Credits


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of network.

    Attributes:
        build: makes an adapter; asks nobody. It raises ValueError for what the network would not take, naming it; it
            may read files, so call it in a thread.
        pays_money: rather than points: it refuses models whose licence forbids commercial use.
        new_key: makes the key of an account, where the network wants one that was made here; None where the owner has
            an API key.
    """

    build: Callable[[Enrolment], Joinable]
    pays_money: bool
    options: type[Options] = Options
    new_key: Callable[[], Secret] | None = None
