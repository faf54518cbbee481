"""Every difference between claimed, credited and paid has its sentence and its date."""

from __future__ import annotations

import pytest

from node.control.reconciling import reconcile
from node.ledger.accounts import Account, Column, Waiting
from wallet.money import Amount, Asset

KUDOS, AIPG, USDC = Asset("kudos", 2), Asset("AIPG", 18), Asset("USDC", 6)
AT = 1_800_000_000 * 10**9


def column(units: int) -> Column:
    return Column(units, 1, AT, AT) if units else Column()


def account(asset: Asset, claimed: int = 0, credited: int = 0, paid: int = 0) -> Account:
    return Account("horde", asset, column(claimed), column(credited), column(paid))


def explained(one: Account, waiting: Waiting, held: Amount | None) -> str:
    return "; ".join(reconcile(one, waiting, held).explanation)


def test_the_figures_and_their_dates() -> None:
    row = reconcile(account(AIPG, 0, 5, 3), Waiting(), None)
    assert (row.claimed, row.credited, row.paid) == (0, 5, 3)
    assert (row.uncredited, row.unpaid) == (None, 2)
    assert (row.last_credit_at, row.last_payment_at) == (1_800_000_000.0, 1_800_000_000.0)
    kudos = reconcile(account(KUDOS, 1000, 500), Waiting(1, 400, AT), Amount(120, KUDOS))
    assert (kudos.uncredited, kudos.unpaid, kudos.held) == (500, None, 120)
    assert (kudos.waiting_jobs, kudos.waiting, kudos.oldest_claim_at) == (1, 400, 1_800_000_000.0)


@pytest.mark.parametrize(
    ("one", "waiting", "held", "sentence"),
    [
        (account(KUDOS, 1000, 1000), Waiting(), None, "its books agree with what it said job by job"),
        (account(KUDOS, 1000), Waiting(3, 1000, AT), None, "its books show nothing of this yet"),
        (account(KUDOS, 1000, 600), Waiting(1, 400, AT), None, "1 job is not in its books yet, 4.00 kudos"),
        (account(KUDOS, 1000, 600), Waiting(12, 400, AT), None, "12 jobs are not in its books yet, 4.00 kudos"),
        (account(KUDOS, 1000, 1000), Waiting(1, 400, AT), None, "4.00 kudos came in sums that name no single job"),
        (account(KUDOS, 1000, 500), Waiting(), Amount(500, KUDOS), "about 5.00 kudos are held back"),
        (account(KUDOS, 1000, 1145), Waiting(), None, "1.45 kudos more came than was said for jobs"),
        (account(KUDOS, 1000, 999), Waiting(), None, "0.01 kudos of what was said for jobs were not credited"),
        (account(KUDOS, 1000, 1000), Waiting(), None, "kudos stay with the network and are never paid out"),
        (account(AIPG, 0, 5), Waiting(), None, "it credits this by the hour or the day, not job by job"),
        (account(USDC, 0, 500_000, 300_000), Waiting(), None, "0.20 USDC are credited and not paid yet"),
        (
            account(USDC, 0, 300_000, 500_000),
            Waiting(),
            None,
            "0.20 USDC more were paid than its books showed here",
        ),
        (account(USDC, 500_000, 0, 300_000), Waiting(), None, "0.20 USDC less were paid than it had said"),
    ],
)
def test_a_difference_is_explained(one: Account, waiting: Waiting, held: Amount | None, sentence: str) -> None:
    assert sentence in explained(one, waiting, held)


def test_what_is_held_back_is_marked_as_an_estimate_and_explains_no_more_than_the_difference() -> None:
    said = explained(account(KUDOS, 1000, 500), Waiting(), Amount(645, KUDOS))  # time online is held back, too
    assert "our estimate, the network does not say" in said
    assert "more came" not in said
    assert "were not credited" not in said
