"""A strict reader of Prometheus' text form 0.0.4: what it accepts, every scraper accepts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
KINDS = ("counter", "gauge")

Labels = frozenset[tuple[str, str]]


@dataclass
class Scraped:
    """One metric as it was read."""

    kind: str
    help: str
    samples: dict[Labels, float] = field(default_factory=dict)

    def value(self, **labels: str) -> float:
        """Of the one sample that has these labels among its own."""
        found = [value for have, value in self.samples.items() if set(labels.items()) <= have]
        assert len(found) == 1, f"{labels} fits {len(found)} of {list(self.samples)}"
        return found[0]


def scraped(text: str) -> dict[str, Scraped]:
    """Every metric by its name.

    Raises:
        AssertionError: a line is not as the format wants it, a metric comes in pieces, or a sample comes twice.
    """
    assert text.endswith("\n"), "the last line must end, too"
    metrics: dict[str, Scraped] = {}
    helps: dict[str, str] = {}
    current = ""
    for line in text[:-1].split("\n"):
        if found := re.fullmatch(rf"# HELP ({NAME}) (.+)", line):
            assert found[1] not in helps, f"{found[1]} is explained twice"
            helps[found[1]] = found[2]
        elif found := re.fullmatch(rf"# TYPE ({NAME}) (\w+)", line):
            current = found[1]
            assert current not in metrics, f"{current} comes in pieces"
            assert found[2] in KINDS, line
            assert (found[2] == "counter") == current.endswith("_total"), f"{current} is a {found[2]}"
            metrics[current] = Scraped(found[2], helps[current])
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, f"no sample: {line!r}"
            assert sample[1] == current, f"{sample[1]} among the samples of {current}"
            pairs = re.findall(LABEL, sample[2] or "")
            assert len({name for name, _ in pairs}) == len(pairs), f"a label comes twice: {line}"
            labels = frozenset((name, _plain(value)) for name, value in pairs)
            assert labels not in metrics[current].samples, f"twice: {line}"
            metrics[current].samples[labels] = float(sample[sample.re.groups])
    assert all(metric.samples for metric in metrics.values()), "a metric without samples"
    return metrics


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)
