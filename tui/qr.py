"""A QR code drawn with half blocks: one module is one column wide and half a line high. Pure."""

from __future__ import annotations

import segno

QUIET_ZONE = 4  # modules of white on each side, ISO/IEC 18004 section 5.3.8
BLOCKS = " ▄▀█"  # by upper module * 2 + lower module


def code(text: str) -> segno.QRCode:
    """The code of a text, as small as it can be: its place on a screen is not one where half of it gets lost."""
    return segno.make_qr(text, error="l", boost_error=False)


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code of a text with its quiet zone, row by row from the top; True is dark."""
    return tuple(tuple(bool(module) for module in row) for row in code(text).matrix_iter(border=QUIET_ZONE))


def drawn(text: str) -> tuple[str, ...]:
    """The code as lines of half blocks, black ink on white paper. An odd last row gets one of white below it."""
    rows = modules(text)
    if len(rows) % 2:
        rows = (*rows, (False,) * len(rows[0]))
    return tuple(
        "".join(BLOCKS[upper * 2 + lower] for upper, lower in zip(rows[at], rows[at + 1], strict=True))
        for at in range(0, len(rows), 2)
    )
