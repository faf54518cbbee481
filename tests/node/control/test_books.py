"""The books over the control API: filters, pages, sums and exports; every bad argument is named."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from books import KEY, NOON, accepted, finished, opened, unlocked, write
from hand_clock import HandClock

from node.control.app import build_app
from node.control.books import Books
from node.control.wire import JobView
from node.jobs import JobState
from node.ledger.store import Ledger
from wallet.money import Amount, Asset

KUDOS = Asset("kudos", 0)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """Jobs 1 to 4 of two networks have ended, 5 is in hand."""
    clock = HandClock(NOON)
    async with opened(tmp_path / "ledger.db", clock) as ledger:
        await write(ledger, [accepted(1), finished(1, reward=Amount(12, KUDOS))])
        await write(
            ledger, [accepted(2, client="=cmd()"), finished(2, state=JobState.FAILED, reason="the engine died")]
        )
        clock.now += 86_400
        await write(ledger, [accepted(3, "local", "tiny"), finished(3, "local", "tiny", JobState.CANCELLED)])
        await write(ledger, [accepted(4, "local", "tiny"), finished(4, "local", "tiny"), accepted(5)])
        yield ledger


@pytest.fixture
async def ask(ledger: Ledger) -> AsyncIterator[httpx.AsyncClient]:
    live = (JobView(5, "job-5", "horde", "nemo", JobState.RUNNING, tokens=77),)
    app = build_app(Books(ledger.path, KEY.public, ledger.query, lambda: live).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://node") as client:
        yield client


async def numbers(ask: httpx.AsyncClient, query: str) -> list[int]:
    answer = await ask.get(f"/jobs?{query}")
    assert answer.status_code == 200, answer.text
    return [job["number"] for job in answer.json()["jobs"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("limit=2", [5, 4]),
        ("limit=2&before=4", [3, 2]),
        ("before=1", []),
        ("limit=0", []),
        ("state=failed", [2]),
        ("network=local", [4, 3]),
        ("model=nemo&network=horde", [5, 2, 1]),
        ("text=engine+died", [2]),
        ("network=nobody", []),
    ],
)
async def test_jobs_come_newest_first_as_far_as_the_filters_say(
    ask: httpx.AsyncClient, query: str, found: list[int]
) -> None:
    assert await numbers(ask, query) == found


async def test_a_job_in_hand_is_shown_as_it_is_now(ask: httpx.AsyncClient) -> None:
    job = (await ask.get("/jobs?limit=1")).json()["jobs"][0]
    assert (job["state"], job["tokens"]) == ("running", 77)


async def test_a_job_is_told_with_its_life(ask: httpx.AsyncClient) -> None:
    told = (await ask.get("/jobs/1")).json()
    assert (told["job"]["state"], told["job"]["reward"], told["job"]["joules"]) == ("done", "12 kudos", 1.5)
    assert [entry["kind"] for entry in told["life"]] == ["job_accepted", "job_finished"]
    assert told["reward"]["claimed"]["units"] == 12
    assert (await ask.get("/jobs/4")).json()["reward"] is None


@pytest.mark.parametrize("number", ["6", "0", "9" * 18, "9" * 30])
async def test_an_unknown_job_is_not_found(ask: httpx.AsyncClient, number: str) -> None:
    answer = await ask.get(f"/jobs/{number}")
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert (error["code"], error["remedy"]) == ("unknown_job", "stoker jobs")
    assert error["message"] == f"there is no job {number} in the books"


async def test_entries_come_in_order_and_by_kind(ask: httpx.AsyncClient) -> None:
    everything = (await ask.get("/ledger")).json()["entries"]
    assert [entry["seq"] for entry in everything] == list(range(1, 10))
    accepted_only = (await ask.get("/ledger?kind=job_accepted&after=1&limit=2")).json()["entries"]
    assert [entry["body"]["number"] for entry in accepted_only] == [2, 3]


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/jobs?limit=many", "limit: got 'many'; expected a whole number from 0 to 1000"),
        ("/jobs?limit=-1", "limit: got '-1'; expected"),
        ("/jobs?limit=1001", "limit: got '1001'; expected"),
        ("/jobs?before=1.5", "before: got '1.5'; expected"),
        ("/jobs?before=" + "0" * 20 + "9" * 30, "before: got '000"),
        ("/jobs?state=asleep", "state: got 'asleep'; expected one of waiting, running"),
        ("/jobs?text=" + "x" * 501, "text: got 'xxx"),
        ("/ledger?after=٣", "after: got '٣'; expected"),
        ("/ledger?after=99999999999999999999", "after: got '999"),
        ("/jobs.csv?state=asleep", "state: got 'asleep'; expected one of"),
        ("/jobs.csv?limit=many", "limit: got 'many'; expected"),
        ("/ledger.csv?after=-1", "after: got '-1'; expected"),
    ],
)
async def test_a_bad_argument_is_named_with_what_was_expected(
    ask: httpx.AsyncClient, path: str, complaint: str
) -> None:
    answer = await ask.get(path)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "bad_argument"
    assert error["message"].startswith(complaint)


async def test_jobs_can_be_had_for_a_spreadsheet(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/jobs.csv?network=horde")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["number"] for row in rows] == ["5", "2", "1"]
    assert (rows[2]["reward"], rows[2]["asset"]) == ("12", "kudos")


async def test_a_strangers_formula_is_no_formula_in_the_spreadsheet(ask: httpx.AsyncClient) -> None:
    rows = csv.DictReader(io.StringIO((await ask.get("/jobs.csv?state=failed")).text))
    assert [row["client"] for row in rows] == ["'=cmd()"]


async def test_a_long_export_is_whole(ask: httpx.AsyncClient, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.control.books.LONGEST_PAGE", 2)
    for path, key, found in [("/jobs.csv", "number", "54321"), ("/ledger.csv", "seq", "123456789")]:
        rows = csv.DictReader(io.StringIO((await ask.get(path)).text))
        assert "".join(row[key] for row in rows) == found
    first_three = csv.DictReader(io.StringIO((await ask.get("/ledger.csv?limit=3")).text))
    assert [row["seq"] for row in first_three] == ["1", "2", "3"]


async def test_whole_books_are_said_to_be_whole(ask: httpx.AsyncClient) -> None:
    found = (await ask.get("/ledger/verify")).json()
    assert (found["entries"], found["problem"]) == (9, None)


async def test_a_changed_byte_names_its_entry(ask: httpx.AsyncClient, ledger: Ledger) -> None:
    with unlocked(ledger.path) as file:
        file.execute("UPDATE entries SET body = replace(body, 'kudos', 'gold!') WHERE seq = 2")
    assert (await ask.get("/ledger/verify")).json()["problem"]["seq"] == 2


async def test_an_unknown_path_is_answered_in_form(ask: httpx.AsyncClient) -> None:
    answer = await ask.get("/nowhere")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_path")
