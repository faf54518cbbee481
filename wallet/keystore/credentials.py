"""systemd's credentials directory: secrets that the service manager decrypted for this service alone, read-only.

A unit says ``LoadCredentialEncrypted=stoker-wallet-NAME:/etc/stoker/NAME.cred``; see systemd.exec(5), "Credentials".
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from wallet.errors import WalletError
from wallet.secret import Secret

LARGEST = 16 * 1024


class CredentialsDirectory:
    """The directory that ``$CREDENTIALS_DIRECTORY`` names.

    Its files may show group bits, as systemd lets a service user in by an access control list, so modes are not
    judged here: the service manager made the directory, for us.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> Secret | None:
        """A credential, without a newline at its end; None if the unit gives none of this name.

        Raises:
            WalletError: it is there but cannot be read, or is larger than 16 KiB.
        """
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,120}", name):
            return None
        try:
            with (self._path / name).open("rb") as file:
                data = file.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WalletError(f"credential {name}", f"cannot be read: {error.strerror}") from None
        if len(data) > LARGEST:
            raise WalletError(f"credential {name}", f"larger than {LARGEST} bytes", "this is another kind of file")
        return Secret(data.removesuffix(b"\n"))

    def names(self, prefix: str) -> tuple[str, ...]:
        """The names of the credentials that begin with a prefix, without it, sorted."""
        try:
            found = [path.name for path in self._path.iterdir()]
        except OSError:
            return ()
        return tuple(sorted(name.removeprefix(prefix) for name in found if name.startswith(prefix)))


def from_environment() -> CredentialsDirectory | None:
    """The directory that systemd gave this service; None outside of such a service."""
    path = os.environ.get("CREDENTIALS_DIRECTORY")
    return CredentialsDirectory(Path(path)) if path else None
