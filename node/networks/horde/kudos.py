"""What the AI Horde pays, by its own formulas (AI-Horde 5.1.5), to the last hundredth. Pure.

Everything is counted in characters: a "token" is a quarter of one, whatever the model's own tokens are. The factor of
the context is capped by the requested *length*, not by the context, because the network counts both with one rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from wallet.money import Amount, Asset

KUDOS = Asset("kudos", 2)

VALIDATED_BACKENDS = frozenset(
    {"AI Horde Worker", "AI Horde Worker~aphrodite~oai", "AI Horde Worker~aphrodite~kai", "KoboldCppEmbedWorker",
     "TabbyAPI"}
)  # fmt: skip
"""Names of worker software (the first part of the agent string) that the network pays in full; others get 30 %."""

UNVALIDATED_SHARE = 0.3
SMALLEST_COUNT = 20
UPTIME_SECONDS = 600
LARGEST_CONTEXT = 262_144


@dataclass(frozen=True, slots=True)
class ModelValue:
    """What decides about a model's worth.

    Attributes:
        name: as it is announced to the network.
        parameters: how many, as the network's reference has it; None if the network does not know the model.
        validated: whether the network knows our software.
    """

    name: str
    parameters: int | None
    validated: bool = False

    @property
    def billions(self) -> float | None:
        return None if self.parameters is None else self.parameters / 1e9


def counted_tokens(characters: int, max_length: int) -> int:
    """How many tokens the network sees in a text of so many characters."""
    return min(max_length, max(SMALLEST_COUNT, math.ceil(characters / 4)))


def reward(*, answer: int, prompt: int, max_length: int, value: ModelValue, trusted: bool) -> Amount:
    """What one job brings.

    Args:
        answer, prompt: lengths in characters. max_length: of the answer, as it was asked for.
    """
    written = counted_tokens(answer, max_length)
    context = counted_tokens(prompt, max_length)
    factor = min(30.0, max(0.1, 1.2 + math.pow(2.2, math.log2(context / 1024))))
    billions = value.billions
    if billions is None:
        kudos = written * factor * 0.027 if trusted else factor
    else:
        bonus = math.pow(max(billions, 13.0) / 13.0, 0.20)
        kudos = written * bonus * billions / 125 * (1.0 if value.validated else UNVALIDATED_SHARE) * factor
    return from_kudos(kudos)


def uptime_reward(context: int, value: ModelValue) -> Amount:
    """What ten minutes of being there bring with this announced context; whole kudos (as observed)."""
    kudos = 25 + 15 * min(context, LARGEST_CONTEXT) / 1024
    billions = value.billions
    if billions is None:
        kudos *= 0.5
    else:
        kudos *= max(billions / 7, 0.25) * (1.0 if value.validated else UNVALIDATED_SHARE)
    return Amount(math.floor(kudos + 0.5) * 100, KUDOS)


def held_back(earned: Amount) -> Amount:
    """The half of a job's reward that an untrusted owner does not see until the account is trusted."""
    return from_kudos(earned.units / 100 / 2)


def from_kudos(kudos: float) -> Amount:
    """Kudos as the network's JSON has them, to its precision of two decimals."""
    return Amount(round(round(kudos, 2) * 100), KUDOS)


def fastest_unsuspicious(value: ModelValue) -> float | None:
    """Tokens a second (as the network counts them) above which an untrusted worker is suspected of cheating.

    None for models that the network does not know: there it does not look.
    """
    billions = value.billions
    if billions is None:
        return None
    limit = 30.0 if billions >= 70 else 100.0 if billions >= 14 else 150.0
    return limit * 3 if "8x" in value.name else limit


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect before joining. Estimates: a job of 200 tokens after a prompt of 1,000.

    Attributes:
        a_job: the reward of such a job. an_hour: of one after the other in every slot; None if the speed is not known.
        uptime_an_hour: for being there.
    """

    value: ModelValue
    trusted: bool
    a_job: Amount
    an_hour: Amount | None
    uptime_an_hour: Amount


def outlook(
    value: ModelValue, *, context: int, seconds_a_job: float | None, slots: int, trusted: bool = False
) -> Outlook:
    """What this model would bring here.

    Args:
        seconds_a_job: how long 200 new tokens after 1,000 take at the measured speed.
    """
    a_job = reward(answer=800, prompt=4000, max_length=200, value=value, trusted=trusted)
    an_hour = None
    if seconds_a_job:
        an_hour = Amount(math.floor(a_job.units * slots * 3600 / seconds_a_job), KUDOS)
    uptime = uptime_reward(context, value)
    return Outlook(value, trusted, a_job, an_hour, Amount(uptime.units * 3600 // UPTIME_SECONDS, KUDOS))
