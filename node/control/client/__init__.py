"""The one way into a node from outside: HTTP and server-sent events over its control socket.

Plain blocking code on the standard library, so that ``stoker status`` starts fast; the app calls it from threads.
"""

from node.control.address import SOCKET_NAME, default_directory, socket_path
from node.control.client.client import ControlClient, JobLife
from node.control.client.offline import OfflineClient
from node.control.client.refusals import NodeAbsent, Refused
from node.control.codec import WireError

__all__ = [
    "SOCKET_NAME",
    "ControlClient",
    "JobLife",
    "NodeAbsent",
    "OfflineClient",
    "Refused",
    "WireError",
    "default_directory",
    "socket_path",
]
