"""Archives are taken apart with suspicion."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.engines.builds import unpack as unpacking
from node.engines.builds.errors import BuildError
from node.engines.builds.unpack import find_server, merge, unpack

RELEASE = {"llama-b1/llama-server": "server", "llama-b1/libggml.so.0": "library", "llama-b1/LICENSE": "MIT"}


def tarball(path: Path, files: Mapping[str, str], links: Mapping[str, str] | None = None, kind: bytes = b"") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), 0o755 if name.endswith("server") else 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind or tarfile.SYMTYPE, target
            archive.addfile(entry)
    return path


def zipped(path: Path, files: Mapping[str, str], links: Mapping[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        for name, target in (links or {}).items():
            link = zipfile.ZipInfo(name)
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, target)
    return path


def taken(archive: Path, into: Path) -> Path:
    for _ in unpack(archive, into / "apart"):
        pass
    merge(into / "apart", into / "whole")
    return into / "whole"


@pytest.mark.parametrize("pack", [tarball, zipped])
def test_a_release_comes_out_without_its_wrapping_with_its_links(tmp_path: Path, pack: Callable[..., Path]) -> None:
    archive = pack(tmp_path / "a", RELEASE, {"llama-b1/libggml.so": "libggml.so.0"})
    whole = taken(archive, tmp_path)
    assert {path.name for path in whole.iterdir()} == {"llama-server", "libggml.so.0", "libggml.so", "LICENSE"}
    assert (whole / "libggml.so").read_text() == "library"
    assert find_server(whole) == whole / "llama-server"
    assert (whole / "llama-server").stat().st_mode & 0o777 == 0o700
    assert (whole / "LICENSE").stat().st_mode & 0o777 == 0o600


def test_a_server_deep_inside_is_found(tmp_path: Path) -> None:
    whole = taken(zipped(tmp_path / "a", {"build/bin/llama-server": "x", "LICENSE": "y"}), tmp_path)
    assert find_server(whole) == whole / "build" / "bin" / "llama-server"


def test_two_archives_of_one_build_come_together(tmp_path: Path) -> None:
    whole = taken(tarball(tmp_path / "a", RELEASE), tmp_path)
    for _ in unpack(tarball(tmp_path / "b", {"cudart-b1/libcudart.so.12": "x"}), tmp_path / "second"):
        pass
    merge(tmp_path / "second", whole)
    assert (whole / "libcudart.so.12").is_file()
    (tmp_path / "third").mkdir()
    (tmp_path / "third" / "LICENSE").touch()
    with pytest.raises(BuildError, match="LICENSE is in two"):
        merge(tmp_path / "third", whole)


@pytest.mark.parametrize("pack", [tarball, zipped])
@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/evil", "a/../..", "C:\\evil"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, pack: Callable[..., Path], name: str) -> None:
    archive = pack(tmp_path / "a", {"llama-b1/fine": "x", name: "evil"})
    with pytest.raises(BuildError, match="leads out of it"):
        taken(archive, tmp_path / "deep")
    assert not any("evil" in path.name for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("pack", [tarball, zipped])
@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../etc/passwd", "..", ""])
def test_a_link_that_leads_out_is_refused(tmp_path: Path, pack: Callable[..., Path], target: str) -> None:
    archive = pack(tmp_path / "a", {"b/llama-server": "x"}, {"b/link": target})
    with pytest.raises(BuildError, match="leads out of it"):
        taken(archive, tmp_path / "deep")


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a", "w:gz") as archive:
        link = tarfile.TarInfo("b/inner")
        link.type, link.linkname = tarfile.SYMTYPE, "elsewhere"
        archive.addfile(link)
        entry = tarfile.TarInfo("b/inner/file")
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(BuildError, match="is there twice"):
        taken(tmp_path / "a", tmp_path / "deep")


@pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_what_is_neither_file_nor_link_is_refused(tmp_path: Path, kind: bytes) -> None:
    with pytest.raises(BuildError, match="neither a file nor a link"):
        taken(tarball(tmp_path / "a", {}, {"b/odd": "b/x"}, kind), tmp_path)


def test_what_has_no_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(unpacking, "MOST_FILES", 3)
    with pytest.raises(BuildError, match="more than"):
        taken(zipped(tmp_path / "a", {"bomb": "0" * (2 << 20)}), tmp_path / "1")
    with pytest.raises(BuildError, match="more than 3 files"):
        taken(tarball(tmp_path / "b", {f"b/{n}": "" for n in range(4)}), tmp_path / "2")


def test_a_damaged_archive_is_one_clear_error(tmp_path: Path) -> None:
    whole = tarball(tmp_path / "a", {"b/llama-server": "x" * 5000}).read_bytes()
    for name, data in (("cut.tar.gz", whole[:-20]), ("text.tar.gz", b"<html>"), ("empty.zip", b"")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BuildError, match=name):
            taken(tmp_path / name, tmp_path / f"from-{name}")


def test_an_archive_without_a_server_is_no_build(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="no llama-server in it"):
        find_server(taken(tarball(tmp_path / "a", {"b/readme": "x"}), tmp_path))


@given(st.lists(st.sampled_from(["..", ".", "a", "b", "/", "c\\", ""]), min_size=1, max_size=6))
def test_no_name_is_written_outside(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    place = tmp_path_factory.mktemp("hostile")
    archive = tarball(place / "a.tar.gz", {"/".join(steps): "x"})
    try:
        for _ in unpack(archive, place / "in"):
            pass
    except (BuildError, OSError):
        pass
    assert {path.name for path in place.iterdir()} <= {"a.tar.gz", "in"}
