"""A whole language model of 434 kB with random weights: an engine's tests need tokens, not prose.

The vocabulary is the 256 bytes and three control tokens, so that one ASCII character is one token.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy
from gguf import GGUFWriter

LAYERS, WIDTH, FEED_FORWARD, HEADS, KV_HEADS = 2, 64, 128, 4, 2
CONTEXT = 2048
EPSILON = 1e-5
CONTROL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TEMPLATE = "{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"


def tiny_model(
    directory: Path, *, context: int = CONTEXT, pooling: int | None = None, epsilon: float = EPSILON
) -> Path:
    """Write the model once into a directory.

    Args:
        context: the length in its header, which a test may lie about.
        pooling: a GGUF pooling type (1 is mean) makes it a model for embeddings.
        epsilon: of the norms; llama.cpp aborts on a negative one.
    """
    path = directory / f"tiny-{context}-{pooling}-{epsilon:g}.gguf"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        _write(unfinished, context, pooling, epsilon)
        unfinished.replace(path)
    return path


def broken_models(directory: Path) -> dict[str, Path]:
    """Files that are no usable model: ``truncated``, ``not_gguf``, ``no_context``, ``empty``, and ``aborting``.

    The header of the last one looks right, and llama.cpp's whole process aborts on it.
    """
    whole = tiny_model(directory)
    truncated = directory / "truncated.gguf"
    truncated.write_bytes(whole.read_bytes()[:200_000])
    not_gguf = directory / "not_gguf.gguf"
    not_gguf.write_text("This is not the file you are looking for.\n" * 1000)
    empty = directory / "empty.gguf"
    empty.touch()
    no_context = directory / "no_context.gguf"
    shutil.copyfile(tiny_model(directory, context=0), no_context)
    aborting = directory / "aborting.gguf"
    shutil.copyfile(tiny_model(directory, epsilon=-1.0), aborting)
    return {
        "truncated": truncated,
        "not_gguf": not_gguf,
        "no_context": no_context,
        "empty": empty,
        "aborting": aborting,
    }


def _byte_tokens() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes, in the order of the bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (byte for byte in range(256) if byte not in printable)
    names = {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}
    return [names[byte] for byte in range(256)]


def _write(path: Path, context: int, pooling: int | None, epsilon: float) -> None:
    tokens = _byte_tokens() + CONTROL_TOKENS
    writer = GGUFWriter(str(path), "llama")
    writer.add_name("tiny-random")
    writer.add_block_count(LAYERS)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(epsilon)
    writer.add_vocab_size(len(tokens))
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_file_type(0)
    if pooling is not None:
        writer.add_uint32("llama.pooling_type", pooling)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * 256 + [3] * len(CONTROL_TOKENS))
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(258)
    writer.add_chat_template(TEMPLATE)
    _add_tensors(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tensors(writer: GGUFWriter, vocabulary: int) -> None:
    random = numpy.random.default_rng(0)
    kv_width = KV_HEADS * WIDTH // HEADS
    shapes = {"token_embd": (vocabulary, WIDTH), "output": (vocabulary, WIDTH)}
    for layer in range(LAYERS):
        shapes |= {
            f"blk.{layer}.attn_q": (WIDTH, WIDTH),
            f"blk.{layer}.attn_k": (kv_width, WIDTH),
            f"blk.{layer}.attn_v": (kv_width, WIDTH),
            f"blk.{layer}.attn_output": (WIDTH, WIDTH),
            f"blk.{layer}.ffn_gate": (FEED_FORWARD, WIDTH),
            f"blk.{layer}.ffn_up": (FEED_FORWARD, WIDTH),
            f"blk.{layer}.ffn_down": (WIDTH, FEED_FORWARD),
        }
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", (random.standard_normal(shape) * 0.05).astype(numpy.float32))
    norms = ["output_norm"] + [f"blk.{layer}.{part}_norm" for layer in range(LAYERS) for part in ("attn", "ffn")]
    for name in norms:
        writer.add_tensor(f"{name}.weight", numpy.ones(WIDTH, numpy.float32))
