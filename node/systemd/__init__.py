"""What the node says to the service manager that started it, if one did."""

from node.systemd.herald import Herald, Life, heralding
from node.systemd.notify import ServiceManager, from_environment

__all__ = ["Herald", "Life", "ServiceManager", "from_environment", "heralding"]
