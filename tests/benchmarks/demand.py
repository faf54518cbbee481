"""A day of mixed demand under the node's own rules and under simple ones, in simulated time.

    python tests/benchmarks/demand.py [--quick] [--json]

Two networks and the owner's own clients want more than an engine of four slots can do at some hours and less at others.
The demand is synthetic and always the same; `tests/support/demand_day.py` says how it is made. *Stoker* is the real
dispatcher with its shares, look-ahead, deadlines and probation. A simple node's slots ask, compute and deliver one job
after the other: for one network only, or for both in turn.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from bench_report import Finding, parser, report  # noqa: E402
from demand_simple import only, round_robin  # noqa: E402
from demand_stoker import stoker  # noqa: E402
from demand_town import OWN, Outcome, lived  # noqa: E402

WHOLE_DAY, AFTERNOON = (0.0, 24.0), (13.0, 17.0)


def findings(outcomes: dict[str, Outcome]) -> Iterator[Finding]:
    ours, simple = outcomes["stoker"], [outcome for name, outcome in outcomes.items() if name != "stoker"]
    for name, outcome in outcomes.items():
        best = outcome is ours
        least = max(other.busy for other in simple) * 100 if best else None
        wasted = f"{outcome.wasted:.1%} more went into answers that were not taken"
        yield Finding(f"{name}: slots busy", outcome.busy * 100, "%", at_least=least, note=wasted)
        most = outcomes["round robin"].missed if best else None
        returned = sum(tally.returned for tally in outcome.tallies.values())
        yield Finding(f"{name}: missed deadlines", outcome.missed, at_most=most, note=f"{returned} given back in time")
        earned = max(other.income for other in simple) if best else None
        yield Finding(f"{name}: income", outcome.income, at_least=earned)
        for network, tally in outcome.tallies.items():
            note = f"{tally.done} done" if network == OWN else f"{tally.done} done, {tally.micro / 1e6:.4f} earned"
            yield Finding(f"{name}: share of {network}", outcome.share(network) * 100, "%", note=note)


def main() -> int:
    given = parser(__doc__).parse_args()
    first, last = AFTERNOON if given.quick else WHOLE_DAY
    outcomes = {}
    strategies = {"horde only": only("horde"), "aipg only": only("aipg"), "round robin": round_robin, "stoker": stoker}
    for name, strategy in strategies.items():
        print(f"{name} ...", file=sys.stderr, flush=True)
        outcomes[name] = lived(strategy, first, last)
    return report(list(findings(outcomes)), as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
