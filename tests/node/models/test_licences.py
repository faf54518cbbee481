"""Which licences allow work for pay; one that nobody here knows is neither allowed nor forbidden."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from node.models.licences import read_licence


@pytest.mark.parametrize(
    "name",
    [
        "apache-2.0",
        "Apache License 2.0",
        "Apache-2.0",
        "mit",
        "MIT License",
        "bsd-3-clause",
        "cc0-1.0",
        "cc-by-4.0",
        "cc-by-sa-4.0",
        "gpl-3.0",
        "agpl-3.0",
        "unlicense",
    ],
)
def test_free_licences_allow_it_without_conditions(name: str) -> None:
    licence = read_licence(name, "its file")
    assert (licence.commercial, licence.conditions) == (True, "")


@pytest.mark.parametrize(
    "name",
    [
        "llama2",
        "llama3.1",
        "llama-3.2",
        "Llama 3.2 Community License Agreement",
        "META LLAMA 3 COMMUNITY LICENSE AGREEMENT",
        "gemma",
        "Gemma Terms of Use",
        "openrail++",
        "creativeml-openrail-m",
        "bigscience-bloom-rail-1.0",
        "qwen",
    ],
)
def test_some_allow_it_on_conditions_that_are_told(name: str) -> None:
    licence = read_licence(name, "its file")
    assert licence.commercial is True
    assert licence.conditions


@pytest.mark.parametrize(
    "name",
    [
        "cc-by-nc-4.0",
        "cc-by-nc-sa-4.0",
        "CC BY-NC-ND 3.0",
        "qwen-research",
        "apple-amlr",
        "mnpl",
        "mrl",
        "fair-noncommercial-research-license",
        "PolyForm Noncommercial 1.0.0",
        "Mistral AI Non-Production License",
        "llama non-commercial",
    ],
)
def test_licences_for_research_and_private_use_forbid_it(name: str) -> None:
    assert read_licence(name, "its file").commercial is False


@pytest.mark.parametrize("name", ["", "other", "unknown", "proprietary", "mitigated", "apache-like", "llamalike", "☃"])
def test_whatever_else_is_not_known(name: str) -> None:
    assert read_licence(name, "its file").commercial is None


@given(st.text(max_size=60))
@example("nc")
def test_no_text_that_says_nc_is_ever_taken_for_a_free_licence(text: str) -> None:
    assert read_licence(f"{text} nc", "its file").commercial is False
    read_licence(text, "its file")
