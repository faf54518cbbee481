"""Networks without a terminal: whatever the node says fits, and says the same everywhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_networks import BAD, GOOD, HORDE, HORDE_KIND, JOINED, LLAMA, NEMO, OFF, USEPOD_KIND
from fake_node import NOW
from hypothesis import given
from hypothesis import strategies as st

from node.control.wire import Coin, Finding, NetworkModel, NetworkState, NetworkView, Remark, Rewards
from tui.ink import Line, framed, measure
from tui.screens.networks import about, listing, models, page, remarks, trial

texts = st.text(max_size=60)
units = st.integers(-(2**40), 2**63 - 1)
coins = st.builds(Coin, texts, st.integers(0, 18), units)
network_models = st.builds(
    NetworkModel,
    served=texts,
    name=texts,
    known=st.none() | st.booleans(),
    validated=st.none() | st.booleans(),
    a_job=st.none() | coins,
    an_hour=st.none() | coins,
    barred=texts,
)
sums = st.builds(Rewards, texts, st.integers(0, 18), units, units, units, st.none() | units, units, units, units)
said_by_them = st.lists(st.builds(Remark, st.floats(0, NOW), texts), max_size=5).map(tuple)
networks = st.builds(
    NetworkView,
    name=texts,
    kind=st.just("horde"),
    title=texts,
    state=st.sampled_from(NetworkState),
    reason=texts,
    remedy=texts,
    since_at=st.floats(0, NOW),
    retry_at=st.none() | st.floats(0, 2 * NOW),
    url=texts,
    worker_name=texts,
    weight=st.floats(0, 1e6),
    models=st.lists(network_models, max_size=4).map(tuple),
    running=st.integers(0, 999),
    waiting=st.integers(0, 999),
    depth=st.none() | st.integers(0, 10**9),
    detail=texts,
    share_pct=st.none() | st.floats(0, 100),
    pay_micro=st.none() | st.floats(0, 1e12),
    currency=st.just("EUR"),
    hour_done=st.integers(0, 10**6),
    hour_failed=st.integers(0, 10**6),
    rewards=st.lists(sums, max_size=3).map(tuple),
    faults=said_by_them,
    messages=said_by_them,
    maintenance=st.none() | st.booleans(),
    seen_at=st.none() | st.floats(0, NOW),
    key_kept=texts,
)


def text_of(lines: list[Line] | tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in line) for line in lines)


@given(networks, st.integers(20, 130), st.integers(1, 30))
def test_whatever_a_network_is_fits_its_panels(network: NetworkView, width: int, height: int) -> None:
    for draw in (about.picture, models.picture, remarks.picture):
        drawn = framed("Title", draw(network, NOW, width, height), width + 4, height + 2)
        assert all(measure(line) == width + 4 for line in drawn)
        assert len(drawn) == height + 2


@given(networks, st.integers(59, 220))
def test_every_network_has_a_row_that_fits(network: NetworkView, width: int) -> None:
    layout = listing.layout(width)
    assert measure(listing.row(layout, network)) == measure(listing.heading(layout)) <= width - 1


@pytest.mark.parametrize("state", NetworkState)
def test_no_state_is_told_by_its_colour_alone(state: NetworkState) -> None:
    word, _ = listing.state(NetworkView("horde", "horde", "AI Horde", state))
    assert word.endswith(state)
    assert len({sign for sign, _ in listing.SIGNS.values()}) == len(NetworkState)


def test_two_assets_of_a_network_are_never_added_up() -> None:
    text = text_of(about.lines_of(JOINED[1], NOW, 90))
    assert "58,214" in text
    assert "42.13" in text
    assert "58,256" not in text


def test_the_row_shows_the_asset_that_was_claimed_most_of_lately() -> None:
    assert listing.foremost(JOINED[1].rewards) == JOINED[1].rewards[0]
    assert listing.foremost(()) is None


@pytest.mark.parametrize("width", [48, 90])
def test_a_model_shows_what_the_network_thinks_of_it(width: int) -> None:
    text = text_of(models.lines_of(HORDE.models, width))
    for words in ("Mistral-Nemo-12B", "✔ known", "✔ in full", "12.40 kudos", "▲ unknown", "▲ less"):
        assert words in text


def test_what_nobody_knows_of_a_model_is_left_out() -> None:
    assert "▲" not in text_of(models.lines_of((LLAMA,), 48))


def test_remarks_stand_with_the_newest_first_and_each_says_its_sort() -> None:
    lines = text_of(remarks.lines_of(HORDE, NOW, 200)).splitlines()
    assert ["✖ fault" in line for line in lines] == [True, False]
    assert "message" in lines[1]


def test_remarks_that_have_no_room_are_counted() -> None:
    aipg = replace(JOINED[1], faults=JOINED[1].faults * 2)
    assert "and 3 more:  enter" in text_of(remarks.picture(aipg, NOW, 60, 2).lines)


@given(st.integers(20, 120))
def test_the_page_leaves_no_word_out(width: int) -> None:
    words = text_of(page.told(HORDE_KIND, width)).split()
    for part in HORDE_KIND.page:
        assert part.heading.split()[0] in words
    assert words.count("strangers,") == 8
    assert all(measure(line) <= max(width, 20) for line in page.told(HORDE_KIND, width))


def test_an_experimental_notice_stands_before_and_behind_the_page() -> None:
    assert text_of(page.told(USEPOD_KIND, 100)).count("ask them first") == 2


@pytest.mark.parametrize("examination", [GOOD, BAD])
def test_an_examination_shows_every_finding_with_its_sign(examination: object) -> None:
    lines = trial.told(examination, 90)  # type: ignore[arg-type]
    findings: tuple[Finding, ...] = examination.findings  # type: ignore[attr-defined]
    for finding in findings:
        assert f"{'✔' if finding.good else '✖'} {finding.what}" in text_of(lines)
    assert NEMO.served in text_of(lines)


@pytest.mark.parametrize(("joined", "name"), [((), "horde"), ((HORDE,), "horde-2"), ((HORDE, OFF), "horde-3")])
def test_one_more_account_gets_a_free_name(joined: tuple[NetworkView, ...], name: str) -> None:
    assert listing.free_name("horde", joined) == name
