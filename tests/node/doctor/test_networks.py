"""The doctor on joined networks: keys that open, pages that were agreed to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.doctor.networks import checks
from node.membership.membership import Membership
from node.membership.roster import Roster
from node.paths import Paths
from wallet.home import open_operating_secrets
from wallet.secret import Secret


def joined(version: str = "2026-11-22") -> Membership:
    when = datetime(2026, 11, 22, tzinfo=UTC)
    return Membership(kind="horde", url="https://h.example", worker_name="w", accepted_page=version, accepted_at=when)


@pytest.fixture
def roster(tmp_path: Path) -> Roster:
    return Roster(Paths(tmp_path).networks, open_operating_secrets(tmp_path))


def test_nothing_joined_is_nothing_wrong(tmp_path: Path) -> None:
    (found,) = checks(Paths(tmp_path))
    assert (found.status, found.remedy) == ("ok", "")


def test_a_joined_network_with_its_key_is_well(tmp_path: Path, roster: Roster) -> None:
    roster.put("horde", joined(), Secret("k"))
    (found,) = checks(Paths(tmp_path))
    assert (found.name, found.status) == ("network horde", "ok")


def test_a_key_that_is_gone_is_to_be_given_again(tmp_path: Path, roster: Roster) -> None:
    roster.put("horde", joined(), Secret("k"))
    (tmp_path / "secrets" / "horde.sealed").unlink()
    (found,) = checks(Paths(tmp_path))
    assert (found.status, found.remedy) == ("fail", "stoker networks set horde --ask-api-key")


def test_a_page_that_changed_is_to_be_agreed_to_again_but_nothing_stops(tmp_path: Path, roster: Roster) -> None:
    roster.put("horde", joined("2020-01-01"), Secret("k"))
    (found,) = checks(Paths(tmp_path))
    assert (found.status, found.remedy) == ("warn", "stoker networks accept horde")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    Paths(tmp_path).networks.write_text("[horde")
    (found,) = checks(Paths(tmp_path))
    assert found.status == "fail"
    assert "networks.toml" in found.detail
