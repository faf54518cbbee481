"""AI Horde: text jobs for kudos, polled over HTTP."""

from node.networks.horde.network import HordeNetwork

__all__ = ["HordeNetwork"]
