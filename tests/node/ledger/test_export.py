"""The books as CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.jobs import JobState
from node.ledger.chain import GENESIS, Entry
from node.ledger.export import csv_of_entries, csv_of_jobs
from node.ledger.queries import JobRow
from wallet.money import Amount, Asset

JOB = JobRow(
    number=12,
    job_id="a1",
    network="horde",
    model="nemo",
    client="ann",
    accepted_ns=1_800_000_000_123_456_789,
    accepted_seq=3,
    ended_ns=1_800_000_004_000_000_000,
    ended_seq=4,
    state=JobState.DONE,
    reason="",
    prompt_tokens=30,
    completion_tokens=20,
    queued_us=10,
    first_token_us=None,
    compute_us=4000,
    energy_mj=None,
    reward=Amount(3410, Asset("kudos", 3)),
    cost_micro=120,
    currency="EUR",
)


def parsed(lines: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(lines, newline="")))


def test_a_job_is_one_line_with_exact_amounts_and_times_in_utc() -> None:
    header, line = csv_of_jobs([JOB])
    assert header.startswith("number,id,network,model,client,accepted_at,")
    assert line == (
        "12,a1,horde,nemo,ann,2027-01-15T08:00:00.123456+00:00,2027-01-15T08:00:04.000000+00:00,done,,"
        "30,20,10,,4000,,3.410,kudos,3,4,120,EUR\r\n"
    )


def test_a_job_in_hand_leaves_its_end_empty() -> None:
    running = replace(JOB, ended_ns=None, ended_seq=None, state=None, reward=None)
    (row,) = parsed("".join(csv_of_jobs([running])))
    assert (row["ended_at"], row["state"], row["reward"], row["asset"]) == ("", "", "", "")


def test_a_further_page_has_no_header() -> None:
    assert len(list(csv_of_jobs([JOB, JOB], header=False))) == 2


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_no_text_of_a_stranger_becomes_a_formula(text: str) -> None:
    for field in ("job_id", "network", "model", "client", "reason"):
        (row,) = parsed("".join(csv_of_jobs([replace(JOB, **{field: text})])))  # type: ignore[arg-type]
        assert row["id" if field == "job_id" else field] == f"'{text}"


def test_a_negative_amount_stays_a_number() -> None:
    (row,) = parsed("".join(csv_of_jobs([replace(JOB, reward=Amount(-5, Asset("kudos", 2)))])))
    assert row["reward"] == "-0.05"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_other_text_reads_back_as_it_was(text: str) -> None:
    (row,) = parsed("".join(csv_of_jobs([replace(JOB, client=f"a{text}")])))
    assert row["client"] == f"a{text}"


def test_an_entry_is_its_body_as_json_and_its_hashes() -> None:
    entry = Entry(1, 1_800_000_000_000_000_000, "node_stopped", {"reason": 'a "b", c'}, GENESIS, b"\x01" * 32)
    (row,) = parsed("".join(csv_of_entries([entry])))
    assert json.loads(row["body"]) == entry.body
    assert (row["seq"], row["at"], row["hash"]) == ("1", "2027-01-15T08:00:00.000000+00:00", "01" * 32)
