"""The settings by group, each with its bounds, its default and its help."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
)
from pydantic_core import PydanticCustomError

from node.config.values import Hours, Rates, WebAddress, Words


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NodeSettings(_Group):
    """The node itself."""

    name: str = Field("stoker", min_length=1, max_length=60, description="What this node calls itself.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much the log tells.")
    log_format: Literal["human", "json"] = Field("human", description="Log lines for people or for programs.")
    drain_seconds: int = Field(120, ge=1, le=3600, description="How long a drain waits for running jobs, in seconds.")


class EngineSettings(_Group):
    """What computes."""

    kind: Literal["llamacpp", "openai"] = Field(
        "llamacpp", description="The embedded engine (llamacpp), or a server of your own that speaks OpenAI's API."
    )
    model: str = Field(
        "smollm2-135m-instruct", max_length=200, description="The model that is loaded at the start (llamacpp)."
    )
    slots: int = Field(4, ge=1, le=256, description="How many jobs compute at once.")
    context: int = Field(
        4096, ge=256, le=1_048_576, description="Tokens that one job may use, prompt and answer together."
    )
    threads: int = Field(0, ge=0, le=1024, description="CPU threads of the engine; 0 leaves one core free.")
    build: str = Field(
        "",
        max_length=64,
        pattern=r"^[a-z0-9._-]*$",
        description="A build for your card (llamacpp), by its name in stoker engine list; empty: the embedded engine.",
    )
    box: Literal["auto", "off"] = Field(
        "auto",
        description="Compute in a box without network and files (llamacpp); off: without one, even for strangers.",
    )
    url: str = Field(
        "", max_length=2000, description="Address of your own server (openai), such as http://127.0.0.1:11434/v1."
    )
    key_file: str = Field(
        "",
        max_length=4000,
        description="A file with the key of your own server; the secret `engine` if left empty.",
    )


class LocalSettings(_Group):
    """The owner's own OpenAI-compatible endpoint."""

    enabled: bool = Field(True, description="Serve the OpenAI-compatible endpoint on this machine.")
    host: str = Field("127.0.0.1", max_length=255, description="Address to listen on.")
    port: int = Field(8455, ge=0, le=65535, description="Port to listen on; 0 takes any free one.")
    allow_remote: bool = Field(False, description="Permit a host that other machines can reach.")
    queue: int = Field(256, ge=0, le=10_000, description="How many of your requests may wait for a slot.")
    max_request_bytes: int = Field(
        4 * 1024 * 1024, ge=1024, le=256 * 1024 * 1024, description="Largest request that is read, in bytes."
    )
    stall_seconds: int = Field(
        60, ge=1, le=3600, description="A client that takes nothing for this long is cut off, in seconds."
    )


class HardwareSettings(_Group):
    """What is measured."""

    interval: float = Field(1.0, ge=0.2, le=60.0, description="Seconds between two readings of the sensors.")
    cpu_watts: float = Field(
        0.0, ge=0, le=10_000, description="Draw of the processor at full load, where it cannot be measured; 0: unknown."
    )
    gpus: Words = Field(
        (), description="The cards that are the node's, by number or UUID as in stoker hardware; empty: all of them."
    )


class LimitsSettings(_Group):
    """What the machine may be asked to bear. 0 switches a limit off."""

    gpu_celsius: float = Field(83.0, ge=0, le=120, description="Take nothing new at this temperature of a GPU.")
    hot_spot_celsius: float = Field(100.0, ge=0, le=130, description="The same for the hottest part of the chip.")
    memory_celsius: float = Field(100.0, ge=0, le=130, description="The same for the memory of the GPU.")
    host_celsius: float = Field(98.0, ge=0, le=130, description="The same for the processor.")
    cooldown_celsius: float = Field(8.0, ge=4, le=40, description="How far below its ceiling a GPU must cool down.")
    stay_seconds: float = Field(60.0, ge=1, le=3600, description="How long a limit holds at least, in seconds.")
    power_watts: float = Field(0.0, ge=0, le=100_000, description="Slow down above this draw of all that is measured.")
    vram_free_gb: float = Field(0.0, ge=0, le=1000, description="Memory of the GPU that is kept free for you, in GB.")
    disk_free_gb: float = Field(1.0, ge=0, le=100_000, description="Disk space that is kept free for you, in GB.")
    traffic_day_gb: float = Field(0.0, ge=0, le=1e6, description="Data that may go over the line in a day, in GB.")
    traffic_month_gb: float = Field(0.0, ge=0, le=1e6, description="Data that may go over the line in a month, in GB.")
    on_battery: bool = Field(False, description="Work while the machine runs on battery.")


class ScheduleSettings(_Group):
    """When the node may work."""

    hours: Hours = Field(
        "",
        max_length=2000,
        description="Hours of the week for work, such as Mon-Fri 22:00-06:00; Sat,Sun 00:00-24:00. Empty: always.",
    )


class OwnerSettings(_Group):
    """What happens when you need the machine yourself."""

    on_input: Literal["ignore", "slow", "yield"] = Field(
        "ignore", description="While you use keyboard or mouse: go on, use half the slots, or free the GPU."
    )
    on_guests: Literal["ignore", "slow", "yield"] = Field(
        "yield", description="While a game or another program is on the GPU: go on, use half the slots, or free it."
    )
    guest_megabytes: int = Field(
        500, ge=0, le=1_000_000, description="A program with less GPU memory than this is left alone, in MiB."
    )
    idle_minutes: float = Field(
        10.0, ge=0.01, le=1440, description="Quiet time after which the node goes on, in minutes."
    )


class ElectricitySettings(_Group):
    """What a kilowatt-hour costs."""

    source: Literal["fixed", "hours", "energy-charts", "awattar", "octopus"] = Field(
        "fixed", description="Where the price comes from: fixed, a table of hours, or a public day-ahead source."
    )
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$", description="The currency of all prices here, such as EUR.")
    price: float = Field(
        0.0, ge=-100, le=1000, description="A kilowatt-hour where nothing else is known; 0 and fixed: do not count."
    )
    hours: Rates = Field(
        "",
        max_length=2000,
        description="Prices by hours of the week, such as Mon-Fri 07:00-22:00 0.34; Mon-Sun 22:00-07:00 0.21.",
    )
    zone: str = Field(
        "",
        max_length=60,
        pattern=r"^[A-Za-z0-9_.-]*$",
        description="Bidding zone (energy-charts: DE-LU), country (awattar: de, at) or tariff (octopus: E-1R-...).",
    )
    charges: float = Field(
        0.0, ge=-100, le=1000, description="Grid fees and levies on top of the day-ahead price, per kilowatt-hour."
    )
    tax_percent: float = Field(0.0, ge=0, le=200, description="Tax on day-ahead price and charges, in percent.")
    carbon: float = Field(0.0, ge=0, le=5000, description="Grams of CO2 per kilowatt-hour; 0: not counted.")
    other_watts: float = Field(
        0.0, ge=0, le=100_000, description="Draw of what is not measured (board, fans, supply), counted all the time."
    )
    ceiling: float = Field(0.0, ge=0, le=1000, description="Rest while a kilowatt-hour costs more than this; 0: never.")
    profit_only: bool = Field(False, description="Rest while a kilowatt-hour costs more than it lately earned.")


class AlertSettings(_Group):
    """Who is told when something is wrong with the machine."""

    desktop: bool = Field(True, description="Show alarms on this machine's desktop, where there is one (notify-send).")
    webhook: WebAddress = Field("", description="Address that gets every alarm as a JSON document.")
    ntfy: WebAddress = Field("", description="Topic of an ntfy server, such as https://ntfy.sh/my-secret-topic.")
    ntfy_token_file: str = Field("", max_length=4000, description="A file with the access token of the ntfy server.")
    command: Words = Field(
        (), description="A program of yours and its arguments; it gets every alarm as JSON on its standard input."
    )
    settle_seconds: float = Field(
        20.0, ge=0, le=3600, description="How long an alarm must stand, or be over, before you are told, in seconds."
    )
    heartbeat: WebAddress = Field(
        "", description="Address that is called while all is well, for a service that alerts when the calls stop."
    )
    heartbeat_minutes: float = Field(5.0, ge=0.1, le=1440, description="Minutes between two such calls.")


class MetricsSettings(_Group):
    """The node's figures for monitoring."""

    enabled: bool = Field(False, description="Serve metrics in Prometheus' form, on this machine only.")
    port: int = Field(8456, ge=0, le=65535, description="Port for them on 127.0.0.1; 0 takes any free one.")


class WalletSettings(_Group):
    """Where the chains are asked, and in what money their answers are told."""

    cluster: Literal["mainnet", "devnet", "testnet"] = Field("mainnet", description="Which Solana.")
    rpc_urls: str = Field(
        "",
        max_length=4000,
        description="Solana RPC nodes in the order of preference, with spaces between; empty for the public one.",
    )
    base_rpc_url: str = Field("", max_length=2000, description="An RPC node of Base; empty for the public one.")
    currency: str = Field("USD", pattern="^[A-Z]{3}$", description="What balances are worth is told in this currency.")
    price_source: bool = Field(True, description="Ask CoinGecko what assets are worth.")
    auto_lock_minutes: int = Field(
        15,
        ge=0,
        le=1440,
        description="An unlocked wallet left idle for so long locks, in minutes; 0 never does.",
    )

    @field_validator("rpc_urls", "base_rpc_url")
    @classmethod
    def _are_urls(cls, value: str) -> str:
        for url in value.split():
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise PydanticCustomError("url", "addresses such as https://rpc.example, with spaces between")
        return value
