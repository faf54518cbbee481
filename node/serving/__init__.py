"""How the node serves HTTP: uvicorn as a guest, and clients whose patience has an end."""

from node.serving.guest import GuestServer
from node.serving.listening import listening
from node.serving.patience import Patience, StreamProtocol, patient

__all__ = ["GuestServer", "Patience", "StreamProtocol", "listening", "patient"]
