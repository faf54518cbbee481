"""The command line: thin commands over the node's control API. stdout is data, stderr is narration."""

from __future__ import annotations

import sys


def main() -> None:
    """The ``stoker`` command. Ends the process with a code of :class:`tui.cli.exits.Exit`."""
    try:
        from tui.cli.root import root

        root(prog_name="stoker")
    except KeyboardInterrupt:
        sys.exit(130)
