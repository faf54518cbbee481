"""The page of each network says what a person has to know before joining, and one that is wrong says where."""

from __future__ import annotations

import pytest

from node.membership.pages import LARGEST, PageError, load_page, parse_page
from node.networks import usepod
from node.networks.aipg import registration
from node.networks.horde import network as horde

KINDS = ("horde", "aipg", "usepod")
TOPICS = (
    "What it is",
    "Other software than theirs",
    "What will run here",
    "What is kept of it here",
    "What it learns about you",
    "What it pays",
    "Where this comes from",
)
PAGE = """
title = "Somewhere"
summary = "A place."
pays = "nothing"
home = "https://somewhere.example"
needs_key = true
version = "2026-11-22"
[[part]]
heading = "What it is"
text = '''
One line
and another.

A second paragraph.
'''
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_speaks_of_everything_that_has_to_be_known(kind: str) -> None:
    headings = [part.heading for part in load_page(kind).page]
    assert [topic for topic in TOPICS if topic not in headings] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_says_whether_other_software_is_allowed_and_when_that_was_looked_up(kind: str) -> None:
    rules = next(part.text for part in load_page(kind).page if part.heading == "Other software than theirs")
    assert rules.startswith(("Documented.", "Silent.", "Granted."))
    assert "no client of theirs" in rules
    assert "as of 2026-" in rules


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_warns_of_strangers_prompts(kind: str) -> None:
    told = next(part.text for part in load_page(kind).page if part.heading == "What will run here")
    assert "strangers" in told
    assert "unlawful" in told


@pytest.mark.parametrize(("kind", "home"), [("horde", horde.URL), ("aipg", registration.HOME), ("usepod", usepod.HOME)])
def test_a_page_names_the_address_that_its_adapter_dials(kind: str, home: str) -> None:
    assert load_page(kind).home == home


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_says_where_a_key_that_is_needed_can_be_had(kind: str) -> None:
    page = load_page(kind)
    assert page.account.startswith("https://") == page.needs_key


def test_only_the_network_whose_owners_were_not_asked_is_experimental() -> None:
    assert [kind for kind in KINDS if load_page(kind).experimental] == ["usepod"]


def test_lines_become_paragraphs_that_any_width_can_show() -> None:
    (part,) = parse_page("somewhere", PAGE, "x.toml").page
    assert part.text == "One line and another.\n\nA second paragraph."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Somewhere"', "", "title"),
        ('title = "Somewhere"', 'title = "Two\\nlines"', "title"),
        ("needs_key = true", 'needs_key = "perhaps"', "needs_key"),
        ("https://", "http://", "home"),
        ("2026-11-22", "lately", "version"),
        ("needs_key = true", "needs_key = true\nbribe = 3", "bribe"),
        ('heading = "What it is"', 'heading = ""', "part.0.heading"),
        ("[[part]]", "[[part]", "x.toml"),
    ],
)
def test_a_wrong_entry_names_its_key(old: str, new: str, said: str) -> None:
    with pytest.raises(PageError, match=said):
        parse_page("somewhere", PAGE.replace(old, new), "x.toml")


def test_a_page_has_a_length_that_a_person_could_read() -> None:
    with pytest.raises(PageError, match="characters"):
        parse_page("somewhere", PAGE + "#" * LARGEST, "x.toml")


@pytest.mark.parametrize("kind", ["nowhere", "../models", ""])
def test_a_kind_without_a_page_cannot_be_shown(kind: str) -> None:
    with pytest.raises(PageError):
        load_page(kind)
