"""A node made of frozen data, with the methods of ControlClient: what the app is tested and measured against."""

from __future__ import annotations

import hashlib
import math
import queue
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from node.control.client import JobLife, NodeAbsent, Refused
from node.control.wire import HOST as HOST_KEY
from node.control.wire import (
    BalanceView,
    Counts,
    Course,
    Earning,
    EarningsRow,
    EarningsTable,
    Electricity,
    EngineView,
    Examination,
    GpuProcess,
    GpuReading,
    HardwareReading,
    HeatCeiling,
    History,
    Holding,
    HostReading,
    JobState,
    JobView,
    LedgerEvent,
    LogLine,
    Movement,
    MovementPage,
    NetworkKind,
    NetworkView,
    NodeView,
    PowerToday,
    QueueView,
    Reconciliation,
    RewardView,
    SettingView,
    Snapshot,
    StateLine,
    StateWord,
    Today,
    Trail,
    Transfer,
    WalletMark,
    WalletView,
)

NOW = 1_795_351_267.0  # 2026-11-22 12:41:07 UTC
MIDNIGHT = NOW - 45_667.0

NODE = NodeView(
    name="ember",
    version="0.1.0",
    pid=4242,
    started_at=NOW - 4 * 86_400 - 7860,
    data_dir="/home/ada/.local/share/stoker",
    identity="stoker:8f3c1e77",
    endpoint="http://127.0.0.1:7433/v1",
    loop_lag_p99_ms=3.1,
)

GPU = GpuReading(
    index=0,
    name="NVIDIA GeForce RTX 4090",
    uuid="GPU-5c1e0a62",
    backend="nvml",
    temperature_c=71.0,
    temperature_limit_c=83.0,
    memory_temperature_c=78.0,
    power_w=263.0,
    power_limit_w=300.0,
    power_default_w=450.0,
    energy_mj=8_123_456_000,
    utilisation_pct=97.0,
    memory_used=17_800_000_000,
    memory_total=25_757_220_864,
    clock_mhz=2520,
    memory_clock_mhz=10_501,
    fan_pct=54.0,
    throttle=("power limit",),
    address="00000000:01:00.0",
    hot_spot_c=82.0,
    power_min_w=150.0,
    power_max_w=600.0,
    clock_max_mhz=3105,
    pcie_generation=4,
    pcie_generation_max=4,
    pcie_width=16,
    pcie_width_max=16,
    pcie_replays=0,
    processes=(
        GpuProcess(4301, "llama-server", "compute", 16_900_000_000, ours=True),
        GpuProcess(1822, "gnome-shell", "graphics", 412_000_000),
    ),
)

HOST = HostReading(
    cpu_name="AMD Ryzen 9 7900",
    cpu_count=24,
    cpu_pct=12.0,
    cpu_mhz=4315.0,
    load_1m=2.4,
    memory_used=21_000_000_000,
    memory_total=67_000_000_000,
    swap_used=0,
    disk_free=412_000_000_000,
    disk_total=2_000_000_000_000,
    net_sent_bps=42_000.0,
    net_received_bps=318_000.0,
    cpu_temperature_c=55.0,
    cpu_power_w=48.0,
)

HARDWARE = HardwareReading(at=NOW, host=HOST, gpus=(GPU,), energy_mj=11_556_000_000, energy_source="NVML counter")

CEILINGS = (
    HeatCeiling(GPU.key, "temperature_c", 75.0, 78.0, 81.0, 70.0, 60.0, "limits.gpu_celsius"),
    HeatCeiling(GPU.key, "hot_spot_c", 97.0, 100.0, 104.0, 92.0, 60.0, "limits.hot_spot_celsius"),
    HeatCeiling(GPU.key, "memory_temperature_c", 97.0, 100.0, 104.0, 92.0, 60.0, "limits.memory_celsius"),
    HeatCeiling(HOST_KEY, "cpu_temperature_c", 95.0, 98.0, 102.0, 90.0, 60.0, "limits.host_celsius"),
)

ELECTRICITY = Electricity(
    currency="EUR",
    price_micro=298_000,
    price_source="day-ahead price of energy-charts",
    source="NVML counter, RAPL",
    watts=311.0,
    hour_micro=92_678,
    worth_micro=412_000,
    carbon=381.0,
)

BARE_HARDWARE = HardwareReading(
    at=NOW,
    host=HostReading(
        cpu_name="Intel(R) Xeon(R) Processor",
        cpu_count=2,
        cpu_pct=4.0,
        load_1m=0.1,
        memory_used=1_100_000_000,
        memory_total=8_300_000_000,
        swap_used=0,
        disk_free=21_000_000_000,
        disk_total=64_000_000_000,
    ),
)

RUNNING = (
    JobView(
        number=4812,
        id="b1946ac9-2d52-4a3e-9f10-1d3c5b7a9e01",
        network="horde",
        model="Mistral-Nemo-12B",
        state=JobState.RUNNING,
        client="ana",
        accepted_at=NOW - 14.4,
        started_at=NOW - 14.0,
        deadline_at=NOW + 136.0,
        prompt_tokens=1480,
        tokens=312,
        max_tokens=512,
        tokens_per_second=31.2,
        first_token=0.9,
        queued=0.4,
        entry=1041,
    ),
    JobView(
        number=4813,
        id="b1946ac9-2d52-4a3e-9f10-1d3c5b7a9e02",
        network="horde",
        model="Mistral-Nemo-12B",
        state=JobState.RUNNING,
        accepted_at=NOW - 4.2,
        started_at=NOW - 4.0,
        deadline_at=NOW + 146.0,
        prompt_tokens=220,
        tokens=88,
        max_tokens=512,
        tokens_per_second=30.4,
        first_token=0.6,
        entry=1042,
    ),
    JobView(
        number=4811,
        id="9d2b",
        network="local",
        model="bartowski/Llama-3.1-8B-Instruct.gguf",
        state=JobState.RUNNING,
        client="editor",
        accepted_at=NOW - 22.1,
        started_at=NOW - 22.0,
        prompt_tokens=64,
        tokens=460,
        max_tokens=512,
        tokens_per_second=29.1,
        first_token=0.2,
        entry=1040,
    ),
    JobView(
        number=4814,
        id="b1946ac9-2d52-4a3e-9f10-1d3c5b7a9e04",
        network="horde",
        model="Mistral-Nemo-12B",
        state=JobState.RUNNING,
        accepted_at=NOW - 1.4,
        started_at=NOW - 1.2,
        deadline_at=NOW + 148.8,
        prompt_tokens=2048,
        max_tokens=512,
        entry=1043,
    ),
)

WAITING = (
    JobView(
        number=4815,
        id="77aa",
        network="local",
        model="bartowski/Llama-3.1-8B-Instruct.gguf",
        state=JobState.WAITING,
        client="notebook",
        accepted_at=NOW - 0.8,
        max_tokens=256,
    ),
)

RECENT = (
    JobView(
        number=4810,
        id="b1946ac9-2d52-4a3e-9f10-1d3c5b7a9e00",
        network="horde",
        model="Mistral-Nemo-12B",
        state=JobState.DONE,
        accepted_at=NOW - 13.9,
        started_at=NOW - 13.4,
        ended_at=NOW - 0.2,
        prompt_tokens=900,
        tokens=417,
        max_tokens=512,
        tokens_per_second=31.6,
        first_token=0.8,
        queued=0.5,
        compute=13.2,
        joules=1900.0,
        cost_micro=157,
        currency="EUR",
        reward="+3.41 kudos",
        entry=1039,
    ),
    JobView(
        number=4809,
        id="41c0",
        network="local",
        model="bartowski/Llama-3.1-8B-Instruct.gguf",
        state=JobState.DONE,
        client="editor",
        accepted_at=NOW - 13.2,
        started_at=NOW - 13.1,
        ended_at=NOW - 9.1,
        prompt_tokens=41,
        tokens=120,
        max_tokens=256,
        tokens_per_second=30.0,
        first_token=0.3,
        queued=0.1,
        compute=4.0,
        joules=610.0,
        entry=1038,
    ),
    JobView(
        number=4808,
        id="b1946ac9-2d52-4a3e-9f10-1d3c5b7a9dff",
        network="horde",
        model="Mistral-Nemo-12B",
        state=JobState.FAILED,
        accepted_at=NOW - 40.0,
        started_at=NOW - 39.0,
        ended_at=NOW - 36.0,
        prompt_tokens=8200,
        compute=3.0,
        reason="the prompt has 8,200 tokens, the context 8,192",
        entry=1037,
    ),
    JobView(
        number=4807,
        id="40ff",
        network="local",
        model="bartowski/Llama-3.1-8B-Instruct.gguf",
        state=JobState.CANCELLED,
        client="notebook",
        accepted_at=NOW - 71.0,
        started_at=NOW - 70.5,
        ended_at=NOW - 68.0,
        tokens=64,
        compute=2.5,
        reason="the client went away",
        entry=1036,
    ),
)

TODAY = Today(
    since_at=MIDNIGHT,
    counts=Counts(done=412, failed=2, cancelled=5),
    prompt_tokens=1_204_511,
    completion_tokens=311_870,
    compute=38_200.0,
    joules=11_556_000.0,
    earnings=(Earning("kudos", 0, 1391, 1284, 0), Earning("USDC", 6, 314_200, 314_200, 310_000)),
    power=PowerToday(
        idle_joules=1_104_000.0,
        working_joules=11_556_000.0,
        idle_watts=61.0,
        working_watts=305.0,
        cost_micro=1_047_966,
        currency="EUR",
        earned_micro=1_449_000,
        carbon_g=1340.0,
    ),
)

WORKING = Snapshot(
    at=NOW,
    tick=700_000,
    node=NODE,
    state=StateLine(StateWord.WORKING, "4 jobs run, 1 waits", since_at=NOW - 5400),
    engines=(
        EngineView(
            "llamacpp",
            "ready",
            device="NVIDIA GeForce RTX 4090 (CUDA)",
            models=("Mistral-Nemo-12B", "bartowski/Llama-3.1-8B-Instruct.gguf"),
            slots=4,
            busy=4,
            tokens_per_second=118.0,
        ),
    ),
    slots=4,
    busy=4,
    tokens_per_second=118.3,
    busy_pct=97.0,
    jobs=RUNNING + WAITING,
    recent=RECENT,
    queues=(
        QueueView("horde", running=3, waiting=0, depth=1284),
        QueueView("local", running=1, waiting=1),
        QueueView("aipg", connected=False, detail="under maintenance"),
    ),
    today=TODAY,
    hardware=HARDWARE,
    electricity=ELECTRICITY,
    ceilings=CEILINGS,
)

IDLE = replace(
    WORKING,
    state=StateLine(
        StateWord.WAITING,
        "ready since 12:36, no job has come",
        remedy="stoker try",
        since_at=NOW - 300,
        notes=("the engine runs on the CPU",),
    ),
    engines=(EngineView("llamacpp", "ready", device="CPU", models=("SmolLM2-135M-Instruct",), slots=2),),
    slots=2,
    busy=0,
    tokens_per_second=0.0,
    busy_pct=0.0,
    jobs=(),
    recent=(),
    queues=(QueueView("local"),),
    today=Today(since_at=MIDNIGHT),
    hardware=BARE_HARDWARE,
    electricity=None,
    ceilings=(),
)

BLOCKED = replace(
    IDLE,
    state=StateLine(StateWord.BLOCKED, "no model is here yet", remedy="stoker model pull smollm2", since_at=NOW - 60),
    engines=(EngineView("llamacpp", "absent", detail="no model file was found", remedy="stoker model pull smollm2"),),
    slots=0,
    transfers=(Transfer("SmolLM2-135M-Instruct", 43_200_000, 98_300_000, 3_200_000.0, "fetching"),),
)

SETTINGS = (
    SettingView("engine.slots", "integer", "4", "2", "How many jobs the engine computes at once.", "file"),
    SettingView("engine.threads", "integer", "", "", "Threads of the engine; empty takes every core but one."),
    SettingView("local.enabled", "switch", "true", "true", "Whether your own endpoint is served.", restart=False),
    SettingView("local.port", "integer", "7433", "7433", "TCP port of your own endpoint on loopback: 1024 to 65535."),
    SettingView(
        "log.level",
        "choice",
        "info",
        "info",
        "The least important line that is written down.",
        choices=("debug", "info", "warning", "error"),
        restart=False,
    ),
    SettingView(
        "models.default", "text", "SmolLM2-135M-Instruct", "SmolLM2-135M-Instruct", "The model that is served."
    ),
)

LOGS = (
    LogLine(1, NOW - 120.0, "INFO", "node.service", "the node starts, version 0.1.0"),
    LogLine(2, NOW - 119.2, "INFO", "node.engines.llamacpp", "the engine serves Mistral-Nemo-12B on 4 slots"),
    LogLine(3, NOW - 60.0, "DEBUG", "node.dispatcher", "ticket for horde granted"),
    LogLine(4, NOW - 36.0, "WARNING", "node.networks.horde", "job #4808 failed: the prompt has 8,200 tokens"),
    LogLine(5, NOW - 2.0, "ERROR", "node.networks.aipg", "under maintenance; next try in 60 s"),
)

LIFE = (
    LedgerEvent(1031, NOW - 13.9, "job.accepted", "3fa94c01" * 8, "horde, Mistral-Nemo-12B, 900 prompt tokens"),
    LedgerEvent(1033, NOW - 13.4, "job.started", "81b2d0aa" * 8, "slot 2 of llamacpp"),
    LedgerEvent(1039, NOW - 0.2, "job.done", "c07e5512" * 8, "417 tokens, 13.2 s, 1.9 kJ, +3.41 kudos"),
)


MAIN = WalletView(
    name="main",
    address="HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk",
    chain="solana",
    store="vault",
    store_detail="vault/main.vault in the data directory: opened by its passphrase, and by nothing else",
    active=True,
    locked=True,
    backed_up=False,
    created_at=NOW - 900_000,
)

PAYOUTS = WalletView(
    name="payouts",
    address="0x52908400098527886E0F7030069857D2E4169EE7",
    chain="base",
    store="watch-only",
    created_at=NOW - 500_000,
)

MARK = WalletMark("main", MAIN.address, locked=True, backed_up=False)

MAIN_BALANCE = BalanceView(
    wallet="main",
    address=MAIN.address,
    cluster="mainnet-beta",
    at=NOW - 4,
    holdings=(
        Holding("SOL", 9, 1_234_567_891, "Solana", worth="182.10 EUR", worth_at=NOW - 60),
        Holding("USDC", 6, 41_310_000, "USD Coin", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", worth="38.02 EUR"),
        Holding("NOS", 6, 12_000_000, "Nosana", "nosXBVoaCTtYdLvKY6Csb4AC8JCdQKKAaWYtx2ZMoo7"),
        Holding(
            "FREE", 0, 1_000_000, "free money .example", "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", known=False
        ),
    ),
    endpoints=("api.mainnet-beta.solana.com answers in 120 ms",),
)

PAYOUTS_BALANCE = BalanceView(
    wallet="payouts",
    address=PAYOUTS.address,
    cluster="base",
    at=NOW - 9,
    holdings=(Holding("ETH", 18, 0, "Ether", worth="0.00 EUR"), Holding("USDC", 6, 7_500_000, worth="6.90 EUR")),
)

CLIENT = "5hn5pVJkyVYoVNyP1RbVbsJSKZq9cXHhGqYmSkZkfMP9"

MOVEMENTS = (
    Movement("4sGj" + "k" * 80 + "Qa81", NOW - 120, "in", "USDC", 6, 10_000, CLIENT, "job 4809", known=True),
    Movement("2Wxp" + "m" * 80 + "7zRt", NOW - 7200, "out", "SOL", 9, 250_000_000, CLIENT, "", 5_000),
    Movement("3kLq" + "n" * 80 + "Bv2e", NOW - 100_000, "in", "USDC", 6, 41_300_000, CLIENT, "kudos of week 46"),
    Movement(
        "5yTu" + "p" * 80 + "Xc9d", NOW - 190_000, "in", "FREE", 0, 1_000_000, "", "claim at free.example", known=False
    ),
    Movement("1aBc" + "q" * 80 + "Ds3f", NOW - 200_000, "out", "USDC", 6, 0, "", "", 5_000, failed=True),
)

OLDER_MOVEMENTS = (Movement("6dEf" + "r" * 80 + "Gh4i", NOW - 900_000, "in", "SOL", 9, 1_500_000_000, CLIENT, "first"),)


def wave(length: int = 300, *, at: float = NOW) -> History:
    """Five minutes that rise and fall."""
    steps = range(length)
    heat = tuple(66 + 5.5 * math.sin(i / 41 - 1) for i in steps)
    watts = tuple(250 + 18 * math.sin(i / 23) for i in steps)
    cpu = tuple(14 + 8 * math.sin(i / 13) for i in steps)
    return History(
        ends_at=at,
        tokens_per_second=tuple(90 + 34 * math.sin(i / 23) + 9 * math.sin(i / 3.1) for i in steps),
        busy_slots=tuple(4.0 if math.sin(i / 23) > -0.8 else 3.0 for i in steps),
        temperature_c=heat,
        power_w=watts,
        cpu_pct=cpu,
        trails=(
            Trail(GPU.key, heat, watts, tuple(95 + 4 * math.sin(i / 9) for i in steps)),
            Trail(HOST_KEY, tuple(value - 14 for value in heat), tuple(value / 5 for value in watts), cpu),
        ),
    )


def digest(secret: str) -> str:
    """What the fake node keeps of a secret that it was told."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hidden(arguments: Mapping[str, object]) -> dict[str, object]:
    """The arguments with only a digest of each secret."""
    return {name: digest(str(value)) if name in ("passphrase", "key") else value for name, value in arguments.items()}


Stream = queue.Queue[Snapshot | LedgerEvent | None]
_STREAMS: weakref.WeakSet[Stream] = weakref.WeakSet()


def hang_up() -> None:
    """End the event streams of all fake nodes, so that whoever listens comes to an end."""
    for stream in tuple(_STREAMS):
        stream.put(None)


def _anew(refused: Refused) -> Refused:
    """An error that is raised keeps the frames that it passed, and what was typed with them."""
    return Refused(refused.status, refused.code, refused.message, refused.remedy)


class FakeNode:
    """Plays snapshots, and writes down what it was told.

    Attributes:
        told: every command with its arguments.
        changed: every setting that was written.
        asked: of which device, and over how many hours, the past was asked for.
        summed: by what, and over which span, earnings were asked for.
        exported: every sheet that was asked for.
        examined: every question about a network.
        resumed: behind which entry each listener began.
    """

    def __init__(
        self,
        snapshot: Snapshot = WORKING,
        history: History | None = None,
        *,
        ended: Sequence[JobView] = RECENT,
        settings: Sequence[SettingView] = SETTINGS,
        logs: Sequence[LogLine] = LOGS,
        wallets: Sequence[WalletView] = (),
        networks: Sequence[NetworkView] = (),
        kinds: Sequence[NetworkKind] = (),
    ) -> None:
        self.directory = Path(snapshot.node.data_dir)
        self.place = ""
        self.snapshot = snapshot
        self.past = history if history is not None else wave()
        self.ended = list(ended)
        self.kept_settings = list(settings)
        self.log_lines = list(logs)
        self.named = list(wallets)
        self.held = {"main": MAIN_BALANCE, "payouts": PAYOUTS_BALANCE}
        self.moved = {"": MovementPage("main", MOVEMENTS, "2"), "2": MovementPage("main", OLDER_MOVEMENTS)}
        self.joined = list(networks)
        self.kinds = list(kinds)
        self.found: Examination | Refused = Examination()
        self.tables: dict[str, EarningsTable] = {}
        self.compared: list[Reconciliation] = []
        self.rewarded: list[RewardView] = []
        self.sheet = ""
        self.summed: list[tuple[str, dict[str, object]]] = []
        self.exported: list[tuple[str, dict[str, object]]] = []
        self.networks_asked = 0
        self._pace = threading.Event()
        self._pace.set()
        self.examined: list[dict[str, object]] = []
        self.told: list[tuple[str, dict[str, object]]] = []
        self.changed: list[tuple[str, str | None]] = []
        self.resumed: list[int | None] = []
        self.asked: list[tuple[str, int]] = []
        self.refusal: Refused | None = None
        self.alive = True
        self._streams: list[Stream] = []
        self._lock = threading.Lock()

    # What a test makes it do

    def play(self, event: Snapshot | LedgerEvent) -> None:
        """Send this to everyone who listens."""
        if isinstance(event, Snapshot):
            self.snapshot = event
        with self._lock:
            for stream in self._streams:
                stream.put(event)

    def die(self) -> None:
        """Answer nobody any more."""
        self.alive = False
        with self._lock:
            for stream in self._streams:
                stream.put(None)

    @contextmanager
    def slow(self) -> Iterator[Callable[[], None]]:
        """Let examinations take until what this gives is called, or the block is left."""
        self._pace.clear()
        try:
            yield self._pace.set
        finally:
            self._pace.set()

    def revive(self) -> None:
        self.alive = True

    # What the app asks

    def state(self) -> Snapshot:
        self._answer()
        return self.snapshot

    def history(self) -> History:
        self._answer()
        return self.past

    def course(self, device: str = HOST_KEY, *, hours: int = 24, points: int = 300) -> Course:
        self._answer()
        self.asked.append((device, hours))
        step = max(60, hours * 3600 // points)
        steps = range(hours * 3600 // step)
        heat = tuple(None if i < len(steps) // 5 else 58 + 12 * math.sin(i / 17) for i in steps)
        watts = tuple(None if value is None else 4 * value - 30 for value in heat)
        load = tuple(None if value is None else 1.3 * value for value in heat)
        return Course(device, int(NOW) - hours * 3600, step, heat, heat, watts, load)

    def events(self, after: int | None = None) -> Iterator[Snapshot | LedgerEvent]:
        self._answer()
        self.resumed.append(after)
        stream: Stream = queue.Queue()
        _STREAMS.add(stream)
        with self._lock:
            self._streams.append(stream)
        try:
            while (event := stream.get()) is not None:
                yield event
        finally:
            with self._lock:
                self._streams.remove(stream)

    def jobs(self, *, limit: int = 100, before: int | None = None, **filters: str) -> list[JobView]:
        self._answer()
        text = filters.get("text", "").casefold()
        known = [*self.snapshot.jobs, *self.ended]
        found = [job for job in known if text in f"{job.number} {job.network} {job.model} {job.state}".casefold()]
        return sorted(found, key=lambda job: -job.number)[:limit]

    def job(self, number: int) -> JobLife:
        self._answer()
        for job in (*self.snapshot.jobs, *self.ended):
            if job.number == number:
                return JobLife(job, LIFE if job.state.final else LIFE[:2])
        raise Refused(404, "unknown_job", f"job {number}: there is none of this number")

    def logs(self, *, after: int = 0, limit: int = 500) -> list[LogLine]:
        self._answer()
        return [line for line in self.log_lines if line.seq > after][-limit:]

    def settings(self) -> list[SettingView]:
        self._answer()
        return list(self.kept_settings)

    def change_setting(self, key: str, value: str | None) -> SettingView:
        self._answer()
        at = next(index for index, setting in enumerate(self.kept_settings) if setting.key == key)
        before = self.kept_settings[at]
        if before.kind == "integer" and value is not None and not value.isdigit():
            raise Refused(422, "bad_setting", f"{key} is {value!r}, expected a whole number")
        self.changed.append((key, value))
        after = replace(
            before,
            value=before.default if value is None else value,
            source="default" if value is None else "file",
        )
        self.kept_settings[at] = after
        return after

    def wallets(self) -> list[WalletView]:
        self._answer()
        return list(self.named)

    def balance(self, wallet: str) -> BalanceView:
        self._answer()
        return self.held.get(wallet) or BalanceView(wallet, "", "mainnet-beta", self.snapshot.at)

    def movements(self, wallet: str, *, older: str = "", limit: int = 25) -> MovementPage:
        self._answer()
        return self.moved[older] if wallet == "main" else MovementPage(wallet)

    def earnings(self, by: str = "day", **span: object) -> EarningsTable:
        self._answer()
        self.summed.append((by, span))
        return self.tables.get(by, EarningsTable("EUR", (), EarningsRow("")))

    def reconciliation(self) -> list[Reconciliation]:
        self._answer()
        return list(self.compared)

    def rewards(
        self, *, network: str | None = None, asset: str | None = None, before: int | None = None, limit: int = 100
    ) -> list[RewardView]:
        self._answer()
        found = [
            reward
            for reward in self.rewarded
            if network in (None, reward.network)
            and asset in (None, reward.asset)
            and (before is None or reward.entry < before)
        ]
        return found[:limit]

    def text(self, path: str, **query: object) -> str:
        self._answer()
        self.exported.append((path, query))
        return self.sheet

    def networks(self) -> list[NetworkView]:
        self._answer()
        self.networks_asked += 1
        return list(self.joined)

    def network_kinds(self) -> list[NetworkKind]:
        self._answer()
        return list(self.kinds)

    def examine_network(self, question: Mapping[str, object]) -> Examination:
        self._answer()
        self.examined.append(hidden(question))
        self._pace.wait(30)
        if isinstance(self.found, Refused):
            raise _anew(self.found)
        return self.found

    def command(self, name: str, /, *, key: str | None = None, **arguments: object) -> dict[str, object]:
        return self.order(name, arguments, key=key)

    def order(
        self, name: str, arguments: Mapping[str, object], *, key: str | None = None, timeout: float | None = None
    ) -> dict[str, object]:
        self._answer()
        if (said := self.refusal) is not None:
            raise _anew(said)
        self.told.append((name, hidden(arguments)))
        return {"ok": True}

    def _answer(self) -> None:
        if not self.alive:
            raise NodeAbsent(f"no node answers in {self.directory}")
