"""Whether a model may be used where its answers are paid for, by what its licence is called. Pure.

The names are those that people write into GGUF files: SPDX identifiers and the shelf marks of Hugging Face
(https://huggingface.co/docs/hub/repositories-licenses). What is not recognised is not known: neither allowed nor
forbidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

FILLING = frozenset({"the", "license", "licence", "agreement", "community", "terms", "of", "use", "version", "v"})
FREE = re.compile(
    r"(apache|mit|isc|zlib|unlicense|postgresql|ecl|bsl|cc0|cdlapermissive|odcby|openmdw"
    r"|bsd(2clause|3clause)?(clear)?|ccby(sa|nd)?|a?gpl|lgpl(lr)?|epl|eupl|mpl|wtfpl)[0-9.]*"
)
FORBIDDING_WORDS = frozenset({"nc", "noncommercial", "nonproduction", "research", "mnpl", "mrl", "amlr"})
FORBIDDING_PAIRS = frozenset({("non", "commercial"), ("non", "production")})
CONDITIONS = {
    r"(meta)?llama[0-9.]*": "Meta's: acceptable uses only, its name shown, over 700 million users a month ask it",
    r"gemma[0-9.]*": "Google's: its prohibited uses have to be forbidden to those who use it, too",
    r"(tongyiqianwen|qwen)": "Alibaba's: over 100 million users a month ask it",
    r"[a-z]*openrail(\+\+)?m?[0-9.]*": "its forbidden uses have to be forbidden to those who use it, too",
    r"bigsciencebloomrail[0-9.]*": "its forbidden uses have to be forbidden to those who use it, too",
}


@dataclass(frozen=True, slots=True)
class Licence:
    """Under which licence a model comes, as far as that is known.

    Attributes:
        name: as the catalogue or the file has it; empty if neither does.
        commercial: whether it allows work for pay; None: not known.
        conditions: what it asks for in return, roughly; empty for nothing out of the ordinary.
        source: who says so, for people.
    """

    name: str = ""
    commercial: bool | None = None
    conditions: str = ""
    source: str = ""


UNKNOWN = Licence()


def read_licence(name: str, source: str) -> Licence:
    """What a licence of that name allows."""
    words = [word for word in re.split(r"[^a-z0-9.+]+", name.lower()) if word and word not in FILLING]
    joined = "".join(words)
    if FORBIDDING_WORDS.intersection(words) or FORBIDDING_PAIRS.intersection(pairwise(words)):
        return Licence(name, False, source=source)
    for known, conditions in CONDITIONS.items():
        if re.fullmatch(known, joined):
            return Licence(name, True, conditions, source)
    return Licence(name, True if FREE.fullmatch(joined) else None, source=source)
