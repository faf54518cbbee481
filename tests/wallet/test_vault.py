import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wallet_samples import ABOUT_ADDRESS, CHEAP

from wallet import vault
from wallet.secret import Secret
from wallet.vault import MODERATE, SMALL, SMALLEST, Cost, DamagedVault, VaultError, WrongPassphrase

CONTENT = Secret(b"what nobody shall read")
PASSPHRASE = Secret("ein schöner Satz")
SEALED_FROM = int(time.time())
BLOB = vault.seal(CONTENT, PASSPHRASE, ABOUT_ADDRESS, CHEAP)


def rewritten(**changes: Any) -> bytes:
    """The vault with some fields changed by someone who mends the checksum, but lacks the passphrase."""
    fields = json.loads(BLOB)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = fields
        for parent in parents:
            place = place[parent]
        place[last] = value
    bound = {key: value for key, value in fields.items() if key not in ("content", "sha256")}
    import base64
    import hashlib

    canonical = json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()
    fields["sha256"] = hashlib.sha256(canonical + base64.b64decode(fields["content"])).hexdigest()
    return json.dumps(fields).encode()


def test_opens_with_its_passphrase_only() -> None:
    assert vault.unseal(BLOB, PASSPHRASE) == CONTENT
    with pytest.raises(WrongPassphrase):
        vault.unseal(BLOB, Secret("ein schöner satz"))


def test_the_same_passphrase_typed_on_another_system_opens_it() -> None:
    decomposed = Secret("ein scho\u0308ner Satz")
    assert decomposed != PASSPHRASE
    assert vault.unseal(BLOB, decomposed) == CONTENT


def test_the_header_is_readable_without_the_passphrase() -> None:
    header = vault.read_header(BLOB)
    assert (header.address, header.cost) == (ABOUT_ADDRESS, CHEAP)
    assert SEALED_FROM <= header.created <= time.time()
    assert CONTENT.reveal_bytes() not in BLOB


def test_no_two_vaults_are_alike() -> None:
    assert vault.seal(CONTENT, PASSPHRASE, ABOUT_ADDRESS, CHEAP) != BLOB


def test_a_header_altered_on_purpose_does_not_open() -> None:
    with pytest.raises(WrongPassphrase):
        vault.unseal(rewritten(address="EHqmfkN89RJ7Y33CXM6uCzhVeuywHoJXZZLszBHHZy7o"), PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        vault.unseal(rewritten(created=1), PASSPHRASE)


@pytest.mark.parametrize(
    ("operations", "memory"),
    [(1, 2 << 30), (65, 8 << 20), (5, 1 << 30), (0, 8 << 20), (1, 8 << 10), (-1, 8 << 20), (10**30, 10**30)],
)
def test_a_file_that_asks_for_too_much_or_too_little_work_is_refused_unopened(operations: int, memory: int) -> None:
    with pytest.raises(VaultError, match="more work"):
        vault.unseal(rewritten(kdf__operations=operations, kdf__memory=memory), PASSPHRASE)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"version": 2},
        {"version": True},
        {"kdf__name": "scrypt"},
        {"cipher__name": "rot13"},
        {"cipher__nonce": "AAAA"},
        {"kdf__salt": "AAAA"},
        {"kdf__salt": 5},
        {"kdf": []},
        {"kdf__operations": 1.5},
        {"created": "now"},
        {"address": "nobody"},
        {"address": None},
    ],
)
def test_every_field_is_checked(changes: dict[str, Any]) -> None:
    with pytest.raises(VaultError):
        vault.unseal(rewritten(**changes), PASSPHRASE)


@given(st.data())
@settings(max_examples=300)
def test_a_damaged_file_is_called_damaged_before_any_work_is_done(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(BLOB) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != BLOB[at]))
    damaged = BLOB[:at] + bytes([byte]) + BLOB[at + 1 :]
    try:
        header = vault.read_header(damaged)
    except VaultError:
        return
    assert json.loads(damaged) == json.loads(BLOB)  # a space for a newline changes nothing
    assert header == vault.read_header(BLOB)


@pytest.mark.parametrize("blob", [b"", b"[]", b"{}", b"null", b"[" * 10_000, b'{"format":"stoker-vault"', b"\xff"])
def test_other_files_are_no_vaults(blob: bytes) -> None:
    with pytest.raises(VaultError):
        vault.read_header(blob)


def test_a_cut_file_is_damaged() -> None:
    with pytest.raises(DamagedVault):
        vault.read_header(BLOB[:-20])


def test_an_endless_file_is_refused_unread() -> None:
    with pytest.raises(VaultError, match="16384"):
        vault.read_header(b" " * 20_000)


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(VaultError, match="passphrase"):
        vault.seal(CONTENT, Secret(""), ABOUT_ADDRESS, CHEAP)


def test_the_cost_falls_where_memory_is_short() -> None:
    gib = 1 << 30
    assert [vault.affordable(free) for free in (16 * gib, gib // 2, gib // 4, gib // 64)] == [
        MODERATE,
        MODERATE,
        SMALL,
        SMALLEST,
    ]
    assert all(cost.within_bounds() for cost in (MODERATE, SMALL, SMALLEST, Cost(4, gib)))
    assert str(SMALL) == "Argon2id, 8 passes over 64 MiB"


@pytest.mark.slow
async def test_opening_at_full_cost_takes_a_moment_and_never_holds_up_the_event_loop() -> None:
    blob = await asyncio.to_thread(vault.seal, CONTENT, PASSPHRASE, ABOUT_ADDRESS, MODERATE)
    lags = [await worst_lag_while_opening(blob) for _ in range(4)]
    assert min(lags) < 0.05  # other programs hold a loop up now and then; what we do, we do every time


async def worst_lag_while_opening(blob: bytes) -> float:
    """The 99th percentile of how late the loop's timers are, seconds."""
    began = time.perf_counter()
    opening = asyncio.create_task(asyncio.to_thread(vault.unseal, blob, PASSPHRASE))
    lags = []
    while not opening.done():
        asked = time.perf_counter()
        await asyncio.sleep(0.005)
        lags.append(time.perf_counter() - asked - 0.005)
    assert await opening == CONTENT
    assert 0.1 < time.perf_counter() - began < 5
    return sorted(lags)[int(len(lags) * 0.99)]
