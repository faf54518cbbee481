import os
import stat
import threading
from pathlib import Path

import pytest

from wallet.files import (
    FileExists,
    FileProblem,
    ReadableByOthers,
    make_private_directory,
    read_private,
    remove,
    write_private,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_private_directory(tmp_path / "a" / "b")
        assert mode(tmp_path / "a") == 0o700
        write_private(tmp_path / "a" / "b" / "key", b"secret")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "a" / "b"), mode(tmp_path / "a" / "b" / "key")) == (0o700, 0o600)
    assert read_private(tmp_path / "a" / "b" / "key", 100) == b"secret"


def test_a_directory_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    make_private_directory(tmp_path / "open")
    assert mode(tmp_path / "open") == 0o700


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    write_private(tmp_path / "key", b"first")
    with pytest.raises(FileExists, match="already"):
        write_private(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"
    write_private(tmp_path / "key", b"third", overwrite=True)
    assert (tmp_path / "key").read_bytes() == b"third"


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    write_private(tmp_path / "key", b"first")
    with pytest.raises(FileExists):
        write_private(tmp_path / "key", b"second")
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_or_change_is_refused(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"secret")
    path.chmod(bits)
    with pytest.raises(ReadableByOthers, match=f"{bits:04o}"):
        read_private(path, 100)


def test_a_pipe_is_read(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    try:
        writer = threading.Thread(target=lambda: (os.write(write_end, b"secret"), os.close(write_end)))
        writer.start()
        assert read_private(Path(f"/dev/fd/{read_end}"), 100) == b"secret"
        writer.join()
    finally:
        os.close(read_end)


def test_missing_large_and_strange_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="cannot be read"):
        read_private(tmp_path / "missing", 100)
    write_private(tmp_path / "large", b"x" * 101)
    with pytest.raises(FileProblem, match="larger than 100"):
        read_private(tmp_path / "large", 100)
    with pytest.raises(FileProblem, match="neither"):
        read_private(Path("/dev/null"), 100)


def test_writing_where_nothing_can_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="cannot be written"):
        write_private(tmp_path / "missing" / "key", b"")


def test_removing_is_done_once_and_harmless_twice(tmp_path: Path) -> None:
    write_private(tmp_path / "key", b"")
    remove(tmp_path / "key")
    remove(tmp_path / "key")
    remove(tmp_path / "missing" / "key")
    assert list(tmp_path.iterdir()) == []
