"""``stoker pause | resume | drain | restart | stop``: whether the node works."""

from __future__ import annotations

import re
import sys

import click

from node.control.client import NodeAbsent
from tui.cli.lazy import example
from tui.cli.node_process import ensure, wait_for_end
from tui.cli.sentences import many
from tui.cli.service import systemd
from tui.cli.service.starting import service_of, start_service
from tui.cli.service.systemd import Scope
from tui.cli.service.unit import NAME
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, write_json
from tui.cli.terminal.progress import Waiting

as_json = click.option("--json", "as_json", is_flag=True, help="Print what the node answered.")


@click.command(epilog=example("stoker pause 'rendering until noon'"))
@click.argument("reason", default="")
@as_json
@pass_session
def pause(session: Session, reason: str, as_json: bool) -> None:
    """Take no more jobs until resumed; those in hand are finished. REASON is shown wherever the state is."""
    answer = session.node.command("pause", reason=reason)
    _tell(answer, as_json, "Paused: the node takes no more jobs. `stoker resume` lets it go on.")


@click.command(epilog=example("stoker resume"))
@as_json
@pass_session
def resume(session: Session, as_json: bool) -> None:
    """Take jobs again."""
    _tell(session.node.command("resume"), as_json, "Resumed: the node takes jobs again.")


@click.command("run-anyway", epilog=example("stoker run-anyway", "stoker run-anyway --for 2h"))
@click.option("--for", "duration", metavar="TIME", help="For so long, such as 90m, 2h or 1d.")
@as_json
@pass_session
def run_anyway(session: Session, duration: str | None, as_json: bool) -> None:
    """Set your own limits aside: hours, price, battery, data caps, your presence. Heat and a full disk still count."""
    seconds = None if duration is None else _seconds(duration)
    answer = session.node.command("run_anyway", seconds=seconds)
    end = "until `stoker resume`" if duration is None else f"for {duration}; `stoker resume` takes it back before"
    _tell(answer, as_json, f"Running anyway, {end}. Heat and a full disk still count.")


@click.command(epilog=example("stoker drain", "stoker drain --no-wait"))
@click.option("--no-wait", is_flag=True, help="Give the order and return at once.")
@as_json
@pass_session
def drain(session: Session, no_wait: bool, as_json: bool) -> None:
    """Take no more jobs, finish those in hand, then end the node."""
    node = session.node
    pid = node.state().node.pid
    answer = node.command("drain")
    if no_wait:
        _tell(answer, as_json, "Draining: the node ends when its jobs are done.")
        return
    wait_for_end(node, pid)
    _tell(answer, as_json, "The node has finished its jobs and ended.")


@click.command(epilog=example("stoker stop --yes"))
@click.option("--yes", is_flag=True, help="Do not ask, even if jobs run.")
@as_json
@pass_session
def stop(session: Session, yes: bool, as_json: bool) -> None:
    """End the node now; jobs in hand are given back or reported as failed."""
    node = session.node
    state = node.state()
    jobs = len(state.jobs)
    if jobs and not yes and sys.stdin.isatty():
        click.confirm(f"{many(jobs, 'job')} in hand; `stoker drain` would finish them. Stop now?", abort=True, err=True)
    answer = node.command("stop")
    wait_for_end(node, state.node.pid)
    _tell(answer, as_json, "The node has ended.")


@click.command(epilog=example("stoker settings set engine.slots 2", "stoker restart"))
@pass_session
def restart(session: Session) -> None:
    """Finish the jobs in hand, end the node and start it again, so that changed settings take effect.

    A node that is a service is started by systemd, any other in the background; so is one that does not run.
    """
    node = session.node
    try:
        pid = node.state().node.pid
    except NodeAbsent:
        _start(session)
        narrate("No node ran; it runs now.")
        return
    if systemd.state(Scope.USER).pid == pid:
        with Waiting("systemd starts the node again"):
            systemd.tell("restart", NAME)
    else:
        node.command("drain")
        wait_for_end(node, pid)
        ensure(session.directory)
    narrate("The node runs again.")


def _start(session: Session) -> None:
    if service_of(session) is None:
        ensure(session.directory)
    else:
        start_service()


def _seconds(text: str) -> int:
    found = re.fullmatch(r"(\d{1,6})\s*([smhd])", text.strip().lower())
    if found is None or not int(found[1]):
        raise click.BadParameter(f"got {text!r}; expected a time such as 90m, 2h or 1d", param_hint="--for")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]


def _tell(answer: dict[str, object], as_json: bool, sentence: str) -> None:
    if as_json:
        write_json(answer)
    else:
        narrate(sentence)
