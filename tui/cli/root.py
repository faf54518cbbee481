"""``stoker``: what it can do, and to which node."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli import exits
from tui.cli.failures import guarded
from tui.cli.lazy import LazyGroup, plain_option
from tui.cli.terminal.output import narrate

if TYPE_CHECKING:
    from tui.cli.session import Session

COMMANDS = {
    "setup": ("tui.cli.setup.command:setup", "From an empty home to a node that earns, step by step."),
    "try": ("tui.cli.attempt:attempt", "Do one real AI job on this machine, now."),
    "status": ("tui.cli.status:status", "What the node does, why, and what would change it."),
    "hardware": ("tui.cli.hardware:hardware", "What the cards and the machine around them feel."),
    "jobs": ("tui.cli.jobs:jobs", "List jobs, show one, cancel one."),
    "earnings": ("tui.cli.earnings:earnings", "What was claimed, credited and paid."),
    "ledger": ("tui.cli.ledger:ledger", "Read and verify the books."),
    "pause": ("tui.cli.running:pause", "Take no more jobs until resumed."),
    "resume": ("tui.cli.running:resume", "Take jobs again."),
    "run-anyway": ("tui.cli.running:run_anyway", "Run in spite of your own limits, but for heat."),
    "drain": ("tui.cli.running:drain", "Finish the jobs in hand, then end the node."),
    "restart": ("tui.cli.running:restart", "Finish the jobs in hand, then start the node again."),
    "stop": ("tui.cli.running:stop", "End the node now."),
    "tune": ("tui.cli.tune:tune", "Find the power limit that is worth it."),
    "model": ("tui.cli.model:model", "List, fetch, import, use and remove models."),
    "engine": ("tui.cli.engine:engine", "What computes here, and what else could."),
    "networks": ("tui.cli.networks.group:networks", "Work for networks: join them, see how they stand, leave them."),
    "wallet": ("tui.cli.wallet.group:wallet", "Watch an address, see what it holds, receive, lock and unlock."),
    "keys": ("tui.cli.keys.group:keys", "Make, import, export and back up the keys of your wallets."),
    "access": ("tui.cli.access:access", "Keys to your own OpenAI-compatible endpoint."),
    "settings": ("tui.cli.settings:settings", "Read and change the settings."),
    "logs": ("tui.cli.logs:logs", "The node's log."),
    "service": ("tui.cli.service.group:service", "Run the node from the start of the machine on, by systemd."),
    "update": ("tui.cli.update.command:update", "Whether there is a newer Stoker, and what to type to get it."),
    "doctor": ("tui.cli.doctor:doctor", "Check what the node needs, and how to mend it."),
    "man": ("tui.cli.shell:man", "The manual page of all of this."),
    "completion": ("tui.cli.shell:completion", "Complete commands and options in your shell."),
    "dev": ("tui.cli.dev:dev", ""),
}

OF_THIS_MACHINE = frozenset({"keys", "setup", "service", "restart", "update", "dev"})
"""Commands that work on files of the machine that they run on; they go with no --node."""


class Root(LazyGroup):
    """The outermost command: here every error becomes words and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        return guarded(lambda: super(Root, self).invoke(ctx), show_trace=ctx.params["traceback"])


@click.group(
    cls=Root,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExit codes:\n" + exits.table() + "\n\n\b\nExample:\n  stoker try 'Why is the sky blue?'",
)
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where the node keeps everything (or STOKER_HOME).")
@click.option(
    "--node",
    "named",
    multiple=True,
    metavar="PLACE",
    help="Speak to a node elsewhere: a data directory, or ssh://[user@]host[:port][/data/dir]. "
    "Several open the app on all of them; `here` is this machine's own.",
)
@click.option("--headless", is_flag=True, help="Run the node here, in the foreground, without the app.")
@plain_option
@click.option("--traceback", is_flag=True, help="Show where an unexpected error came from.")
@click.version_option(package_name="stoker", prog_name="stoker", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context, data_dir: Path | None, named: tuple[str, ...], headless: bool, traceback: bool) -> None:
    """Let your own GPU earn: one node, many networks.

    Without a command the app opens; it starts the node if none runs, and the node goes on when the app is closed.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")

    from node.control.client import default_directory
    from tui.cli.session import Session

    session = Session(data_dir.expanduser().absolute() if data_dir else default_directory())
    if named:
        session = _named(ctx, session, named, headless=headless)
    ctx.obj = session
    if headless:
        if ctx.invoked_subcommand is not None:
            raise click.UsageError("--headless takes no command", ctx)
        from tui.cli.node_process import run_in_foreground

        run_in_foreground(session.directory)
    if ctx.invoked_subcommand is None:
        from tui.cli.attach import attach

        ctx.exit(attach(session))


def _named(ctx: click.Context, session: Session, named: tuple[str, ...], *, headless: bool) -> Session:
    """The same session with the nodes that were named."""
    from threading import Timer

    from tui.rigs.place import PlaceError, parse_place
    from tui.rigs.reach import reached

    if headless or ctx.params["data_dir"]:
        raise click.UsageError("--node names a node that runs; --data-dir and --headless are about one to run", ctx)
    command = ctx.invoked_subcommand
    if command in OF_THIS_MACHINE:
        said = f"stoker {command} works on the files of the machine that it runs on: run it there, without --node"
        raise click.UsageError(said, ctx)
    if len(named) > 1 and command is not None:
        raise click.UsageError("a command speaks to one node: give one --node", ctx)
    try:
        places = [parse_place(text) for text in named]
    except PlaceError as error:
        raise click.BadParameter(str(error), ctx, param_hint="--node") from None
    several = len(places) > 1
    nodes = []
    for place in places:
        slow = Timer(1.0, narrate, (f"connecting to {place}",))
        slow.start()
        try:
            nodes.append((place.name, ctx.with_resource(reached(place, patient=several))))
        finally:
            slow.cancel()
    (name, client), *others = nodes
    return replace(session, named=client, name=name, others=tuple(others))
