"""Prometheus' text form, version 0.0.4. Pure.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/. It is some thirty lines; the library for it would
bring a web server and process-wide registries, which the node does not want.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Value = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Sample:
    """One value, and what it is of."""

    value: Value
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """Every value of one metric.

    Attributes:
        name: with its base unit, counters end in ``_total``. kind: as Prometheus names it.
        samples: may be none; the family is then left out.
    """

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    samples: tuple[Sample, ...]


def exposition(families: Iterable[Family]) -> str:
    """The whole text."""
    return "".join(line for family in families if family.samples for line in _lines(family))


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    for sample in family.samples:
        labels = ",".join(f'{name}="{_escaped(value, quoted=True)}"' for name, value in sample.labels.items())
        named = f"{family.name}{{{labels}}}" if labels else family.name
        yield f"{named} {_number(sample.value)}\n"


def _escaped(text: str, *, quoted: bool = False) -> str:
    text = text.replace("\\", r"\\").replace("\n", r"\n")
    return text.replace('"', r"\"") if quoted else text


def _number(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "+Inf" if value > 0 else "-Inf"
    return repr(value)
