"""What the kernel loads beside a program when it is started: https://docs.kernel.org/userspace-api/ELF.html."""

from __future__ import annotations

import struct
from pathlib import Path

DEEPEST = 4  # as the kernel: a script's interpreter may be a script
INTERPRETER = 3  # PT_INTERP: the program header that names the dynamic loader
LONGEST_NAME = 4096


def with_interpreters(program: Path) -> tuple[Path, ...]:
    """A program and the programs that it needs to run: a script's interpreter, a binary's loader. Blocking.

    What is no program, or cannot be read, comes back alone.
    """
    found = [program]
    while len(found) <= DEEPEST:
        name = _interpreter(found[-1])
        if not name:
            break
        found.append(Path(name))
    return tuple(found)


def _interpreter(program: Path) -> str:
    try:
        with program.open("rb") as file:
            head = file.read(256)
            if head.startswith(b"#!"):
                words = head[2:].partition(b"\n")[0].split()
                return words[0].decode(errors="surrogateescape") if words else ""
            if head[:6] != b"\x7fELF\x02\x01":  # 64 bits, little-endian
                return ""
            (table,) = struct.unpack_from("<Q", head, 32)
            size, count = struct.unpack_from("<HH", head, 54)
            for index in range(count):
                file.seek(table + index * size)
                kind, _, offset, _, _, length = struct.unpack("<IIQQQQ", file.read(40))
                if kind == INTERPRETER:
                    file.seek(offset)
                    return file.read(min(length, LONGEST_NAME)).rstrip(b"\0").decode(errors="surrogateescape")
    except (OSError, ValueError, struct.error):
        return ""
    return ""
