"""The owner's settings: typed, from ``stoker.toml`` in the data directory, with ``STOKER_...`` variables on top."""

from node.config.groups import (
    AlertSettings,
    ElectricitySettings,
    EngineSettings,
    LimitsSettings,
    LocalSettings,
    WalletSettings,
)
from node.config.settings import (
    PREFIX,
    ConfigError,
    Settings,
    build,
    check_group,
    fields,
    kind_of,
    load,
    nearest_key,
    read_file,
)
from node.config.values import join_words, split_words

__all__ = [
    "PREFIX",
    "AlertSettings",
    "ConfigError",
    "ElectricitySettings",
    "EngineSettings",
    "LimitsSettings",
    "LocalSettings",
    "Settings",
    "WalletSettings",
    "build",
    "check_group",
    "fields",
    "join_words",
    "kind_of",
    "load",
    "nearest_key",
    "read_file",
    "split_words",
]
