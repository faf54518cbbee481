"""Why a child died, in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.engines.exits import BOX_OPEN, ENGINE_MISSING, MODEL_UNREADABLE, PROGRAM_MISSING, explain

TRUNCATED = [
    "0.00 E llama_model_load: error loading model: tensor 'x' data is not within the file bounds",
    "0.00 E srv init: exiting due to model loading error",
    "RuntimeError: Failed to init server, please check the input params.",
]
VULKAN = ["llama-server: error while loading shared libraries: libvulkan.so.1: cannot open shared object file: No such"]
GLIBC = ["llama-server: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by libllama.so)"]
GOMP = ["ImportError: libgomp.so.1: cannot open shared object file: No such file or directory"]


@pytest.mark.parametrize(
    ("code", "lines", "detail", "remedy"),
    [
        (-4, [], "AVX2", "engine of your own"),
        (-9, [], "memory ran out", "smaller model"),
        (ENGINE_MISSING, GOMP, "libgomp.so.1", "apt-get install libgomp1"),
        (ENGINE_MISSING, ["ImportError: libfoo.so.2: cannot open shared object file"], "libfoo.so.2", "libfoo.so.2"),
        (ENGINE_MISSING, ["ImportError: No module named 'xllamacpp'"], "No module named", "pip install"),
        (MODEL_UNREADABLE, TRUNCATED, "not within the file bounds", "another one"),
        (MODEL_UNREADABLE, ["E ggml: failed to allocate buffer"], "memory", "smaller model"),
        (-6, ["GGML_ASSERT(n_ctx_train > 0) failed"], "GGML_ASSERT(n_ctx_train > 0) failed", "another one"),
        (-11, [], "SIGSEGV", ""),
        (BOX_OPEN, ["seccomp: Invalid argument"], "box cannot be closed: seccomp: Invalid", "stoker doctor"),
        (1, ["ValueError: no"], "code 1: ValueError: no", ""),
        (PROGRAM_MISSING, ["x: Exec format error"], "cannot be started: x: Exec format error", "stoker engine"),
        (127, VULKAN, "libvulkan.so.1, which this system lacks", "apt-get install libvulkan1"),
        (1, GLIBC, "the C library in version 2.38 or newer", "engine add vulkan"),
        (1, TRUNCATED[:2], "not within the file bounds", "another one"),
        (0, [], "by itself", ""),
    ],
)
def test_each_way_to_die_has_its_reason_and_its_remedy(code: int, lines: list[str], detail: str, remedy: str) -> None:
    death = explain(code, lines, was_ready=False)
    assert detail in death.detail
    assert remedy in death.remedy


def test_a_server_that_cannot_load_a_model_blames_it_and_one_that_dies_later_does_not() -> None:
    assert explain(1, TRUNCATED, was_ready=False).blames_model
    assert not explain(1, TRUNCATED, was_ready=True).blames_model
    assert not explain(1, ["E srv: cannot bind"], was_ready=False).blames_model


def test_an_abort_at_work_does_not_blame_the_model_file() -> None:
    assert explain(-6, [], was_ready=False).blames_model
    assert not explain(-6, [], was_ready=True).blames_model


@given(st.integers(-64, 255), st.lists(st.text(max_size=50), max_size=5), st.booleans())
def test_every_exit_has_one_printable_reason(code: int, lines: list[str], was_ready: bool) -> None:
    death = explain(code, lines, was_ready=was_ready)
    assert death.detail
    assert death.detail.isprintable()
