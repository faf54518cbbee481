"""Conversations of the guide: some that a test wrote down, and a way to hold real ones with answers by their keys."""

from __future__ import annotations

from collections.abc import Mapping

from tui.setup.words import (
    QUESTIONS,
    Agree,
    Choose,
    Conceal,
    Enter,
    Option,
    Ran,
    Run,
    Say,
    Sign,
    Standing,
    Stuck,
    Talk,
    Word,
)

STANDINGS = (
    Standing("This machine", True, "AMD Ryzen 9 7900; NVIDIA GeForce RTX 4090"),
    Standing("Engine", True, "llama.cpp on the card, build b9109-vulkan"),
    Standing("Model", False, "nothing is served yet"),
    Standing("Payouts", False, "no address yet"),
    Standing("Networks", False, "none is joined"),
    Standing("Limits", False, "as they come: 83 °C on a card, games first, any hour"),
    Standing("Staying up", False, "runs until the machine is shut down"),
)
MODEL = Choose(
    "model.name",
    "Which model shall it serve? 24.7 GB of the card are there for it.",
    (
        Option("qwen3-0.6b", "Qwen3 0.6B", "639 MB to fetch, Apache-2.0 (may work for pay), needs 2.8 GB of memory"),
        Option("qwen3-8b", "Qwen3 8B", "5.0 GB to fetch, Apache-2.0 (may work for pay), needs 7.8 GB of memory"),
        Option("file", "A GGUF file of my own", "copied from anywhere on this machine, and checked"),
        Option("later", "None for now", "the node has nothing to compute with until one is chosen"),
    ),
    "qwen3-8b",
    "Bigger models answer better, earn more, and are slower.",
)
PRICE = Enter(
    "electricity.price",
    "What does a kilowatt-hour cost you?",
    "",
    "What you pay for one kilowatt-hour, such as 0.31; from your bill, everything included.",
    nothing="not known",
)
KEY = Conceal("networks.horde.api_key", "The API key of your account at AI Horde", "It is sealed by the node.")
MEASURED = (
    Say("qwen3-8b is served.", Sign.GOOD),
    Say("118 tokens a second with all 4 slots busy.", Sign.GOOD),
)


def saying(*words: Word, heard: list[object]) -> Talk[None]:
    """Says these words, and writes the answers to its questions down."""
    for word in words:
        answer = yield word
        if isinstance(word, QUESTIONS):
            heard.append(answer)


def held(talk: Talk[None], answers: Mapping[str, object], *, ran: Ran | None = None) -> list[Word]:
    """Hold a conversation to its end: every word of it. A list answers the same question several times.

    Args:
        answers: by the keys of the questions; what is not there is answered with its default.
        ran: how every command ends.
    """
    left = {key: list(value) if isinstance(value, list) else value for key, value in answers.items()}
    words: list[Word] = []
    answer: object = None
    try:
        while True:
            word = talk.send(answer)
            words.append(word)
            answer = _answer(word, left, ran or Ran(0))
    except StopIteration:
        return words


def said(words: list[Word]) -> str:
    """Everything that was said, in lines."""
    return "\n".join(word.text for word in words if isinstance(word, Say))


def _answer(word: Word, answers: dict[str, object], ran: Ran) -> object:
    if isinstance(word, Run):
        return ran
    if isinstance(word, Stuck):
        raise AssertionError(f"stuck: {word.text}")
    if not isinstance(word, Choose | Enter | Conceal | Agree):
        return None
    found = answers.get(word.key)
    if isinstance(found, list):
        return found.pop(0)
    if found is None and isinstance(word, Choose | Enter):
        found = word.default
    assert found is not None, f"no answer to {word.key}"
    return found
