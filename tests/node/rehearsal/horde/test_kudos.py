"""The stand-in for the AI Horde: what it pays, holds back, and whom it suspects. Figures were seen on a real server."""

from __future__ import annotations

import pytest
from horde_day import KEY, VALIDATED, Day

UNVALIDATED = "Stoker:0.1.0:stoker"
LONG = "x" * 100_000


def test_a_7b_model_with_512_tokens_after_a_long_prompt() -> None:
    day = Day()
    day.ask(LONG, {"max_length": 512})
    job = day.pop()["id"]
    day.later(60)
    assert day.submit(job, LONG) == 47.44


def test_unvalidated_software_is_paid_30_percent() -> None:
    rewards = []
    for agent in (VALIDATED, UNVALIDATED):
        day = Day(agent=agent)
        day.ask("p" * 800)
        job = day.pop()["id"]
        day.later(30)
        rewards.append(day.submit(job, LONG))
    assert rewards[1] == pytest.approx(rewards[0] * 0.3, abs=0.01)


@pytest.mark.parametrize("trusted", [False, True])
def test_an_unknown_model_brings_an_untrusted_owner_the_factor_of_the_context_only(trusted: bool) -> None:
    day = Day(trusted=trusted)
    day.ask("p" * 800)
    job = day.pop(models=["koboldcpp/test-llm-7b-Q4_K_M"])["id"]
    day.later(30)
    factor = 1.2 + 2.2**-3.3561438102252754  # 100 tokens of context, as max_length caps it
    assert day.submit(job, LONG) == round(100 * factor * 0.027 if trusted else factor, 2)


def test_an_empty_answer_is_paid_as_20_tokens() -> None:
    empty, twenty, more = (Day().job(text="x" * length) for length in (0, 80, 84))
    assert empty == twenty < more


def test_a_branded_model_is_known_and_served_by_its_owner_alone() -> None:
    day = Day()
    day.ask()
    job = day.pop(models=[f"koboldcpp/test-llm-7b::{day.operator.alias}"])["id"]
    day.later(30)
    assert day.submit(job) == Day().job(seconds=30)


@pytest.mark.parametrize(
    ("agent", "model", "kudos"),
    [(VALIDATED, "test/test-llm-7b", 145), (UNVALIDATED, "test/test-llm-7b", 44), (VALIDATED, "who/knows", 73)],
)
def test_ten_minutes_of_being_there_with_8k_context(agent: str, model: str, kudos: int) -> None:
    day = Day(agent=agent)
    for _ in range(21):
        day.pop(max_context_length=8192, models=[model])
        day.later(31)
    assert day.worker.uptime_cents == kudos * 100
    day.operator.settle(day.clock.now)
    assert day.operator.cents == kudos * 100


def test_nobody_is_paid_for_being_there_in_maintenance() -> None:
    day = Day()
    day.pop()
    day.worker.maintenance = True
    for _ in range(40):
        day.later(31)
        day.horde.ask(KEY, "mine", {})
        day.pop()
    assert day.worker.uptime_cents == 0


def test_half_of_an_untrusted_owners_reward_and_all_uptime_is_held_back() -> None:
    day = Day(trusted=False)
    reward = round(day.job() * 100)
    day.operator.settle(day.clock.now + 10)
    assert day.operator.cents + day.operator.escrow == reward
    assert day.operator.escrow == round(round(reward / 100 / 2, 2) * 100)
    before = day.operator.escrow
    for _ in range(21):
        day.pop()
        day.later(31)
    assert day.operator.escrow == before + day.worker.uptime_cents > before


def test_balances_are_a_few_seconds_late() -> None:
    day = Day()
    day.job()
    assert day.horde.user_of(KEY).cents == 0
    day.later(3)
    assert day.horde.user_of(KEY).cents > 0


def test_an_old_account_with_enough_in_escrow_becomes_trusted_and_gets_it() -> None:
    day = Day(trusted=False, days=8)
    day.operator.escrow = 50_000 * 100
    day.job()
    assert day.operator.trusted
    assert day.operator.escrow == 0
    day.operator.settle(day.clock.now + 10)
    assert day.operator.cents > 50_000 * 100


@pytest.mark.parametrize("young_or_suspicious", ["young", "suspicious"])
def test_no_trust_for_young_or_suspicious_accounts(young_or_suspicious: str) -> None:
    day = Day(trusted=False, days=8 if young_or_suspicious == "suspicious" else 1)
    day.operator.suspicions = 1 if young_or_suspicious == "suspicious" else 0
    day.operator.escrow = 50_000 * 100
    day.job()
    assert not day.operator.trusted


def test_after_three_jobs_that_were_too_fast_rewards_are_a_lie() -> None:
    day = Day(trusted=False)
    for _ in range(3):
        assert day.job(seconds=0.05) > 0
    assert day.worker.paused
    real, escrow = dict(day.worker.paid), day.operator.escrow
    for _ in range(5):
        assert day.job(seconds=10) > 0
    assert (day.worker.paid, day.operator.escrow, day.worker.faked) == (real, escrow, 5)
    assert sum(bool(request.answers) for request in day.horde.requests) == 3


def test_a_paused_worker_is_offered_each_request_once_and_not_told_why_there_are_no_more() -> None:
    day = Day(trusted=False)
    day.pop()
    day.worker.paused = True
    day.ask()
    day.ask(trusted_workers=True)
    assert day.pop()["id"] is not None
    answer = day.pop()
    assert (answer["id"], answer["skipped"]) == (None, {})


def test_an_instant_short_answer_is_too_fast_and_a_slower_one_is_not() -> None:
    day = Day(trusted=False)
    day.job(seconds=20 / 149, text="")
    assert day.worker.suspicions == 0
    day.job(seconds=20 / 151, text="")
    assert day.worker.suspicions == 2


@pytest.mark.parametrize("case", ["trusted", "unknown model"])
def test_nobody_looks_at_the_speed_of(case: str) -> None:
    day = Day(trusted=case == "trusted")
    day.ask()
    job = day.pop(models=["who/knows"] if case == "unknown model" else ["test/test-llm-7b"])["id"]
    day.submit(job)
    assert day.worker.suspicions == 0


@pytest.mark.parametrize(
    ("model", "limit"), [("meta-llama/Llama-3.3-70B-Instruct", 30), ("mistralai/Mixtral-8x7B-Instruct-v0.1", 300)]
)
def test_bigger_models_are_expected_to_be_slower(model: str, limit: float) -> None:
    for speed, suspicious in ((limit * 0.99, False), (limit * 1.01, True)):
        day = Day(trusted=False)
        day.ask()
        job = day.pop(models=[model])["id"]
        day.later(100 / speed)
        day.submit(job)
        assert (day.worker.suspicions > 0) is suspicious
