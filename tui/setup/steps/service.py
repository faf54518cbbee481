"""How the node stays up from here on."""

from __future__ import annotations

from node.control.client import ControlClient
from tui.cli.failures import Failure
from tui.cli.service import systemd
from tui.setup.facts import Facts
from tui.setup.restart import restarted
from tui.setup.step import Step
from tui.setup.words import Choose, Option, Run, Say, Sign, Talk, asked, confirmed, ran

SERVICE, BACKGROUND, STOP = "service", "background", "stop"

MORE = (
    "As a service the node starts with the machine, comes back after every crash, and is watched by systemd. It "
    "is a unit of your own account: nothing of it needs root, and `stoker service uninstall` takes it away; your "
    "data stays. In the background it works just as well until the machine is shut down."
)
MORE_LINGER = (
    "Without lingering, systemd ends your services when you log out, and does not start them before you log in. "
    "With it the node runs from the start of the machine on, also after a power cut."
)


def judge(facts: Facts) -> tuple[bool, str]:
    service = facts.service
    if service.enabled and service.active:
        return True, f"a service of yours, {service.state}"
    return False, "runs until the machine is shut down"


def talk(client: ControlClient) -> Talk[None]:
    options = [
        Option(BACKGROUND, "In the background", "until the machine is shut down; `stoker` starts it again"),
        Option(STOP, "Not now", "it ends; `stoker` starts it when you want it"),
    ]
    try:
        systemd.require()
    except Failure as failure:
        yield Say(f"A service cannot be set up here: {failure.message}.", Sign.NOTE, failure.remedy)
    else:
        options.insert(0, Option(SERVICE, "As a service", "it starts with the machine and comes back after a crash"))
    question = Choose(
        "service.run", "How shall the node run from here on?", tuple(options), BACKGROUND, MORE, explicit=True
    )
    choice = yield from asked(question)
    if choice == SERVICE:
        yield from _install()
    elif choice == BACKGROUND:
        yield from restarted(client)
        yield Say("The node runs in the background.", Sign.GOOD)
    else:
        done = yield from ran(Run(("drain",), "the node finishes its jobs and ends"))
        yield Say(" ".join(done.said) or "The node has ended.", Sign.NOTE)


def _install() -> Talk[None]:
    linger = yield from confirmed(
        "service.linger", "Run it while you are not logged in, too?", default=True, more=MORE_LINGER
    )
    arguments = ("service", "install", "--yes", "--linger" if linger else "--no-linger")
    done = yield from ran(Run(arguments, "setting the service up"))
    if done.code:
        raise Failure(" ".join(done.said[-4:]), "`stoker service install` does it by hand")
    yield Say("The node runs as a service: `stoker service status` shows it.", Sign.GOOD)


STEP = Step("service", "Staying up", ("service",), judge, talk)
