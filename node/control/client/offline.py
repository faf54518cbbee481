"""The node's answers while no node runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from node import exits
from node.control.client.client import ControlClient
from node.control.client.exchange import addressed
from node.control.client.refusals import NodeAbsent, Refused, refusal
from node.control.wire import LedgerEvent, Snapshot

_ENDS = {
    exits.ALREADY_RUNNING: "already_running",
    exits.DIRECTORY_UNUSABLE: "directory_unusable",
    exits.LEDGER_DAMAGED: "ledger_damaged",
    exits.BAD_CONFIG: "bad_config",
}


class OfflineClient(ControlClient):
    """The same questions while no node runs: each is answered by a short-lived process of the node's own code.

    It opens the books under the instance lock, answers and ends; there are no events and no commands.
    """

    def call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, timeout: float | None = -1.0
    ) -> Any:
        return json.loads(self._ask(method, path, body))

    def pieces(self, path: str, **query: object) -> Iterator[str]:
        yield self._ask("GET", addressed(path, query), None)

    def events(self, after: int | None = None) -> Iterator[Snapshot | LedgerEvent]:
        raise NodeAbsent(f"no node runs in {self.directory}")

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None) -> str:
        command = [sys.executable, "-P", "-m", "node", "--data-dir", str(self.directory), "--offline", method, path]
        done = subprocess.run(  # noqa: S603  our own program
            command, input=json.dumps(body), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or [f"the node's program ended with {done.returncode}"]
            raise Refused(500, _ENDS.get(done.returncode, "offline"), last[0])
        status, _, answer = done.stdout.partition("\n")
        if int(status) >= 400:
            raise refusal(int(status), answer.encode())
        return answer
