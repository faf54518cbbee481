"""``stoker dev``: for those who try things out or work on Stoker itself; ``stoker --help`` does not list it."""

from __future__ import annotations

import os
import sys

import click

from tui.cli.lazy import example


@click.group()
def dev() -> None:
    """Stand-ins for what costs money."""


@dev.command(epilog=example("stoker dev chain", "stoker dev chain --fund ADDRESS --sol 1 --usdc 5"))
@click.option("--port", type=click.IntRange(0, 65535), default=8899, show_default=True, help="On loopback; 0 for any.")
@click.option(
    "--cluster", type=click.Choice(("devnet", "mainnet")), default="devnet", help="Which Solana it passes for."
)
@click.option("--fund", multiple=True, metavar="ADDRESS", help="Who gets money at the start; may be repeated.")
@click.option("--sol", default="1", show_default=True, help="How much SOL each of them gets.")
@click.option("--usdc", default="5", show_default=True, help="How much USDC each of them gets.")
def chain(port: int, cluster: str, fund: tuple[str, ...], sol: str, usdc: str) -> None:
    """Run a local Solana with real token programs and no money, until Ctrl-C. Its URL goes to stdout."""
    command = [sys.executable, "-P", "-m", "node.rehearsal.solana", "--port", str(port), "--cluster", cluster]
    for address in fund:
        command += ["--fund", address]
    os.execv(command[0], [*command, "--sol", sol, "--usdc", usdc])  # noqa: S606  our own program, no shell


@dev.command(
    epilog=example("stoker dev horde", "stoker dev horde --jobs 100 --model HuggingFaceTB/SmolLM2-135M-Instruct")
)
@click.option("--port", type=click.IntRange(0, 65535), default=7001, show_default=True, help="On loopback; 0 for any.")
@click.option("--jobs", type=click.IntRange(1), default=1000, show_default=True, help="How many it has to give.")
@click.option(
    "--minutes", type=click.FloatRange(0.01), default=60.0, show_default=True, help="When it ends at the latest."
)
@click.option(
    "--queue", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many of them wait at once."
)
@click.option(
    "--max-length", type=click.IntRange(16, 4096), default=80, show_default=True, help="Tokens of the longest."
)
@click.option("--model", multiple=True, metavar="NAME", help="Ask for this model only; may be repeated.")
@click.option("--trusted", is_flag=True, help="Trust the account from the start.")
def horde(
    port: int, jobs: int, minutes: float, queue: int, max_length: int, model: tuple[str, ...], trusted: bool
) -> None:
    """Run an AI Horde with customers, until two minutes after its last job.

    Its URL goes to stdout, in the end its books to stderr.
    """
    command = [sys.executable, "-P", "-m", "node.rehearsal.horde", "--port", str(port), "--jobs", str(jobs)]
    command += ["--minutes", str(minutes), "--queue", str(queue), "--max-length", str(max_length)]
    for name in model:
        command += ["--model", name]
    os.execv(command[0], [*command, *(["--trusted"] if trusted else [])])  # noqa: S606  our own program, no shell


@dev.command(epilog=example("stoker dev aipg", "stoker dev aipg --jobs 100 --model gpt-oss-20b"))
@click.option("--port", type=click.IntRange(0, 65535), default=7002, show_default=True, help="On loopback; 0 for any.")
@click.option("--jobs", type=click.IntRange(1), default=1000, show_default=True, help="How many it has to give.")
@click.option(
    "--minutes", type=click.FloatRange(0.01), default=60.0, show_default=True, help="When it ends at the latest."
)
@click.option(
    "--queue", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many of them wait at once."
)
@click.option(
    "--max-tokens", type=click.IntRange(1, 4096), default=64, show_default=True, help="Tokens of the longest answer."
)
@click.option("--hour", type=click.FloatRange(0.1), default=120.0, show_default=True, help="Seconds between payouts.")
@click.option(
    "--model", multiple=True, metavar="ID", help="Ask for this id only; may be repeated. Default: any served."
)
def aipg(
    port: int, jobs: int, minutes: float, queue: int, max_tokens: int, hour: float, model: tuple[str, ...]
) -> None:
    """Run an AI Power Grid with callers, until two minutes after its last job.

    Its URL goes to stdout, in the end its books to stderr.
    """
    command = [sys.executable, "-P", "-m", "node.rehearsal.aipg", "--port", str(port), "--jobs", str(jobs)]
    command += ["--minutes", str(minutes), "--queue", str(queue), "--max-tokens", str(max_tokens), "--hour", str(hour)]
    for name in model:
        command += ["--model", name]
    os.execv(command[0], command)  # noqa: S606  our own program, no shell
