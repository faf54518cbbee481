"""A wallet with a canary for a key goes through everything that the library does; nothing that comes out may sing."""

import itertools
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from wallet_keyring_double import open_keyring
from wallet_samples import CHEAP

from wallet import base58, formats, material, vault, words
from wallet.formats import Format
from wallet.keys import KeyPair, derive
from wallet.keystore.money import MoneyKeys
from wallet.keystore.sealed import OperatingSecrets
from wallet.material import FromKey, FromWords, candidates
from wallet.register import Store
from wallet.secret import Secret
from wallet.wallets import Wallets

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
WORDS_PASSPHRASE = "canary in the words"
PASSPHRASE = "canary on the vault"
TOKEN = "canary-operating-token"


def traces() -> list[bytes]:
    """Every secret of the canary wallet, in every form that it is likely to be printed in."""
    canary = FromWords(Secret(PHRASE), Secret(WORDS_PASSPHRASE))
    seed = words.seed(canary.words, canary.passphrase).reveal_bytes()
    pair = canary.key_pair()
    found: list[bytes] = [text.encode() for text in (WORDS_PASSPHRASE, PASSPHRASE, TOKEN)]
    for secret in (seed, seed[:32], pair.seed().reveal_bytes(), pair.secret_key().reveal_bytes()):
        found += [secret, secret.hex().encode(), base58.encode(secret).encode(), repr(secret).encode()]
        found += [
            json.dumps(list(secret))[1:-1].encode(),
            json.dumps(list(secret), separators=(",", ":"))[1:-1].encode(),
        ]
    parts = PHRASE.split()
    found += [" ".join(pair_).encode() for pair_ in itertools.pairwise(parts)]
    return found


TRACES = traces()


class Listener(logging.Handler):
    """Hears every log record, formatted, at every level."""

    def __init__(self) -> None:
        super().__init__(level=0)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


@pytest.fixture
def listener() -> Iterator[Listener]:
    root, heard = logging.getLogger(), Listener()
    level = root.level
    root.addHandler(heard)
    root.setLevel(0)
    yield heard
    root.removeHandler(heard)
    root.setLevel(level)


def told(work: Callable[[], Any]) -> str:
    """What a caller would print of a result, or of an error with all that led to it."""
    try:
        result = work()
    except Exception as error:
        shown = "".join(f"{one!r} {one}" for one in (error, error.__context__, error.__cause__))
        return shown + "".join(traceback.format_exception(error))
    return f"{result!r} {result}"


def everything(directory: Path) -> Iterator[str]:
    """All operations, those that fail too."""
    canary = FromWords(Secret(PHRASE), Secret(WORDS_PASSPHRASE))
    passphrase, wrong = Secret(PASSPHRASE), Secret("wrong")
    keyring, backend = open_keyring()
    wallets = Wallets(directory, MoneyKeys(directory, keyring=keyring, cost=CHEAP))
    operating = OperatingSecrets(directory / "secrets", keyring=keyring)
    exports = [formats.encode(canary, form, passphrase=passphrase, cost=CHEAP) for form in Format]

    steps: list[Callable[[], Any]] = [
        lambda: canary,
        lambda: canary.key_pair(),
        lambda: derive(words.seed(canary.words)),
        lambda: candidates(canary.words, canary.passphrase),
        lambda: material.dump(canary),
        lambda: exports,
        lambda: wallets.add("vaulted", canary, passphrase=passphrase),
        lambda: wallets.add("vaulted", canary, passphrase=passphrase),
        lambda: wallets.unlock("vaulted", wrong),
        lambda: wallets.unlock("vaulted"),
        lambda: wallets.unlock("vaulted", passphrase),
        lambda: wallets.signer("vaulted"),
        lambda: wallets.material("vaulted", passphrase),
        lambda: wallets.challenge("vaulted"),
        lambda: wallets.verify_words("vaulted", {1: Secret("winner"), 2: Secret("year"), 3: Secret("x")}, passphrase),
        lambda: wallets.verify_backup("vaulted", exports[-1], wrong),
        lambda: wallets.verify_backup("vaulted", exports[-1], passphrase),
        lambda: wallets.register(),
        lambda: vars(wallets),
        lambda: wallets.rename("vaulted", "renamed"),
        lambda: wallets.lock(),
        lambda: wallets.signer("renamed"),
        lambda: wallets.remove("renamed"),
        lambda: wallets.add("kept", FromKey(canary.key_pair().seed()), store=Store.KEYRING),
        lambda: wallets.unlock("kept"),
        lambda: wallets.remove("kept"),
        lambda: operating.put("horde", Secret(TOKEN)),
        lambda: operating.get("horde"),
        lambda: operating.put("horde", Secret(TOKEN * 1000)),
        lambda: operating.names(),
        lambda: vault.unseal(exports[-1].reveal_bytes(), wrong),
        lambda: KeyPair(Secret(canary.words.reveal_bytes())),
        lambda: material.load(canary.words),
        *(
            lambda broken=broken: formats.decode(Secret(broken), passphrase=passphrase)  # type: ignore[misc]
            for export in exports
            for broken in (export.reveal()[:-1], export.reveal()[1:], export.reveal() + "x", export.reveal() * 2)
        ),
    ]
    for step in steps:
        yield told(step)
    backend.locked = True
    yield told(lambda: wallets.add("again", canary))
    backend.locked = False


def test_nothing_that_comes_out_sings(tmp_path: Path, listener: Listener, capfd: pytest.CaptureFixture[str]) -> None:
    said = list(everything(tmp_path / "data"))
    assert len(said) > 40
    written = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    output = capfd.readouterr()
    heard = [*said, *listener.heard, output.out, output.err]
    for trace in TRACES:
        assert not any(trace in text.encode("utf-8", "surrogatepass") for text in heard)
        assert not any(trace in data for data in written)


def test_the_ear_is_good_enough_to_hear_a_canary() -> None:
    pair = FromWords(Secret(PHRASE), Secret(WORDS_PASSPHRASE)).key_pair()
    songs = [PHRASE, str(list(pair.secret_key().reveal_bytes())), pair.seed().reveal_bytes().hex()]
    assert all(any(trace in song.encode() for trace in TRACES) for song in songs)
