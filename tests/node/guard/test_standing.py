"""The rules: may we work now, and if not, why, and what would change it. The gravest reason is the one that is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.control.wire import StateWord
from node.engines.base import EngineHealth, EngineStatus
from node.guard import Action, Situation, Verdict
from node.guard import judge as judge_with_memory

READY = EngineHealth(EngineStatus.READY, device="CPU")
STARTING = EngineHealth(EngineStatus.STARTING, "loading the model")
DOWN = EngineHealth(EngineStatus.DOWN, "the engine died (signal 9)", "stoker doctor")
FINE = Situation(engines=(READY,), models=1)
RUN, HOLD = Action.RUN, Action.HOLD


def judge(situation: Situation) -> Verdict:
    return judge_with_memory(situation)[0]


def verdict(word: str, action: Action, reason: str, remedy: str = "") -> tuple[str, Action, str, str]:
    return word, action, reason, remedy


def said(situation: Situation) -> tuple[str, Action, str, str]:
    found = judge(situation)
    return found.word, found.action, found.reason, found.remedy


def test_a_ready_node_waits_for_work() -> None:
    assert said(FINE) == verdict("WAITING", RUN, "ready, no job has been sent")


@pytest.mark.parametrize(("running", "words"), [(1, "1 job running"), (3, "3 jobs running")])
def test_a_node_with_jobs_works(running: int, words: str) -> None:
    assert said(replace(FINE, running=running)) == verdict("WORKING", RUN, words)


def test_a_paused_node_rests_and_says_how_to_go_on() -> None:
    paused = replace(FINE, paused="paused by you: playing", running=2)
    assert said(paused) == verdict("RESTING", HOLD, "paused by you: playing", "stoker resume")


def test_a_missing_model_is_told_with_the_command_that_brings_it() -> None:
    assert said(Situation(engines=(DOWN,), missing="nemo")) == verdict(
        "BLOCKED", RUN, "model nemo is not on this machine yet", "stoker model pull nemo"
    )


def test_a_download_under_way_is_waited_for() -> None:
    assert said(Situation(engines=(DOWN,), missing="nemo", fetching="fetching nemo, 40 % of 98 MB")) == verdict(
        "WAITING", RUN, "fetching nemo, 40 % of 98 MB"
    )


def test_a_starting_engine_is_waited_for() -> None:
    assert said(Situation(engines=(STARTING,))) == verdict("WAITING", RUN, "loading the model")


@pytest.mark.parametrize("status", [EngineStatus.DOWN, EngineStatus.ABSENT, EngineStatus.STOPPED])
def test_an_engine_in_trouble_blocks_with_its_reason_and_remedy(status: EngineStatus) -> None:
    assert said(Situation(engines=(STARTING, replace(DOWN, status=status)))) == verdict(
        "BLOCKED", RUN, "the engine died (signal 9)", "stoker doctor"
    )


def test_an_engine_that_gives_no_reason_is_told_by_its_status() -> None:
    assert judge(Situation(engines=(EngineHealth(EngineStatus.DOWN),))).reason == "the engine is down"


def test_without_any_engine_the_doctor_is_asked() -> None:
    assert said(Situation()) == verdict("BLOCKED", RUN, "there is no engine", "stoker doctor")


def test_one_engine_in_trouble_does_not_matter_while_another_serves() -> None:
    assert judge(replace(FINE, engines=(DOWN, READY))).word == "WAITING"


def test_books_that_cannot_be_written_block_all_work() -> None:
    verdict = judge(replace(FINE, books="no space is left", running=3))
    assert (verdict.word, verdict.take, verdict.reason) == ("BLOCKED", False, "no space is left")
    assert "free some disk space" in verdict.remedy


@pytest.mark.parametrize(
    ("count", "seconds", "words"),
    [
        (0, 0.0, "finishing 0 jobs, about 0 s, then the node stops"),
        (1, None, "finishing 1 job, then the node stops"),
        (2, 12.3, "finishing 2 jobs, about 12 s, then the node stops"),
    ],
)
def test_a_draining_node_says_what_is_left(count: int, seconds: float | None, words: str) -> None:
    assert said(replace(FINE, draining=count, drain_seconds=seconds)) == verdict("DRAINING", HOLD, words)


GRAVEST_FIRST = [
    ({"draining": 1}, "DRAINING"),
    ({"books": "no space is left"}, "BLOCKED"),
    ({"models": 0, "missing": "nemo"}, "BLOCKED"),
    ({"paused": "paused by you"}, "RESTING"),
    ({"running": 2}, "WORKING"),
]


@pytest.mark.parametrize("first", range(len(GRAVEST_FIRST)))
def test_the_gravest_reason_wins(first: int) -> None:
    everything: dict[str, object] = {}
    for change, _ in reversed(GRAVEST_FIRST[first:]):
        everything |= change
    verdict = judge(replace(FINE, **everything))  # type: ignore[arg-type]
    assert verdict.word == GRAVEST_FIRST[first][1]
    alone = judge(replace(FINE, **GRAVEST_FIRST[first][0]))  # type: ignore[arg-type]
    assert (verdict.reason, verdict.remedy) == (alone.reason, alone.remedy)


healths = st.builds(EngineHealth, st.sampled_from(EngineStatus), st.sampled_from(["", "why"]))
situations = st.builds(
    Situation,
    paused=st.sampled_from(["", "paused by you"]),
    draining=st.none() | st.integers(0, 9),
    drain_seconds=st.none() | st.floats(0, 1e6),
    books=st.sampled_from(["", "no space is left"]),
    engines=st.lists(healths, max_size=3).map(tuple),
    models=st.integers(0, 2),
    fetching=st.sampled_from(["", "fetching"]),
    missing=st.sampled_from(["", "nemo"]),
    running=st.integers(0, 9),
)


@given(situations)
def test_every_verdict_has_a_known_word_and_a_reason(situation: Situation) -> None:
    verdict = judge(situation)
    assert verdict.word in set(StateWord)
    assert verdict.reason


@given(situations)
def test_no_work_is_taken_while_resting_draining_or_without_books(situation: Situation) -> None:
    if situation.paused or situation.books or situation.draining is not None:
        assert not judge(situation).take


@given(situations)
def test_a_node_that_does_not_work_says_what_would_change_it(situation: Situation) -> None:
    verdict = judge(situation)
    if verdict.word in ("RESTING",) or (verdict.word == "BLOCKED" and not situation.engines):
        assert verdict.remedy
