"""What went wrong, from an engine's own words to an ``EngineError``."""

from __future__ import annotations

import json
from collections.abc import Mapping

from node.engines.base import EngineError, EngineFault

LONGEST_MESSAGE = 400
CONTEXT_SIGNS = ("exceed_context_size", "context_length_exceeded", "context length", "context size", "context window")


class KeyRefused(EngineError):
    """An engine is there and does not know our key."""


def error_from_answer(status: int, body: bytes) -> EngineError:
    """The meaning of an HTTP answer that is not 200.

    Understands the error objects of OpenAI, llama-server, vLLM, Ollama, LM Studio and KoboldCpp.
    """
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if isinstance(answer, Mapping):
        error = answer.get("error", answer.get("detail", answer))
        return error_from_object(error, status)
    if status in (401, 403):
        return EngineError(EngineFault.UNAVAILABLE, f"what answers there is no engine and refuses us with {status}")
    return error_from_object(body.decode(errors="replace"), status)


def error_from_object(error: object, status: int = 500) -> EngineError:
    """The meaning of the ``error`` member of an answer or of a stream event.

    Args:
        status: the HTTP status; an integer ``code`` inside the error wins over it.
    """
    fields: Mapping[str, object] = error if isinstance(error, Mapping) else {"message": error}
    code = fields.get("code")
    if type(code) is int and 400 <= code < 600:
        status = code
    message = readable(fields.get("message") or fields.get("msg") or "")
    signs = f"{fields.get('type')} {code} {message}".lower()
    if status in (400, 413, 422) and any(sign in signs for sign in CONTEXT_SIGNS):
        return EngineError(EngineFault.CONTEXT_EXCEEDED, _context_words(fields, message))
    said = f": {message}" if message else ""
    if status in (401, 403):
        return KeyRefused(
            EngineFault.UNAVAILABLE, f"the engine refused our key{said}; set the key that it was started with"
        )
    if status == 404:
        return EngineError(EngineFault.UNKNOWN_MODEL, message or "the engine does not know this model")
    if status in (405, 501):
        return EngineError(EngineFault.UNSUPPORTED, message or "the engine cannot do this")
    if 400 <= status < 500 and status not in (408, 425, 429):
        return EngineError(EngineFault.BAD_REQUEST, message or f"the engine refused the request with {status}")
    return EngineError(EngineFault.UNAVAILABLE, f"the engine answered with {status}{said}")


def readable(text: object) -> str:
    """One bounded line without control characters, whatever an engine said."""
    line = " ".join(str(text).split())
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"


def _context_words(fields: Mapping[str, object], message: str) -> str:
    prompt, context = fields.get("n_prompt_tokens"), fields.get("n_ctx")
    if type(prompt) is int and type(context) is int:
        return (
            f"the prompt has {prompt:,} tokens and this model's context holds {context:,}: "
            "shorten the prompt or ask for a model with a longer context"
        )
    return message or "the prompt is longer than this model's context: shorten it"
