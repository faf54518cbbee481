"""The keys that the node works with: do they open, and where are they?"""

from __future__ import annotations

from collections.abc import Iterator

from node.doctor.check import Check
from node.purse.operating import Operating
from wallet.keystore.sealed import Place


def checks(operating: Operating) -> Iterator[Check]:
    for name, problem in operating.problems.items():
        yield Check(f"secret {name}", "warn", problem, "what needs it cannot work until it opens")
    for name in operating.secrets:
        place = operating.places[name]
        detail = f"in the {place}"
        if place is Place.HOST_SEALED:
            detail = f"in a {place}, which protects copies and backups, not this account"
        yield Check(f"secret {name}", "ok", detail)
