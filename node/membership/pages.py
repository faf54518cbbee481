"""What a person reads before joining a network: shipped as data, because it is text and changes on its own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from node.control.wire.networks import NetworkKind, PagePart
from node.membership.membership import Membership

LARGEST = 64 * 1024  # characters of one page

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\n]+$")]
Paragraphs = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Link = Annotated[str, StringConstraints(pattern=r"^https://[^\s]{3,200}$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class PageError(Exception):
    """A page cannot be shown, and so nobody can agree to it; the text names the file and the key."""


class Text(BaseModel):
    """Common to every part of a page: frozen, and no key that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(Text):
    heading: Line
    text: Paragraphs


class Page(Text):
    """A page as its file has it. ``experimental`` is a notice that has to be agreed to as well, ``account``
    where an account and its key are had."""

    title: Line
    summary: Line
    pays: Line
    home: Link
    needs_key: bool
    account: Link | None = None
    experimental: Line | None = None
    version: Day
    part: Annotated[tuple[Part, ...], Field(min_length=1, max_length=20)]


def load_page(kind: str) -> NetworkKind:
    """The page of a kind of network that comes with Stoker.

    Raises:
        PageError: there is none, or it cannot be read.
    """
    where = f"networks/{kind}.toml"
    file = resources.files("assets").joinpath("networks", f"{kind}.toml")
    try:
        return parse_page(kind, file.read_text(encoding="utf-8"), where)
    except (OSError, ValueError) as error:
        raise PageError(f"{where}: {error}") from error


def changed_pages(accepted: Mapping[str, Membership]) -> tuple[str, ...]:
    """Names of the memberships whose page is not the one that was agreed to. They go on; their owner is told."""
    return tuple(
        name
        for name, membership in accepted.items()
        if load_page(membership.kind).page_version != membership.accepted_page
    )


def parse_page(kind: str, text: str, where: str) -> NetworkKind:
    """Read a page in TOML. Its lines are joined into paragraphs; an empty line parts two of them.

    Raises:
        PageError: it is no TOML, too long, or an entry is wrong; says which.
    """
    if len(text) > LARGEST:
        raise PageError(f"{where}: {len(text):,} characters, expected {LARGEST:,} at most")
    try:
        page = Page.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PageError(f"{where}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise PageError(f"{where}: {key}: {first['msg']}, got {first['input']!r:.80}") from error
    return NetworkKind(
        kind=kind,
        title=page.title,
        summary=page.summary,
        home=page.home,
        needs_key=page.needs_key,
        pays=page.pays,
        page=tuple(PagePart(part.heading, _paragraphs(part.text)) for part in page.part),
        page_version=page.version,
        experimental=page.experimental or "",
        account=page.account or "",
    )


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))
