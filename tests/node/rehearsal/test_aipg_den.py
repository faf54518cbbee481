"""What the grid pays, by the table of its protocol notes."""

from __future__ import annotations

import pytest

from node.rehearsal.aipg.den import den, paid_tokens, tokens

SIZE_1, SIZE_20, SIZE_27, SIZE_120 = "some-model", "gpt-oss-20b", "qwen3-27b", "gpt-oss-120b"


@pytest.mark.parametrize(
    ("paid", "words", "model", "units"),
    [
        (2, 3, SIZE_20, 0.44),
        (32, 3, SIZE_20, 7.10),
        (100, 1024, SIZE_1, 1.76),
        (100, 8192, SIZE_1, 9.48),
        (100, 3, SIZE_1, 1.02),
        (100, 3, SIZE_27, 31.82),
        (100, 3, SIZE_120, 190.59),
        (100, 60000, SIZE_1, 24.0),
        (0, 3, SIZE_120, 0.1),
    ],
)
def test_a_job_is_worth_its_tokens_times_size_and_context(paid: int, words: int, model: str, units: float) -> None:
    assert den(paid, words, model) == units


def test_a_prefix_costs_the_size() -> None:
    assert den(2, 3, "grid/gpt-oss-20b") == 0.1
    assert den(2, 3, "GPT-OSS-20B") == 0.44


@pytest.mark.parametrize(
    ("said", "frames", "limit", "paid"),
    [(7, 3, 100, 7), (70, 3, 100, 20), (None, 3, 100, 3), ("7", 3, 100, 3), (0, 0, 100, 20), (19, 3, 5, 5)],
)
def test_what_is_reported_is_an_upper_bound_and_frames_stand_in_for_it(
    said: object, frames: int, limit: int, paid: int
) -> None:
    assert paid_tokens(20, said, frames, limit) == paid


def test_tokens_are_a_quarter_of_the_characters_and_at_least_one() -> None:
    assert [tokens(""), tokens("a"), tokens("a" * 40)] == [0, 1, 10]
