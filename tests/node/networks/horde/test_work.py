"""Jobs from the AI Horde: taken, done, delivered, and written down to the last hundredth."""

from __future__ import annotations

from pathlib import Path

from horde_house import MODEL, house, station

from node.jobs import JobState


async def test_jobs_are_done_delivered_and_booked(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        horde.ask(5)
        receipts = await node.ended(5)
        assert {receipt.state for receipt in receipts} == {JobState.DONE}
        credited = await node.booked(5)
        paid = horde.worker.paid
        assert {receipt.job_id: receipt.reward and receipt.reward.units for receipt in receipts} == paid
        assert {one.reference: one.units for one in credited} == paid
        assert {one.refers for one in credited} == {receipt.number for receipt in receipts}
        assert all(request.answers[0]["text"] == "one " for request in horde.horde.requests)
        assert horde.horde.requests[0].answers[0]["model"] == MODEL
