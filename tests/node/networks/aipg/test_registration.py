"""What a worker says of itself is checked here, because the grid takes anything."""

from __future__ import annotations

import pytest

from node.networks.aipg.registration import HOME, checked_key, checked_models, checked_name, socket_url
from wallet.secret import Secret


@pytest.mark.parametrize(
    ("url", "dialled"),
    [
        (HOME, "wss://ws.aipowergrid.io/v1/workers/ws"),
        ("https://api.example.org/api", "wss://ws.example.org/v1/workers/ws"),
        ("https://grid.example.org:8443/", "wss://grid.example.org:8443/v1/workers/ws"),
        ("http://127.0.0.1:7000", "ws://127.0.0.1:7000/v1/workers/ws"),
        ("http://[::1]:7000", "ws://[::1]:7000/v1/workers/ws"),
    ],
)
def test_workers_dial_the_address_that_follows_from_the_apis(url: str, dialled: str) -> None:
    assert socket_url(url) == dialled


@pytest.mark.parametrize("url", ["", "api.aipowergrid.io", "ftp://x", "https://", "https://u:p@x", "https://x?key=1"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected an address such as"):
        socket_url(url)


def test_a_key_never_travels_in_the_clear() -> None:
    with pytest.raises(ValueError, match="unencrypted"):
        socket_url("http://api.aipowergrid.io")


@pytest.mark.parametrize("name", ["r", "Rig-01", "x" * 100])
def test_good_names_are_taken(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "my rig", "rig#2", "x" * 101, "rig\n", "größe"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected 1 to 100"):
        checked_name(name)


@pytest.mark.parametrize("key", ["", "sk-1234567890123456789012345", "grid_", "grid_ with space 12345678", "grid_a\nb"])
def test_a_key_of_another_kind_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ValueError, match="begins with grid_") as caught:
        checked_key(Secret(key))
    assert len(key) < 6 or key not in str(caught.value)


@pytest.mark.parametrize(
    ("models", "told"),
    [
        ({}, "at least one"),
        ({"m": ""}, "is none"),
        ({"m": "has space"}, "is none"),
        ({"m": "x" * 121}, "is none"),
        ({"m": "auto"}, "announce the real one"),
        ({"m": "auto:fast"}, "announce the real one"),
        ({"m": "flux.1-krea-dev"}, "retired"),
        ({"a": "same", "b": "same"}, "same id"),
    ],
)
def test_models_that_the_grid_could_not_use_are_refused(models: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        checked_models(models)
