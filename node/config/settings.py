"""The owner's settings: typed, from ``stoker.toml`` in the data directory, with ``STOKER_...`` variables on top."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import (
    BaseModel,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from node.config.groups import (
    AlertSettings,
    ElectricitySettings,
    EngineSettings,
    HardwareSettings,
    LimitsSettings,
    LocalSettings,
    MetricsSettings,
    NodeSettings,
    OwnerSettings,
    ScheduleSettings,
    WalletSettings,
)

PREFIX = "STOKER_"
UNQUOTED = frozenset({"wallet.rpc_urls", "wallet.base_rpc_url"})
"""Settings whose value no message repeats: RPC providers put their API keys into their URLs."""


class ConfigError(Exception):
    """A setting that cannot be used: file, key, value, what was expected and what to do."""


class Settings(BaseSettings):
    """All settings of a node."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    node: NodeSettings = NodeSettings()
    engine: EngineSettings = EngineSettings()
    local: LocalSettings = LocalSettings()
    hardware: HardwareSettings = HardwareSettings()
    wallet: WalletSettings = WalletSettings()
    limits: LimitsSettings = LimitsSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    owner: OwnerSettings = OwnerSettings()
    electricity: ElectricitySettings = ElectricitySettings()
    alerts: AlertSettings = AlertSettings()
    metrics: MetricsSettings = MetricsSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings


def load(path: Path) -> Settings:
    """Read the settings file; a missing one means defaults.

    Raises:
        ConfigError: names file, key, value, what was expected, and the nearest key for an unknown one.
    """
    return build(read_file(path), str(path))


def read_file(path: Path) -> dict[str, Any]:
    """The file's raw content; empty if there is none.

    Raises:
        ConfigError: it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}; mend that line, or move the file away for defaults") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def build(values: Mapping[str, Any], source: str) -> Settings:
    """Check raw values, with the environment on top; ``source`` is what messages call their origin.

    Raises:
        ConfigError: as `load`.
    """
    private = [key for key in values if key.startswith("_")]  # pydantic-settings would take these for its own options
    if private:
        raise ConfigError(f"{source}: {private[0]}: there is no such setting")
    try:
        return Settings(**values)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(problem, source) for problem in error.errors())) from None
    except SettingsError as error:
        raise ConfigError(f"environment: {error}; expected a variable for each setting, {PREFIX}GROUP__NAME") from None


def check_group(group: str, values: object, source: str) -> None:
    """Check the raw values of one group by themselves, whatever the environment puts on top of them.

    Raises:
        ConfigError: as `load`.
    """
    model = Settings.model_fields[group].annotation
    assert isinstance(model, type) and issubclass(model, BaseModel)
    try:
        model.model_validate(values)
    except ValidationError as error:
        problems = [{**problem, "loc": (group, *problem["loc"])} for problem in error.errors()]
        raise ConfigError("\n".join(_explain(problem, source, {}) for problem in problems)) from None


def fields() -> Iterator[tuple[str, FieldInfo]]:
    """Every setting by its dotted key, in the order of the file."""
    for group, info in Settings.model_fields.items():
        annotation = info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, field in annotation.model_fields.items():
                yield f"{group}.{name}", field


def kind_of(field: FieldInfo) -> tuple[str, tuple[str, ...]]:
    """How a form shows a setting (text, integer, number, switch, choice, list) and its choices."""
    if get_origin(field.annotation) is Literal:
        return "choice", tuple(str(choice) for choice in get_args(field.annotation))
    if get_origin(field.annotation) is tuple:
        return "list", ()
    kinds: dict[Any, str] = {bool: "switch", int: "integer", float: "number"}
    return kinds.get(field.annotation, "text"), ()


def nearest_key(key: str) -> str | None:
    """The known dotted key, or group, that is spelt most like this one."""
    known = [name for name, _ in fields()] + list(Settings.model_fields)
    return next(iter(difflib.get_close_matches(key, known, n=1, cutoff=0.6)), None)


def _explain(problem: Any, source: str, environment: Mapping[str, str] = os.environ) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    variable = f"{PREFIX}{key.replace('.', '__')}".upper()
    where = f"environment: {variable}" if variable in environment else f"{source}: {key}"
    if problem["type"] == "extra_forbidden":
        near = nearest_key(key)
        return f"{where}: there is no such setting" + (f"; did you mean {near}?" if near else "")
    if problem["type"] in ("model_type", "model_attributes_type"):
        return f"{where}: got {problem['input']!r:.80}; expected a table, written [{key}]"
    expected = problem["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    expected = (
        expected.rpartition("; expected ")[2].removeprefix("expected ").replace("String should have", "a text of")
    )
    if problem["type"] == "string_pattern_mismatch" and (field := dict(fields()).get(key)):
        expected = f"another form: {field.description}"
    got = "got something else" if key in UNQUOTED else f"got {problem['input']!r:.80}"
    return f"{where}: {got}; expected {expected}"
