"""What an engine is asked."""

from __future__ import annotations

import json
from types import MappingProxyType

from node.engines.request import body_of, path_of
from node.jobs import GenerationRequest


def test_a_chat_is_asked_for_as_a_stream_with_usage() -> None:
    request = GenerationRequest("m", messages=(MappingProxyType({"role": "user", "content": "hi"}),), max_tokens=5)
    assert path_of(request) == "/v1/chat/completions"
    assert json.loads(body_of(request)) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 5,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_a_prompt_goes_to_completions_and_an_open_end_stays_open() -> None:
    request = GenerationRequest("m", prompt="hi")
    assert path_of(request) == "/v1/completions"
    assert "max_tokens" not in json.loads(body_of(request))


def test_options_pass_through_but_cannot_change_what_we_rely_on() -> None:
    options = {"temperature": 0.5, "stream": False, "model": "other"}
    body = json.loads(body_of(GenerationRequest("m", prompt="hi", options=options)))
    assert (body["temperature"], body["stream"], body["model"]) == (0.5, True, "m")
