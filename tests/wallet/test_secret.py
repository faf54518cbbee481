import copy
import dataclasses
import io
import json
import logging
import pickle
import traceback

import pytest
from wallet_samples import ABOUT, about

from wallet import base58
from wallet.keys import KeyPair
from wallet.material import FromWords
from wallet.secret import Secret

CANARY = "canary-4f1c-in-the-mine"


@dataclasses.dataclass(frozen=True)
class Holder:
    token: Secret


def key_pair() -> KeyPair:
    return KeyPair(Secret(b"canary seed, thirty-two bytes ok"))


HOLDERS = {
    "Secret": Secret(CANARY),
    "Secret of bytes": Secret(CANARY.encode()),
    "dataclass": Holder(Secret(CANARY)),
    "material from words": FromWords(Secret(ABOUT), Secret(CANARY)),
    "key pair": key_pair(),
}


def forms(secret: bytes) -> list[str]:
    """Every way in which a secret is likely to be printed."""
    return [secret.decode(), secret.hex(), base58.encode(secret), json.dumps(list(secret)), repr(list(secret))[1:-1]]


TRACES = [
    *forms(CANARY.encode()),
    *forms(key_pair().seed().reveal_bytes()),
    base58.encode(key_pair().secret_key().reveal_bytes()),
    "abandon",
]


def assert_clean(text: str) -> None:
    assert [trace for trace in TRACES if trace in text] == []


def test_gives_back_what_it_was_given() -> None:
    assert Secret("größe").reveal() == "größe"
    assert Secret(b"\xff\x00").reveal_bytes() == b"\xff\x00"


def test_bytes_that_are_no_text_are_refused_as_a_text_without_being_quoted() -> None:
    with pytest.raises(ValueError, match="not a text") as raised:
        Secret(b"\xffabc").reveal()
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS.keys())
def test_no_way_of_printing_shows_it(holder: object) -> None:
    printed = [
        repr(holder),
        str(holder),
        f"{holder}",
        f"{holder!r:>80}",
        repr([holder]),
    ]
    assert_clean("\n".join(printed))


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS.keys())
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(holder: object, protocol: int) -> None:
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(holder, protocol)


@pytest.mark.parametrize("holder", HOLDERS.values(), ids=HOLDERS.keys())
def test_it_cannot_be_copied_deeply(holder: object) -> None:
    with pytest.raises(TypeError, match="copied"):
        copy.deepcopy(holder)


def test_neither_json_nor_vars_reach_it() -> None:
    with pytest.raises(TypeError) as raised:
        json.dumps(Secret(CANARY))
    assert_clean(str(raised.value))
    with pytest.raises(TypeError):
        vars(Secret(CANARY))


def test_logging_shows_a_placeholder(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for holder in HOLDERS.values():
            logging.getLogger("canary").info("holding %s %r", holder, holder)
    assert_clean(caplog.text)


def test_a_traceback_with_locals_shows_a_placeholder() -> None:
    def fail() -> None:
        holders = list(HOLDERS.values())
        assert holders
        raise RuntimeError

    try:
        fail()
    except RuntimeError as error:
        text = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "holders" in text
    assert_clean(text.replace(__file__, ""))


def test_a_rich_traceback_with_locals_shows_a_placeholder() -> None:
    from rich.console import Console
    from rich.traceback import Traceback

    holders = list(HOLDERS.values())
    try:
        raise RuntimeError(f"{len(holders)} of them")
    except RuntimeError as error:
        shown = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True, extra_lines=0)
    written = io.StringIO()
    Console(width=200, file=written).print(shown)
    text = written.getvalue()
    assert "holders" in text
    assert_clean(text)


def test_equal_secrets_are_equal_and_unhashable() -> None:
    assert Secret("a") == Secret(b"a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    with pytest.raises(TypeError):
        hash(Secret("a"))


def test_wiping_leaves_nothing() -> None:
    secret = Secret(CANARY)
    secret.wipe()
    assert not secret
    assert secret.reveal() == ""


def test_a_wiped_key_keeps_its_address_and_signs_no_more() -> None:
    pair = about().key_pair()
    pair.wipe()
    assert pair.address.startswith("HAgk14")
    with pytest.raises(Exception, match="locked away"):
        pair.sign(b"message")
