"""What a benchmark found, as a plain table or as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One measured value and what it should be; without a budget it is there to be read only."""

    what: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def budget(self) -> str:
        if self.at_least is not None:
            return f">= {shown(self.at_least)}"
        return "" if self.at_most is None else f"<= {shown(self.at_most)}"

    @property
    def met(self) -> bool | None:
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most


def shown(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip(".")


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="shorter and noisier")
    options.add_argument("--json", action="store_true", help="print one JSON list instead of the table")
    return options


def report(findings: Sequence[Finding], *, as_json: bool) -> int:
    """Print; the exit code says whether every budget was met."""
    if as_json:
        rows = [
            {name: value for name, value in asdict(each).items() if value not in (None, "")} | {"met": each.met}
            for each in findings
        ]
        print(json.dumps(rows, indent=1))
    else:
        width = max(len(each.what) for each in findings)
        print(f"{'what':{width}}  {'measured':>16}  {'budget':>10}  met  note")
        for each in findings:
            met = {True: "yes", False: "NO", None: ""}[each.met]
            value = f"{shown(each.value)} {each.unit}".strip()
            print(f"{each.what:{width}}  {value:>16}  {each.budget:>10}  {met:3}  {each.note}".rstrip())
    return 1 if any(each.met is False for each in findings) else 0
