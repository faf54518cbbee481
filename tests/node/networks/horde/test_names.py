"""Under which name the network knows a model."""

from __future__ import annotations

import json

import pytest

from node.networks.horde.names import Reference, cleaned

BILLION = 1_000_000_000
KNOWN = {
    "mistralai/Mistral-Nemo-Instruct-2407": 12 * BILLION,
    "meta-llama/Llama-3.2-1B-Instruct": BILLION,
    "meta-llama/Llama-3.2-3B-Instruct": 3 * BILLION,
    "mistralai/Mixtral-8x7B-Instruct-v0.1": 47 * BILLION,
    "HuggingFaceTB/SmolLM2-135M-Instruct": 135_000_000,
}
REFERENCE = Reference(
    {
        spelling: parameters
        for name, parameters in KNOWN.items()
        for spelling in (name, f"aphrodite/{name}", f"koboldcpp/{name.rpartition('/')[2]}")
    }
)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Mistral-Nemo-Instruct-2407-Q4_K_M.gguf", "mistralai/Mistral-Nemo-Instruct-2407"),
        ("/models/Mistral-Nemo-Instruct-2407.Q5_K_M.gguf", "mistralai/Mistral-Nemo-Instruct-2407"),
        ("bartowski/Mistral-Nemo-Instruct-2407-GGUF", "mistralai/Mistral-Nemo-Instruct-2407"),
        ("Mistral-Nemo-Instruct-2407-IQ3_XXS-00001-of-00002.gguf", "mistralai/Mistral-Nemo-Instruct-2407"),
        ("Mistral Nemo Instruct 2407", "mistralai/Mistral-Nemo-Instruct-2407"),
        ("mistral-nemo:12b-instruct-2407-q4_K_M", "mistralai/Mistral-Nemo-Instruct-2407"),
        ("llama3.2:1b-instruct-q8_0", "meta-llama/Llama-3.2-1B-Instruct"),
        ("llama3.2:3b-instruct-fp16", "meta-llama/Llama-3.2-3B-Instruct"),
        ("mixtral:8x7b-instruct-v0.1-q4_0", "mistralai/Mixtral-8x7B-Instruct-v0.1"),
        ("smollm2-135m-instruct", "HuggingFaceTB/SmolLM2-135M-Instruct"),
        ("koboldcpp/Mistral-Nemo-Instruct-2407", "koboldcpp/Mistral-Nemo-Instruct-2407"),
    ],
)
def test_files_titles_and_tags_are_recognised(label: str, name: str) -> None:
    resolved = REFERENCE.resolve(label)
    assert (resolved.name, resolved.known) == (name, True)


@pytest.mark.parametrize(
    "label", ["llama3.2:7b-instruct", "Mistral-Nemo-Base-2407-Q4_K_M.gguf", "own-model-Q4_K_M.gguf"]
)
def test_another_size_or_another_model_is_not_taken_for_a_known_one(label: str) -> None:
    resolved = REFERENCE.resolve(label)
    assert not resolved.known
    assert "Q4" not in resolved.name


def test_all_spellings_of_a_model_are_told() -> None:
    assert len(REFERENCE.resolve("smollm2-135m-instruct").others) == 2


def test_a_branded_name_is_worth_as_much_as_its_model() -> None:
    assert REFERENCE.parameters("mistralai/Mistral-Nemo-Instruct-2407::Someone#12") == 12 * BILLION


@pytest.mark.parametrize(
    ("label", "clean"),
    [
        ("a/b/Model-7B.Q4_K_M.gguf", "Model-7B"),
        ("Model-7B-i1-GGUF", "Model-7B"),
        ("Model-7B-UD-Q4_K_XL.gguf", "Model-7B"),
        ("Model-7B-bf16.gguf", "Model-7B"),
        ("Model-7B-MXFP4.gguf", "Model-7B"),
        ("Model-7B", "Model-7B"),
    ],
)
def test_quantisation_is_never_part_of_a_name(label: str, clean: str) -> None:
    assert cleaned(label) == clean


def test_the_networks_own_file_is_read_and_nonsense_refused() -> None:
    data = json.dumps({"a/b-7b": {"name": "a/b-7b", "parameters": 7_000_000_000, "nsfw": False}}).encode()
    assert Reference.from_json(data).parameters("a/b-7b") == 7_000_000_000
    for nonsense in (b"[]", b"<html>", b'{"a": {}}', b'{"a": {"parameters": -1}}'):
        with pytest.raises(ValueError, match="model reference"):
            Reference.from_json(nonsense)
