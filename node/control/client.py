"""The one way into a node from outside: HTTP and server-sent events over its control socket.

Plain blocking code on the standard library, so that ``stoker status`` starts fast; the app calls it from threads.
"""

from __future__ import annotations

import codecs
import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from node import exits
from node.control.address import SOCKET_NAME, Address, default_directory, socket_path
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

__all__ = [
    "SOCKET_NAME",
    "ControlClient",
    "JobLife",
    "NodeAbsent",
    "OfflineClient",
    "Refused",
    "WireError",
    "default_directory",
    "socket_path",
]

T = TypeVar("T")
MAX_ANSWER = 64 << 20
PIECE = 1 << 16
EXAMINING = 90.0  # seconds that a network may take to answer everything that is asked before joining
_OFFLINE_ENDS = {
    exits.ALREADY_RUNNING: "already_running",
    exits.DIRECTORY_UNUSABLE: "directory_unusable",
    exits.LEDGER_DAMAGED: "ledger_damaged",
    exits.BAD_CONFIG: "bad_config",
}


class NodeAbsent(Exception):
    """No node answers at this place.

    Attributes:
        remedy: what to do; empty where the usual ways to start one are meant.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class Refused(Exception):
    """The node understood and said no.

    Attributes:
        code: a short name of the reason, such as ``unknown_model``.
        message: the field, the value and what was expected.
        remedy: what to do; may be empty.
        status: the HTTP status.
    """

    def __init__(self, status: int, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class JobLife:
    """One job, every ledger entry that speaks of it, oldest first, and its reward if it has one."""

    job: JobView
    life: tuple[LedgerEvent, ...] = ()
    reward: RewardView | None = None


class ControlClient:
    """Speaks to the node of one data directory. Safe to use from several threads: each call has its own connection.

    Args:
        place: what messages call a node that was named by the person and may be on another machine; ``directory`` is
            then where its socket is reached from here. Empty for this machine's own.
    """

    def __init__(self, directory: Path | None = None, *, timeout: float = 10.0, place: str = "") -> None:
        self.directory = directory or default_directory()
        self.address = Address(self.directory)
        self.timeout = timeout
        self.place = place

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
            for event, data in _server_sent(answer):
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

    # The wire

    def get(self, path: str, **query: object) -> Any:
        """GET a JSON value; query arguments that are None are left out."""
        return self.call("GET", _address(path, query))

    def call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, timeout: float | None = -1.0
    ) -> Any:
        """One request, one JSON answer.

        Args:
            timeout: seconds; this client's own if negative.

        Raises:
            NodeAbsent: nobody listens.
            Refused: the node says no.
        """
        with self._open(method, path, body, timeout=timeout) as answer:
            return json.loads(answer.read(MAX_ANSWER))

    def text(self, path: str, **query: object) -> str:
        """GET a text, such as a CSV export."""
        with self._open("GET", f"{path}?{urlencode(query)}" if query else path) as answer:
            return answer.read().decode()

    def pieces(self, path: str, **query: object) -> Iterator[str]:
        """GET a long text piece by piece, such as a whole CSV export; query arguments that are None are left out."""
        reader = codecs.getincrementaldecoder("utf-8")()
        with self._open("GET", _address(path, query)) as answer:
            while piece := answer.read(PIECE):
                yield reader.decode(piece)

    @contextmanager
    def stream(self, path: str, body: Mapping[str, object]) -> Iterator[http.client.HTTPResponse]:
        """POST and hold the open answer, for what arrives bit by bit."""
        with self._open("POST", path, body, timeout=None) as answer:
            yield answer

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = -1.0,
    ) -> Iterator[http.client.HTTPResponse]:
        connection = self._connection(self.timeout if timeout == -1.0 else timeout)
        payload = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if payload is not None else {}
        try:
            try:
                connection.request(method, path, payload, {**sent, **connection.extra, **(headers or {})})
                answer = connection.getresponse()
            except (ConnectionError, FileNotFoundError, NotADirectoryError, http.client.BadStatusLine):
                raise self.absence() from None
            except PermissionError:
                raise NodeAbsent(f"the node in {self.directory} belongs to another user") from None
            with answer:
                if answer.status >= 400:
                    raise _refusal(answer.status, answer.read(1 << 20))
                yield answer
        finally:
            connection.close()

    def _connection(self, timeout: float | None) -> _Connection:
        if not self.address.uses_tcp:
            return _Connection(self.address.socket, timeout)
        try:
            port, token = self.address.tcp.read_text().split()
        except (OSError, ValueError):
            raise self.absence() from None
        return _Connection((int(port), token), timeout)

    def absence(self) -> NodeAbsent:
        """What is raised when nobody answers."""
        if self.place:
            return NodeAbsent(f"no node answers at {self.place}", "see there whether one runs: `stoker status`")
        return NodeAbsent(f"no node answers in {self.directory}")


class OfflineClient(ControlClient):
    """The same questions while no node runs: each is answered by a short-lived process of the node's own code.

    It opens the books under the instance lock, answers and ends; there are no events and no commands.
    """

    def call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, timeout: float | None = -1.0
    ) -> Any:
        return json.loads(self._ask(method, path, body))

    def text(self, path: str, **query: object) -> str:
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def pieces(self, path: str, **query: object) -> Iterator[str]:
        yield self._ask("GET", _address(path, query), None)

    def events(self, after: int | None = None) -> Iterator[Snapshot | LedgerEvent]:
        raise NodeAbsent(f"no node runs in {self.directory}")

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None) -> str:
        command = [sys.executable, "-P", "-m", "node", "--data-dir", str(self.directory), "--offline", method, path]
        done = subprocess.run(  # noqa: S603  our own program
            command, input=json.dumps(body), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or [f"the node's program ended with {done.returncode}"]
            raise Refused(500, _OFFLINE_ENDS.get(done.returncode, "offline"), last[0])
        status, _, answer = done.stdout.partition("\n")
        if int(status) >= 400:
            raise _refusal(int(status), answer.encode())
        return answer


class _Connection(http.client.HTTPConnection):
    """HTTP over the Unix socket, or over loopback TCP with the token."""

    def __init__(self, target: Path | tuple[int, str], timeout: float | None) -> None:
        self.extra: dict[str, str] = {}
        self._path: Path | None = None
        if isinstance(target, Path):
            super().__init__("localhost", timeout=timeout)
            self._path = target
        else:
            port, token = target
            super().__init__("127.0.0.1", port, timeout=timeout)
            self.extra = {"Authorization": f"Bearer {token}"}

    def connect(self) -> None:
        if self._path is None:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(str(self._path))
        except BaseException:
            self.sock.close()
            raise


def _address(path: str, query: Mapping[str, object]) -> str:
    known = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(known)}" if known else path


def _refusal(status: int, raw: bytes) -> Refused:
    try:
        error = json.loads(raw)["error"]
        return Refused(status, str(error.get("code") or ""), str(error["message"]), str(error.get("remedy") or ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refused(status, "", raw[:200].decode(errors="replace") or f"HTTP status {status}")


def _server_sent(answer: http.client.HTTPResponse) -> Iterator[tuple[str, dict[str, Any]]]:
    event = "message"
    data: list[str] = []
    while line := answer.readline(MAX_ANSWER):
        text = line.decode().rstrip("\r\n")
        if not text:
            if data:
                yield event, json.loads("\n".join(data))
            event, data = "message", []
        elif text.startswith("event:"):
            event = text[6:].strip()
        elif text.startswith("data:"):
            data.append(text[5:].strip())
