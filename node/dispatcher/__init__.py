"""Who gets a slot of which engine, and when: the one place that knows networks and engines both."""

from node.dispatcher.dispatcher import Dispatcher
from node.dispatcher.run import JobRun

__all__ = ["Dispatcher", "JobRun"]
