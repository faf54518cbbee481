"""What the grid pays: our reckoning against the protocol's own table, and against the stand-in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.networks.aipg.den import known, reward
from node.rehearsal.aipg import den as stand_in

MODELS = ["gpt-oss-20b", "gpt-oss-120b", "qwen3-27b", "GPT-OSS-20B", "grid/gpt-oss-20b", "smollm"]


@pytest.mark.parametrize(
    ("tokens", "words", "model", "hundredths"),
    [
        (2, 3, "gpt-oss-20b", 44),
        (32, 3, "gpt-oss-20b", 710),
        (100, 3, "anything", 102),
        (100, 1024, "anything", 176),
        (100, 8192, "anything", 948),
        (100, 3, "qwen3-27b", 3182),
        (100, 3, "gpt-oss-120b", 19059),
        (100, 60_000, "anything", 2400),
        (0, 3, "anything", 10),
    ],
)
def test_the_table_of_the_protocol_notes(tokens: int, words: int, model: str, hundredths: int) -> None:
    assert reward(model, answer_tokens=tokens, prompt_words=words).units == hundredths


@given(st.integers(0, 32_768), st.integers(0, 200_000), st.sampled_from(MODELS))
def test_the_stand_in_pays_the_same(tokens: int, words: int, model: str) -> None:
    assert reward(model, answer_tokens=tokens, prompt_words=words).units == round(
        100 * stand_in.den(tokens, words, model)
    )


def test_only_exact_ids_count_by_their_size() -> None:
    assert [known(model) for model in MODELS] == [True, True, True, True, False, False]
