"""Which build suits which machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from node.engines.builds.errors import BuildError
from node.engines.builds.index import load_release
from node.engines.builds.suit import Facts, backend_of, choose, facts_of_this_machine, order

TRIXIE = Facts("Linux", "x86_64", "2.41")
GAMER = replace(TRIXIE, driver=580, vendors=frozenset({"NVIDIA", "Intel"}))


@pytest.mark.parametrize(
    ("facts", "backends"),
    [
        (GAMER, ("cuda", "vulkan")),
        (replace(TRIXIE, vendors=frozenset({"AMD"})), ("vulkan",)),
        (replace(TRIXIE, vendors=frozenset({"AMD"}), rocm=True), ("rocm", "vulkan")),
        (replace(TRIXIE, vendors=frozenset({"Intel"})), ("vulkan",)),
    ],
)
def test_the_best_backend_for_the_cards_is_tried_first(facts: Facts, backends: tuple[str, ...]) -> None:
    assert order("auto", facts) == backends


def test_a_wish_is_a_wish_card_or_not() -> None:
    assert order("vulkan", TRIXIE) == ("vulkan",)


@pytest.mark.parametrize(
    ("wanted", "facts", "words"),
    [
        ("auto", TRIXIE, "no graphics card"),
        ("auto", Facts("Darwin", "arm64"), "Metal already"),
        ("directx", GAMER, "one of auto, cuda, vulkan, rocm, metal"),
    ],
)
def test_where_nothing_can_be_tried_the_reason_is_said(wanted: str, facts: Facts, words: str) -> None:
    with pytest.raises(BuildError, match=words):
        order(wanted, facts)


def test_a_machine_gets_the_build_for_its_processor() -> None:
    release = load_release()
    assert "x64" in choose(release, "vulkan", TRIXIE).archive[0].name
    assert "arm64" in choose(release, "vulkan", replace(TRIXIE, machine="aarch64")).archive[0].name
    assert "macos" in choose(release, "metal", Facts("Darwin", "arm64")).archive[0].name


def test_cuda_comes_with_its_runtime() -> None:
    assert [archive.name.partition("-")[0] for archive in choose(load_release(), "cuda", GAMER).archive] == [
        "llama", "cudart",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("backend", "facts", "words"),
    [
        ("cuda", replace(GAMER, glibc="2.36"), r"needs glibc 2\.38 .*this system has glibc 2\.36"),
        ("cuda", replace(GAMER, glibc=""), "another C library"),
        ("cuda", replace(GAMER, driver=470), "driver 525 or newer, and it is 470"),
        ("cuda", replace(GAMER, driver=0), "driver 525 or newer, and it is not here"),
        ("rocm", replace(GAMER, machine="aarch64"), "no rocm build for Linux on aarch64, only for Linux on x86_64"),
        ("metal", GAMER, "only for Darwin on arm64"),
    ],
)
def test_what_stands_against_a_build_is_said_before_the_download(backend: str, facts: Facts, words: str) -> None:
    with pytest.raises(BuildError, match=words):
        choose(load_release(), backend, facts)


def test_a_newer_c_library_is_newer_by_number_not_by_letter() -> None:
    assert choose(load_release(), "cuda", replace(GAMER, glibc="2.100"))


def test_files_are_known_by_their_names() -> None:
    assert backend_of([Path("llama-b1-bin-ubuntu-vulkan-x64.tar.gz")]) == "vulkan"
    assert backend_of([Path("cudart-llama-b1.zip"), Path("llama-b1-bin-ubuntu-cuda-12.8-x64.zip")]) == "cuda"
    assert backend_of([Path("llama-b1-bin-macos-arm64.tar.gz")]) == "metal"
    assert backend_of([Path("build.zip")]) == ""


def test_this_machine_has_a_system_and_a_processor() -> None:
    facts = facts_of_this_machine()
    assert facts.system and facts.machine
