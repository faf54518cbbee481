"""Starting the node again, so that what was chosen takes effect."""

from __future__ import annotations

from tui.cli.failures import Failure
from tui.setup.words import Run, Talk, ran


def restarted() -> Talk[None]:
    """Have the node finish its jobs and start again.

    Raises:
        Failure: it did not start.
    """
    done = yield from ran(Run(("restart",), "starting the node again"))
    if done.code:
        raise Failure(" ".join(done.said[-3:]) or "the node did not start again", "`stoker doctor` says more")
