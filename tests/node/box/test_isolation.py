"""How well a machine can box an engine, and how that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.box import landlock
from node.box.isolation import Isolation, Level, unboxed
from node.engines.llamacpp import means_of_this_machine


def program(directory: Path, text: str) -> None:
    path = directory / "bwrap"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_this_machine_has_the_whole_box(machine: Isolation) -> None:
    assert machine.level is Level.FULL
    assert machine.words == "in a box"


def test_without_bubblewrap_the_box_is_reduced_and_the_package_is_named(
    machine: Isolation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = means_of_this_machine()
    assert found.level is Level.REDUCED
    assert found.words == "in a reduced box without namespaces: bubblewrap is not installed"
    assert "apt-get install bubblewrap" in found.remedy


def test_a_bubblewrap_that_is_forbidden_is_as_good_as_none_and_its_words_are_told(
    machine: Isolation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path, "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = means_of_this_machine()
    assert found.level is Level.REDUCED
    assert found.words.endswith("bubblewrap cannot be used here (setting up uid map: Permission denied)")
    assert "user namespaces" in found.remedy


@pytest.mark.parametrize(
    ("isolation", "level"),
    [
        (Isolation("/usr/bin/bwrap"), Level.FULL),
        (Isolation(landlock=1, seccomp=True), Level.REDUCED),
        (Isolation(landlock=7), Level.NONE),
        (Isolation(seccomp=True), Level.NONE),
        (unboxed(), Level.NONE),
    ],
)
def test_files_and_network_have_to_be_closed_for_a_box(isolation: Isolation, level: Level) -> None:
    assert isolation.level is level


def test_no_box_is_said_plainly() -> None:
    assert unboxed().words == "not in a box: engine.box is off"


def test_each_version_of_landlock_takes_away_no_more_than_it_knows() -> None:
    assert [landlock.handled(version).bit_length() for version in range(1, 8)] == [13, 14, 15, 15, 16, 16, 16]
