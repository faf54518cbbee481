"""Whether a model fits is known from its shape, before it is downloaded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.models.fit import FitLevel, Shape, fit, human_bytes

MIB = 1 << 20
SMOLLM2 = Shape(weights=96_576_768, cache_width=30 * 3 * (64 + 64), embedding_length=576, vocabulary=49_152)


def test_the_formula_gives_what_llama_cpp_reports_for_smollm2() -> None:
    need = fit(SMOLLM2, slots=1, context=8192, available=8 << 30)
    assert round(need.weights / MIB, 2) == 92.10
    assert need.kv / MIB == 180.0
    assert need.compute / MIB == 102.75  # an upper bound: 16.6 in fact


def test_slots_multiply_the_cache_and_nothing_else() -> None:
    one = fit(SMOLLM2, slots=1, context=2048, available=8 << 30)
    four = fit(SMOLLM2, slots=4, context=2048, available=8 << 30)
    assert four.total - one.total == 3 * one.kv


def test_a_smaller_cache_element_makes_a_smaller_cache() -> None:
    assert fit(SMOLLM2, slots=1, context=8192, available=0, element=1.0625).kv == 180 * MIB * 1.0625 / 2


@pytest.mark.parametrize(
    ("spare", "level"),
    [
        (1 << 30, FitLevel.FITS),
        ((1 << 30) - 1, FitLevel.TIGHT),
        (0, FitLevel.TIGHT),
        (-1, FitLevel.TOO_BIG),
    ],
)
def test_the_levels_meet_without_a_gap(spare: int, level: FitLevel) -> None:
    total = fit(SMOLLM2, slots=2, context=1024, available=0).total
    assert fit(SMOLLM2, slots=2, context=1024, available=total + spare).level is level


def test_the_sentence_says_every_figure() -> None:
    assert fit(SMOLLM2, slots=4, context=2048, available=20 << 30).sentence == (
        "fits: needs at most 375 MiB of 20.0 GiB free (weights 92 MiB, 4 jobs of 2,048 tokens 180 MiB, "
        "working memory 103 MiB)"
    )


@pytest.mark.parametrize(("slots", "context"), [(0, 1), (1, 0), (-1, 5)])
def test_nothing_fits_into_no_slots(slots: int, context: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        fit(SMOLLM2, slots=slots, context=context, available=1)


@given(st.integers(1, 64), st.integers(1, 1 << 20), st.integers(0, 1 << 40))
def test_more_memory_never_fits_worse(slots: int, context: int, available: int) -> None:
    order = list(FitLevel)
    worse = fit(SMOLLM2, slots=slots, context=context, available=available).level
    better = fit(SMOLLM2, slots=slots, context=context, available=available * 2 + 1).level
    assert order.index(better) <= order.index(worse)


def test_bytes_are_read_in_powers_of_1024() -> None:
    assert [human_bytes(n) for n in (0, 92 * MIB, 3 << 29)] == ["0 MiB", "92 MiB", "1.5 GiB"]
