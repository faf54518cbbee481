"""What is asked before something that cannot be taken back."""

from __future__ import annotations

from node.control.wire import JobState, JobView
from tui import format as said
from tui.view import View, drain_time
from tui.widgets.dialog import Choice, Dialog


def leave(view: View) -> Dialog:
    """How to leave: with the jobs in hand, and about how long they take."""
    return Dialog(
        "Leave Stoker",
        in_hand(view),
        (
            Choice("drain", "d", "Drain and quit", "finish the jobs, stop the node"),
            Choice("leave", "l", "Leave running", "close this; the node goes on"),
            Choice("stop", "s", "Stop now", "drop the jobs, stop the node"),
            Choice("", "c", "Cancel", "stay here"),
        ),
    )


def drain(view: View) -> Dialog:
    """Whether to drain the node."""
    return Dialog(
        "Drain the node",
        f"{in_hand(view)} New work is refused from now on, and the node stops when the last job has ended.",
        (
            Choice("drain", "d", "Drain", "finish what is in hand, then stop"),
            Choice("", "c", "Cancel", "go on working"),
        ),
    )


def anyway(view: View) -> Dialog:
    """For how long the owner's own limits are set aside; the answer is seconds, or ``always``."""
    state = view.snapshot.state if view.snapshot else None
    held = state is not None and state.action != "run" and not state.paused
    now = f"Now: {state.reason}. " if state is not None and held else ""
    return Dialog(
        "Run anyway",
        f"{now}Hours, price, battery, data caps and your own presence are set aside; heat and a full disk still count.",
        (
            Choice("3600", "1", "For an hour", "then by your limits again"),
            Choice("14400", "4", "For four hours", "then by your limits again"),
            Choice("always", "u", "Until taken back", "the same key takes it back"),
            Choice("", "c", "Cancel", "keep to the limits"),
        ),
    )


def cancel(job: JobView) -> Dialog:
    """Whether to cancel a job."""
    done = f" after {job.tokens:,} tokens" if job.tokens else ""
    return Dialog(
        f"Cancel job #{job.number}",
        f"It is {job.state}{done}, from {job.network}{f' for {job.client}' if job.client else ''}. "
        "What was computed is lost, and the network may hold it against you.",
        (
            Choice("cancel", "x", "Cancel the job", "stop it now"),
            Choice("", "k", "Keep it", "let it finish"),
        ),
    )


def in_hand(view: View) -> str:
    """The jobs in hand in one sentence, and about how long they need."""
    jobs = view.in_hand
    if not jobs:
        return "No job is in hand."
    waiting = sum(job.state is JobState.WAITING for job in jobs)
    running = len(jobs) - waiting
    words = f"{running} {'job runs' if running == 1 else 'jobs run'}"
    if waiting:
        words += f" and {waiting} {'waits' if waiting == 1 else 'wait'}"
    left = drain_time(view)
    if left is None:
        return f"{words}; how long they need is not known."
    return f"{words}, about {said.seconds(left)} at most."
