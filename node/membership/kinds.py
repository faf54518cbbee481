"""The table of networks that can be joined: a new one is a line here, a module, and a page in ``assets/networks``."""

from __future__ import annotations

import difflib
from importlib import import_module

from node.membership.errors import MembershipError
from node.networks.kind import Kind

KINDS = {
    "horde": "node.networks.horde.kind",
    "aipg": "node.networks.aipg.kind",
    "usepod": "node.networks.usepod",
}
"""The module that describes each kind, as ``KIND``."""


def check_kind(name: str, field: str = "kind") -> None:
    """
    Raises:
        MembershipError: there is no such kind; names the nearest.
    """
    if name not in KINDS:
        near = difflib.get_close_matches(name, KINDS, n=1)
        hint = f"did you mean {near[0]}?" if near else "stoker networks kinds"
        raise MembershipError(field, f"got {name!r:.60}; expected one of {', '.join(KINDS)}", hint)


def kind_of(name: str) -> Kind:
    """A kind by its name; its module is loaded only when somebody asks for it.

    Raises:
        MembershipError: there is none.
    """
    check_kind(name)
    found = import_module(KINDS[name]).KIND
    assert isinstance(found, Kind)
    return found
