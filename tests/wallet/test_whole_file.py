"""Files that are written whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from wallet.whole_file import create_file, replace_file


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path, durable: bool) -> None:
    file = tmp_path / "kept"
    file.write_bytes(b"old")
    file.chmod(0o644)
    replace_file(file, b"new", durable=durable)
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [*tmp_path.iterdir()] == [file]


def test_a_new_file_is_never_put_over_another(tmp_path: Path) -> None:
    file = tmp_path / "key"
    create_file(file, b"first")
    with pytest.raises(FileExistsError):
        create_file(file, b"second")
    assert file.read_bytes() == b"first"
    assert [*tmp_path.iterdir()] == [file]


def test_what_cannot_be_put_there_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        replace_file(tmp_path / "taken", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
