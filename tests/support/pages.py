"""What the README and the pages in docs/ say: the commands that are typed, and where their links lead."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
_ANY_BLOCK = re.compile(r"^```.*?^```", re.M | re.S)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.M)
_BEFORE_IT = re.compile(r"^(sudo|ssh|\w+=.*)$")
_OPERATOR = re.compile(r"^[;|&<>()]+$")


@dataclass(frozen=True, slots=True)
class Call:
    """The words behind ``stoker``. mentioned: in a line of text, where what it needs may be left out."""

    words: tuple[str, ...]
    mentioned: bool = False

    def __str__(self) -> str:
        return " ".join(self.words)[:60]


def calls(text: str) -> Iterator[Call]:
    """Every ``stoker`` that a page tells people to type, in a shell's block or in a line of text."""
    for block in _BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            yield from typed(line)
    for span in _SPAN.findall(_ANY_BLOCK.sub("", text)):
        if span.startswith("stoker "):
            yield from (Call(call.words, mentioned=True) for call in typed(span))


def typed(line: str) -> Iterator[Call]:
    """Every ``stoker`` in a line for a shell."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split, words.commenters = True, "#"
    segment: list[str] = []
    for word in [*words, ";"]:
        if not _OPERATOR.match(word):
            segment.append(word)
            continue
        first = next((at for at, each in enumerate(segment) if not _BEFORE_IT.match(each)), len(segment))
        if segment[:1] == ["ssh"] and "stoker" in segment:
            first = segment.index("stoker")
        if Path("".join(segment[first : first + 1])).name == "stoker":
            yield Call(tuple(segment[first + 1 :]))
        segment = []


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """The files of ours that a page leads to, each with the heading's anchor or nothing."""
    for target in _LINK.findall(_ANY_BLOCK.sub("", page.read_text("utf-8"))):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield ((page.parent / path).resolve() if path else page), anchor


def anchors(page: Path) -> set[str]:
    """What its headings are called in links."""
    text = _ANY_BLOCK.sub("", page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}
