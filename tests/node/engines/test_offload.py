"""What a llama-server says of its cards. The lines are llama.cpp's own, of b10434 and b11146's form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.engines.launch import Device, Greeting
from node.engines.offload import Offload

LLVMPIPE = (
    "0.00.131.750 I llama_prepare_model_devices: using device Vulkan0 "
    "(llvmpipe (LLVM 15.0.6, 256 bits)) (unknown id) - 2048 MiB free"
)
CUDA = "llama_model_load_from_file_impl: using device CUDA1 (NVIDIA GeForce RTX 4090) (0000:01:00.0) - 23000 MiB free"
OLD = "llama_model_load_from_file: using device CUDA0 (NVIDIA A10G) - 22500 MiB free"
ALL = "0.00.198.551 I load_tensors: offloaded 31/31 layers to GPU"
SOME = "load_tensors: offloaded 20/31 layers to GPU"
NONE = "load_tensors: offloaded 0/31 layers to GPU"


def heard(*lines: str) -> Greeting:
    offload = Offload()
    for line in lines:
        offload.hear(line)
    return offload.greeting


def test_a_card_is_known_by_the_name_that_the_server_gives_it() -> None:
    assert heard(LLVMPIPE, ALL).gpu == Device("Vulkan0", "llvmpipe (LLVM 15.0.6, 256 bits)", "GPU")
    assert heard(CUDA, ALL).gpu == Device("CUDA1", "NVIDIA GeForce RTX 4090", "GPU")
    assert heard(OLD, ALL).gpu == Device("CUDA0", "NVIDIA A10G", "GPU")


def test_all_cards_that_are_used_are_kept() -> None:
    assert [device.name for device in heard(OLD, CUDA, ALL).devices] == ["CUDA0", "CUDA1"]


def test_a_card_that_holds_nothing_does_not_count() -> None:
    assert heard(CUDA, NONE).device == "CPU"
    assert heard(CUDA).device == "CPU"
    assert heard("load_tensors: CPU_Mapped model buffer size = 28 MiB").device == "CPU"


def test_a_part_is_told_as_a_part() -> None:
    assert heard(CUDA, SOME).device == "NVIDIA GeForce RTX 4090 (CUDA1, 20 of 31 layers)"


@given(st.lists(st.text()))
def test_whatever_it_says_is_borne(lines: list[str]) -> None:
    assert heard(*lines).device
