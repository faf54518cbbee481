"""``networks.toml``: written by commands, read by people, without keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_network import WHEN, membership

from node.membership.errors import MembershipError
from node.membership.kinds import KINDS
from node.membership.membership import Membership
from node.membership.roster import MOST, Roster
from wallet.keystore.sealed import OperatingSecrets
from wallet.secret import Secret

ENTRY = """
[horde]
kind = "horde"
url = "https://aihorde.net/api/v2"
worker_name = "boiler"
accepted_page = "2026-11-22"
accepted_at = 2026-11-22T00:00:00Z
"""


@pytest.fixture
def roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Roster:
    monkeypatch.setitem(KINDS, "scripted", "scripted_network")
    return Roster(tmp_path / "networks.toml", OperatingSecrets(tmp_path / "secrets"))


def text(tmp_path: Path) -> str:
    return (tmp_path / "networks.toml").read_text("utf-8")


def test_nobody_has_joined_before_the_first(roster: Roster) -> None:
    assert roster.read() == {}


def test_what_was_joined_is_read_back_whole(roster: Roster, tmp_path: Path) -> None:
    one = membership(weight=2.5, models={"our-model": "Their/Model", "other": ""}, options={"longest": 200})
    roster.put("first", one, Secret("a key"))
    roster.put("second", membership(enabled=False), Secret("another"))
    assert roster.read() == {"first": one, "second": membership(enabled=False)}
    assert roster.key("first") == Secret("a key")
    assert roster.key_kept("first") == "file sealed with the host key"
    assert (tmp_path / "networks.toml").stat().st_mode & 0o777 == 0o600
    assert "a key" not in text(tmp_path)


def test_the_smallest_entry_that_a_person_may_write_is_enough(roster: Roster, tmp_path: Path) -> None:
    (tmp_path / "networks.toml").write_text(ENTRY)
    assert roster.read() == {
        "horde": Membership(
            kind="horde",
            url="https://aihorde.net/api/v2",
            worker_name="boiler",
            accepted_page="2026-11-22",
            accepted_at=WHEN,
        )
    }


def test_the_owners_comments_stay(roster: Roster, tmp_path: Path) -> None:
    (tmp_path / "networks.toml").write_text(f"# my rig in the cellar\n{ENTRY}")
    roster.put("second", membership(), Secret("k"))
    roster.put("horde", roster.get("horde").model_copy(update={"enabled": False}))
    assert "# my rig in the cellar" in text(tmp_path)
    assert roster.get("horde").enabled is False


def test_who_leaves_takes_the_key_along(roster: Roster) -> None:
    roster.put("first", membership(), Secret("a key"))
    roster.put("second", membership(), Secret("another"))
    roster.remove("first")
    assert list(roster.read()) == ["second"]
    assert roster.key_kept("first") == ""
    with pytest.raises(MembershipError, match="it is gone"):
        roster.key("first")


def test_an_unknown_name_brings_the_nearest(roster: Roster) -> None:
    roster.put("horde", membership(), Secret("k"))
    with pytest.raises(MembershipError, match=r"no network is joined as 'hord'; did you mean horde\?"):
        roster.remove("hord")


@pytest.mark.parametrize("name", ["", "Horde", "1st", "a b", "../x", "x" * 41])
def test_a_name_is_short_and_plain(roster: Roster, name: str) -> None:
    with pytest.raises(MembershipError, match="a letter, then a-z"):
        roster.put(name, membership(), Secret("k"))


@pytest.mark.parametrize("name", ["engine", "local", "tune"])
def test_names_of_other_parts_of_the_node_are_not_to_be_had(roster: Roster, name: str) -> None:
    with pytest.raises(MembershipError, match="means something else"):
        roster.put(name, membership(), Secret("k"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "horde"', 'kind = "hord"', r"networks\.toml: horde\.kind: got 'hord'; expected one of .*did you mean"),
        ("worker_name", "workername", r"horde\.workername: there is no such field; did you mean worker_name\?"),
        ('worker_name = "boiler"\n', "", r"networks\.toml: horde\.worker_name: is missing"),
        ('"https://', '"ftp://', r"horde\.url: got 'ftp://aihorde"),
        ("[horde]", "[horde", r"networks\.toml: is not TOML"),
        ("[horde]", "horde = 5\n[other]", r"networks\.toml: horde: got 5; expected a table"),
        ("accepted_page", "weight = 0\naccepted_page", r"horde\.weight: got 0"),
    ],
)
def test_a_mistake_in_the_file_is_named(roster: Roster, tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "networks.toml").write_text(ENTRY.replace(old, new))
    with pytest.raises(MembershipError, match=told):
        roster.read()


def test_there_is_an_end_to_how_many(roster: Roster, tmp_path: Path) -> None:
    entries = "".join(ENTRY.replace("[horde]", f"[h{number}]") for number in range(MOST))
    (tmp_path / "networks.toml").write_text(entries)
    with pytest.raises(MembershipError, match="50 networks are joined already"):
        roster.put("one-more", membership(), Secret("k"))
