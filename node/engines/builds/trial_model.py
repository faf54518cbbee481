"""A language model of 128 kB that says the alphabet: what it answers is known, so that a wrong answer is seen.

A llama of two layers, quantised to Q8_0, on the 256 bytes and an end: each token's successor is the token with the next
number. The embedding of a token is a row of random signs, and the output row of its successor is the same row, so that
the successor's logit stands far above all others; attention and feed-forward add a little, but have to be computed.
Any broken arithmetic drowns it. The form is https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from pathlib import Path

LAYERS, WIDTH, FEED_FORWARD, HEADS = 2, 64, 128, 2
CONTEXT = 512
PROMPT, ANSWER = "a", "bcdefghijklmnopqrstuvwxyz"

UINT32, FLOAT32, STRING, ARRAY = 4, 6, 8, 9  # types of metadata
F32, Q8_0 = 0, 8  # types of tensors
BLOCK, ALIGNMENT = 32, 32
NORMAL, CONTROL = 1, 3  # types of tokens
LITTLE = 0.05  # size of the weights inside the layers


def write_trial_model(path: Path) -> Path:
    """Write the model; the path again. Blocking, some 30 ms."""
    tensors = _tensors()
    infos, data = b"", b""
    for name, shape, kind, content in tensors:
        infos += _string(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        infos += struct.pack("<IQ", kind, len(data))
        data += content + bytes(-len(content) % ALIGNMENT)
    metadata = _metadata()
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)) + b"".join(metadata) + infos
    path.write_bytes(head + bytes(-len(head) % ALIGNMENT) + data)
    return path


def _metadata() -> list[bytes]:
    tokens = [*_byte_tokens(), "<|end|>"]
    numbers = {
        "general.alignment": ALIGNMENT,
        "llama.block_count": LAYERS,
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.feed_forward_length": FEED_FORWARD,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "tokenizer.ggml.bos_token_id": 256,
        "tokenizer.ggml.eos_token_id": 256,
    }
    texts = {
        "general.architecture": "llama",
        "general.name": "alphabet",
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
    }
    kinds = [NORMAL] * 256 + [CONTROL]
    return [
        *(_string(name) + struct.pack("<I", STRING) + _string(text) for name, text in texts.items()),
        *(_string(name) + struct.pack("<II", UINT32, number) for name, number in numbers.items()),
        _string("llama.attention.layer_norm_rms_epsilon") + struct.pack("<If", FLOAT32, 1e-5),
        _array("tokenizer.ggml.tokens", STRING, map(_string, tokens), len(tokens)),
        _array("tokenizer.ggml.token_type", UINT32 + 1, (struct.pack("<i", kind) for kind in kinds), len(kinds)),
        _array("tokenizer.ggml.merges", STRING, [_string("a b")], 1),
    ]


def _tensors() -> list[tuple[str, tuple[int, ...], int, bytes]]:
    """Name, shape (columns first), type and content of each."""
    rows = 257
    signs = _signs("embedding", rows * WIDTH)
    successors = signs[-WIDTH:] + signs[:-WIDTH]  # the row before its own
    shapes = {"attn_q": (WIDTH, WIDTH), "attn_k": (WIDTH, WIDTH), "attn_v": (WIDTH, WIDTH)}
    shapes |= {"attn_output": (WIDTH, WIDTH), "ffn_gate": (WIDTH, FEED_FORWARD), "ffn_up": (WIDTH, FEED_FORWARD)}
    shapes["ffn_down"] = (FEED_FORWARD, WIDTH)
    tensors: list[tuple[str, tuple[int, ...], int, bytes]] = [
        ("token_embd.weight", (WIDTH, rows), Q8_0, _quantised(signs, 1.0)),
        ("output.weight", (WIDTH, rows), Q8_0, _quantised(successors, 1.0)),
        ("output_norm.weight", (WIDTH,), F32, _ones()),
    ]
    for layer in range(LAYERS):
        for name, shape in shapes.items():
            full = f"blk.{layer}.{name}.weight"
            tensors.append((full, shape, Q8_0, _quantised(_signs(full, shape[0] * shape[1]), LITTLE)))
        tensors += [(f"blk.{layer}.{part}_norm.weight", (WIDTH,), F32, _ones()) for part in ("attn", "ffn")]
    return tensors


def _signs(seed: str, count: int) -> bytes:
    """Random signs, always the same for a seed: bytes of 127 and -127."""
    bits = int.from_bytes(hashlib.shake_256(seed.encode()).digest(count // 8), "little")
    return bytes(0x7F if bits >> place & 1 else 0x81 for place in range(count))


def _quantised(signs: bytes, size: float) -> bytes:
    """Q8_0: for each 32 values a half-precision factor and 32 signed bytes."""
    factor = struct.pack("<e", size / 127)
    return b"".join(factor + signs[start : start + BLOCK] for start in range(0, len(signs), BLOCK))


def _ones() -> bytes:
    return struct.pack(f"<{WIDTH}f", *[1.0] * WIDTH)


def _byte_tokens() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes, in the order of the bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (byte for byte in range(256) if byte not in printable)
    names = {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}
    return [names[byte] for byte in range(256)]


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _array(name: str, kind: int, items: Iterable[bytes], count: int) -> bytes:
    return _string(name) + struct.pack("<IIQ", ARRAY, kind, count) + b"".join(items)
