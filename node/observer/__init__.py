"""What others see of the node: one frozen snapshot for each moment."""

from node.observer.observer import Observer

__all__ = ["Observer"]
