"""The settings of the wallet."""

from __future__ import annotations

import pytest

from node.config import ConfigError, WalletSettings, build

CANARY = "canary-api-key"


def test_several_rpc_nodes_are_written_with_spaces() -> None:
    urls = "https://rpc.example/?api-key=1 http://127.0.0.1:8899"
    assert build({"wallet": {"rpc_urls": urls}}, "stoker.toml").wallet.rpc_urls == urls


@pytest.mark.parametrize("key", ["rpc_urls", "base_rpc_url"])
@pytest.mark.parametrize("value", [f"rpc.example/{CANARY}", f"ftp://rpc.example/{CANARY}", f"https:///{CANARY}", 5])
def test_an_address_that_is_none_is_refused_and_not_repeated(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=f"stoker.toml: wallet.{key}: got something else; expected") as caught:
        build({"wallet": {key: value}}, "stoker.toml")
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("value", [{"currency": "euro"}, {"cluster": "moon"}, {"auto_lock_minutes": -1}])
def test_what_does_not_fit_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=f"wallet.{next(iter(value))}"):
        build({"wallet": value}, "stoker.toml")


def test_a_wallet_needs_no_settings() -> None:
    assert WalletSettings().cluster == "mainnet"
