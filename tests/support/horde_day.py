"""A day at the stand-in for the AI Horde, with a clock whose hands the test moves."""

from __future__ import annotations

from collections.abc import Mapping

from hand_clock import HandClock

from node.rehearsal.horde.horde import Horde
from node.rehearsal.horde.people import User, Worker
from node.rehearsal.horde.rules import Rules
from node.rehearsal.horde.work import Request

MODEL = "koboldcpp/test-llm-7b"
KEY, CUSTOMER = "operator", "customer"
VALIDATED = "KoboldCppEmbedWorker:2:https://example.org"


class Day:
    """An operator with one worker, and a customer."""

    def __init__(self, *, trusted: bool = True, days: float = 0.0, agent: str = VALIDATED, rules: Rules | None = None):
        self.clock = HandClock(1_800_000_000.0)
        self.horde = Horde(self.clock, rules)
        self.operator: User = self.horde.join("Op", KEY, trusted=trusted, days=days)
        self.customer: User = self.horde.join("Cu", CUSTOMER, trusted=True)
        self.customer.cents = 1_000_000
        self.agent = agent

    @property
    def worker(self) -> Worker:
        return self.horde.workers["w"]

    def later(self, seconds: float) -> None:
        self.clock.now += seconds

    def pop(self, **fields: object) -> dict[str, object]:
        body = {"name": "w", "models": [MODEL], "bridge_agent": self.agent, "max_length": 1024} | fields
        return self.horde.pop(KEY, body)

    def submit(self, job_id: object, text: str = "word " * 100, **fields: object) -> float:
        return self.horde.submit(KEY, {"id": job_id, "generation": text} | fields)

    def ask(
        self, prompt: str = "Once upon a time", params: Mapping[str, object] | None = None, **wants: object
    ) -> Request:
        given = {"max_length": 100, "max_context_length": 1024} | dict(params or {})
        return self.horde.ask(CUSTOMER, prompt, given, **wants)

    def job(self, seconds: float = 10.0, text: str = "word " * 100, **fields: object) -> float:
        """One whole job that takes so long; its reward."""
        self.ask()
        answer = self.pop()
        self.later(seconds)
        return self.submit(answer["id"], text, **fields)
