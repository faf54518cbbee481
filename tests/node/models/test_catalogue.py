"""The catalogue that is shipped is right in form, and one that is wrong says where."""

from __future__ import annotations

import pytest

from node.models.catalogue import HuggingFaceSource, UnknownModelError, WheelSource, load_catalogue, parse_catalogue
from node.models.errors import ModelError
from node.models.licences import read_licence

ENTRY = """
[[model]]
name = "tiny"
title = "Tiny"
licence = "MIT"
licence_url = "https://opensource.org/license/mit"
commercial = true
parameters = "1K"
quantisation = "F16"
context = 2048
size_bytes = 1000
sha256 = "{digest}"
[model.source]
repository = "someone/tiny"
revision = "main"
file = "tiny.gguf"
[model.dimensions]
layers = 2
kv_heads = 2
head_length = 16
embedding_length = 64
vocabulary = 4
""".format(digest="0" * 64)


def test_the_default_model_is_the_one_that_pip_can_fetch() -> None:
    default = load_catalogue().default
    assert default.name == "smollm2-135m-instruct"
    assert isinstance(default.source, WheelSource)


def test_the_default_models_cache_is_known_before_it_is_here() -> None:
    assert load_catalogue().default.shape.cache_width == 30 * 3 * (64 + 64)


def test_every_other_model_is_pinned_to_a_commit() -> None:
    sources = [model.source for model in load_catalogue().models[1:]]
    assert len(sources) >= 5
    assert all(isinstance(source, HuggingFaceSource) and len(source.revision) == 40 for source in sources)


def test_no_two_models_are_the_same_file() -> None:
    digests = [model.sha256 for model in load_catalogue().models]
    assert len(set(digests)) == len(digests)


def test_what_the_catalogue_says_of_a_licence_agrees_with_what_is_known_of_it() -> None:
    for model in load_catalogue().models:
        known = read_licence(model.licence, "")
        assert known.commercial is model.commercial, model.licence
        assert bool(known.conditions) is bool(model.conditions), model.licence


def test_an_entry_is_read() -> None:
    catalogue = parse_catalogue(ENTRY, "x.toml")
    assert catalogue.names == ("tiny",)
    assert catalogue.find("tiny") is catalogue.default
    assert catalogue.find("other") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"tiny"\ntitle', '"../tiny"\ntitle', "model.0.name"),
        ('"0000', '"zz00', "model.0.sha256"),
        ("size_bytes = 1000", "size_bytes = 0", "model.0.size_bytes"),
        ("size_bytes = 1000", 'size_bytes = "big"', "model.0.size_bytes"),
        ('"someone/tiny"', '"someone/../tiny"', "repository"),
        ('"tiny.gguf"', '"/etc/passwd"', "file"),
        ('"tiny.gguf"', '"../tiny.gguf"', "file"),
        ('"main"', '"v1"', "revision"),
        ("context = 2048", "context = 2048\nspeed = 3", "model.0.speed"),
        ("layers = 2", "", "layers"),
        ("commercial = true", "", "model.0.commercial"),
        ("https://opensource", "file://opensource", "model.0.licence_url"),
        ("[[model]]", "[[model", "x.toml"),
    ],
)
def test_a_wrong_entry_names_its_key(old: str, new: str, said: str) -> None:
    with pytest.raises(ModelError) as caught:
        parse_catalogue(ENTRY.replace(old, new, 1), "x.toml")
    assert said in caught.value.what


def test_a_catalogue_has_a_model() -> None:
    with pytest.raises(ModelError, match="no model in it"):
        parse_catalogue("", "x.toml")


@pytest.mark.parametrize("requirement", ["--index-url=http://x", "llm", "llm>=1", "llm==1 --pre", "-r list.txt"])
def test_a_requirement_is_pinned_and_no_option(requirement: str) -> None:
    source = f'wheel = "{requirement}"\nwheel_size_bytes = 1\nwheel_sha256 = "{"0" * 64}"\nmember = "m"\n'
    text = ENTRY.replace('repository = "someone/tiny"\nrevision = "main"\nfile = "tiny.gguf"\n', source)
    with pytest.raises(ModelError, match="wheel"):
        parse_catalogue(text, "x.toml")


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ModelError, match="'tiny' is there twice"):
        parse_catalogue(ENTRY + ENTRY, "x.toml")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    error = UnknownModelError("smollm2-135m", load_catalogue().names)
    assert "Did you mean 'smollm2-135m-instruct'?" in error.remedy
