"""The shipped colours: whether they can be read, and told apart by every eye."""

from __future__ import annotations

from itertools import combinations

import pytest
from fake_node import WORKING, FakeNode
from rich.style import Style
from screens import press, settled, until, written
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from tui.app import StokerApp
from tui.themes import own_themes

ALL = {theme.name: theme for theme in own_themes()}
SIXTEEN = {name: theme for name, theme in ALL.items() if theme.ansi}
THEMES = {name: theme for name, theme in ALL.items() if not theme.ansi}
GLOW = ("glow-1", "glow-2", "glow-3", "glow-4")

MACHADO = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What an eye without one kind of cone sees, on linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.0."""


def linear(color: Color) -> tuple[float, float, float]:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized)
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's ratio."""
    rgb = (linear(Color.parse(color)) for color in (one, other))
    lights = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in rgb)
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    """CIE 1976, from linear sRGB under D65."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    xyz = [sum(a * max(0.0, min(1.0, b)) for a, b in zip(row, rgb, strict=True)) for row in rows]
    x, y, z = (
        t ** (1 / 3) if (t := value / w) > 0.008856 else 7.787 * t + 16 / 116
        for value, w in zip(xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: str, other: str, eye: tuple[tuple[float, ...], ...]) -> float:
    """How different an eye sees two colours (Delta E 1976; from about 10 on at a glance)."""
    seen = [
        lab(tuple(sum(a * b for a, b in zip(row, linear(Color.parse(color)), strict=True)) for row in eye))
        for color in (one, other)
    ]
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


def inks(theme: Theme) -> dict[str, str]:
    named = {"ember": theme.primary, "good": theme.success, "warn": theme.warning, "bad": theme.error}
    return {name: color for name, color in named.items() if color}


def test_there_is_one_for_each_need() -> None:
    assert set(THEMES) == {"stoker", "stoker-light", "stoker-high-contrast", "stoker-colour-blind"}
    assert set(SIXTEEN) == {"ansi-dark", "ansi-light"}


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_every_word_can_be_read(theme: Theme) -> None:
    assert theme.background
    words = {**inks(theme), "plain": theme.foreground or "", "dim": theme.variables["ink-dim"]}
    assert {name: contrast(color, theme.background) for name, color in words.items()} == {
        name: pytest.approx(21, abs=21 - 4.5) for name in words
    }


@pytest.mark.parametrize("ground", ["cursor", "surface"])
@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_so_it_can_under_the_cursor_and_in_a_dialog(theme: Theme, ground: str) -> None:
    behind = theme.variables.get(ground) or theme.surface or ""
    words = {**inks(theme), "plain": theme.foreground or "", "dim": theme.variables["ink-dim"]}
    assert all(contrast(color, behind) >= 4.5 for color in words.values())


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_a_resting_node_can_be_read(theme: Theme) -> None:
    grounds = (theme.background or "", theme.variables["cursor"])
    assert all(contrast(theme.variables["glow-3"], ground) >= 4.5 for ground in grounds)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_charts_and_what_cannot_be_used_now_can_be_seen(theme: Theme) -> None:
    shades = {name: theme.variables[name] for name in (*GLOW, "frame")}
    least = 2.4 if theme.name == "stoker" else 3.0  # the default is the quiet one
    assert {name: contrast(color, theme.background or "") for name, color in shades.items()} == {
        name: pytest.approx(21, abs=21 - least) for name in shades
    }


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_a_chart_glows_more_with_its_height(theme: Theme) -> None:
    glow = [contrast(theme.variables[name], theme.background or "") for name in GLOW]
    assert glow == sorted(glow)


@pytest.mark.parametrize("name", SIXTEEN)
async def test_a_theme_of_sixteen_colours_draws_with_no_other(name: str) -> None:
    app: App[int] = StokerApp(FakeNode(WORKING), theme=name)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "q")
        await until(pilot, lambda: "Leave Stoker" in written(pilot))
        assert [style for style in styles(app) if not is_of_the_terminal(style)] == []


def styles(app: App[int]) -> set[Style]:
    strips = app.screen._compositor.render_strips()
    return {segment.style for strip in strips for segment in strip if segment.style is not None}


def is_of_the_terminal(style: Style) -> bool:
    return all(color is None or color.is_system_defined for color in (style.color, style.bgcolor))


@pytest.mark.parametrize("theme", SIXTEEN.values(), ids=list(SIXTEEN))
def test_good_warning_bad_and_the_accent_are_different_ones_of_the_sixteen(theme: Theme) -> None:
    assert len(set(inks(theme).values())) == 4


def test_high_contrast_is_more_than_that() -> None:
    theme = THEMES["stoker-high-contrast"]
    words = {**inks(theme), "plain": theme.foreground or "", "dim": theme.variables["ink-dim"]}

    assert all(contrast(color, theme.background or "") >= 7 for color in words.values())
    assert contrast(theme.variables["frame"], theme.background or "") >= 4.5


@pytest.mark.parametrize("eye", MACHADO)
def test_no_eye_mistakes_good_for_bad_in_the_colours_made_for_it(eye: str) -> None:
    named = inks(THEMES["stoker-colour-blind"])

    for one, other in combinations(named, 2):
        assert apart(named[one], named[other], MACHADO[eye]) >= 30, f"{one} and {other}"
