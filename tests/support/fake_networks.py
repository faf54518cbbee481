"""Networks for the fake node: joined ones in every state, kinds with their pages, and what an examination finds."""

from __future__ import annotations

from fake_node import NOW

from node.control.wire import (
    Coin,
    Examination,
    Finding,
    NetworkKind,
    NetworkModel,
    NetworkState,
    NetworkView,
    PagePart,
    Remark,
    Rewards,
)

NEMO = NetworkModel(
    "Mistral-Nemo-12B",
    "koboldcpp/Mistral-Nemo-Instruct-2407",
    known=True,
    validated=True,
    a_job=Coin("kudos", 2, 1_240),
    an_hour=Coin("kudos", 2, 128_400),
)
LLAMA = NetworkModel("bartowski/Llama-3.1-8B-Instruct.gguf", "grid/llama-3.1-8b", known=True, a_job=Coin("den", 0, 42))

HORDE = NetworkView(
    "horde",
    "horde",
    "AI Horde",
    NetworkState.WORKING,
    since_at=NOW - 7200,
    url="https://aihorde.net",
    worker_name="ember-1",
    weight=1.0,
    models=(
        NEMO,
        NetworkModel("my-own-merge", "my-own-merge", known=False, validated=False, a_job=Coin("kudos", 2, 100)),
    ),
    running=3,
    waiting=1,
    depth=1284,
    detail="account ada#4711, not trusted yet; about 107.12 kudos held back until it is trusted (our estimate; the "
    "network does not say)",
    share_pct=72.0,
    hour_done=41,
    hour_failed=1,
    rewards=(Rewards("kudos", 2, 139_100, 128_400, 0, 10_712, 48_210, 36_140, 0),),
    faults=(Remark(NOW - 36, "job #4808 failed: the prompt has 8,200 tokens, the context 8,192"),),
    messages=(Remark(NOW - 5400, 'from a moderator: "Please update the name of your model: it has a new one."'),),
    maintenance=False,
    seen_at=NOW - 4,
    accepted_at=NOW - 900_000,
    key_kept="in the node's own key file, opened by the OS keyring",
)

AIPG = NetworkView(
    "aipg",
    "aipg",
    "AI Power Grid",
    NetworkState.PARKED,
    reason="sent away after six failed jobs in a row: the third time today",
    remedy="stoker networks test aipg",
    since_at=NOW - 400,
    retry_at=NOW + 200,
    url="https://api.aipowergrid.io",
    worker_name="ember",
    weight=2.0,
    models=(LLAMA,),
    depth=None,
    detail="3 strikes; 42 jobs in the hour, 1,764 den",
    share_pct=18.0,
    pay_micro=31.2,
    currency="EUR",
    hour_done=12,
    hour_failed=6,
    rewards=(
        Rewards("den", 0, 58_214, 57_900, 0, None, 1_764, 1_512, 0),
        Rewards("AIPG", 8, 0, 4_213_000_000, 3_100_000_000, None, 0, 21_300_000, 0),
    ),
    faults=(
        Remark(NOW - 410, "the coordinator closed the connection: 4003, cool-down of 600 s"),
        Remark(NOW - 430, "job #4790 failed: the engine ended in the middle of it"),
    ),
    seen_at=NOW - 9,
    accepted_at=NOW - 300_000,
    key_kept="in the node's own key file, opened by the OS keyring",
)

USEPOD = NetworkView(
    "usepod",
    "usepod",
    "Use Pod",
    NetworkState.BARRED,
    reason="the engine runs outside its box, and strangers' prompts would run here",
    remedy="install bubblewrap, or set engine.box to off if you accept that",
    since_at=NOW - 86_400,
    enabled=True,
    url="https://api.usepod.ai",
    models=(NetworkModel("Mistral-Nemo-12B", "mistral-nemo", barred="its licence forbids to earn money with it"),),
    key_kept="made here, in the node's own key file",
    accepted_at=NOW - 300_000,
)

OFF = NetworkView("horde-2", "horde", "AI Horde", NetworkState.OFF, "switched off by you", enabled=False)

JOINED = (HORDE, AIPG, USEPOD)

HORDE_KIND = NetworkKind(
    "horde",
    "AI Horde",
    "Volunteers compute for each other, and for everybody who asks without paying.",
    "https://aihorde.net",
    needs_key=True,
    pays="kudos: priority for your own requests; no money",
    page=(
        PagePart("What it is", "A queue that volunteers take jobs from. " * 6),
        PagePart("What will run here", "Prompts of strangers, unseen by you and by us. " * 8),
        PagePart("What it learns about you", "Your IP address, your account, your worker's name and its speed. " * 5),
    ),
    page_version="2026-11-22",
)

USEPOD_KIND = NetworkKind(
    "usepod",
    "Use Pod",
    "Sells answers by the token and pays the machines that gave them.",
    "https://api.usepod.ai",
    needs_key=False,
    pays="USDC on Solana, per token",
    page=(PagePart("What it is", "A coordinator that was never tried from here."),),
    page_version="2026-11-22",
    experimental="Experimental: ask them first whether they want workers that are not theirs.",
)

KINDS = (HORDE_KIND, USEPOD_KIND)

GOOD = Examination(
    (
        Finding(True, "the key belongs to ada#4711, 1,284 kudos"),
        Finding(True, "the name ember-1 is free"),
        Finding(True, "a dry run was accepted: 4 jobs of 512 tokens each would be offered for"),
    ),
    (NEMO,),
)

BAD = Examination(
    (
        Finding(False, "the key is not known to the network", "copy it again from https://aihorde.net/register"),
        Finding(True, "the name ember-1 is free"),
    ),
    HORDE.models,
)
