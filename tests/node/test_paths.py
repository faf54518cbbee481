"""The data directory: made for its owner alone, everything of the node below it."""

from __future__ import annotations

import os
import stat
from dataclasses import fields
from pathlib import Path

import pytest

from node.paths import Paths


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        paths = Paths(tmp_path / "deep" / "down")
        paths.prepare()
        paths.prepare()
    finally:
        os.umask(before)
    assert [mode(path) for path in (paths.directory, paths.models, paths.logs)] == [0o700] * 3


def test_a_directory_that_others_could_enter_is_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    Paths(tmp_path).prepare()
    assert mode(tmp_path) == 0o700


def test_a_directory_of_other_things_is_not_taken_from_others(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    tmp_path.chmod(0o755)
    with pytest.raises(PermissionError, match="holds other things"):
        Paths(tmp_path).prepare()
    assert mode(tmp_path) == 0o755


def test_a_file_in_its_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="File exists"):
        Paths(tmp_path / "file").prepare()


def test_everything_lies_below_the_directory(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    assert [item.name for item in fields(paths)] == ["directory"]
    names = [name for name, part in vars(Paths).items() if isinstance(part, property)]
    assert {getattr(paths, name).parent for name in names} == {tmp_path}
