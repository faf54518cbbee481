"""From a place to a client of the node there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from node.control.client import ControlClient, NodeAbsent
from tui.rigs.place import Place, SshPlace
from tui.rigs.tunnel import Tunnel, TunnelError, may_ask

LOOK_THERE = (
    "see there whether one runs: `stoker status`; if so, sshd_config there needs `AllowStreamLocalForwarding yes`"
)
TRIED_AGAIN = "it is tried again by itself"


class RigClient(ControlClient):
    """Speaks to a node through a tunnel; what stands in the way is told in ssh's words."""

    def __init__(self, tunnel: Tunnel) -> None:
        super().__init__(tunnel.directory, place=str(tunnel.place))
        self._tunnel = tunnel

    def absence(self) -> NodeAbsent:
        if self._tunnel.trouble:
            return NodeAbsent(self._tunnel.trouble, TRIED_AGAIN)
        return NodeAbsent(
            f"no node answers at {self.place}, where its socket would be {self._tunnel.there}", LOOK_THERE
        )


@contextmanager
def reached(place: Place, *, patient: bool = False) -> Iterator[ControlClient]:
    """A client of the node at a place; the way there is closed at the end.

    Args:
        patient: if there is no way at the moment, go on trying instead.

    Raises:
        TunnelError: there is no way at the moment.
    """
    if not isinstance(place, SshPlace):
        yield ControlClient(place.directory, place=str(place))
        return
    with Tunnel(place) as tunnel:
        try:
            tunnel.open(ask=may_ask())
        except TunnelError as error:
            if not patient:
                raise
            tunnel.trouble = str(error)
        tunnel.keep()
        yield RigClient(tunnel)
