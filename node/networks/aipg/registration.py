"""What a worker says of itself, checked here: the coordinator answers ``ready`` to any nonsense. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from node.networks.websocket.address import socket_address
from wallet.secret import Secret

HOME = "https://api.aipowergrid.io"
PATH = "/v1/workers/ws"
NAME = re.compile(r"[A-Za-z0-9-]{1,100}")
KEY = re.compile(r"grid_[A-Za-z0-9_-]{16,120}")
MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,119}")
RETIRED = ("flux.1-krea-dev", "flux1-krea-dev")
LONGEST_AGENT = 120


def checked_name(name: str) -> str:
    """A name that leaves room for ``#2``, and stays the owner's for ever once it was used.

    Raises:
        ValueError: says what was expected.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"worker name {name[:60]!r}: expected 1 to 100 letters, digits and hyphens")
    return name


def checked_key(key: Secret) -> Secret:
    """
    Raises:
        ValueError: it is no key of the grid; never says what it is.
    """
    if not KEY.fullmatch(key.reveal()):
        raise ValueError("API key: expected one that begins with grid_, as the grid's console shows it")
    return key


def checked_models(models: Mapping[str, str]) -> dict[str, str]:
    """The grid's ids by the names in this house.

    Raises:
        ValueError: there is none, or one that the grid could not use.
    """
    if not models:
        raise ValueError("models: expected at least one, with its id on the grid")
    for served, announced in models.items():
        if not MODEL.fullmatch(announced):
            raise ValueError(f"model {served}: the grid's id {announced[:60]!r} is none; expected such as gpt-oss-20b")
        if announced.partition(":")[0].lower() == "auto":
            raise ValueError(f"model {served}: {announced} is what callers say for any model; announce the real one")
        if announced.lower().replace("_", "-").startswith(RETIRED):
            raise ValueError(f"model {served}: {announced} was retired by the grid")
    if len(set(models.values())) < len(models):
        raise ValueError("models: two of them have the same id on the grid; expected one each")
    return dict(models)


def socket_url(base: str) -> str:
    """Where workers dial, from the address of the HTTP API: ``https://api.X`` becomes ``wss://ws.X``.

    Raises:
        ValueError: it is no such address, or one where the key would travel in the clear.
    """
    address = socket_address(base.rstrip("/").removesuffix("/api"), PATH, example=HOME)
    return address.replace("wss://api.", "wss://ws.", 1)
