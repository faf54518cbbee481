"""What every push network of the WebSocket family shares: dial, announce, take jobs, stream, deliver, come back.

A member of the family is a `Dialect` (what its frames say) handed to a `PushNetwork` (what is done about them).
"""

from node.networks.websocket.answer import Answer
from node.networks.websocket.dialect import (
    Ack,
    Announced,
    Announcement,
    Cancel,
    Dialect,
    Heard,
    Load,
    Offer,
    Refused,
    Reply,
)
from node.networks.websocket.frames import Frame
from node.networks.websocket.link import Link, LinkLimits, Lost
from node.networks.websocket.network import PushNetwork

__all__ = [
    "Ack",
    "Announced",
    "Announcement",
    "Answer",
    "Cancel",
    "Dialect",
    "Frame",
    "Heard",
    "Link",
    "LinkLimits",
    "Load",
    "Lost",
    "Offer",
    "PushNetwork",
    "Refused",
    "Reply",
]
