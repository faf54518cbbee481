"""``stoker jobs``: lists, filters, exports, one job's life, cancelling."""

from __future__ import annotations

import json

import pytest
from fake_node import LIFE, NOW, RECENT
from scripted_control import Answer, Asked, ScriptedControl, Stoker, refusal

from node.control.client import JobLife


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: NOW)


def csv_pages(last: int) -> object:
    """Serves jobs numbered downwards from ``last``, as the node does."""

    def answer(asked: Asked) -> Answer:
        begin = int(asked.query.get("before", last + 1)) - 1
        numbers = range(begin, max(0, begin - int(asked.query["limit"])), -1)
        return Answer(["\r\n".join(["number,model", *(f"{number},m" for number in numbers), ""]).encode()])

    return answer


def test_jobs_are_listed_newest_first_with_numbers_flush_right(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs", {"jobs": list(RECENT[:2])})

    lines = stoker("jobs").stdout.splitlines()

    assert lines[0].split()[:5] == ["JOB", "ACCEPTED", "NETWORK", "MODEL", "STATE"]
    assert lines[1].split()[5:] == ["417", "32", "13", "s", "1.9", "kJ", "+3.41", "kudos"]
    assert lines[0].index("ENERGY") + 6 == lines[1].index("1.9 kJ") + 6 == lines[2].index("610 J") + 5


def test_filters_are_handed_to_the_node(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs", {"jobs": []})

    result = stoker("jobs", "--state", "failed", "--network", "horde", "--text", "ana", "--limit", "5")

    assert control.asked[0].query == {"state": "failed", "network": "horde", "text": "ana", "limit": "5"}
    assert (result.stdout, result.stderr) == ("", "No job matches. `stoker jobs` lists them all.\n")


def test_no_jobs_at_all_teaches_how_the_first_is_done(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs", {"jobs": []})

    assert "stoker try" in stoker("jobs").stderr


def test_an_unknown_state_is_refused_before_the_node_is_asked(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("jobs", "--state", "tired")

    assert result.exit_code == 2
    assert "'waiting', 'running'" in result.stderr
    assert control.asked == []


def test_json_is_what_the_node_said(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs", {"jobs": list(RECENT)})

    said = json.loads(stoker("jobs", "--json").stdout)

    assert [job["number"] for job in said["jobs"]] == [4810, 4809, 4808, 4807]


def test_csv_is_fetched_page_by_page_under_one_header(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs.csv", csv_pages(2300))

    lines = stoker("jobs", "--csv").stdout.splitlines()

    assert lines == ["number,model", *(f"{number},m" for number in range(2300, 0, -1))]
    assert [asked.query.get("before") for asked in control.asked] == [None, "1301", "301"]


def test_csv_stops_at_the_limit(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs.csv", csv_pages(2300))

    assert len(stoker("jobs", "--csv", "--limit", "1500").stdout.splitlines()) == 1501


def test_a_job_is_shown_with_its_life(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs/4810", JobLife(RECENT[0], LIFE))

    assert (
        stoker("jobs", "show", "4810").stdout
        == """\
Job 4810 is done.
It came from horde with id b1946ac9-2d52-4a3e-9f10-1d3c5b7a9e00, for the model Mistral-Nemo-12B.
It read 900 tokens and wrote 417 of at most 512, 32 a second.
It waited 0.5 s, its first token came after 0.8 s, and it computed for 13 s.
It took 1.9 kJ.
Its reward is +3.41 kudos.
  2026-11-22 12:40:53  entry 1031  job.accepted  3fa94c013fa94c01  horde, Mistral-Nemo-12B, 900 prompt tokens
  2026-11-22 12:40:53  entry 1033  job.started  81b2d0aa81b2d0aa  slot 2 of llamacpp
  2026-11-22 12:41:06  entry 1039  job.done  c07e5512c07e5512  417 tokens, 13.2 s, 1.9 kJ, +3.41 kudos
"""
    )


def test_a_job_that_is_not_there_is_refused_in_the_node_s_words(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs/7", refusal(404, "unknown_job", "there is no job 7 in the books", "stoker jobs"))

    result = stoker("jobs", "show", "7")

    assert result.stderr == "error: there is no job 7 in the books\ntry: stoker jobs\n"
    assert result.exit_code == 5


def test_a_job_is_cancelled_by_number(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/commands/cancel_job", {"number": 12})

    result = stoker("jobs", "cancel", "12")

    assert control.commands() == [("cancel_job", {"number": 12})]
    assert (result.exit_code, result.stderr) == (0, "Job 12 is cancelled.\n")
