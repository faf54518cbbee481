"""Which models are offered, and which one is proposed."""

from __future__ import annotations

from typing import Any

from tui.setup.offers import Room, offers, recommended

GB = 1_000_000_000


def listed(name: str, size: int, *, installed: bool = False, **more: Any) -> dict[str, Any]:
    fit = {"level": "fits", "total": size + GB, "available": 16 * GB, "sentence": "fits"}
    said = {"name": name, "title": name.title(), "purpose": "chat", "size": size, "installed": installed}
    return {**said, "licence": "Apache-2.0", "commercial": True, "conditions": "", "fit": fit, **more}


CATALOGUE = [
    listed("large", 20 * GB),
    listed("small", GB // 2),
    listed("middle", 5 * GB),
    listed("vectors", GB // 10, purpose="embedding"),
]


def names(size: int) -> list[str]:
    found = offers({"installed": [], "catalogue": CATALOGUE}, Room(size))
    return [offer.name for offer in found if offer.fits]


def test_chat_models_are_offered_the_smallest_first_as_far_as_they_fit() -> None:
    assert names(8 * GB) == ["small", "middle"]
    assert names(40 * GB) == ["small", "middle", "large"]


def test_what_is_here_comes_first_and_is_proposed() -> None:
    here = [listed("mine", 7 * GB)]

    found = offers({"installed": here, "catalogue": CATALOGUE}, Room(16 * GB))

    assert found[0].name == recommended(found, on_card=False) == "mine"
    assert found[0].meaning.startswith("is here, ")


def test_what_only_came_to_try_things_out_is_not_proposed() -> None:
    found = offers({"installed": [listed("tiny", GB // 10)], "catalogue": CATALOGUE}, Room(16 * GB))

    assert found[0].name == "tiny"
    assert recommended(found, on_card=False, trial="tiny") == "small"


def test_a_processor_is_proposed_what_is_quick_there_and_a_card_the_largest() -> None:
    found = [offer for offer in offers({"installed": [], "catalogue": CATALOGUE}, Room(8 * GB)) if offer.fits]

    assert recommended(found, on_card=False) == "small"
    assert recommended(found, on_card=True) == "middle"
    assert recommended([], on_card=True) == ""


def test_size_licence_and_need_are_told() -> None:
    (offer,) = offers({"installed": [], "catalogue": [listed("a", 2 * GB, commercial=False)]}, Room(8 * GB))

    assert offer.meaning == "2.0 GB to fetch, Apache-2.0 (not for pay), needs 3.0 GB of memory"
