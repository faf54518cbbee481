"""Why an engine's child died, in words that help. Pure."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from node.engines.faults import readable

MODEL_UNREADABLE = 65
ENGINE_MISSING = 69
PROGRAM_MISSING = 70
BOX_OPEN = 71

OTHER_ENGINE = "use an engine of your own: `stoker engine use http://127.0.0.1:8080/v1`"
OTHER_BUILD = "`stoker engine add vulkan` takes another build, `stoker engine use embedded` goes back to the processor"
OTHER_MODEL = "fetch the model again, or take another one: `stoker model list`"
LESS_MEMORY = "take a smaller model, fewer slots or a shorter context, or close other programs"
MEMORY_SIGNS = ("out of memory", "failed to allocate", "unable to allocate", "cannot allocate memory")
UNREADABLE_SIGNS = ("error loading model: ", "failed to load model")
PACKAGES = {"libgomp.": "libgomp1", "libvulkan.": "libvulkan1", "libssl.": "libssl3", "libcrypto.": "libssl3"}
MISSING_LIBRARY = re.compile(r"(\S+\.(?:so|dylib|dll)[\w.]*): cannot open shared object file")
MISSING_VERSION = re.compile(r"version `(GLIBC|GLIBCXX)_([\d.]+)' not found")


@dataclass(frozen=True, slots=True)
class Death:
    """How one life of a child ended.

    Attributes:
        detail: what happened. remedy: what a person can do.
        blames_model: trying again with the same file cannot help.
    """

    detail: str
    remedy: str = ""
    blames_model: bool = False

    def __str__(self) -> str:
        return f"{self.detail}. Remedy: {self.remedy}" if self.remedy else self.detail


def explain(returncode: int, lines: Sequence[str], *, was_ready: bool) -> Death:
    """The reason for an exit.

    Args:
        returncode: as of ``subprocess``: a negative number is a signal.
        lines: the last lines on the child's standard error, oldest first.
        was_ready: whether it had loaded its model; a death before that is the model's fault rather than a job's.
    """
    last = _last_error(lines)
    said = f": {last}" if last else ""
    if returncode == -signal.SIGILL:
        return Death("the engine needs a processor with AVX2, and this one has none", OTHER_ENGINE)
    missing = next((line for line in lines if MISSING_LIBRARY.search(line)), "")
    if returncode == ENGINE_MISSING or (missing and not was_ready):
        return _missing(missing or last)
    if version := next(filter(None, map(MISSING_VERSION.search, lines)), None):
        library = {"GLIBC": "the C library", "GLIBCXX": "the C++ library"}[version[1]]
        return Death(
            f"the engine needs {library} in version {version[2]} or newer, and this system is older", OTHER_BUILD
        )
    if returncode == PROGRAM_MISSING:
        return Death(f"the engine's program cannot be started: {last}", OTHER_BUILD)
    if returncode == BOX_OPEN:
        return Death(f"the engine's box cannot be closed: {last}", "stoker doctor")
    if returncode == -signal.SIGKILL:
        return Death("the engine was killed, most likely because the memory ran out", LESS_MEMORY)
    if returncode != 0 and any(sign in line.lower() for line in lines for sign in MEMORY_SIGNS):
        return Death(f"the engine did not get the memory that it needs{said}", LESS_MEMORY)
    unreadable = returncode > 0 and not was_ready and any(sign in line for sign in UNREADABLE_SIGNS for line in lines)
    if returncode == MODEL_UNREADABLE or unreadable:
        return Death(f"the engine cannot load this model{said}", OTHER_MODEL, blames_model=True)
    if returncode == -signal.SIGABRT:
        if was_ready:
            return Death(f"the engine gave up in the middle of its work{said}")
        return Death(
            f"the engine gave up on this model, which is broken or not supported{said}", OTHER_MODEL, blames_model=True
        )
    if returncode < 0:
        return Death(f"the engine was ended by {_signal(-returncode)}{said}")
    if returncode == 0:
        return Death("the engine ended by itself")
    return Death(f"the engine ended with code {returncode}{said}")


def _missing(last: str) -> Death:
    library = MISSING_LIBRARY.search(last)
    if library is None:
        return Death(f"the engine's package cannot be loaded: {last}", "pip install --upgrade xllamacpp")
    name = library[1]
    package = next((package for stem, package in PACKAGES.items() if name.startswith(stem)), "")
    remedy = f"apt-get install {package}" if package else f"install the package that provides {name}"
    return Death(f"the engine needs {readable(name)}, which this system lacks", remedy)


def _last_error(lines: Sequence[str]) -> str:
    """The line that says most: the first cause that llama.cpp names, else its assertion, else the last line."""
    for sign in ("error loading model: ", "GGML_ASSERT", "ImportError: "):
        for line in reversed(lines):
            if sign in line:
                return readable(line[line.index(sign) :].removeprefix("error loading model: "))
    return readable(next((line for line in reversed(lines) if line.strip()), ""))


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
