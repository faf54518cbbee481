"""Stoker's own colours, read from the shipped theme files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from rich.style import Style
from textual.color import Color
from textual.theme import Theme

import assets
from tui.ink import Tone

ASSETS = Path(assets.__file__).parent
DEFAULT = "stoker"
SIXTEEN = "ansi-dark"
"""For terminals with sixteen colours, where shades of brown become one black and the cursor cannot be seen."""

OWN_INK = -1
"""The number of ``ansi_default``."""


def own_themes() -> list[Theme]:
    """Every theme in ``assets/themes``."""
    return [Theme(**tomllib.loads(path.read_text("utf-8"))) for path in sorted((ASSETS / "themes").glob("*.toml"))]


def fallbacks(theme: Theme) -> dict[str, str]:
    """Variables of our own, for themes that do not bring them."""
    made = theme.to_color_system().generate()
    dim = Color.parse(made["background"]).blend(Color.parse(made["foreground"]), 0.6)
    return {
        "ember": made["primary"],
        "glow-1": made["primary-darken-2"],
        "glow-2": made["primary-darken-1"],
        "glow-3": made["primary"],
        "glow-4": made["primary-lighten-1"],
        "ink-dim": dim.hex,
        "frame": made["surface-lighten-2"],
        "cursor": made["panel"],
    }


def palette(variables: Mapping[str, str]) -> dict[Tone, Style]:
    """How each tone is drawn, from the variables of a theme.

    A shade that is the terminal's own ink is drawn dim: what sixteen colours call grey may be the background's colour.
    """

    def ink(variable: str, *, bold: bool = False) -> Style:
        color = Color.parse(variables[variable])
        return Style(color=color.rich_color, bold=bold or None, dim=color.ansi == OWN_INK or None)

    return {
        Tone.PLAIN: Style(),
        Tone.DIM: ink("ink-dim"),
        Tone.FAINT: ink("frame"),
        Tone.BOLD: Style(bold=True),
        Tone.EMBER: ink("ember", bold=True),
        Tone.GOOD: ink("success", bold=True),
        Tone.WARN: ink("warning", bold=True),
        Tone.BAD: ink("error", bold=True),
        Tone.GLOW1: ink("glow-1"),
        Tone.GLOW2: ink("glow-2"),
        Tone.GLOW3: ink("glow-3"),
        Tone.GLOW4: ink("glow-4"),
    }
