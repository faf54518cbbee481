"""The engine's own process: llama.cpp's HTTP server around one model, on a Unix socket, until the parent goes away.

Standard input brings the settings as one line and is the life line from then on: when it ends, this process ends at
once. Standard output carries one line, the greeting. The socket lies in the working directory.
"""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from node.engines.child import begin, leave
from node.engines.exits import ENGINE_MISSING, MODEL_UNREADABLE
from node.engines.launch import SOCKET, ChildSettings, Device, Greeting

CPU_BATCH = 128  # a cancelled prompt goes on computing until its batch ends: 0.2 s instead of 20
GPU_BATCH = 512
QUIET = 2  # llama.cpp's verbosity: errors and warnings


def main() -> NoReturn:
    settings, greeting_pipe = begin()
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


if __name__ == "__main__":
    main()
