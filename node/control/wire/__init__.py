"""What clients of the control API see: plain frozen dataclasses, cheap to import.

Times ending in ``_at`` are Unix seconds, durations are seconds, sizes are bytes.
"""

from node.control.wire.earnings import EarningsRow, EarningsTable, Posting, Reconciliation, RewardView
from node.control.wire.networks import (
    Coin,
    Examination,
    Finding,
    NetworkKind,
    NetworkModel,
    NetworkState,
    NetworkView,
    PagePart,
    Remark,
    Rewards,
)
from node.control.wire.power import Electricity, PowerToday
from node.control.wire.snapshot import (
    PROTOCOL,
    Counts,
    Earning,
    EngineView,
    History,
    JobView,
    LedgerEvent,
    LogLine,
    NodeView,
    QueueView,
    SettingView,
    Snapshot,
    StateLine,
    StateWord,
    Today,
    Transfer,
)
from node.control.wire.wallet import BalanceView, Holding, Movement, MovementPage, WalletMark, WalletView
from node.hardware.alarm import Alarm, Severity
from node.hardware.ceiling import HeatCeiling
from node.hardware.course import Course
from node.hardware.readings import HOST, GpuProcess, GpuReading, HardwareReading, HostReading, Xid
from node.hardware.series import Trail
from node.jobs import JobState

__all__ = [
    "HOST",
    "PROTOCOL",
    "Alarm",
    "BalanceView",
    "Coin",
    "Counts",
    "Course",
    "Earning",
    "EarningsRow",
    "EarningsTable",
    "Electricity",
    "EngineView",
    "Examination",
    "Finding",
    "GpuProcess",
    "GpuReading",
    "HardwareReading",
    "HeatCeiling",
    "History",
    "Holding",
    "HostReading",
    "JobState",
    "JobView",
    "LedgerEvent",
    "LogLine",
    "Movement",
    "MovementPage",
    "NetworkKind",
    "NetworkModel",
    "NetworkState",
    "NetworkView",
    "NodeView",
    "PagePart",
    "Posting",
    "PowerToday",
    "QueueView",
    "Reconciliation",
    "Remark",
    "RewardView",
    "Rewards",
    "SettingView",
    "Severity",
    "Snapshot",
    "StateLine",
    "StateWord",
    "Today",
    "Trail",
    "Transfer",
    "WalletMark",
    "WalletView",
    "Xid",
]
