"""Is something wrong with the cards? First rules that anybody can check, then what this machine's own past says."""

from node.hardware.alarm import Alarm, Severity
from node.hardware.health.efficiency import Work
from node.hardware.health.health import Health

__all__ = ["Alarm", "Health", "Severity", "Work"]
