"""How what goes wrong in the wallet is told on the command line."""

from __future__ import annotations

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from wallet.errors import NeedsPassphrase, WalletError
from wallet.keystore.keyring import KeyringUnavailable


def failure_of(error: WalletError) -> Failure:
    """The sentence, remedy and code of an error of the wallet."""
    remedy = error.remedy
    if isinstance(error, NeedsPassphrase):
        remedy = "`--passphrase-file FILE` or `--passphrase-fd N`; on a terminal it is asked for"
    code = Exit.NOT_NOW if isinstance(error, KeyringUnavailable) else Exit.REFUSED
    return Failure(f"{error.field}: {error.problem}", remedy, code)
