"""One job in hand: from its offer to the network's word on the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from node.clock import Clock
from node.engines.base import EngineError, EngineFault
from node.jobs import GenerationRequest, JobState
from node.networks.base import JobEnded, Run, Tickets
from node.networks.websocket.answer import Answer
from node.networks.websocket.dialect import Dialect, Offer
from node.networks.websocket.frames import Frame
from node.networks.websocket.link import Link, Lost
from node.networks.websocket.request import Unfit, fitted, longest_prompt, read, text_of
from wallet.money import Amount

COMPUTING = frozenset({JobState.WAITING, JobState.RUNNING})


class Left(Exception):
    """We close the connection ourselves.

    Attributes:
        pause: whether to wait before the next one, because something went wrong.
    """

    def __init__(self, reason: str, *, pause: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.pause = pause


class Hand:
    """An offer, and what became of it.

    Attributes:
        finished: nothing more will be said about it; a word from the network may still come.
        cancelled: the network does not want it any longer.
        starved: there is no ticket for it yet.
        serving: the task that sees to it.
        word_after: seconds from the finished answer to the network's word on it; None while there is none.
    """

    def __init__(self, offer: Offer, served: str, place: int, clock: Clock) -> None:
        now = clock.monotonic()
        self.offer = offer
        self.served = served
        self.deadline = now + offer.seconds
        self.answer = Answer(offer.id, offer.model, place, now)
        self.run: Run | None = None
        self.serving: asyncio.Task[None] | None = None
        self.finished = False
        self.cancelled = False
        self.starved = False
        self.word_after: float | None = None
        self._clock = clock
        self._ack: asyncio.Future[Amount | None] = asyncio.get_running_loop().create_future()

    @property
    def computing(self) -> bool:
        """It uses a place at the dispatcher's."""
        return self.run is not None and self.run.state in COMPUTING

    def cancel(self) -> None:
        """The network wants it no longer."""
        self.cancelled = True
        if self.run is not None:
            self.run.cancel("its caller has gone")

    def acknowledged(self, reward: Amount | None) -> None:
        """The network's word on the answer; a second one changes nothing."""
        if not self._ack.done():
            self._ack.set_result(reward)
            if self.finished and self.answer.ended_at is not None:
                self.word_after = self._clock.monotonic() - self.answer.ended_at

    def expect_no_word(self) -> None:
        """We leave before the network's word on the answer."""
        if not self._ack.done():
            self._ack.set_result(None)

    def abandon(self, reason: str) -> None:
        """The connection is gone: what the network did not confirm goes back to it."""
        if self.run is not None:
            self.run.cancel(reason, JobState.RETURNED)

    async def request(self, tickets: Tickets) -> GenerationRequest:
        """What the engine is asked.

        Raises:
            Unfit: it cannot be served here. EngineError: the engine is gone.
        """
        chat = read(self.offer.body, self.served)
        context = next((model.context for model in tickets.models() if model.name == self.served), None)
        prompt = longest_prompt(chat)
        if context is not None and prompt + (chat.new_tokens or 0) > context:
            around = prompt - len(text_of(chat).encode())
            prompt = await tickets.count_tokens(self.served, text_of(chat)) + max(0, around)
        left = self.deadline - self._clock.monotonic()
        return fitted(chat, prompt, context, left, lambda *tokens: tickets.seconds(self.served, *tokens))

    async def relay(self, run: Run, link: Link, dialect: Dialect, computed: Callable[[], None]) -> None:
        """Stream the answer and deliver it.

        Args:
            computed: called when the slot is free again, before the network knows: it may push the next job at once.

        Raises:
            EngineError, JobEnded: it came to nothing. Lost: the connection did.
        """
        self.run = run
        async with run:
            try:
                async for chunk in run:
                    self.answer.add(chunk, self._clock.monotonic())
                    if frame := dialect.piece(self.answer, chunk):
                        await link.send(frame)
                        self.answer.pieces += 1
                self.answer.ended_at = self._clock.monotonic()
                computed()
                if self.answer.empty:
                    raise EngineError(EngineFault.CRASHED, "the model gave no answer")
                for frame in dialect.done(self.answer):
                    await link.send(frame)
                self.finished = True
                reward = await self.word(dialect)
                if reward is None:
                    await link.arrived()
                await run.delivered(reward)
            except Lost as lost:
                run.cancel(lost.reason, JobState.RETURNED)
                raise

    async def word(self, dialect: Dialect) -> Amount | None:
        """What the network says the answer is worth; None if it says nothing in time."""
        if dialect.ack_seconds is None:
            return None
        try:
            async with asyncio.timeout(dialect.ack_seconds):
                return await self._ack
        except TimeoutError:
            return None

    async def conclude(self, error: EngineError | JobEnded | Unfit, link: Link, dialect: Dialect) -> Amount | None:
        """Tell the network that there is no whole answer; what it pays for the part, if it does.

        Raises:
            Left: the way to tell it is to leave.
        """
        self.finished = True
        frame = self._ending(error, dialect)
        if frame is not None:
            await link.send(frame)
        elif not self.cancelled:
            raise Left(f"a job was handed back: {error}", pause=True)
        reward = await self.word(dialect) if frame is not None and self.cancelled else None
        return reward if reward is not None and reward.units else None

    def _ending(self, error: EngineError | JobEnded | Unfit, dialect: Dialect) -> Frame | None:
        if self.cancelled:
            return dialect.cancelled(self.answer)
        if isinstance(error, JobEnded):
            return dialect.ended(self.answer, error)
        if isinstance(error, Unfit):
            return dialect.failed(self.answer, EngineError(EngineFault.BAD_REQUEST, str(error)))
        return dialect.failed(self.answer, error)
