"""The stand-in for the AI Horde: who gets which job."""

from __future__ import annotations

import pytest
from horde_day import KEY, MODEL, Day

from node.rehearsal.horde.refusals import Refused
from node.rehearsal.horde.rules import ANONYMOUS


def test_without_a_job_the_payload_is_there_with_defaults_and_the_id_is_null() -> None:
    answer = Day().pop()
    assert (answer["id"], answer["ids"], answer["ttl"], answer["model"]) == (None, [], None, None)
    assert answer["payload"] == {
        "max_context_length": 2048, "max_length": 80, "min_p": 0.0, "smoothing_factor": 0.0, "dynatemp_range": 0.0,
        "dynatemp_exponent": 1.0,
    }  # fmt: skip


def test_a_job_comes_with_what_its_client_set_and_nothing_that_workers_never_see() -> None:
    day = Day()
    day.ask(params={"temperature": 0.7, "seed": 5, "mirostat": 2, "grammar": "x", "top_k": 40, "singleline": False})
    answer = day.pop()
    assert answer["ttl"] == 150
    assert answer["model"] == MODEL
    payload = answer["payload"]
    assert isinstance(payload, dict)
    assert set(payload) == {
        "prompt", "n", "max_context_length", "max_length", "min_p", "smoothing_factor", "dynatemp_range",
        "dynatemp_exponent", "temperature", "top_k", "singleline",
    }  # fmt: skip
    assert payload["n"] == 1


def test_amount_gathers_jobs_of_one_request_only() -> None:
    day = Day()
    day.ask(params={"n": 3})
    day.ask()
    assert len(day.pop(amount=20)["ids"]) == 3  # type: ignore[arg-type]
    assert len(day.pop(amount=20)["ids"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("params", "wants"),
    [
        ({"max_length": 2000}, {}),
        ({"max_context_length": 4096}, {}),
        ({}, {"models": ["another/model"]}),
    ],
)
def test_requests_that_do_not_fit_are_passed_over_in_silence(
    params: dict[str, object], wants: dict[str, object]
) -> None:
    day = Day()
    day.ask(params=params, **wants)
    answer = day.pop()
    assert (answer["id"], answer["skipped"]) == (None, {})


def test_a_request_for_trusted_workers_is_counted_as_skipped() -> None:
    day = Day(trusted=False)
    day.ask(trusted_workers=True)
    assert day.pop()["skipped"] == {"untrusted": 1}


def test_a_request_for_validated_software_passes_others_over() -> None:
    day = Day(agent="Stoker:0.1.0:stoker")
    day.ask(validated_backends=True)
    assert day.pop()["id"] is None
    day.ask()
    assert day.pop()["id"] is not None


def test_who_wants_a_fast_worker_does_not_get_one_that_has_shown_nothing_yet() -> None:
    day = Day()
    day.ask(slow_workers=False)
    assert day.pop()["id"] is None
    day.horde.requests.clear()
    day.job(seconds=5)
    day.later(31)
    day.ask(slow_workers=False)
    assert day.pop()["id"] is not None


def test_the_owner_comes_first_then_priority_then_kudos_then_age() -> None:
    day = Day()
    rich = day.horde.join("Rich", "rich", trusted=True)
    rich.cents = 10_000_000
    friend = day.horde.join("Friend", "friend")
    old = day.ask()
    day.later(1)
    by_rich = day.horde.ask("rich", "p", {})
    by_friend = day.horde.ask("friend", "p", {})
    own = day.horde.ask(KEY, "p", {})
    order = [str(day.pop(priority_usernames=[friend.alias])["id"]) for _ in range(4)]
    assert [day.horde.jobs[job].request for job in order] == [own, by_friend, by_rich, old]


def test_a_check_in_changes_nothing_within_half_a_minute_of_the_last() -> None:
    day = Day()
    day.pop()
    day.later(31)
    day.pop(max_length=256)
    day.later(10)
    day.pop(max_length=128)
    assert day.worker.max_length == 256
    day.later(21)
    day.pop(max_length=128)
    assert day.worker.max_length == 128


def test_messages_of_moderators_come_with_every_pop_until_they_expire() -> None:
    day = Day()
    day.horde.say("Please update")
    assert [len(day.pop()["messages"]) for _ in range(2)] == [1, 1]  # type: ignore[arg-type]
    day.later(12 * 3600 + 1)
    assert day.pop()["messages"] == []


@pytest.mark.parametrize(
    ("fields", "status", "rc"),
    [
        ({"name": "my-colab"}, 400, "BadRequest"),
        ({"name": "nazi"}, 400, "ProfaneWorkerName"),
        ({"bridge_agent": "fuck:1:x"}, 400, "ProfaneBridgeAgent"),
        ({"models": ["m::Someone#9"]}, 400, "BadRequest"),
        ({"models": []}, 400, "BadRequest"),
        ({"threads": 0}, 400, ""),
        ({"amount": 21}, 400, ""),
        ({"name": 5}, 400, ""),
        ({"models": ["ab"]}, 400, ""),
        ({"priority_usernames": ["nobody"]}, 400, "InvalidPriorityUsername"),
    ],
)
def test_what_is_wrong_with_a_pop_is_said(fields: dict[str, object], status: int, rc: str) -> None:
    with pytest.raises(Refused) as refusal:
        Day().pop(**fields)
    assert (refusal.value.status, refusal.value.rc) == (status, rc)
    assert ("errors" in refusal.value.body()) == (rc == "")


def test_keys_names_and_numbers_of_workers_are_checked() -> None:
    day = Day(trusted=False)
    day.horde.join("Other", "other")
    day.pop()
    for key, name, rc in (
        ("nobody", "w", "InvalidAPIKey"),
        (ANONYMOUS, "w", "AnonForbiddenWorker"),
        ("other", "w", "WrongCredentials"),
    ):
        with pytest.raises(Refused) as refusal:
            day.horde.pop(key, {"name": name, "models": [MODEL]})
        assert refusal.value.rc == rc
    day.horde.image_workers.add("painter")
    with pytest.raises(Refused, match="another type"):
        day.pop(name="painter")
    for name in ("w2", "w3"):
        day.pop(name=name)
    with pytest.raises(Refused) as refusal:
        day.pop(name="w4")
    assert refusal.value.rc == "TooManyWorkers"
    day.horde.invite_only = True
    with pytest.raises(Refused) as refusal:
        day.pop(name="w5")
    assert refusal.value.rc == "WorkerInviteOnly"


def test_an_agent_with_a_version_that_is_none_is_unknown() -> None:
    day = Day(agent="Stoker:dev:x")
    day.pop()
    assert day.worker.agent == "unknown:0:unknown"


def test_long_names_are_cut_and_escaped() -> None:
    day = Day()
    day.pop(name="a&" * 80)
    assert list(day.horde.workers) == ["a&amp;" * 50]
