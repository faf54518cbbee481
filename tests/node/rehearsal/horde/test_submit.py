"""The stand-in for the AI Horde: what becomes of answers."""

from __future__ import annotations

import pytest
from horde_day import KEY, Day

from node.rehearsal.horde.refusals import Refused


def refused(day: Day, job_id: object, key: str = KEY, **fields: object) -> tuple[int, str]:
    with pytest.raises(Refused) as refusal:
        day.horde.submit(key, {"id": job_id, "generation": "text"} | fields)
    return refusal.value.status, refusal.value.rc


def test_an_answer_is_paid_and_reaches_its_client() -> None:
    day = Day()
    assert day.job(text="Hello") > 0
    assert [answer["text"] for answer in day.horde.requests[0].answers] == ["Hello"]


def test_a_second_answer_to_the_same_job_is_a_duplicate_and_is_not_paid() -> None:
    day = Day()
    day.ask()
    job = day.pop()["id"]
    day.later(5)
    day.submit(job)
    assert refused(day, job) == (400, "DuplicateGen")
    assert len(day.worker.paid) == 1


def test_an_answer_after_the_cleaner_came_is_aborted_and_counts_as_dropped() -> None:
    day = Day()
    day.ask()
    job = day.pop()["id"]
    day.later(211)
    assert refused(day, job) == (400, "AbortedGen")
    assert day.worker.dropped == 1


def test_an_answer_after_the_time_to_live_but_before_the_cleaner_is_still_taken() -> None:
    day = Day()
    day.ask()
    day.later(59)
    day.pop()
    job = next(iter(day.horde.jobs))
    day.later(149)
    day.horde.clean()
    day.later(2)
    assert day.submit(job) > 0


def test_unknown_jobs_other_owners_and_unknown_keys() -> None:
    day = Day()
    day.horde.join("Other", "other")
    day.ask()
    job = day.pop()["id"]
    assert refused(day, "nonsense") == (404, "InvalidJobID")
    assert refused(day, job, key="other") == (403, "WrongCredentials")
    with pytest.raises(KeyError):
        day.horde.submit("nobody", {"id": job, "generation": ""})


def test_a_job_is_unknown_once_its_request_is_forgotten() -> None:
    day = Day()
    day.ask()
    job = day.pop()["id"]
    day.later(1201 + 60)
    assert refused(day, job) == (404, "InvalidJobID")


def test_a_faulted_job_pays_nothing_and_comes_back_to_the_same_worker_at_once() -> None:
    day = Day()
    request = day.ask()
    job = day.pop()["id"]
    assert day.submit(job, "", state="faulted") == 0.0
    again = day.pop()["id"]
    assert again != job
    assert day.horde.jobs[str(again)].request is request
    assert day.worker.dropped == 1


def test_three_faults_end_a_request_when_the_cleaner_comes() -> None:
    day = Day()
    request = day.ask()
    for _ in range(3):
        day.submit(day.pop()["id"], "", state="faulted")
    day.later(61)
    assert day.pop()["id"] is None
    assert request.faulted


@pytest.mark.parametrize("state", ["censored", "csam"])
def test_a_censored_answer_is_paid_and_costs_its_client_nothing(state: str) -> None:
    day = Day()
    before = day.customer.cents
    assert day.job(state=state) > 0
    day.customer.settle(day.clock.now + 10)
    assert day.customer.cents == before


def test_who_asks_pays_the_reward_and_one_kudos() -> None:
    day = Day()
    before = day.customer.cents
    reward = day.job()
    day.customer.settle(day.clock.now + 10)
    assert day.customer.cents == before - round(reward * 100) - 100


def test_a_client_that_cancels_is_not_told_to_the_worker_which_is_paid_all_the_same() -> None:
    day = Day()
    request = day.ask()
    job = day.pop()["id"]
    day.horde.cancel(request.id)
    day.later(5)
    assert day.submit(job) > 0


@pytest.mark.parametrize(
    "fields", [{"state": "fine"}, {"gen_metadata": [{"type": "lora", "value": "x"}]}, {"generation": None}, {"id": 7}]
)
def test_the_schema_of_a_submit(fields: dict[str, object]) -> None:
    with pytest.raises(Refused) as refusal:
        Day().horde.submit(KEY, {"id": "x", "generation": ""} | fields)
    assert refusal.value.errors


def test_the_21st_drop_within_an_hour_brings_maintenance_and_the_owner_may_end_it() -> None:
    day = Day()
    for _ in range(20):
        day.ask()
        day.submit(day.pop()["id"], "", state="faulted")
        day.horde.requests.clear()
    assert not day.worker.maintenance
    day.ask()
    day.submit(day.pop()["id"], "", state="faulted")
    with pytest.raises(Refused, match="dropping too many jobs") as refusal:
        day.pop()
    assert (refusal.value.status, refusal.value.rc) == (403, "WorkerMaintenance")
    day.worker.maintenance = False
    assert day.pop()["id"] is not None


def test_drops_are_forgotten_after_an_hour() -> None:
    day = Day()
    for _ in range(21):
        day.ask()
        day.submit(day.pop()["id"], "", state="faulted")
        day.horde.requests.clear()
        day.later(200)
    assert not day.worker.maintenance


def test_in_maintenance_the_owners_own_jobs_still_come() -> None:
    day = Day()
    day.pop()
    day.worker.maintenance = True
    day.ask()
    own = day.horde.ask(KEY, "mine", {})
    assert day.horde.jobs[str(day.pop()["id"])].request is own
    with pytest.raises(Refused):
        day.pop()
