"""Where keys can be kept, and the keys that the node works with: do they open, and where are they?"""

from __future__ import annotations

from collections.abc import Iterator

from node.doctor.check import Check
from node.purse.operating import Operating
from wallet.keystore.keyring import Keyring, KeyringStatus
from wallet.keystore.sealed import Place

PATIENCE = 3.0  # seconds for a keyring to answer


def checks(operating: Operating, status: KeyringStatus | None = None) -> Iterator[Check]:
    """
    Args:
        status: what the OS keyring said; None asks it now.
    """
    yield _keyring(status or Keyring(PATIENCE).probe())
    for name, problem in operating.problems.items():
        yield Check(f"secret {name}", "warn", problem, "what needs it cannot work until it opens")
    for name in operating.secrets:
        place = operating.places[name]
        detail = f"in the {place}"
        if place is Place.HOST_SEALED:
            detail = f"in a {place}, which protects copies and backups, not this account"
        yield Check(f"secret {name}", "ok", detail)


def _keyring(status: KeyringStatus) -> Check:
    if status.usable:
        return Check("keyring", "ok", f"{status.backend}; any program of this account may read it while it is unlocked")
    return Check(
        "keyring",
        "warn",
        status.problem,
        "nothing is needed: stoker keys new NAME --passphrase-file FILE keeps a key in an encrypted vault instead",
    )
