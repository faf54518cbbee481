"""What the hardware has been through in the last three months, minute by minute, in a database of its own."""

from node.hardware.history.keeper import History
from node.hardware.history.rollup import Minute, Rollup
from node.hardware.history.store import read_course
from node.hardware.readings import HOST

__all__ = ["HOST", "History", "Minute", "Rollup", "read_course"]
