"""Both networks and the owner's own programs at once, on the embedded engine, and whether the books agree in the end.

    python tests/benchmarks/soak.py [--quick] [--json] [--minutes 10] [--model FILE]

A real node serves SmolLM2 in four slots to a stand-in AI Horde, a stand-in AI Power Grid and one local client. Both
networks' queues stay deep until the time is up; then all that was asked for is answered, and the node's books are
compared with the networks' own.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import httpx  # noqa: E402
from bench_node import MODEL, BenchNode, running_node  # noqa: E402
from bench_report import Finding, parser, report  # noqa: E402
from two_services import Services, both_services, join_both  # noqa: E402

HORDE_NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"
SLOTS = 4
WARM_UP = 20.0
BOOKS_SECONDS = 240.0  # workers read the networks' books once a minute, and some of those are a minute old
SETTINGS = {"engine": {"slots": SLOTS, "context": 2048}, "local": {"port": 0}}


@dataclass
class Watch:
    """What the node said of itself while it worked."""

    busy: list[int] = field(default_factory=list)
    most: int = 0
    over: int = 0

    def look(self, node: BenchNode, *, count: bool) -> None:
        state = node.control.state()
        running = sum(job.state == "running" for job in state.jobs)
        self.most = max(self.most, running, state.busy)
        self.over += max(running, state.busy) > SLOTS
        if count:
            self.busy.append(state.busy)

    @property
    def share(self) -> float:
        return 100 * sum(self.busy) / (SLOTS * max(1, len(self.busy)))


async def soak(node: BenchNode, services: Services, seconds: float) -> tuple[Watch, Counter[str]]:
    """Work for so long, then finish what was begun."""
    services.open_the_doors()
    local: Counter[str] = Counter()
    asking = asyncio.create_task(ask_locally(node, local))
    watch = Watch()
    began = time.monotonic()
    while (gone := time.monotonic() - began) < seconds:
        await asyncio.to_thread(watch.look, node, count=gone > min(WARM_UP, seconds / 3))
        await asyncio.sleep(0.2)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await services.close_the_doors(300)
    return watch, local


async def ask_locally(node: BenchNode, outcomes: Counter[str]) -> None:
    """The owner's own program: one request after the other, with a breath between."""
    key = await asyncio.to_thread(node.new_key)
    url = (await asyncio.to_thread(node.control.state)).node.endpoint
    async with httpx.AsyncClient(base_url=url + "/", headers={"authorization": f"Bearer {key}"}, timeout=120) as http:
        while True:
            body = {"model": MODEL, "messages": [{"role": "user", "content": "Say something."}], "max_tokens": 40}
            answer = await http.post("chat/completions", json=body)
            outcomes["answered" if answer.status_code == 200 else f"status {answer.status_code}"] += 1
            await asyncio.sleep(2)


def claims(node: BenchNode) -> dict[tuple[str, str], dict[str, int]]:
    """The node's sums by network and asset, in base units."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for view in node.control.networks():
        for reward in view.rewards:
            sums[view.name, reward.asset] = {
                "claimed": reward.claimed, "credited": reward.credited, "paid": reward.paid, "held": reward.held or 0,
            }  # fmt: skip
    return sums


def jobs_by_network(node: BenchNode) -> dict[str, Counter[str]]:
    """How many jobs of each network ended how."""
    found: dict[str, Counter[str]] = {}
    ids: set[tuple[str, str]] = set()
    before: int | None = None
    while page := node.control.get("/jobs?limit=1000" + (f"&before={before}" if before else ""))["jobs"]:
        for job in page:
            found.setdefault(job["network"], Counter())[job["state"]] += 1
            if job["state"] == "done":
                found[job["network"]]["twice"] += (job["network"], job["id"]) in ids
                ids.add((job["network"], job["id"]))
        before = page[-1]["number"]
    return found


def theirs(services: Services) -> dict[str, int]:
    """The networks' own books."""
    owner, worker = services.owner, services.worker
    assert worker is not None
    owner.settle(services.horde.clock.monotonic())
    grid: Any = next(iter(services.grid.books.summary().values()))
    return {
        "horde jobs": len(worker.paid),
        "horde claimed": sum(worker.paid.values()),
        "horde credited": owner.cents + sum(cents for _, cents in owner.due),
        "horde held": owner.escrow,
        "horde dropped": worker.dropped + worker.faked,
        "aipg jobs": grid["jobs"],
        "aipg handed back": sum(ask.bounces for ask in services.grid.asks),
        "aipg credited": grid["den_hundredths"],
    }


async def settled(node: BenchNode, services: Services) -> tuple[dict[tuple[str, str], dict[str, int]], dict[str, int]]:
    """Both sides' books, once they agree or the time for it is up."""
    end = time.monotonic() + BOOKS_SECONDS
    while True:
        ours, booked = await asyncio.to_thread(claims, node), theirs(services)
        kudos, units = ours.get(("horde", "kudos"), {}), ours.get(("aipg", "den"), {})
        agreed = (
            kudos.get("credited") == booked["horde credited"]
            and kudos.get("held") == booked["horde held"]
            and units.get("credited") == booked["aipg credited"]
        )
        if agreed or time.monotonic() > end:
            return ours, booked
        await asyncio.sleep(2)


async def measure(node: BenchNode, seconds: float, *, trusted: bool) -> list[Finding]:
    async with both_services(HORDE_NAME, trusted=trusted) as services:
        await asyncio.to_thread(join_both, node.control, services, MODEL, HORDE_NAME)
        watch, local = await soak(node, services, seconds)
        ours, booked = await settled(node, services)
        ended = await asyncio.to_thread(jobs_by_network, node)
    kudos, units = ours.get(("horde", "kudos"), {}), ours.get(("aipg", "den"), {})
    horde, aipg = ended.get("horde", Counter()), ended.get("aipg", Counter())
    bad = sum(count for counts in (horde, aipg) for state, count in counts.items() if state not in ("done", "twice"))
    back = 100 * booked["aipg handed back"] / max(1, booked["aipg jobs"])

    def off(what: str, mine: int | None, other: int, note: str = "") -> Finding:
        return Finding(what, abs((mine or 0) - other), "off", at_most=0, note=note or f"{mine} here, {other} there")

    return [
        Finding("slot time in use while queues are deep", watch.share, "%", at_least=97),
        Finding("most jobs running at once", watch.most, f"of {SLOTS}", at_most=SLOTS),
        off("AI Horde: jobs done", horde["done"], booked["horde jobs"]),
        off("AI Horde: kudos claimed, in hundredths", kudos.get("claimed"), booked["horde claimed"]),
        off("AI Horde: kudos credited", kudos.get("credited"), booked["horde credited"]),
        off("AI Horde: kudos held back (an estimate here)", kudos.get("held"), booked["horde held"]),
        off("AI Power Grid: jobs done", aipg["done"], booked["aipg jobs"]),
        off("AI Power Grid: units claimed, in hundredths", units.get("claimed"), booked["aipg credited"]),
        off("AI Power Grid: units credited", units.get("credited"), booked["aipg credited"]),
        Finding("jobs of the networks that did not end well", bad, at_most=0, note=f"{dict(horde)}, {dict(aipg)}"),
        Finding("jobs that the AI Power Grid was handed back", back, "%", at_most=1),
        Finding("jobs delivered twice", horde["twice"] + aipg["twice"], at_most=0),
        Finding("jobs that the AI Horde counts as dropped", booked["horde dropped"], at_most=0),
        Finding(
            "local requests not answered", sum(local.values()) - local["answered"], at_most=0, note=str(dict(local))
        ),
    ]


def main() -> int:
    options = parser(__doc__)
    options.add_argument("--minutes", type=float, default=10.0, help="how long the queues stay deep")
    options.add_argument("--model", type=Path, help="the GGUF file of SmolLM2-135M-Instruct; pulled if left out")
    options.add_argument("--trusted", action="store_true", help="let the AI Horde trust the account from the start")
    given = options.parse_args()
    seconds = 60.0 if given.quick else given.minutes * 60
    with running_node(SETTINGS) as node:
        node.bring_model(given.model)
        findings = asyncio.run(measure(node, seconds, trusted=given.trusted))
    return report(findings, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
