"""Stoker's own colours, read from the shipped theme files."""

from __future__ import annotations

import tomllib
from pathlib import Path

from textual.theme import Theme

import assets

ASSETS = Path(assets.__file__).parent
DEFAULT = "stoker"


def own_themes() -> list[Theme]:
    """Every theme in ``assets/themes``."""
    return [Theme(**tomllib.loads(path.read_text("utf-8"))) for path in sorted((ASSETS / "themes").glob("*.toml"))]


def fallbacks(theme: Theme) -> dict[str, str]:
    """Variables of our style sheet, for themes that do not bring them."""
    if theme.ansi:
        glow = dict.fromkeys(("glow-1", "glow-2", "glow-3", "glow-4"), "ansi_yellow")
        return {**glow, "ink-dim": "ansi_bright_black", "frame": "ansi_bright_black", "cursor": "ansi_default"}
    made = theme.to_color_system().generate()
    glow = {
        "glow-1": made["primary-darken-2"],
        "glow-2": made["primary-darken-1"],
        "glow-3": made["primary"],
        "glow-4": made["primary-lighten-1"],
    }
    return {**glow, "ink-dim": "auto 62%", "frame": made["surface-lighten-2"], "cursor": made["panel"]}
