"""Candidates get probabilities by a model that is estimated from them, and it finds what is one."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.test_matching import _crashes
from timeline import SameEvent, SamePlace, matching
from timeline.errors import LogError, MissingExtraError


def _weighed(seed: int) -> tuple[list[matching.Weighed], set[SameEvent]]:
    log, same = _crashes(seed)
    return matching.probabilities(matching.candidates(log, kilometres=50, days=5, least=0)), same


def test_made_up_lists_are_told_apart_without_examples() -> None:
    pytest.importorskip("splink")
    weighed, same = _weighed(0)
    links = [one.candidate.link for one in weighed if one.probability >= 0.5]
    assert len(same.intersection(links)) >= 0.95 * len(same)
    assert len(same.intersection(links)) >= 0.95 * len(links)
    assert [one.probability for one in weighed] == sorted(
        (one.probability for one in weighed), reverse=True
    )
    assert str(weighed[0]).endswith("are one event?")


def _names(count: int, **more: Any) -> list[matching.NameCandidate]:
    return [
        matching.NameCandidate(
            SamePlace(f"a{number}", f"b{number}"),
            0.9,
            (),
            {"name": 1.0 if number % 3 else 0.8, **more}
            | ({"place": number / count} if more else {}),
        )
        for number in range(count)
    ]


def test_names_of_places_are_weighed_too_but_not_by_their_names_alone() -> None:
    pytest.importorskip("splink")
    weighed = matching.probabilities(_names(60, kind=1.0), share=0.5)
    assert len(weighed) == 60
    assert all(0 <= one.probability <= 1 for one in weighed)
    with pytest.raises(LogError, match="differ in name alone"):
        matching.probabilities(_names(60))


def test_what_cant_be_weighed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("splink")
    with pytest.raises(LogError, match="3 candidates are too few"):
        matching.probabilities(_names(3))
    with pytest.raises(LogError, match="between 0 and 1, not 2"):
        matching.probabilities(_names(60), share=2)
    monkeypatch.setitem(sys.modules, "splink", None)
    with pytest.raises(MissingExtraError, match=r"timeline-events\[linkage\]"):
        matching.probabilities(_names(60))
