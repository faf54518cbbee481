"""What the worker predicts, against what was seen on a real server and what the stand-in pays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.networks.horde.kudos import (
    KUDOS,
    ModelValue,
    counted_tokens,
    fastest_unsuspicious,
    from_kudos,
    held_back,
    outlook,
    reward,
    uptime_reward,
)
from node.rehearsal.horde import value as network
from wallet.money import Amount

SEVEN = ModelValue("test/test-llm-7b", 7_000_000_000, validated=True)


def test_the_reward_that_was_seen_for_512_tokens_of_a_7b_model() -> None:
    assert str(reward(answer=9999, prompt=9999, max_length=512, value=SEVEN, trusted=True)) == "47.44 kudos"


@pytest.mark.parametrize(
    ("parameters", "validated", "kudos"), [(7_000_000_000, True, 145), (7_000_000_000, False, 44), (None, True, 73)]
)
def test_the_rewards_that_were_seen_for_being_there(parameters: int | None, validated: bool, kudos: int) -> None:
    assert uptime_reward(8192, ModelValue("m", parameters, validated)).units == kudos * 100


@given(
    answer=st.integers(0, 50_000),
    prompt=st.integers(0, 500_000),
    max_length=st.integers(16, 4096),
    parameters=st.one_of(st.none(), st.integers(100_000_000, 700_000_000_000)),
    validated=st.booleans(),
    trusted=st.booleans(),
)
def test_predictions_equal_what_the_network_pays_to_the_last_hundredth(
    answer: int, prompt: int, max_length: int, parameters: int | None, validated: bool, trusted: bool
) -> None:
    value = ModelValue("m", parameters, validated)
    paid = network.reward_cents(
        answer=answer,
        prompt=prompt,
        max_length=max_length,
        billions=value.billions,
        validated=validated,
        trusted=trusted,
    )
    predicted = reward(answer=answer, prompt=prompt, max_length=max_length, value=value, trusted=trusted)
    assert predicted == Amount(paid, KUDOS)


@given(st.integers(1, 400_000), st.one_of(st.none(), st.integers(100_000_000, 700_000_000_000)), st.booleans())
def test_so_do_predictions_for_being_there(context: int, parameters: int | None, validated: bool) -> None:
    value = ModelValue("m", parameters, validated)
    assert uptime_reward(context, value).units == network.uptime_cents(
        context, billions=value.billions, validated=validated
    )


@given(st.integers(0, 1_000_000))
def test_what_is_held_back_and_what_is_not_are_the_whole(units: int) -> None:
    earned = Amount(units, KUDOS)
    held = held_back(earned)
    assert abs(2 * held.units - units) <= 1


def test_tokens_are_quarters_of_characters_with_20_at_least() -> None:
    assert [counted_tokens(size, 100) for size in (0, 80, 81, 4000)] == [20, 20, 21, 100]
    assert counted_tokens(0, 16) == 16


def test_limits_of_speed_by_size_and_none_for_unknown_models() -> None:
    sizes = {8: 150, 14: 100, 70: 30}
    for billions, limit in sizes.items():
        assert fastest_unsuspicious(ModelValue("m", billions * 10**9)) == limit
    assert fastest_unsuspicious(ModelValue("Mixtral-8x7B", 47 * 10**9)) == 300
    assert fastest_unsuspicious(ModelValue("m", None)) is None


def test_the_outlook_counts_all_slots_at_the_measured_speed() -> None:
    seen = outlook(SEVEN, context=8192, seconds_a_job=10.0, slots=4)
    assert seen.an_hour is not None
    assert seen.an_hour.units == seen.a_job.units * 4 * 360
    assert seen.uptime_an_hour.units == 145 * 100 * 6
    assert outlook(SEVEN, context=8192, seconds_a_job=None, slots=4).an_hour is None


def test_the_networks_floats_become_hundredths() -> None:
    assert [from_kudos(kudos).units for kudos in (1.36, 0.29, 47.44, 0.0)] == [136, 29, 4744, 0]
