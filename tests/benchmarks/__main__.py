"""Every benchmark in turn, and one table of what has a budget.

    python tests/benchmarks [--quick] [--json] [--model FILE]

The ledger's and the dashboard's benchmarks print tables of their own; they follow on standard error with --json.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from bench_report import Finding, parser, report  # noqa: E402


def found_by(name: str, *options: str) -> list[Finding]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    command = [sys.executable, str(HERE / f"{name}.py"), "--json", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    try:
        rows = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"{name} failed with {done.returncode}") from None
    return [Finding(**{field: value for field, value in row.items() if field != "met"}) for row in rows]


def main() -> int:
    options = parser(__doc__)
    options.add_argument("--model", type=Path, help="the GGUF file of SmolLM2-135M-Instruct; pulled if left out")
    given = options.parse_args()
    quick = ["--quick"] if given.quick else []
    findings: list[Finding] = []
    for name in ("startup", "idle", "slots", "demand"):
        findings += found_by(name, *quick)
    findings += found_by("relay", *quick, *(["--model", str(given.model)] if given.model else []))
    missed = report(findings, as_json=given.json)
    for name, with_options in (("dashboard", []), ("ledger", quick)):
        print(f"\n{name}", file=sys.stderr, flush=True)
        command = [sys.executable, str(HERE / f"{name}.py"), *with_options]
        done = subprocess.run(command, stdout=sys.stderr if given.json else None, check=False)
        missed = missed or done.returncode
    return missed


if __name__ == "__main__":
    sys.exit(main())
