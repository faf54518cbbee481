"""Metrics of a real node, after a real job."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
from running_node import RunningNode, running_node
from scrape import scraped


def address(node: RunningNode) -> str:
    """Where the node says that its metrics are."""
    said = " ".join(line.message for line in node.control.logs())
    found = re.search(r"metrics are at (\S+)", said)
    assert found, said
    return found[1]


def test_a_job_that_was_done_is_counted(tmp_path: Path) -> None:
    with running_node(tmp_path / "home", metrics={"enabled": True, "port": 0}) as node:
        node.ready()
        answer = node.complete(tokens=8)
        node.receipt(1)

        metrics = scraped(httpx.get(address(node), trust_env=False).text)

    assert metrics["stoker_jobs_total"].value(network="local", state="done") == 1
    written = metrics["stoker_tokens_total"].value(network="local", kind="completion")
    assert written == answer["usage"]["completion_tokens"]
    assert metrics["stoker_ledger_entries"].value() >= 3
    assert metrics["stoker_slots"].value() == 4
