"""A conversation of the guide that a test wrote down."""

from __future__ import annotations

from fake_networks import HORDE

from tui.setup.words import (
    Agree,
    Begin,
    Busy,
    Choose,
    Conceal,
    Enter,
    Option,
    Progress,
    Say,
    Sign,
    Standing,
    Talk,
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


def talk(*words: object, heard: list[object]) -> Talk[None]:
    """Says these words, and writes the answers to its questions down."""
    for word in words:
        answer = yield word  # type: ignore[misc]
        if isinstance(word, Choose | Enter | Conceal | Agree):
            heard.append(answer)
