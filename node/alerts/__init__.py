"""Telling the owner when something is wrong, once for each change, wherever the owner is."""

from node.alerts.build import build_channels
from node.alerts.changes import Changes
from node.alerts.heartbeat import Heartbeat
from node.alerts.notice import Notice
from node.alerts.post import Channel, Post, Undelivered

__all__ = ["Changes", "Channel", "Heartbeat", "Notice", "Post", "Undelivered", "build_channels"]
