"""Checks which relations remain possible against trying every choice of moments."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from tests.boxes import choices, relation_of, times
from timeline.errors import OrderError
from timeline.relations import Allen, Certainty, before, possible_relations
from timeline.times import When


@given(times(), times())
@example(When(), When(shape="lasted"))
@example(When(lo=0, hi=1), When(lo=0, hi=1))
@example(
    When(lo=0, start_hi=1, end_lo=2, hi=3, shape="lasted"),
    When(lo=0, start_hi=1, end_lo=2, hi=3, shape="all"),
)
def test_a_relation_is_possible_iff_some_choice_has_it(a: When, b: When) -> None:
    tried = {relation_of(one, other) for one in choices(a) for other in choices(b)}
    assert possible_relations(a.extent, b.extent) == tried


@given(times(), times())
def test_before_says_what_relation_says(a: When, b: When) -> None:
    possible = a.relation(b)
    if possible == {Allen.BEFORE}:
        assert before(a.extent, b.extent) is Certainty.CERTAIN
    elif Allen.BEFORE in possible:
        assert before(a.extent, b.extent) is Certainty.POSSIBLE
    else:
        assert before(a.extent, b.extent) is Certainty.IMPOSSIBLE


@given(times(), times())
def test_seen_from_the_other_side_a_relation_is_its_inverse(a: When, b: When) -> None:
    assert {relation.inverse for relation in a.relation(b)} == b.relation(a)


@given(times(), times(), times())
def test_certainly_before_is_an_interval_order(a: When, b: When, c: When) -> None:
    certain = Certainty.CERTAIN
    assert a.before(a) is not certain
    if a.before(b) is certain and b.before(c) is certain:
        assert a.before(c) is certain


@pytest.mark.parametrize("relation", Allen)
def test_an_inverse_is_undone_by_its_own(relation: Allen) -> None:
    assert relation.inverse.inverse is relation
    assert (relation.inverse is relation) == (relation is Allen.EQUALS)


@pytest.mark.parametrize("certainty", Certainty)
def test_a_certainty_is_no_bool(certainty: Certainty) -> None:
    with pytest.raises(OrderError, match=r"is Certainty\.CERTAIN"):
        bool(certainty)
