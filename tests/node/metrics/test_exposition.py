"""Prometheus' text form, read back by a strict reader."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrape import scraped

from node.metrics.exposition import Family, Sample, Value, exposition


def test_a_family_is_explained_typed_and_then_listed() -> None:
    family = Family("jobs_total", "counter", "Jobs.", (Sample(3, {"state": "done"}), Sample(1, {"state": "failed"})))

    assert exposition([family]) == (
        '# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total{state="done"} 3\njobs_total{state="failed"} 1\n'
    )


def test_a_family_without_samples_is_left_out() -> None:
    assert exposition([Family("depth", "gauge", "Unknown.", ())]) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("-0.000000000000000001"), "-0.000000000000000001"),
        (Decimal(10**27).scaleb(-9), "1000000000000000000.000000000"),
        (float("inf"), "+Inf"),
        (float("nan"), "NaN"),
        (1e21, "1e+21"),
        (7, "7"),
    ],
)
def test_values_are_written_as_the_format_wants_them(value: Value, text: str) -> None:
    assert exposition([Family("x", "gauge", "X.", (Sample(value),))]).endswith(f"\nx {text}\n")


@given(st.text(), st.floats(allow_nan=False))
def test_any_label_and_any_number_come_back_as_they_were(label: str, value: float) -> None:
    text = exposition([Family("x", "gauge", "X.", (Sample(value, {"name": label}),))])

    assert scraped(text)["x"].samples == {frozenset({("name", label)}): value}
