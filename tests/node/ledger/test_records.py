"""What is written into the books, there and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.jobs import FINAL_STATES, Receipt, Usage
from node.ledger.chain import canonical
from node.ledger.records import (
    EnergyUsed,
    JobAccepted,
    JobFinished,
    NodeStarted,
    NodeStopped,
    OwnerCommand,
    Record,
    Settlement,
    StateChanged,
    read,
)
from wallet.money import Amount, Asset

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
counts = st.integers(0, 2**63 - 1)
maybe = st.none() | counts
units = st.integers(-(2**100) + 1, 2**100 - 1)
decimals = st.integers(0, 30)
assets = st.builds(Asset, texts.filter(bool), decimals)
receipts = st.builds(
    Receipt,
    number=counts,
    job_id=texts,
    network=texts,
    model=texts,
    state=st.sampled_from(sorted(FINAL_STATES)),
    reason=texts,
    usage=st.none() | st.builds(Usage, counts, counts),
    queued_us=counts,
    first_token_us=maybe,
    compute_us=counts,
    energy_mj=maybe,
    reward=st.none() | st.builds(Amount, units, assets),
    cost_micro=maybe,
    currency=st.sampled_from(["", "EUR"]),
)
records = st.one_of(
    st.builds(NodeStarted, texts, texts),
    st.builds(NodeStopped, texts),
    st.builds(StateChanged, texts, texts, texts),
    st.builds(OwnerCommand, texts, texts, maybe, maybe),
    st.builds(JobAccepted, counts, texts, texts, texts, texts, maybe),
    st.builds(JobFinished, receipts),
    st.builds(EnergyUsed, counts, counts, counts, counts, counts, counts, maybe, counts, maybe, texts, texts),
    st.builds(
        Settlement, texts, texts.filter(bool), decimals, units, st.sampled_from(["credited", "paid"]), maybe, texts
    ),
    st.builds(
        Settlement,
        texts,
        texts.filter(bool),
        decimals,
        units,
        st.just("paid"),
        maybe,
        texts,
        st.integers(-(10**15), 10**15),
        st.just("EUR"),
        texts.filter(bool),
        maybe,
    ),
)


@given(records)
def test_every_record_comes_back_from_the_books_as_it_was(record: Record) -> None:
    assert read(record.kind, json.loads(canonical(record.to_body()))) == record


@given(records)
def test_every_record_can_say_itself_in_a_line(record: Record) -> None:
    assert record.summary()
    assert record.summary().isprintable()


def test_what_is_unknown_is_left_out() -> None:
    body = JobAccepted(1, "a", "local", "m", "", None).to_body()
    assert body == {"number": 1, "job_id": "a", "network": "local", "model": "m", "client": ""}


def test_fields_of_a_newer_stoker_are_passed_over() -> None:
    assert read("node_stopped", {"reason": "x", "mood": "good"}) == NodeStopped("x")


@pytest.mark.parametrize(
    ("kind", "body", "wrong"),
    [
        ("node_stopped", {}, r"node_stopped\.reason: unexpected None"),
        ("node_stopped", {"reason": 5}, r"node_stopped\.reason: unexpected 5"),
        ("job_accepted", {"number": "1"}, r"job_accepted\.number: unexpected '1'"),
        ("job_finished", {"number": 1}, r"job_finished\.job_id: unexpected None"),
        ("weather", {}, "unknown kind of entry 'weather'"),
    ],
)
def test_a_body_that_does_not_fit_its_kind_is_refused_by_name(
    kind: str, body: dict[str, int | str], wrong: str
) -> None:
    with pytest.raises(ValueError, match=wrong):
        read(kind, body)


def test_a_settlement_is_either_credited_or_paid() -> None:
    with pytest.raises(ValueError, match="'credited' or 'paid', got 'promised'"):
        Settlement("horde", "kudos", 2, 5, "promised", None, "")  # type: ignore[arg-type]


def test_a_settlement_of_an_older_stoker_is_read_and_has_the_body_and_so_the_hash_that_it_had() -> None:
    body = {"network": "horde", "asset": "kudos", "decimals": 2, "units": 5, "claim": "credited", "reference": "a"}
    assert read("settlement", body) == Settlement("horde", "kudos", 2, 5, "credited", None, "a")
    assert read("settlement", body).to_body() == body


@pytest.mark.parametrize(
    ("worth", "currency", "source"), [(5, None, None), (None, "EUR", "x"), (5, "EUR", None), (5, "", "x")]
)
def test_a_worth_has_its_currency_and_its_source(worth: int | None, currency: str | None, source: str | None) -> None:
    with pytest.raises(ValueError, match="given together or not at all"):
        Settlement("aipg", "AIPG", 18, 5, "paid", None, "", worth, currency, source)


def test_a_worth_beyond_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="worth_micro"):
        Settlement("aipg", "AIPG", 18, 5, "paid", None, "", 10**15 + 1, "EUR", "x")


def test_an_overlong_text_is_cut_and_shows_it() -> None:
    reason = NodeStopped("x" * 10_000).to_body()["reason"]
    assert isinstance(reason, str)
    assert len(reason) == 4096
    assert reason.endswith("x…")
