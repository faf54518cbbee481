"""What the owner has joined: ``networks.toml`` and the keys that belong to it. Commands write it, people read it."""

from __future__ import annotations

import difflib
import re
import threading
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from node.membership.errors import MembershipError
from node.membership.kinds import check_kind
from node.membership.membership import NAME, RESERVED, Membership, checked
from wallet.errors import WalletError
from wallet.files import write_private
from wallet.keystore.sealed import OperatingSecrets
from wallet.secret import Secret

MOST = 50
HEAD = "Networks that this node works for. `stoker networks` writes this file; their keys are kept elsewhere."


class Roster:
    """The memberships of one data directory, by name. Blocking; a few milliseconds."""

    def __init__(self, path: Path, secrets: OperatingSecrets) -> None:
        self._path = path
        self._secrets = secrets
        self._one_at_a_time = threading.Lock()

    def read(self) -> dict[str, Membership]:
        """In the order of the file; none if there is no file.

        Raises:
            MembershipError: it cannot be read; names file, membership, field and the nearest known one.
        """
        try:
            raw = tomllib.loads(self._text())
        except tomllib.TOMLDecodeError as error:
            raise MembershipError(str(self._path), f"is not TOML: {error}", "mend that line") from None
        if len(raw) > MOST:
            raise MembershipError(str(self._path), f"{len(raw)} memberships; expected {MOST} at most")
        return {checked_name(name): self._checked(name, values) for name, values in raw.items()}

    def get(self, name: str) -> Membership:
        """
        Raises:
            MembershipError: there is none of this name; names the nearest.
        """
        known = self.read()
        if name in known:
            return known[name]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "stoker networks list"
        raise MembershipError("name", f"no network is joined as {name!r:.60}", hint, "unknown_network")

    def put(self, name: str, membership: Membership, key: Secret | None = None) -> None:
        """Write one down, with its key if one is given; the owner's comments in the file stay.

        Raises:
            MembershipError, WalletError: it cannot be written.
        """
        checked_name(name)
        with self._one_at_a_time:
            known = self.read()
            if name not in known and len(known) >= MOST:
                raise MembershipError("name", f"{MOST} networks are joined already", "stoker networks remove NAME")
            if key is not None:
                self._secrets.put(name, key)
            document = self._document()
            document[name] = _table(membership)
            self._write(document)

    def remove(self, name: str) -> None:
        """Take one out, and forget its key.

        Raises:
            MembershipError: there is none of this name. WalletError: the key or the file cannot be changed.
        """
        with self._one_at_a_time:
            self.get(name)
            document = self._document()
            document.remove(name)
            self._write(document)
            self._secrets.delete(name)

    def key(self, name: str) -> Secret:
        """The key of a membership.

        Raises:
            MembershipError: it is gone. WalletError: it cannot be opened.
        """
        key = self._secrets.get(name)
        if key is None:
            raise MembershipError(
                f"the key of {name}", "it is gone", f"stoker networks set {name} --ask-api-key", "no_key"
            )
        return key

    def key_kept(self, name: str) -> str:
        """Where the key is kept, in words."""
        try:
            place = self._secrets.place(name)
        except WalletError as error:
            return str(error)
        return "" if place is None else str(place)

    def _checked(self, name: str, values: object) -> Membership:
        if not isinstance(values, Mapping):
            raise MembershipError(f"{self._path}: {name}", f"got {values!r:.80}; expected a table, written [{name}]")
        membership = checked(values, f"{self._path}: {name}.")
        check_kind(membership.kind, f"{self._path}: {name}.kind")
        return membership

    def _text(self) -> str:
        try:
            return self._path.read_text("utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise MembershipError(str(self._path), f"cannot be read: {error}") from None

    def _document(self) -> tomlkit.TOMLDocument:
        text = self._text()
        if text:
            return tomlkit.parse(text)
        document = tomlkit.document()
        document.add(tomlkit.comment(HEAD))
        document.add(tomlkit.nl())
        return document

    def _write(self, document: tomlkit.TOMLDocument) -> None:
        write_private(self._path, tomlkit.dumps(document).encode(), overwrite=True)


def checked_name(name: str) -> str:
    """
    Raises:
        MembershipError: it cannot be the name of a membership.
    """
    if not re.fullmatch(NAME, name):
        raise MembershipError("name", f"got {name!r:.60}; expected a letter, then a-z, 0-9 and -, at most 40 in all")
    if name in RESERVED:
        raise MembershipError("name", f"{name!r} means something else in this node", "choose another one")
    return name


def _table(membership: Membership) -> Any:
    table = tomlkit.table()
    values = membership.model_dump(exclude_defaults=False)
    for field, value in values.items():
        if not isinstance(value, dict):
            table[field] = value
        elif value:
            table[field] = tomlkit.item(value)
    return table
