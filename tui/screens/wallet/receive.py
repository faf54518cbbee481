"""An address to be paid at: as a QR code and in full."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Center, Vertical
from textual.content import Content
from textual.widgets import Static

from node.control.wire import WalletView
from tui.actions import bindings
from tui.ink import clean
from tui.screens.wallet import facts
from tui.widgets.form import Form, titled
from tui.widgets.qr import QrCode


class Receive(Form[None]):
    """The code stands black on white in every theme; a window too small for it says so and shows the address."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("receive")

    def __init__(self, wallet: WalletView) -> None:
        super().__init__()
        self._wallet = wallet

    def compose(self) -> ComposeResult:
        wallet = self._wallet
        with Vertical(id="box") as box:
            box.border_title = titled(f"Receive with {wallet.name} on {facts.chain(wallet.chain)}")
            box.border_subtitle = self.legend(("receive.copy", "copies"), ("dialog.close", "closes"))
            with Center():
                yield QrCode(wallet.address)
            yield Static(self._instead(), id="instead")
            yield Static(clean(wallet.address), id="address", markup=False)

    def on_mount(self) -> None:
        self.set_class(self.app.no_color, "-colourless")

    def _instead(self) -> Content:
        lack = "Without colours the code cannot be drawn" if self.app.no_color else "The code needs 24 lines"
        command = f"stoker wallet receive {clean(self._wallet.name)} --png FILE"
        return Content.assemble(f"{lack}. A picture of it:\n", (command, "bold $ember"))

    def action_copy_address(self) -> None:
        self.app.copy_to_clipboard(self._wallet.address)
        self.notify(f"Copied the address of {self._wallet.name}.", markup=False)
