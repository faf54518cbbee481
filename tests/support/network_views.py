"""Networks as the control API shows them: one that works, one that is parked, and those that could be joined."""

from __future__ import annotations

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

AT = 1_795_348_800.0  # 2026-11-22 12:00 UTC

HORDE = NetworkKind(
    kind="horde",
    title="AI Horde",
    summary="A volunteers' network.",
    home="https://horde.example/api/v2",
    needs_key=True,
    pays="kudos: no money",
    page=(
        PagePart("What it is", "A crowd of volunteers.\n\nYou need an account."),
        PagePart("What will run here", f"Prompts of strangers, some perhaps unlawful. {'They say so much. ' * 20}"),
    ),
    page_version="2026-11-22",
)
POD = NetworkKind(
    kind="usepod",
    title="Use Pod",
    summary="A market place.",
    home="https://pod.example",
    needs_key=False,
    pays="USDC on Solana",
    page=(PagePart("What it is", "A market place."),),
    page_version="2026-11-20",
    experimental="Nobody asked them yet. Ask them first.",
)
MODEL = NetworkModel(
    served="mistral-nemo",
    name="koboldcpp/Mistral-Nemo",
    known=True,
    validated=False,
    a_job=Coin("kudos", 2, 1240),
    an_hour=Coin("kudos", 2, 148_800),
)
BARRED = NetworkModel("private", "private", barred="its licence (cc-by-nc-4.0) forbids work for pay")
FINE = Examination((Finding(True, "account alice#1, 1,284 kudos"),), (MODEL,))
WRONG = Examination((Finding(True, "account alice#1"), Finding(False, "worker name 'rig' is taken", "choose another")))
WORKING = NetworkView(
    name="horde",
    kind="horde",
    title="AI Horde",
    state=NetworkState.WORKING,
    url="https://horde.example/api/v2",
    worker_name="rig",
    models=(MODEL, BARRED),
    running=3,
    waiting=1,
    depth=1234,
    detail="not trusted yet",
    share_pct=96.6,
    hour_done=120,
    hour_failed=2,
    rewards=(Rewards("kudos", 2, 128_400, 64_200, 0, held=64_200, hour_claimed=14_880, hour_credited=7_440),),
    faults=(Remark(AT, "the answer was no JSON"),),
    messages=(Remark(AT, "Please \x1b[31mupdate"),),
    maintenance=True,
    accepted_at=AT,
    key_kept="file sealed with the host key",
)
PARKED = NetworkView(
    name="second",
    kind="horde",
    title="AI Horde",
    state=NetworkState.PARKED,
    reason="the API key is not valid any more",
    remedy="stoker networks set second --ask-api-key",
    retry_at=AT + 600,
    url="https://horde.example/api/v2",
    worker_name="other-rig",
    accepted_at=AT,
)
