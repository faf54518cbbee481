"""The beginning of a llama-server: fastens its belts, ties it to its parent, and turns into it.

As `node.engines.llamacpp_child`, but for the greeting: llama-server has none. It is asked over its socket whether the
model is loaded, and says on standard error what it computes on.
"""

from __future__ import annotations

import os
from typing import NoReturn

from node.engines.child import begin, leave
from node.engines.exits import PROGRAM_MISSING
from node.engines.launch import SOCKET, ChildSettings

BATCH = 512
TELLING = 4  # llama-server's verbosity from which it names its devices; prompts come later
NAMED_BY_PIPE = "/dev/fd/{}"


def main() -> NoReturn:
    settings, _ = begin()
    command = [settings.program, *arguments(settings), "--api-key-file", NAMED_BY_PIPE.format(_pipe(settings.key))]
    try:
        os.execv(settings.program, command)  # noqa: S606
    except OSError as error:
        leave(PROGRAM_MISSING, f"{settings.program}: {error.strerror}")


def arguments(settings: ChildSettings) -> list[str]:
    """What llama-server is told, but for the key; its defaults are CORS for everybody and 8 GiB of prompt cache."""
    batch = max(BATCH, settings.context) if settings.embeddings else BATCH  # a text has to fit into one batch
    told = {
        "--model": settings.model,
        "--alias": settings.name,
        "--host": SOCKET,
        "--parallel": settings.slots,
        "--ctx-size": settings.slots * settings.context,
        "--batch-size": batch,
        "--ubatch-size": batch,
        "--threads": settings.threads,
        "--threads-batch": settings.threads,
        "--cache-ram": 0,
        "--verbosity": TELLING,
    }
    words = [str(word) for pair in told.items() for word in pair]
    return [
        *words,
        "--no-webui",
        "--offline",
        "--metrics",
        "--slots",
        *(["--embeddings"] if settings.embeddings else []),
    ]


def _pipe(text: str) -> int:
    """A descriptor from which the program can read a text once; it lies in no file and in no argument."""
    reading, writing = os.pipe()
    os.write(writing, text.encode() + b"\n")
    os.close(writing)
    os.set_inheritable(reading, True)
    return reading


if __name__ == "__main__":
    main()
