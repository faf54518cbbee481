"""A job of the AI Horde as a request to an engine. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from node.jobs import GenerationRequest
from node.networks.horde.answers import Payload

SAMPLERS: tuple[tuple[str, str, str], ...] = (
    ("max_length", "max_tokens", ""),
    ("max_context_length", "", "the prompt is cut to it from the left, before the engine sees it"),
    ("temperature", "temperature", ""),
    ("top_p", "top_p", ""),
    ("top_k", "top_k", "0 (off) is said as -1"),
    ("min_p", "min_p", ""),
    ("typical", "typical_p", ""),
    ("rep_pen", "repeat_penalty, repetition_penalty", "said both ways: llama.cpp's and vLLM's"),
    ("rep_pen_range", "repeat_last_n", "0 (everything) is said as the context; vLLM always looks at everything"),
    ("dynatemp_range", "dynatemp_range", "llama.cpp and KoboldCpp only"),
    ("dynatemp_exponent", "dynatemp_exponent", "llama.cpp and KoboldCpp only"),
    ("sampler_order", "samplers", "the order of those that the engine has; llama.cpp only"),
    (
        "stop_sequence",
        "",
        "found here, as the network wants the sequence at the end of the text, and engines cut it off",
    ),
    ("singleline", "", "done here: the answer ends before its first line break"),
    ("frmttriminc", "", "done here: an unfinished last sentence is cut off"),
    ("frmtrmblln", "", "done here: empty lines are removed"),
    ("frmtrmspch", "", "done here: #/@%{}+=~|\\^<> are removed"),
    ("frmtadsnsp", "", "not done: it looks at an earlier turn, and jobs have none"),
    ("top_a", "", "not done: no engine here has top-a sampling"),
    ("tfs", "", "not done: tail-free sampling was taken out of llama.cpp"),
    ("rep_pen_slope", "", "not done: no engine here grades the repetition penalty"),
    ("smoothing_factor", "", "not done: no engine here has quadratic sampling"),
    ("use_default_badwordsids", "", "not done: a list of KoboldAI's own models"),
)
"""Every field of a payload: its name there, the engine's name for it, and what a person should know."""

ORDER = {0: "top_k", 2: "top_p", 4: "typ_p", 5: "temperature", 6: "penalties"}
"""KoboldAI's numbers of the samplers that llama.cpp has; 1 (top-a) and 3 (tail-free) it has not."""

OPENINGS = ("<s>", "<|begin_of_text|>", "<bos>", "<｜begin▁of▁sentence｜>", "[gMASK]<sop>")
"""How models begin a text. Engines add it themselves, and a second one makes answers worse."""

RESERVE = 8
"""Tokens that engines may add to a prompt."""

CountTokens = Callable[[str], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Stops:
    """Where an answer ends before its full length.

    Attributes:
        sequences: the text ends with the first of these. one_line: it ends before its first line break.
    """

    sequences: tuple[str, ...] = ()
    one_line: bool = False

    @classmethod
    def of(cls, payload: Payload) -> Stops:
        sequences = tuple(dict.fromkeys(text for text in payload.stop_sequence or () if text))
        return cls(sequences, bool(payload.singleline))


def options_of(payload: Payload) -> dict[str, object]:
    """The sampling options, in the words of the engines; what the client left out is left to the engine."""
    said = {
        "temperature": payload.temperature,
        "top_p": payload.top_p,
        "min_p": payload.min_p,
        "typical_p": payload.typical,
        "repeat_penalty": payload.rep_pen,
        "repetition_penalty": payload.rep_pen,
        "dynatemp_range": payload.dynatemp_range,
        "dynatemp_exponent": payload.dynatemp_exponent,
    }
    options: dict[str, object] = {name: value for name, value in said.items() if value is not None}
    if payload.top_k is not None:
        options["top_k"] = payload.top_k or -1
    if payload.rep_pen_range is not None:
        options["repeat_last_n"] = payload.rep_pen_range or payload.max_context_length
    if payload.sampler_order:
        options["samplers"] = _order(payload.sampler_order)
    return options


def _order(numbers: tuple[int, ...]) -> list[str]:
    names = [ORDER[number] for number in dict.fromkeys(numbers) if number in ORDER]
    place = names.index("top_p") + 1 if "top_p" in names else len(names)
    return [*names[:place], "min_p", *names[place:]]


async def request_of(payload: Payload, model: str, context: int | None, count: CountTokens) -> GenerationRequest:
    """The engine's request, its prompt cut from the left to what fits.

    Args:
        context: tokens that the engine gives to one job; None if it does not say.
        count: how many tokens a text is for this model.

    Raises:
        EngineError: tokens cannot be counted.
    """
    room = payload.max_context_length if context is None else min(payload.max_context_length, context)
    length = min(payload.max_length, max(1, room - RESERVE))
    prompt = await fitted(without_opening(payload.prompt), room - length - RESERVE, count)
    return GenerationRequest(model, prompt=prompt, max_tokens=length, options=options_of(payload))


def without_opening(prompt: str) -> str:
    """The prompt without the marker that engines put before every text themselves."""
    for opening in OPENINGS:
        if prompt.startswith(opening):
            return prompt[len(opening) :]
    return prompt


async def fitted(prompt: str, room: int, count: CountTokens) -> str:
    """As much of the end of the prompt as fits into so many tokens."""
    room = max(1, room)
    if len(prompt.encode()) <= room:  # a token is at least one byte
        return prompt
    for _ in range(16):
        tokens = await count(prompt)
        if tokens <= room:
            return prompt
        kept = min(len(prompt) - 1, int(len(prompt) * room / tokens))
        prompt = prompt[-kept:] if kept > 0 else ""
    return prompt[-max(1, room // 4) :]
