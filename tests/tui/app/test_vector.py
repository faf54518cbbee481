"""The pictures of the README: small, and with everything in its place whatever the font."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from assets.screenshot import SHOTS, Shot
from assets.vector import HIGH, WIDE, drawn

ASSETS = Path(__file__).resolve().parents[3] / "assets"
PLAIN = Style(color=Color.parse("#ddd5cc"), bgcolor=Color.parse("#151210"))
EMBER = Style(color=Color.parse("#f0803c"), bgcolor=Color.parse("#151210"), bold=True)
SVG = "{http://www.w3.org/2000/svg}"


def elements(text: str, *lines: Segment) -> list[ElementTree.Element]:
    picture = drawn([list(lines)], 20, 1, "a title")
    return list(ElementTree.fromstring(picture).iter(f"{SVG}{text}"))


def test_a_run_of_one_colour_is_one_text_as_wide_as_its_cells() -> None:
    words = elements("text", Segment(" two words  ", PLAIN), Segment("● <ember>", EMBER))
    assert [word.text for word in words] == ["two words", "● <ember>"]
    assert [float(word.get("x") or 0) for word in words] == [pytest.approx(WIDE), pytest.approx(12 * WIDE)]
    assert float(words[0].get("textLength") or 0) == pytest.approx(9 * WIDE)
    assert words[1].get("font-weight") == "bold"


def test_frames_and_dots_are_drawn_and_not_written() -> None:
    assert elements("text", Segment("╭──╮│⣿⣿", PLAIN)) == []
    dots = elements("path", Segment("⣿⣿", PLAIN))
    assert [dot.get("stroke") for dot in dots] == ["#ddd5cc"]
    assert (dots[0].get("d") or "").count("h12.6") == 4, "four rows of four dots, side by side"


def test_what_is_reversed_stands_on_its_own_ground() -> None:
    _, cursor = elements("rect", Segment("  ", PLAIN), Segment("x", EMBER + Style(reverse=True)))
    assert (cursor.get("fill"), cursor.get("height")) == ("#f0803c", f"{HIGH:g}")


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_every_picture_is_there_and_small(shot: Shot) -> None:
    path = ASSETS / f"{shot.name}.svg"
    text = " ".join(word.text or "" for word in ElementTree.parse(path).iter(f"{SVG}text"))
    assert "WORKING" in text
    assert path.stat().st_size < 40_000
