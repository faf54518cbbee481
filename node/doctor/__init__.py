"""What is right and what is wrong with this machine and this node, each with what to do about it."""

from node.doctor.check import Check
from node.doctor.examination import examine

__all__ = ["Check", "examine"]
