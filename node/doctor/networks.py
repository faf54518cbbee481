"""The networks that were joined: can their keys be used, and has the owner agreed to their pages as they are now?"""

from __future__ import annotations

from collections.abc import Iterator

from node.doctor.check import Check
from node.membership.errors import MembershipError
from node.membership.pages import PageError, changed_pages
from node.membership.roster import Roster
from node.paths import Paths
from wallet.errors import WalletError
from wallet.home import open_operating_secrets


def checks(paths: Paths) -> Iterator[Check]:
    """One for each membership; one in all where there is none, or where they cannot be read."""
    roster = Roster(paths.networks, open_operating_secrets(paths.directory))
    try:
        joined = roster.read()
        changed = changed_pages(joined)
    except (MembershipError, PageError) as error:
        yield Check("networks", "fail", str(error), "mend the file, or join again")
        return
    if not joined:
        yield Check("networks", "ok", "none is joined; stoker networks kinds lists those that could be")
    for name, membership in joined.items():
        yield _check(roster, name, f"joined as {membership.worker_name} at {membership.url}", stale=name in changed)


def _check(roster: Roster, name: str, joined: str, *, stale: bool) -> Check:
    title = f"network {name}"
    try:
        roster.key(name)
    except (MembershipError, WalletError) as error:
        return Check(title, "fail", f"{error.field}: {error.problem}", error.remedy)
    if stale:
        told = f"{joined}; its page has changed since you agreed to it, and it goes on meanwhile"
        return Check(title, "warn", told, f"stoker networks accept {name}")
    return Check(title, "ok", f"{joined}; its key opens")
