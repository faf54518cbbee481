"""Answers that are not streams."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.engines.base import Embeddings, EngineError
from node.engines.listing import Listed, parse_embeddings, parse_models, parse_token_count

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["data", "id", "usage", "tokens", "count", "index", "embedding", "meta", "n_ctx"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=15,
)


def test_the_context_is_read_where_the_server_says_it() -> None:
    answer = {
        "data": [
            {"id": "vllm-model", "max_model_len": 8192, "owned_by": "vllm"},
            {"id": "llama-model", "meta": {"n_ctx": 4096, "n_ctx_train": 131072}},
            {"id": "ollama-model"},
        ]
    }
    assert parse_models(answer) == [
        Listed("vllm-model", 8192, "vllm"),
        Listed("llama-model", 4096),
        Listed("ollama-model", None),
    ]


def test_entries_without_a_usable_name_are_left_out() -> None:
    assert parse_models({"data": [{"id": ""}, {"id": 7}, {"id": "a\nb"}, {"id": "x" * 300}, None, {}]}) == []


def test_tokens_are_counted_in_both_dialects() -> None:
    assert parse_token_count({"count": 3}) == 3
    assert parse_token_count({"tokens": [1, 2]}) == 2


def test_vectors_are_put_into_the_order_of_the_texts() -> None:
    answer = {
        "data": [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1]}],
        "usage": {"prompt_tokens": 5},
    }
    assert parse_embeddings(answer, 2) == Embeddings(((1.0,), (2.0,)), 5)


def test_a_missing_vector_is_an_error() -> None:
    with pytest.raises(EngineError, match="expected 2 vectors"):
        parse_embeddings({"data": [{"index": 0, "embedding": [1]}], "usage": {"prompt_tokens": 5}}, 2)


@given(json_values)
def test_any_answer_is_read_or_is_an_engine_error(answer: object) -> None:
    for parse in (parse_models, parse_token_count, lambda said: parse_embeddings(said, 1)):
        try:
            parse(answer)
        except EngineError as error:
            assert "cannot be read" in error.message
