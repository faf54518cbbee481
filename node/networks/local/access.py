"""Who may use the endpoint: keys of which only a digest is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node.clock import Clock
from node.networks.local.limits import KeyLimits
from wallet.secret import Secret
from wallet.whole_file import replace_file

PREFIX = "sk-stoker-"
MOST_KEYS = 1000
MOST_BYTES = 1024 * 1024
LONGEST_PRESENTED = 256
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class AccessError(Exception):
    """A key cannot be made, found or read; the text says why and what to do."""


class AccessKey(BaseModel):
    """One client's key, as it is kept.

    Attributes:
        digest: SHA-256 of the key, hexadecimal. The key itself is shown once and kept nowhere.
        created_at, last_used_at: Unix seconds.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str = Field(pattern=rf"^{NAME.pattern}$")
    digest: str = Field(pattern=r"^[0-9a-f]{64}$", repr=False)
    created_at: float = Field(ge=0)
    last_used_at: float | None = Field(default=None, ge=0)
    limits: KeyLimits = KeyLimits()


class _AccessFile(BaseModel):
    version: int = Field(default=1, ge=1, le=1)
    keys: list[AccessKey] = Field(default_factory=list, max_length=MOST_KEYS)


class AccessKeys:
    """The keys of one node, in one file that only its owner can read.

    ``new``, ``revoke`` and ``save`` write the file and so belong in a thread; the others never block.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        """Read the file, if there is one.

        Raises:
            AccessError: it cannot be read as what it should be.
        """
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._keys = {key.name: key for key in _read(path)}
        self._used: dict[str, float] = {}  # when keys were used since the file was written

    def list(self) -> tuple[AccessKey, ...]:
        """All keys, oldest first."""
        keys = [_seen(key, self._used.get(key.name)) for key in [*self._keys.values()]]
        return tuple(sorted(keys, key=lambda key: key.created_at))

    def new(self, name: str, limits: KeyLimits) -> tuple[AccessKey, Secret]:
        """Make a key and keep its digest. The key itself exists only in what is returned.

        Raises:
            AccessError: the name is taken or no name, there are too many keys, or the file cannot be written.
        """
        if not NAME.fullmatch(name):
            raise AccessError(f"key name {name!r}: expected 1 to 64 of A-Z a-z 0-9 . _ - with a letter or digit first")
        secret = PREFIX + secrets.token_urlsafe(32)
        key = AccessKey(name=name, digest=_digest(secret), created_at=self._now(), limits=limits)
        with self._lock:
            if name in self._keys:
                raise AccessError(f"key name {name!r}: there is one already; revoke it or choose another name")
            if len(self._keys) >= MOST_KEYS:
                raise AccessError(f"there are {MOST_KEYS} keys, the most there may be; revoke one first")
            self._used.pop(name, None)
            self._keep(self._keys | {name: key})
        return key, Secret(secret)

    def revoke(self, name: str) -> AccessKey:
        """Forget a key; the next request that shows it is refused.

        Raises:
            AccessError: there is no such key, or the file cannot be written.
        """
        with self._lock:
            if name not in self._keys:
                known = ", ".join(sorted(self._keys)) or "none"
                raise AccessError(f"key name {name!r}: there is no such key (there are: {known})")
            revoked = self._keys[name]
            self._keep({other: key for other, key in self._keys.items() if other != name})
        return revoked

    def check(self, presented: str) -> AccessKey | None:
        """Whose key this is; None if nobody's. Takes the same time for every wrong key."""
        if len(presented) > LONGEST_PRESENTED:
            return None
        digest = _digest(presented)
        found = None
        for key in [*self._keys.values()]:
            if hmac.compare_digest(key.digest, digest):
                found = key
        if found is not None:
            self._used[found.name] = self._now()
        return found

    def save(self) -> None:
        """Write down when the keys were last used, if that has changed."""
        with self._lock:
            if self._used:
                self._keep(self._keys)

    def _keep(self, keys: dict[str, AccessKey]) -> None:
        """Write first, then believe: what the file does not hold is not in force."""
        used = self._used.copy()
        keys = {name: _seen(key, used.get(name)) for name, key in keys.items()}
        content = _AccessFile(keys=[*keys.values()]).model_dump_json(indent=1) + "\n"
        try:
            replace_file(self._path, content.encode())
        except OSError as error:
            raise AccessError(f"{self._path}: the access keys cannot be written: {error.strerror}") from error
        self._keys = keys
        for name, at in used.items():
            if self._used.get(name) == at:
                del self._used[name]

    def _now(self) -> float:
        return self._clock.wall_ns() / 1e9


def _seen(key: AccessKey, used_at: float | None) -> AccessKey:
    return key if used_at is None else key.model_copy(update={"last_used_at": used_at})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> list[AccessKey]:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise AccessError(f"{path}: the access keys cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise AccessError(f"{path}: larger than {MOST_BYTES} bytes, so no file of access keys; move it away")
    try:
        return _AccessFile.model_validate_json(content).keys
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise AccessError(
            f"{path}: {where}: {first['msg']}; restore the file, or move it away and make new keys"
        ) from None
