"""The engine's own process: llama.cpp's HTTP server around one model, on a Unix socket, until the parent goes away.

Standard input brings the settings as one line and is the life line from then on: when it ends, this process ends at
once. Standard output carries one line, the greeting. The socket lies in the working directory.
"""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
from typing import Any, NoReturn

from node.engines.exits import BOX_OPEN, ENGINE_MISSING, MODEL_UNREADABLE
from node.engines.launch import SOCKET, ChildSettings, Device, Greeting

CPU_BATCH = 128  # a cancelled prompt goes on computing until its batch ends: 0.2 s instead of 20
GPU_BATCH = 512
QUIET = 2  # llama.cpp's verbosity: errors and warnings
NICENESS = 10


def main() -> NoReturn:
    settings = ChildSettings.from_line(sys.stdin.buffer.readline())
    try:
        if settings.belts is not None:
            settings.belts.fasten()
    except OSError as error:
        leave(BOX_OPEN, str(error))
    end_with_the_parent()
    greeting_pipe = keep_stdout_clean()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the node, which then ends us
    os.nice(NICENESS)
    try:
        import xllamacpp
    except ImportError as error:
        leave(ENGINE_MISSING, f"ImportError: {error}")
    devices = tuple(
        Device(found["name"], found["description"], found["type"].name.removeprefix("GGML_BACKEND_DEVICE_TYPE_"))
        for found in xllamacpp.get_device_info()
    )
    greeting = Greeting(devices)
    try:
        _server = xllamacpp.Server(parameters(xllamacpp.CommonParams(), settings, on_gpu=greeting.gpu is not None))
    except RuntimeError as error:
        leave(MODEL_UNREADABLE, f"RuntimeError: {error}")
    os.write(greeting_pipe, greeting.line())
    os.close(greeting_pipe)
    sys.stdin.buffer.read()
    os._exit(0)


def parameters(params: Any, settings: ChildSettings, *, on_gpu: bool) -> Any:
    """llama.cpp's parameters; its defaults are no key, CORS for everybody and 8 GiB of prompt cache."""
    params.model.path = settings.model
    params.model_alias = [settings.name]
    params.hostnames = [SOCKET]
    params.api_keys = [settings.key]
    params.cors_origins = ""
    params.cors_credentials = False
    params.ui = False
    params.endpoint_metrics = True
    params.endpoint_slots = True
    params.endpoint_props = False
    params.n_parallel = settings.slots
    params.n_ctx = settings.slots * settings.context
    params.cpuparams.n_threads = settings.threads
    params.cpuparams_batch.n_threads = settings.threads
    params.cache_ram_mib = 0
    params.verbosity = QUIET
    params.embedding = settings.embeddings
    batch = GPU_BATCH if on_gpu else CPU_BATCH
    if settings.embeddings:  # a text has to fit into one batch
        batch = max(batch, settings.context)
    params.n_batch = params.n_ubatch = batch
    return params


def end_with_the_parent() -> None:
    """Have the kernel end this process when standard input ends, even while loading a model holds the interpreter."""
    if not hasattr(signal, "SIGIO") or not hasattr(fcntl, "F_SETOWN"):
        return
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    poll = select.poll()
    poll.register(0, select.POLLIN)
    if poll.poll(0):  # it ended before we asked
        os._exit(0)


def keep_stdout_clean() -> int:
    """A descriptor for the greeting; what libraries print goes to standard error."""
    pipe = os.dup(1)
    os.set_inheritable(pipe, False)
    os.dup2(2, 1)
    return pipe


def leave(code: int, words: str) -> NoReturn:
    print(words, file=sys.stderr, flush=True)  # noqa: T201
    os._exit(code)


if __name__ == "__main__":
    main()
