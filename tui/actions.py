"""Everything that a key can do: the one list behind bindings, key bar, command palette and help."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType

from tui.view import View

APP = "app"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    Attributes:
        id: by which its key can be changed.
        scope: where it acts: the app, or the screen or widget of that name.
        keys: in Textual's notation, the first is the one that is shown.
        call: the method, without ``action_``.
        label: the word in the key bar.
        help: one sentence.
        rank: place in the key bar; the highest is left out first where room is short, 0 is not shown at all.
        priority: acts even while something is being typed.
    """

    id: str
    scope: str
    keys: str
    call: str
    label: str
    help: str
    rank: int = 0
    priority: bool = False

    @property
    def key(self) -> str:
        """The key as it is written for a person."""
        return written(self.keys.split(",")[0])

    @property
    def run(self) -> str:
        """How a click on it is written: as Textual's action, with whom it belongs to in front."""
        owner = {APP: "app", "list": "focused"}.get(self.scope, "screen")
        return f"{owner}.{self.call}"


def written(key: str) -> str:
    """A key of Textual's notation as a person reads it."""
    names = {"question_mark": "?", "slash": "/", "escape": "esc", "pagedown": "pgdn", "pageup": "pgup"}
    names |= {"plus": "+"} | {"left": "←", "right": "→", "left_square_bracket": "[", "right_square_bracket": "]"}
    return names.get(key, key).replace("ctrl+", "^")


ACTIONS: tuple[Action, ...] = (
    Action("go.fleet", APP, "0", "go('fleet')", "Fleet", "Every node, a line for each.", 1),
    Action("go.dashboard", APP, "1", "go('dashboard')", "Dash", "What the node does now.", 1),
    Action("go.jobs", APP, "2", "go('jobs')", "Jobs", "Every job, running and ended.", 1),
    Action("go.earnings", APP, "3", "go('earnings')", "Earnings", "What was claimed, credited and paid.", 1),
    Action("go.hardware", APP, "4", "go('hardware')", "Hardware", "What the sensors say.", 1),
    Action("go.wallet", APP, "5", "go('wallet')", "Wallet", "Addresses, balances, and what came and went.", 1),
    Action("go.networks", APP, "6", "go('networks')", "Networks", "Where jobs come from, and what each pays.", 1),
    Action("go.settings", APP, "7", "go('settings')", "Settings", "How the node is set up.", 1),
    Action("go.logs", APP, "8", "go('logs')", "Logs", "What the node writes down.", 1),
    Action("go.setup", APP, "9", "go('setup')", "Setup", "The guide: engine, model, payouts, networks, limits."),
    Action("fleet.next", APP, "n", "next_node", "next node", "The same screen, on the next node.", 4),
    Action("node.pause", APP, "p", "pause", "pause", "Take no new work, or take work again; running jobs go on.", 3),
    Action(
        "node.anyway",
        APP,
        "a",
        "anyway",
        "run anyway",
        "Set your own limits aside for a while, or go by them again; heat still counts.",
        7,
    ),
    Action("node.drain", APP, "d", "drain", "drain", "Finish the jobs in hand, then stop the node. Asks first.", 4),
    Action("view.hold", APP, "space", "hold", "hold", "Hold the view still; the node goes on.", 7),
    Action("view.copy", APP, "y", "copy", "copy", "Copy what this screen is about to the clipboard.", 6),
    Action("view.theme", APP, "t", "theme", "theme", "Choose the colours.", 8),
    Action("app.help", APP, "question_mark,f1", "help", "help", "The keys of this screen.", 2),
    Action(
        "app.palette", APP, "ctrl+p", "command_palette", "commands", "Find a command by its name.", 5, priority=True
    ),
    Action("app.quit", APP, "q", "leave", "quit", "Leave: drain, leave the node running, or stop it. Asks.", 3),
    Action("app.quit.anywhere", APP, "ctrl+q", "leave", "quit", "Leave, also while typing. Asks.", priority=True),
    Action(
        "app.interrupt",
        APP,
        "ctrl+c",
        "interrupt",
        "copy or quit",
        "Copy what is selected; else leave. Twice: drain and quit. Three times: stop now.",
        priority=True,
    ),
    Action(
        "jobs.filter", "jobs", "slash", "filter", "filter", "Show only jobs with this text; ! in front hides them.", 2
    ),
    Action("jobs.sort", "jobs", "s", "sort", "sort", "Sort by the next column.", 3),
    Action("jobs.cancel", "jobs", "x", "cancel_job", "cancel", "Cancel the job under the cursor. Asks first.", 5),
    Action("job.cancel", "job", "x", "cancel_job", "cancel", "Cancel this job. Asks first.", 2),
    Action("job.back", "job", "escape", "back", "back", "Back to the jobs.", 1),
    Action("hardware.previous", "hardware", "h,left", "device(-1)", "back", "The card before, or the host."),
    Action("hardware.next", "hardware", "l,right", "device(1)", "device", "The next card, or the host.", 3),
    Action(
        "hardware.longer",
        "hardware",
        "right_square_bracket",
        "span(1)",
        "longer",
        "Charts over a longer time: 5 minutes, an hour, a day, 30 days.",
        4,
    ),
    Action("hardware.shorter", "hardware", "left_square_bracket", "span(-1)", "shorter", "Charts over less time."),
    Action("settings.filter", "settings", "slash", "filter", "filter", "Show only settings with this text.", 2),
    Action("settings.reset", "settings", "u", "reset", "use default", "Put the default back.", 3),
    Action(
        "logs.filter", "logs", "slash", "filter", "filter", "Show only lines with this text; ! in front hides them.", 2
    ),
    Action("logs.level", "logs", "l", "level", "level", "Show only lines of the next level and above.", 3),
    Action("logs.follow", "logs", "f", "follow", "follow", "Stay at the newest line, or stop there.", 3),
    Action("setup.back", "setup", "escape", "back", "back", "To the question before.", 2),
    Action("setup.more", "setup", "f2,m", "more", "more", "What there is to know about the question.", 3),
    Action("setup.steps", "setup", "tab", "steps", "steps", "To the steps, or back to the question.", 4),
    Action("setup.up", "setup", "shift+up", "read(-1)", "read up", "Back in what was said."),
    Action("setup.down", "setup", "shift+down", "read(1)", "read on", "On in what was said."),
    Action("setup.hand_in", "setup", "enter", "hand_in", "hand in", "Hand in the secret that was typed."),
    Action("wallet.receive", "wallet", "r", "receive", "receive", "Show the address as a QR code, to be paid at.", 3),
    Action("wallet.watch", "wallet", "w", "watch", "watch", "Watch an address you own; its key stays where it is.", 4),
    Action("wallet.unlock", "wallet", "U", "unlock", "unlock", "Let the node sign with this wallet's key.", 4),
    Action("wallet.lock", "wallet", "l", "lock", "lock", "Wipe this wallet's key from the node's memory.", 4),
    Action("wallet.use", "wallet", "u", "use", "use", "Make this wallet the active one: it is what gets paid.", 6),
    Action("wallet.older", "wallet", "o", "older", "older", "Fetch the next page of the history.", 7),
    Action("wallet.again", "wallet", "f5", "again", "ask again", "Ask the chain again now.", 8),
    Action("wallet.switch", "wallet", "tab", "switch", "other list", "To the history, or back to the wallets.", 9),
    Action("earnings.by", "earnings", "b", "by", "by network", "One row a day, a network or a model.", 2),
    Action("earnings.longer", "earnings", "right_square_bracket", "span(1)", "30 days", "Look further back.", 3),
    Action("earnings.shorter", "earnings", "left_square_bracket", "span(-1)", "shorter", "Look less far back."),
    Action("earnings.explain", "earnings", "i", "explain", "differences", "Where the columns differ, and why.", 5),
    Action("earnings.copy", "earnings", "c", "copy_csv", "copy CSV", "Copy the earnings as CSV to the clipboard.", 6),
    Action("earnings.write", "earnings", "w", "write_csv", "write CSV", "Write the earnings to a CSV file.", 4),
    Action("rewards.back", "rewards", "escape", "back", "back", "Back to the sums.", 1),
    Action("rewards.older", "rewards", "o", "older", "older", "Look for older rewards.", 2),
    Action("networks.add", "networks", "plus", "add", "add", "Join a network: read its page, test it, decide.", 2),
    Action("networks.switch", "networks", "e", "switch", "disable", "Take work from this network, or no more.", 3),
    Action("networks.test", "networks", "t", "test", "test", "Look whether account, name and models are in order.", 4),
    Action(
        "networks.maintenance", "networks", "m", "maintenance", "maintenance", "Maintenance at the network. Asks.", 5
    ),
    Action("networks.remove", "networks", "x", "remove", "remove", "Leave this network; the books stay. Asks.", 6),
    Action("network.back", "network", "escape", "back", "back", "Back to the networks.", 2),
    Action("joining.test", "joining", "enter", "test", "test", "Test the network with what was typed.", 1),
    Action("trial.anyway", "trial", "J", "anyway", "join anyway", "Join in spite of what was found.", 2),
    Action("receive.copy", "receive", "y", "copy_address", "copy", "Copy the address to the clipboard.", 1),
    Action("movement.copy", "movement", "y", "copy_signature", "copy", "Copy the signature to the clipboard.", 1),
    Action("unlock.enter", "unlock", "enter", "unlock", "unlock", "Hand the passphrase to the node.", 1),
    Action("list.open", "list", "enter", "open", "open", "Open what is under the cursor.", 2),
    Action("list.down", "list", "down,j", "move(1)", "down", "One line down."),
    Action("list.up", "list", "up,k", "move(-1)", "up", "One line up."),
    Action("list.page_down", "list", "pagedown", "page(1)", "page down", "One page down."),
    Action("list.page_up", "list", "pageup", "page(-1)", "page up", "One page up."),
    Action("list.first", "list", "g,home", "first", "first", "To the first line."),
    Action("list.last", "list", "G,end", "last", "last", "To the last line."),
    Action("prompt.close", "prompt", "escape", "close", "clear", "Clear the text and close the field.", 1),
    Action("prompt.take", "prompt", "enter", "take", "keep", "Keep the text and go back to the list.", 2),
    Action("editor.close", "editor", "escape", "close", "leave it", "Leave the value as it was.", 1),
    Action("editor.next", "editor", "down", "choose(1)", "next choice", "The next possible value.", 2),
    Action("editor.previous", "editor", "up", "choose(-1)", "previous choice", "The previous possible value.", 3),
    Action("dialog.close", "dialog", "escape", "close", "close", "Close without doing anything.", 1),
)

OF_FLEET = frozenset({"go.fleet", "fleet.next"})
"""Actions that there are only where the app shows several nodes."""

SCOPE_TITLES = {
    APP: "Everywhere",
    "jobs": "Jobs",
    "job": "One job",
    "hardware": "Hardware",
    "settings": "Settings",
    "logs": "Logs",
    "wallet": "Wallet",
    "earnings": "Earnings",
    "rewards": "Rewards",
    "networks": "Networks",
    "network": "One network",
    "setup": "Setup",
    "list": "Lists",
}
"""The scopes that help speaks of, in its order."""


def of(*scopes: str, fleet: bool = False) -> tuple[Action, ...]:
    """The actions of these scopes, in the order of the list; with those for several nodes, or without."""
    return tuple(action for action in ACTIONS if action.scope in scopes and (fleet or action.id not in OF_FLEET))


def shadowed(action: Action, scope: str) -> bool:
    """Whether a screen uses the shown key of an action of the app for something else."""
    taken = {key for own in of(scope) for key in own.keys.split(",")}
    return action.scope == APP != scope and action.keys.split(",")[0] in taken


def bindings(scope: str, *, fleet: bool = False) -> list[BindingType]:
    """What a screen or widget puts into its BINDINGS."""
    return [
        Binding(action.keys, action.call, action.help, show=False, id=action.id, priority=action.priority)
        for action in of(scope, fleet=fleet)
    ]


def by_call(name: str, arguments: tuple[object, ...], scope: str) -> Action | None:
    """The action of a scope that calls this method with these arguments."""
    call = f"{name}({', '.join(map(repr, arguments))})" if arguments else name
    return next((action for action in of(scope) if action.call == call), None)


def label(action: Action, view: View) -> str:
    """The word for the key bar, as things stand."""
    if action.id == "node.pause" and view.paused:
        return "resume"
    if action.id == "node.anyway" and view.anyway:
        return "keep limits"
    if action.id == "view.hold" and view.held:
        return "go on"
    return action.label


def obstacle(action_id: str, view: View) -> str:
    """Why an action of the app cannot be done now; empty if it can."""
    if action_id == "go.setup" and view.name:
        return "it sets up this machine's own node; run it there"
    if not action_id.startswith("node."):
        return ""
    if view.gone:
        return "no node answers"
    if view.snapshot is None:
        return "the node has not answered yet"
    if view.draining:
        return "the node is draining already" if action_id == "node.drain" else "the node is draining and will stop"
    return ""
