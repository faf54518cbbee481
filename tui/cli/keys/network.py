"""``stoker networks add``, ``test`` and ``set``: a network's API key goes to the node and nowhere else."""

from __future__ import annotations

import dataclasses
import sys

import click

from node.control.client import ControlClient, NodeAbsent
from node.control.wire import Examination, NetworkKind
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.keys.api_key import api_key_options, ask_api_key
from tui.cli.keys.entry import can_ask
from tui.cli.keys.memory import handles_keys
from tui.cli.lazy import example
from tui.cli.networks.consent import agree, agree_to_experiment
from tui.cli.networks.findings import good, told
from tui.cli.networks.kinds import kind_of
from tui.cli.networks.wishes import Wishes, wish_options
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, write, write_json
from tui.cli.terminal.progress import Waiting
from wallet.secret import Secret


@click.command(
    epilog=example(
        "stoker networks add horde --name my-worker --api-key-file horde.key",
        "stoker networks add horde --as second --name my-other-worker",
        "pass show aipg | stoker networks add aipg --name my-rig --api-key-file - --accept",
        "stoker networks add aipg --name my-rig --model qwen3-8b=qwen3-8b --weight 2",
    )
)
@click.argument("kind")
@wish_options
@api_key_options
@click.option("--as", "as_name", metavar="NAME", help="What it is called here; its kind if left out.")
@click.option("--accept", is_flag=True, help="You have read its page (`stoker networks page KIND`) and accept it.")
@click.option("--anyway", is_flag=True, help="Join even if the test finds something wrong.")
@click.option("--replace", is_flag=True, help="Take the place of the one that has this name here.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found and joined as JSON.")
@pass_session
@handles_keys
def add(
    session: Session,
    kind: str,
    wishes: Wishes,
    api_key: Secret | None,
    as_name: str | None,
    accept: bool,
    anyway: bool,
    replace: bool,
    as_json: bool,
) -> None:
    """Join a network: read its page, test what you gave, then work for it.

    KIND is one of `stoker networks kinds`. The key is asked for without echo, or comes by file, standard input or file
    descriptor; it is sealed by the node and shown to nobody. A running node begins at once.
    """
    found = kind_of(session, kind)
    name = as_name or kind
    if not replace and name in _joined(session):
        raise Failure(
            f"{name} is joined already",
            f"`stoker networks set {name}` changes it, `--replace` takes its place, `--as NAME` joins another account",
            Exit.REFUSED,
        )
    accepted = agree(found, accept=accept)
    wishes = dataclasses.replace(wishes, options=agree_to_experiment(found, wishes.options))
    request = _request(found, wishes, api_key) | {"accepted_page": accepted, "name": name, "replace": replace}
    examination = _examined(session, request, found.title)
    if not as_json:
        for line in told(examination, sys.stderr):
            narrate(line)
    if not good(examination) and not anyway:
        raise Failure(f"{found.title} was not joined", "mend what the test found, or join with `--anyway`")
    with Waiting(f"joining {found.title}"):
        joined = session.read(lambda node: _patient(node).order("add_network", request))
    if as_json:
        write_json({**joined, **dataclasses.asdict(examination)})
    if _runs(session):
        narrate(f"{name} is joined. See how it goes with `stoker networks status {name}`.")
    else:
        narrate(f"{name} is joined. No node runs yet: `stoker --headless` starts it.")


@click.command(
    epilog=example("stoker networks test", "stoker networks test horde --name my-worker --api-key-file horde.key")
)
@click.argument("which", metavar="[NAME|KIND]", required=False)
@wish_options
@api_key_options
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
@handles_keys
def test(
    session: Session,
    which: str | None,
    wishes: Wishes,
    api_key: Secret | None,
    as_json: bool,
) -> None:
    """Ask a network about account, name and the models' worth, without taking a job.

    One that was joined is tested as it is, all of them if none is named; another KIND with what you give, as `add`
    would. The exit code is 1 if something is wrong.
    """
    joined = _joined(session)
    if which is None or which in joined:
        if wishes.arguments() or api_key is not None:
            raise click.UsageError("what was joined is tested as it is; `stoker networks set` changes it")
        names = joined if which is None else [which]
        if not names:
            raise Failure("no network is joined yet", "`stoker networks test KIND ...` tests one before", Exit.REFUSED)
        examinations = {name: _examined(session, {"name": name}, name) for name in names}
    else:
        kind = kind_of(session, which)
        examinations = {which: _examined(session, _request(kind, wishes, api_key), kind.title)}
    if as_json:
        write_json({name: dataclasses.asdict(found) for name, found in examinations.items()})
    else:
        for name, found in examinations.items():
            write(f"{printable(name)}:")
            for line in told(found, sys.stdout):
                write(line)
    if not all(good(found) for found in examinations.values()):
        raise click.exceptions.Exit(Exit.FAILED)


@click.command(
    "set",
    epilog=example("stoker networks set horde --weight 3", "stoker networks set horde --api-key-file new.key"),
)
@click.argument("name")
@wish_options
@api_key_options
@click.option("--ask-api-key", "ask_key", is_flag=True, help="Ask for a new API key.")
@pass_session
@handles_keys
def change(
    session: Session,
    name: str,
    wishes: Wishes,
    api_key: Secret | None,
    ask_key: bool,
) -> None:
    """Change what was given when a network was joined; what is not named stays as it is.

    Given models take the place of all that were given before; options are set one by one.
    """
    changes = wishes.arguments()
    if ask_key:
        api_key = ask_api_key(name)
    if api_key is not None:
        changes["key"] = _text(api_key)
    if not changes:
        raise click.UsageError("nothing to change was given; see --help")
    with Waiting(f"changing {name}"):
        session.read(lambda node: _patient(node).order("change_network", {"name": name, **changes}))
    narrate(f"{name} is changed.")


PATIENCE_SECONDS = 60.0
"""A network may be slow, and jobs in hand are finished first."""


def _request(kind: NetworkKind, wishes: Wishes, api_key: Secret | None) -> dict[str, object]:
    """What ``add_network`` takes; whatever is still missing is asked for, where somebody can answer."""
    request = {"kind": kind.kind, **wishes.arguments()}
    if not kind.needs_key:
        if api_key is not None:
            raise Failure(
                f"{kind.title} has no API keys: the node makes a key of its own", "leave it out", Exit.REFUSED
            )
        return {"worker_name": kind.kind, **request}
    if wishes.worker_name is None and can_ask():
        request["worker_name"] = click.prompt(f"Your worker's name at {kind.title} (others see it)", err=True)
    request["key"] = _text(api_key if api_key is not None else ask_api_key(kind.title, kind.account))
    return request


def _text(api_key: Secret) -> str:
    """The key as a request carries it; wiped where it was."""
    try:
        return api_key.reveal()
    except ValueError:
        raise Failure(
            "the API key is not a text", "give the one that the network's own pages show", Exit.REFUSED
        ) from None
    finally:
        api_key.wipe()


def _joined(session: Session) -> list[str]:
    return [each.name for each in session.read(ControlClient.networks)]


def _examined(session: Session, question: dict[str, object], title: str) -> Examination:
    with Waiting(f"asking {title}"):
        return session.read(lambda node: node.examine_network(question))


def _patient(node: ControlClient) -> ControlClient:
    node.timeout = PATIENCE_SECONDS
    return node


def _runs(session: Session) -> bool:
    try:
        session.node.get("/networks")
    except NodeAbsent:
        return False
    return True
