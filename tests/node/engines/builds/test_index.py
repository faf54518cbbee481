"""The pinned builds."""

from __future__ import annotations

import pytest

from node.engines.builds.errors import BuildError
from node.engines.builds.index import load_release, parse_release

ONE = """
release = "b1"
url = "https://example.org/b1"
[[build]]
backend = "vulkan"
system = "Linux"
machine = "x86_64"
[[build.archive]]
name = "llama-b1-bin-ubuntu-vulkan-x64.tar.gz"
size_bytes = 5
sha256 = "{digest}"
"""


def test_what_is_shipped_has_one_build_of_a_kind_and_one_hash_of_a_file() -> None:
    release = load_release()
    kinds = [(build.backend, build.system, build.machine) for build in release.build]
    files = [archive for build in release.build for archive in build.archive]
    assert len(set(kinds)) == len(kinds)
    assert len({file.name for file in files}) == len({file.sha256 for file in files}) == len(files)
    assert all(release.release in file.name for file in files)
    assert ("vulkan", "Linux", "x86_64") in kinds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("release = ", "engines.toml: Invalid value"),
        (ONE.format(digest="abc"), "build.0.archive.0.sha256"),
        (ONE.format(digest="0" * 64).replace("vulkan-x64", "../x64"), "build.0.archive.0.name"),
        (ONE.format(digest="0" * 64).replace("https://", "file:///"), "url"),
        (ONE.format(digest="0" * 64) + "colour = 'red'", "colour"),
    ],
)
def test_a_mistake_names_its_key(text: str, words: str) -> None:
    with pytest.raises(BuildError, match=words):
        parse_release(text, "engines.toml")
