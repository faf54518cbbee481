"""The wallet screen: the named wallets, and of the one under the cursor its key, its balances and its history."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.events import ScreenResume

from node.control.wire import BalanceView, Movement, MovementPage, WalletMark, WalletView
from tui.actions import Action, bindings
from tui.ink import Line, Picture, Span, Tone, dim
from tui.lesson import NODE_ASKED, trouble
from tui.link import TROUBLE, ask, explain
from tui.screens.base import NodeScreen
from tui.screens.wallet import balances, facts, history
from tui.view import View
from tui.widgets.panel import Panel
from tui.widgets.roll import Roll, Row
from tui.widgets.sheet import Sheet

ASK_EVERY = 60.0  # seconds between two looks at the chain
LISTED = 4  # wallets in sight at once


class Wallet(NodeScreen):
    """Opens with what the node knows by itself; what it has to ask the chain for comes when it comes."""

    SCOPE: ClassVar[str] = "wallet"
    BINDINGS: ClassVar[list[BindingType]] = bindings("wallet")

    def __init__(self) -> None:
        super().__init__()
        self._wallets: dict[str, WalletView] = {}
        self._asked = False
        self._trouble = ""
        self._mark: WalletMark | None = None
        self._balances: dict[str, BalanceView] = {}
        self._balance_trouble: dict[str, str] = {}
        self._pages: dict[str, MovementPage] = {}
        self._page_trouble: dict[str, str] = {}

    def body(self) -> ComposeResult:
        yield Roll(id="wallets")
        with Container(id="holdings"):
            yield Panel("Wallet", self._about, id="about")
            yield Panel("Balances", self._held, id="balances")
        yield Sheet(id="tally")
        yield Roll(id="history")

    def on_mount(self) -> None:
        super().on_mount()
        self._list.focus()
        self.set_interval(ASK_EVERY, self._ask_if_seen)

    def on_screen_resume(self, event: ScreenResume) -> None:
        super().on_screen_resume(event)
        self.fetch()

    @property
    def _list(self) -> Roll:
        return self.query_one("#wallets", Roll)

    @property
    def _past(self) -> Roll:
        return self.query_one("#history", Roll)

    # What is asked

    def _ask_if_seen(self) -> None:
        view = self.node_app.view
        if self.is_current and not view.gone and not view.held:
            self.fetch()

    @work(exclusive=True, group="fetch")
    async def fetch(self) -> None:
        """Ask the node for its wallets, and then the chain for the one under the cursor."""
        try:
            wallets = await ask(self.node_app.client.wallets)
        except TROUBLE as error:
            self._trouble = explain(error)
        else:
            self._wallets = {wallet.name: wallet for wallet in wallets}
            self._trouble, self._asked = "", True
        self.see(self.node_app.view)
        self._ask_chain()

    def _ask_chain(self) -> None:
        if wallet := self.current():
            self.fetch_balance(wallet.name)
            self.fetch_history(wallet.name)

    @work(exclusive=True, group="balance")
    async def fetch_balance(self, name: str) -> None:
        """Ask what a wallet holds."""
        try:
            balance = await ask(partial(self.node_app.client.balance, name))
        except TROUBLE as error:
            self._balance_trouble[name] = explain(error)
        else:
            self._balance_trouble.pop(name, None)
            self._balances[name] = balances.newer(self._balances.get(name), balance)
        self.look(self.node_app.view)

    @work(exclusive=True, group="history")
    async def fetch_history(self, name: str, older: str = "") -> None:
        """Ask what came and went: the newest page, or the one behind ``older``."""
        try:
            page = await ask(partial(self.node_app.client.movements, name, older=older))
        except TROUBLE as error:
            self._page_trouble[name] = explain(error)
        else:
            self._page_trouble.pop(name, None)
            before = self._pages.get(name)
            join = history.lengthened if older and before else history.refreshed
            self._pages[name] = join(before, page)
        self.see(self.node_app.view)

    # What is shown

    def current(self) -> WalletView | None:
        """The wallet under the cursor; the active one before the list was drawn."""
        found = self._wallets.get(self._list.cursor_key or "") if self.is_mounted else None
        return found or next(iter(self._wallets.values()), None)

    def movement(self) -> Movement | None:
        """The movement under the cursor."""
        wallet = self.current()
        page = self._pages.get(wallet.name) if wallet else None
        return history.keyed(page.movements).get(self._past.cursor_key or "") if page else None

    def look(self, view: View) -> None:
        snapshot = view.snapshot
        if snapshot and snapshot.wallet != self._mark:
            self._mark = snapshot.wallet
            if self._asked:
                self.fetch()
        self._show_wallets()
        for panel in self.query(Panel):
            panel.look(view)
        self._show_history(snapshot.at if snapshot else 0.0)

    def _show_wallets(self) -> None:
        roll = self._list
        self.set_class(self._asked and not self._wallets, "-bare")
        if not roll.size.width:
            return
        layout = facts.layout(roll.size.width)
        rows = tuple(Row(name, facts.row(layout, wallet)) for name, wallet in self._wallets.items())
        if rows:
            roll.styles.height = 1 + min(LISTED, len(rows))
        roll.show(rows, facts.heading(layout) if rows else (), self._nothing(roll.size.width))

    def _nothing(self, width: int) -> tuple[Line, ...]:
        if self._trouble:
            return trouble(self._trouble, width)
        return (facts.EMPTY if self._asked else NODE_ASKED).lines(width, self.node_app.keys)

    def _show_history(self, now: float) -> None:
        roll, wallet = self._past, self.current()
        if not roll.size.width or wallet is None:
            return
        page = self._pages.get(wallet.name)
        failure = self._page_trouble.get(wallet.name, "")
        layout = history.layout(roll.size.width)
        movements = page.movements if page else ()
        stale = bool(failure or (page and page.problem))
        missing = "Nothing came and nothing went yet." if page and not stale else "The chain is being asked."
        if stale:
            missing = "What came and went cannot be told now."
        roll.show(
            history.rows(layout, movements, wallet.chain, now, stale=stale),
            history.heading(layout) if movements else (),
            ((dim(f" {missing}"),),),
        )
        self.query_one("#tally", Sheet).show((history.tally(page, failure, self.node_app.keys),))

    def _about(self, view: View, width: int, height: int) -> Picture:
        wallet = self.current()
        if wallet is None:
            return Picture(())
        name = (Span(wallet.name, Tone.BOLD), dim(f" on {facts.chain(wallet.chain)}"))
        return Picture(facts.about(wallet, width, height)[:height], name)

    def _held(self, view: View, width: int, height: int) -> Picture:
        wallet = self.current()
        if wallet is None:
            return Picture(())
        failure = self._balance_trouble.get(wallet.name, "")
        now = view.snapshot.at if view.snapshot else 0.0
        return balances.picture(self._balances.get(wallet.name), failure, now, width, height, view.keys)

    # What can be done

    def obstacle(self, action: Action) -> str:
        if not action.id.startswith("wallet."):
            return super().obstacle(action)
        if self.node_app.view.gone and action.id not in ("wallet.receive", "wallet.switch"):
            return "no node answers"
        wallet = self.current()
        if action.id in ("wallet.watch", "wallet.again"):
            return ""
        if action.id == "wallet.switch" and self.is_mounted and not self._past.display:
            return "the history has no room in this window"
        if wallet is None:
            return "no wallet is here yet"
        return why_not(action.id, wallet, self._pages.get(wallet.name))

    def to_copy(self) -> tuple[str, str]:
        if self._past.has_focus and (movement := self.movement()):
            return movement.signature, "the signature"
        wallet = self.current()
        return (wallet.address, f"the address of {wallet.name}") if wallet else ("", "")

    def on_roll_moved(self, message: Roll.Moved) -> None:
        if message.roll is self._list and message.key:
            if message.key not in self._balances:
                self._ask_chain()
            self._past.action_first()
        self.see(self.node_app.view)

    def on_roll_opened(self, message: Roll.Opened) -> None:
        if message.roll is self._list:
            self.action_receive()
        elif (movement := self.movement()) and (wallet := self.current()):
            from tui.screens.wallet.movement import MovementDetail

            self.app.push_screen(MovementDetail(movement, wallet.chain))

    def action_receive(self) -> None:
        from tui.screens.wallet.receive import Receive

        if wallet := self.current():
            self.app.push_screen(Receive(wallet))

    @work(exclusive=True, group="ask")
    async def action_watch(self) -> None:
        from tui.screens.wallet.watch import Watch

        name = await self.app.push_screen_wait(Watch(facts.free_name(self._wallets.values())))
        if name:
            self.notify(f"{name} is being watched.", markup=False)
            self.fetch()

    @work(exclusive=True, group="ask")
    async def action_unlock(self) -> None:
        from tui.screens.wallet.unlock import Unlock

        wallet = self.current()
        if wallet is None:
            return
        if not facts.needs_passphrase(wallet):
            await self._command("unlock_wallet", f"{wallet.name} is unlocked.", name=wallet.name)
        elif await self.app.push_screen_wait(Unlock(wallet.name, facts.store(wallet.store))):
            self.notify(f"{wallet.name} is unlocked.", markup=False)
            self.fetch()

    @work(exclusive=True, group="write")
    async def action_lock(self) -> None:
        if wallet := self.current():
            await self._command("lock_wallet", f"{wallet.name} is locked.", name=wallet.name)

    @work(exclusive=True, group="write")
    async def action_use(self) -> None:
        if wallet := self.current():
            await self._command("use_wallet", f"{wallet.name} is the active wallet.", name=wallet.name)

    def action_again(self) -> None:
        self.fetch()

    def action_older(self) -> None:
        wallet = self.current()
        if wallet and (page := self._pages.get(wallet.name)) and page.older:
            self.fetch_history(wallet.name, page.older)

    def action_switch(self) -> None:
        (self._list if self._past.has_focus else self._past).focus()

    async def _command(self, command: str, news: str, **arguments: str) -> None:
        """Give the node a command about a wallet, and look at what came of it."""
        if await self.order(command, news, **arguments):
            self.fetch()


def why_not(action_id: str, wallet: WalletView, page: MovementPage | None) -> str:
    """Why something cannot be done with a wallet; empty if it can."""
    if action_id in ("wallet.lock", "wallet.unlock") and wallet.locked is None:
        return f"no key of {wallet.name} is here"
    if action_id == "wallet.unlock" and not wallet.locked:
        return f"{wallet.name} is unlocked already"
    if action_id == "wallet.lock" and wallet.locked:
        return f"{wallet.name} is locked already"
    if action_id == "wallet.use" and wallet.active:
        return f"{wallet.name} is the active wallet already"
    if action_id == "wallet.older" and not (page and page.older):
        return "the history has no older page"
    return ""
