"""``stoker setup``: from an empty home to a node that earns, step by step."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import click

from node.control.client import ControlClient, NodeAbsent
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.keys.memory import handles_keys
from tui.cli.lazy import example, plain_option
from tui.cli.networks.kinds import kind_of
from tui.cli.node_process import ensure, signals_as_exits, wait_for_end
from tui.cli.sentences import headline
from tui.cli.service.starting import start as start_node
from tui.cli.session import Session, pass_session
from tui.cli.setup.answers import Answers, read
from tui.cli.setup.holding import hold
from tui.cli.setup.script import Script
from tui.cli.setup.speaker import Speaker, paragraph
from tui.cli.setup.terminal import KEYS, Left, Terminal
from tui.cli.terminal.output import narrate, plain, printable
from tui.setup.guide import STEPS, guide, summary
from tui.setup.words import Say, Sign

NAMES = tuple(step.id for step in STEPS)
AFTERWARDS = """\
What to type next:
  stoker             the app
  stoker status      what the node does, and why
  stoker setup       this guide again; `stoker setup STEP` changes one step"""


@click.command(
    epilog=example(
        "stoker setup",
        "stoker setup --plain",
        "stoker setup networks",
        "stoker setup --non-interactive --from answers.toml",
        "stoker setup --non-interactive --answer engine.use=embedded --answer model.name=qwen3-0.6b",
    )
)
@click.argument("step", required=False, type=click.Choice(NAMES))
@plain_option
@click.option("--non-interactive", is_flag=True, help="Ask nothing: do what --from and --answer say, and only that.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file of answers; docs/setup.md lists its keys.",
)
@click.option("--answer", "words", multiple=True, metavar="KEY=VALUE", help="An answer, before those of the file.")
@pass_session
@handles_keys
def setup(session: Session, step: str | None, non_interactive: bool, file: Path | None, words: tuple[str, ...]) -> None:
    """From an empty home to a node that earns: machine, engine, model, payouts, networks, limits, service.

    What is done already is passed by; STEP begins with one step, done or not. Nothing is joined, installed or opened
    without a yes. It can be left at any question and goes on there the next time. On a terminal the app opens with it;
    with --plain it asks line by line.
    """
    if non_interactive:
        if step is not None or not (file or words):
            raise click.UsageError("--non-interactive takes its steps from --from FILE and --answer KEY=VALUE")
        _do(session, read(file, words))
        return
    if file or words:
        raise click.UsageError("--from and --answer go with --non-interactive")
    if not sys.stdin.isatty():
        raise Failure("there is nobody to ask here", "`stoker setup --non-interactive --from FILE`", Exit.USAGE)
    if plain() or os.environ.get("TERM", "dumb") == "dumb" or not (sys.stdout.isatty() and sys.stderr.isatty()):
        _ask(session, step or "")
        return
    from tui.cli.attach import show

    raise click.exceptions.Exit(show(session, step or ""))


def _ask(session: Session, start: str) -> None:
    """Ask line by line; a node that was started for it ends with it if the person leaves early."""
    with signals_as_exits():
        started = start_node(session) is not None
        client = session.node
        face = Terminal(session.directory)
        try:
            for line in paragraph(f"This sets Stoker up in {len(STEPS)} steps. {KEYS}"):
                narrate(line)
            _overview(client)
            hold(guide(client, start=start), face)
        except Left:
            _end(client, started)
            narrate("`stoker setup` goes on where you left.")
            return
        except (KeyboardInterrupt, click.Abort):
            face.close()
            with suppress(OSError):  # the terminal may have gone
                narrate("")
            _end(client, started)
            narrate("`stoker setup` goes on where you left.")
            raise
        except SystemExit:  # the terminal has gone
            _end(client, started)
            raise
        finally:
            face.close()
        _conclude(client)


def _do(session: Session, answers: Answers) -> None:
    """Do what the answers say; a node that was started for it goes on only if they say how."""
    for kind in answers.networks:
        kind_of(session, kind)
    with signals_as_exits():
        started = ensure(session.directory) is not None
        client = session.node
        face = Script(answers, session.directory)
        try:
            hold(guide(client, wanted=face.wants), face)
            for key in face.unused():
                narrate(f"note: {key} was not asked for on this machine; nothing was done with it.")
        finally:
            face.close()
            if "service" not in answers.groups:
                _end(client, started)
    if "service" in answers.groups:
        _conclude(client)


def _overview(client: ControlClient) -> None:
    for number, found in enumerate(summary(client), 1):
        narrate(f"  {number}  {printable(found.title)}: {printable(found.sentence)}")


def _conclude(client: ControlClient) -> None:
    """How it all stands, and what to type next."""
    narrate("")
    with suppress(NodeAbsent):
        speaker = Speaker()
        for found in summary(client):
            sign = Sign.GOOD if found.done else Sign.OPEN
            speaker.say(Say(f"{found.title}: {found.sentence}", sign))
        narrate(printable(headline(client.state())))
    narrate(AFTERWARDS)


def _end(client: ControlClient, started: bool) -> None:
    """End a node that was started for this and works for nobody yet."""
    if not started:
        return
    with suppress(NodeAbsent):
        pid = client.state().node.pid
        client.command("drain")
        wait_for_end(client, pid)
