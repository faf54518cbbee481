"""What a node can be asked and told, each with its typed answer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from node.control.client.event_stream import server_sent
from node.control.client.exchange import Exchange
from node.control.codec import WireError, decode
from node.control.wire import (
    PROTOCOL,
    BalanceView,
    Course,
    EarningsTable,
    Examination,
    History,
    JobView,
    LedgerEvent,
    LogLine,
    MovementPage,
    NetworkKind,
    NetworkView,
    Reconciliation,
    RewardView,
    SettingView,
    Snapshot,
    WalletView,
)

EXAMINING = 90.0  # seconds that a network may take to answer everything that is asked before joining


@dataclass(frozen=True, slots=True)
class JobLife:
    """One job, every ledger entry that speaks of it, oldest first, and its reward if it has one."""

    job: JobView
    life: tuple[LedgerEvent, ...] = ()
    reward: RewardView | None = None


class ControlClient(Exchange):
    """The questions and orders that a node understands."""

    # What the node is and does

    def state(self) -> Snapshot:
        """The whole node at this moment."""
        return decode(Snapshot, self.get("/state"))

    def history(self) -> History:
        """The last five minutes, for charts."""
        return decode(History, self.get("/history"))

    def course(self, device: str = "host", *, hours: int = 24, points: int = 300) -> Course:
        """How a card (by its UUID) or the host has been over the last hours, for charts."""
        return decode(Course, self.get("/hardware/history", device=device, hours=hours, points=points))

    def events(self, after: int | None = None) -> Iterator[Snapshot | LedgerEvent]:
        """Snapshots at 2 Hz and ledger events, until the node ends the stream or the caller closes the iterator.

        Args:
            after: resume behind this ledger entry; None starts with what happens next.
        """
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        with self._open("GET", "/events", headers=headers, timeout=30.0) as answer:
            for event, data in server_sent(answer):
                if event == "hello" and data.get("protocol", 0) > PROTOCOL:
                    raise WireError(
                        f"the node speaks control protocol {data['protocol']}, this program {PROTOCOL}: update it"
                    )
                if event == "snapshot":
                    yield decode(Snapshot, data)
                elif event == "ledger":
                    yield decode(LedgerEvent, data)

    def jobs(self, *, limit: int = 100, before: int | None = None, **filters: str) -> list[JobView]:
        """Ended and current jobs, newest first; filters: state, network, model, text."""
        page = self.get("/jobs", limit=limit, before=before, **filters)
        return [decode(JobView, item) for item in page["jobs"]]

    def job(self, number: int) -> JobLife:
        """One job with its life."""
        return decode(JobLife, self.get(f"/jobs/{number}"))

    def earnings(self, by: str = "day", **span: object) -> EarningsTable:
        """What was done and earned.

        Args:
            by: ``hour``, ``day``, ``network``, ``model`` or ``asset``.
            span: ``since`` and ``until`` in Unix seconds, and ``network``.
        """
        return decode(EarningsTable, self.get("/earnings", by=by, **span))

    def reconciliation(self, network: str | None = None) -> list[Reconciliation]:
        """How claimed, credited and paid agree, for each network and asset."""
        page = self.get("/earnings/reconciliation", network=network)
        return [decode(Reconciliation, item) for item in page["rows"]]

    def rewards(
        self,
        *,
        network: str | None = None,
        asset: str | None = None,
        since: int | None = None,
        until: int | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[RewardView]:
        """Single rewards, newest first.

        Args:
            since, until: only of this time, in Unix seconds.
            before: only those whose first entry is older than this one, for the next page.
        """
        asked = {"network": network, "asset": asset, "since": since, "until": until, "before": before, "limit": limit}
        page = self.get("/earnings/rewards", **asked)
        return [decode(RewardView, item) for item in page["rewards"]]

    def entries(self, *, after: int = 0, limit: int = 100, kind: str | None = None) -> list[LedgerEvent]:
        """Ledger entries in order."""
        return [
            decode(LedgerEvent, item) for item in self.get("/ledger", after=after, limit=limit, kind=kind)["entries"]
        ]

    def logs(self, *, after: int = 0, limit: int = 500) -> list[LogLine]:
        """The node's latest log lines."""
        return [decode(LogLine, item) for item in self.get("/logs", after=after, limit=limit)["lines"]]

    def settings(self) -> list[SettingView]:
        """Every setting with its value, default and help."""
        return [decode(SettingView, item) for item in self.get("/settings")["settings"]]

    def change_setting(self, key: str, value: str | None) -> SettingView:
        """Write one setting to the file; None puts the default back.

        Raises:
            Refused: the value does not fit; the message says what was expected.
        """
        return decode(SettingView, self.call("PUT", f"/settings/{quote(key)}", {"value": value}))

    def wallets(self) -> list[WalletView]:
        """The named wallets, the active one first."""
        return [decode(WalletView, item) for item in self.get("/wallets")["wallets"]]

    def balance(self, wallet: str) -> BalanceView:
        """What a wallet holds, asked of the chain now."""
        return decode(BalanceView, self.get(f"/wallets/{quote(wallet)}/balance"))

    def balances(self, addresses: Sequence[str]) -> list[BalanceView]:
        """What addresses hold that need not belong to a wallet, in their order; 10 at most."""
        return [decode(BalanceView, item) for item in self.get("/balances", of=",".join(addresses))["balances"]]

    def movements(self, wallet: str, *, older: str = "", limit: int = 25) -> MovementPage:
        """A wallet's history, newest first."""
        return decode(MovementPage, self.get(f"/wallets/{quote(wallet)}/history", older=older or None, limit=limit))

    def networks(self) -> list[NetworkView]:
        """The networks that the owner has joined, and how it goes with each."""
        return [decode(NetworkView, item) for item in self.get("/networks")["networks"]]

    def network_kinds(self) -> list[NetworkKind]:
        """The networks that can be joined, each with the page to be read before."""
        return [decode(NetworkKind, item) for item in self.get("/networks/kinds")["kinds"]]

    def examine_network(self, question: Mapping[str, object]) -> Examination:
        """Look at a network before joining it (the arguments of ``add_network``), or at one that was (its ``name``).

        The network itself is asked: this may take a while.
        """
        return decode(Examination, self.call("POST", "/networks/examine", question, timeout=EXAMINING))

    # What it is told

    def command(self, name: str, /, *, key: str | None = None, **arguments: object) -> dict[str, Any]:
        """Give one command: pause, resume, drain, stop, cancel_job, ...; repeating the same key does it only once."""
        return self.order(name, arguments, key=key)

    def order(
        self, name: str, arguments: Mapping[str, object], *, key: str | None = None, timeout: float | None = -1.0
    ) -> dict[str, Any]:
        """Give one command whose arguments may have any name, such as an API key's own ``key``.

        Args:
            timeout: seconds; this client's own if negative.
        """
        body = {"key": key or os.urandom(16).hex(), "arguments": arguments}
        answer: dict[str, Any] = self.call("POST", f"/commands/{name}", body, timeout=timeout)
        return answer
