"""A GGUF header is read for what it is, and whatever is wrong with it is one clear error."""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
from pathlib import Path

import pytest
from gguf_bytes import LLAMA, TENSORS, changed, gguf_bytes, header_bytes, text, value
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from node.models.gguf import GgufError, GgufHeader, read_header

WHOLE = gguf_bytes()
HEADER_LENGTH = len(header_bytes()[0])


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def read(path: Path, data: bytes) -> GgufHeader:
    path.write_bytes(data)
    return read_header(path)


def test_a_header_tells_what_the_model_is(model_file: Path) -> None:
    assert read(model_file, WHOLE) == GgufHeader(
        architecture="llama",
        name="Tiny",
        licence="mit",
        context_length=2048,
        block_count=2,
        embedding_length=64,
        heads=(4, 4),
        kv_heads=(2, 2),
        key_length=16,
        value_length=16,
        vocabulary=4,
        quantisation="F16",
        chat_template=True,
        pooling="",
        tensor_bytes=64 * 4 * 2 + 64 * 64 * 2 + 64 * 4,
        file_bytes=len(WHOLE),
    )


@pytest.mark.parametrize("version", [2, 3])
def test_versions_two_and_three_are_read(model_file: Path, version: int) -> None:
    assert read(model_file, gguf_bytes(version=version)).name == "Tiny"


def test_heads_may_differ_from_layer_to_layer(model_file: Path) -> None:
    header = read(model_file, gguf_bytes(changed(llama__attention__head_count_kv=[2, 0])))
    assert header.kv_heads == (2, 0)
    assert header.shape.cache_width == 2 * (16 + 16)


def test_heads_without_groups_are_their_own_key_heads(model_file: Path) -> None:
    assert read(model_file, gguf_bytes(changed(llama__attention__head_count_kv=None))).kv_heads == (4, 4)


def test_key_and_value_lengths_may_be_given(model_file: Path) -> None:
    metadata = changed(llama__attention__key_length=128, llama__attention__value_length=64)
    assert read(model_file, gguf_bytes(metadata)).shape.cache_width == 4 * (128 + 64)


def test_an_embedding_model_is_known_by_its_pooling(model_file: Path) -> None:
    header = read(model_file, gguf_bytes(changed(llama__pooling_type=1)))
    assert (header.pooling, header.embeddings) == ("mean", True)


def test_a_chat_model_has_no_pooling(model_file: Path) -> None:
    assert not read(model_file, WHOLE).embeddings


def test_without_a_file_type_the_heaviest_tensor_type_names_the_quantisation(model_file: Path) -> None:
    tensors = [("token_embd.weight", (256, 4), 12), ("norm", (4,), 0)]
    assert read(model_file, gguf_bytes(changed(general__file_type=None), tensors)).quantisation == "Q4_K"


def test_the_vocabulary_is_counted_by_tokens_or_by_rows(model_file: Path) -> None:
    assert read(model_file, gguf_bytes(changed(tokenizer__ggml__tokens=None))).vocabulary == 4


def test_a_name_cannot_steer_the_terminal(model_file: Path) -> None:
    assert read(model_file, gguf_bytes(changed(general__name="\x1b[2JTiny\n"))).name == "[2JTiny"


def test_long_strings_and_lists_are_stepped_over(model_file: Path) -> None:
    metadata = changed(general__description="x" * 3_000_000, tokenizer__ggml__scores=list(range(5000)))
    assert read(model_file, gguf_bytes(metadata)).name == "Tiny"


WRONG = {
    "not a GGUF file": b"PK\x03\x04" + b"\0" * 100,
    "not a GGUF file, empty": b"",
    "GGUF version is 1": gguf_bytes(version=1),
    "big-endian": b"GGUF" + struct.pack(">I", 3) + WHOLE[8:],
    "the file ends at byte 30": WHOLE[:30],
    "the file ends at byte 100": WHOLE[:100],
    "it is cut off: the tensor 'output_norm.weight'": WHOLE[:-1],
    "it has no tensors": gguf_bytes(tensors=()),
    "claims 18,446,744,073,709,551,615 tensors": WHOLE[:8] + b"\xff" * 8 + WHOLE[16:],
    "claims 4,294,967,296 metadata entries": WHOLE[:16] + struct.pack("<Q", 1 << 32) + WHOLE[24:],
    "a metadata key claims 1,000,000 bytes": WHOLE[:24] + struct.pack("<Q", 1_000_000) + WHOLE[32:],
    "a metadata key is not valid UTF-8": WHOLE[:32] + b"\xff" + WHOLE[33:],
    "has the value type 13": gguf_bytes(changed(general__name=struct.pack("<I", 13))),
    "expected true (1) or false (0)": gguf_bytes(changed(general__name=struct.pack("<IB", 7, 2))),
    "is an array of type 9": gguf_bytes(changed(general__name=struct.pack("<IIQ", 9, 9, 1))),
    "claims 8,388,608 strings": gguf_bytes(changed(general__name=struct.pack("<IIQ", 9, 8, 8 << 20))),
    "llama.context_length is 0": gguf_bytes(changed(llama__context_length=0)),
    "llama.context_length is -1": gguf_bytes(changed(llama__context_length=-1)),
    "llama.context_length is missing": gguf_bytes(changed(llama__context_length=None)),
    "llama.context_length is 2048.0": gguf_bytes(changed(llama__context_length=2048.0)),
    "llama.context_length is True": gguf_bytes(changed(llama__context_length=True)),
    "llama.block_count is 0": gguf_bytes(changed(llama__block_count=0)),
    "llama.block_count is 4294967295": gguf_bytes(changed(llama__block_count=0xFFFFFFFF)),
    "llama.embedding_length is 'wide'": gguf_bytes(changed(llama__embedding_length="wide")),
    "head_count_kv has 3 values": gguf_bytes(changed(llama__attention__head_count_kv=[1, 2, 3])),
    "head_count has 2 values, expected 2 numbers": gguf_bytes(changed(llama__attention__head_count=[1, -2])),
    "pooling_type is 9": gguf_bytes(changed(llama__pooling_type=9)),
    "general.alignment is 0": gguf_bytes(changed(general__alignment=0)),
    "general.alignment is 24": gguf_bytes(changed(general__alignment=24)),
    "holds no language model (type 'model', architecture '')": gguf_bytes(changed(general__architecture=None)),
    "holds no language model (type 'adapter'": gguf_bytes(changed(general__type="adapter")),
    "holds no language model (type 'model', architecture 'clip')": gguf_bytes(changed(general__architecture="clip")),
    "it is one of 5 parts": gguf_bytes(changed(split__count=5)),
    "has type 77": gguf_bytes(tensors=[("x", (32,), 77)]),
    "has the impossible shape [33]": gguf_bytes(tensors=[("x", (33,), 2)]),
    "has the impossible shape [0]": gguf_bytes(tensors=[("x", (0,), 0)]),
    "has the impossible shape []": gguf_bytes(tensors=[("x", (), 0)]),
    "claims 5 dimensions": header_bytes(tensors=[("x", (1,) * 5, 0)])[0],
    "bytes, expected at most": header_bytes(tensors=[("x", (1 << 62, 1 << 62), 0)])[0],
    "begins at 1, expected a multiple of 32": header_bytes(LLAMA, TENSORS[:1])[0].replace(
        struct.pack("<IQ", 1, 0), struct.pack("<IQ", 1, 1)
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said(model_file: Path, what: str) -> None:
    with pytest.raises(GgufError) as caught:
        read(model_file, WRONG[what])
    assert what.removesuffix(", empty") in caught.value.what
    assert str(model_file) in caught.value.what
    assert caught.value.remedy


def test_a_key_that_is_there_twice_is_refused(model_file: Path) -> None:
    data = b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + 2 * (text("general.name") + value("Tiny"))
    with pytest.raises(GgufError, match="there twice"):
        read(model_file, data)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(GgufError, match="No such file"):
        read_header(tmp_path / "none.gguf")


def test_a_pipe_is_refused_before_it_can_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(GgufError, match="no regular file"):
        read_header(tmp_path / "pipe.gguf")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GgufError, match="no regular file"):
        read_header(tmp_path)


def many_strings(path: Path, count: int) -> None:
    strings = struct.pack("<IIQ", 9, 8, count) + struct.pack("<Q", 0) * count
    path.write_bytes(gguf_bytes(changed(tokenizer__ggml__merges=strings)))


def test_the_most_strings_that_are_allowed_cost_seconds_at_most(model_file: Path) -> None:
    many_strings(model_file, (4 << 20) - 4)
    began = time.process_time()
    read_header(model_file)
    assert time.process_time() - began < 10


def test_a_big_header_is_read_through_a_small_window(model_file: Path) -> None:
    many_strings(model_file, 1 << 18)
    tracemalloc.start()
    try:
        read_header(model_file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20 < model_file.stat().st_size


@settings(max_examples=600, deadline=20_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, HEADER_LENGTH - 1),
            st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 8, b"\0" * 8, b"\0\0\0\x80"])),
        ),
        max_size=4,
    ),
    keep=st.integers(0, len(WHOLE)) | st.none(),
)
@example(edits=[], keep=None)
def test_any_damage_is_read_or_refused_and_never_anything_else(
    model_file: Path, edits: list[tuple[int, bytes]], keep: int | None
) -> None:
    data = bytearray(WHOLE)
    for at, piece in edits:
        data[at : at + len(piece)] = piece
    try:
        header = read(model_file, bytes(data[:keep]))
    except GgufError:
        return
    assert header.context_length > 0
    assert header.tensor_bytes <= header.file_bytes


@settings(max_examples=100, deadline=20_000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=2000))
def test_any_bytes_after_the_magic_are_read_or_refused(model_file: Path, data: bytes) -> None:
    with pytest.raises(GgufError):
        read(model_file, b"GGUF\x03\0\0\0" + data)
