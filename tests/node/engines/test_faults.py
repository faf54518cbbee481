"""What servers say when they refuse."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.engines.base import EngineError, EngineFault
from node.engines.faults import LONGEST_MESSAGE, error_from_answer

LLAMA_CONTEXT = {
    "error": {
        "code": 400,
        "message": "request (2000 tokens) exceeds the available context size (1024 tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 2000,
        "n_ctx": 1024,
    }
}
VLLM_CONTEXT = {
    "object": "error",
    "message": "This model's maximum context length is 1024 tokens. However, you requested 2000 tokens.",
    "type": "BadRequestError",
    "code": 400,
}


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (400, LLAMA_CONTEXT, EngineFault.CONTEXT_EXCEEDED),
        (400, VLLM_CONTEXT, EngineFault.CONTEXT_EXCEEDED),
        (400, {"error": {"code": "context_length_exceeded", "message": "too long"}}, EngineFault.CONTEXT_EXCEEDED),
        (400, {"error": {"message": "temperature must be a number"}}, EngineFault.BAD_REQUEST),
        (400, {"error": "bad prompt"}, EngineFault.BAD_REQUEST),
        (422, {"detail": [{"loc": ["body", "prompt"], "msg": "field required"}]}, EngineFault.BAD_REQUEST),
        (401, {"error": {"message": "Invalid API Key", "code": 401}}, EngineFault.UNAVAILABLE),
        (404, {"error": {"message": "model 'x' not found"}}, EngineFault.UNKNOWN_MODEL),
        (501, {"error": {"message": "This server does not support embeddings"}}, EngineFault.UNSUPPORTED),
        (429, {"error": {"message": "slow down"}}, EngineFault.UNAVAILABLE),
        (503, {"error": {"message": "Loading model", "code": 503}}, EngineFault.UNAVAILABLE),
        (500, {}, EngineFault.UNAVAILABLE),
    ],
)
def test_each_refusal_has_its_class(status: int, body: object, fault: EngineFault) -> None:
    assert error_from_answer(status, json.dumps(body).encode()).fault is fault


def test_a_prompt_too_long_is_told_in_tokens() -> None:
    assert error_from_answer(400, json.dumps(LLAMA_CONTEXT).encode()).message.startswith(
        "the prompt has 2,000 tokens and this model's context holds 1,024"
    )


def test_the_servers_own_words_reach_the_person() -> None:
    assert "temperature must be" in str(error_from_answer(400, b'{"error":{"message":"temperature must be 0..2"}}'))


@given(st.integers(300, 599), st.binary(max_size=2000))
def test_any_refusal_is_one_bounded_printable_line(status: int, body: bytes) -> None:
    error = error_from_answer(status, body)
    assert isinstance(error, EngineError)
    assert error.message.isprintable()
    assert len(error.message) < LONGEST_MESSAGE + 100
