"""What was found out about a network, told line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from node.control.wire import Coin, Examination, Finding, NetworkModel
from tui import format as shown
from tui.cli.terminal.output import paint, printable, table

HEADER = ("MODEL", "NAME THERE", "KNOWN", "PAID IN FULL", "A JOB", "AN HOUR", "")
YES_NO = {True: "yes", False: "no", None: shown.DASH}


def told(found: Examination, stream: IO[str]) -> Iterator[str]:
    """Every finding with its remedy, then the models as the network sees them."""
    for finding in found.findings:
        yield _line(finding, stream)
    if found.models:
        yield models_table(found.models)


def models_table(models: tuple[NetworkModel, ...]) -> str:
    """What a network makes of each model."""
    return table(HEADER, [_row(model) for model in models], right=(4, 5))


def good(found: Examination) -> bool:
    """Whether nothing stands against joining."""
    return all(finding.good for finding in found.findings)


def _line(finding: Finding, stream: IO[str]) -> str:
    """Good findings may have a remedy as well: of what could be better."""
    note = ("! note", "yellow") if finding.remedy else ("✔ ok  ", "green")
    sign, colour = note if finding.good else ("✖ fail", "red")
    line = f"{paint(sign, colour, stream)}  {printable(finding.what)}"
    return f"{line}\n        try: {printable(finding.remedy)}" if finding.remedy else line


def _row(model: NetworkModel) -> tuple[str, ...]:
    return (
        model.served,
        model.name,
        YES_NO[model.known],
        YES_NO[model.validated],
        coin(model.a_job),
        coin(model.an_hour),
        f"not offered: {model.barred}" if model.barred else "",
    )


def coin(amount: Coin | None) -> str:
    """An amount with its asset: 12.40 kudos."""
    return shown.DASH if amount is None else f"{shown.units(amount.units, amount.decimals)} {amount.asset}"
