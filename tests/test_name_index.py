"""Links that matter to no event are passed by, and every answer is as if all had been read."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import (
    Attack,
    Casualties,
    Clash,
    Control,
    Log,
    PartOf,
    Place,
    Report,
    SameActor,
    SamePlace,
    TerritorialChange,
    Within,
    account_sort,
    chronology,
)
from timeline.decoding import link_glance
from timeline.linking import resolve_linked
from timeline.name_index import NameIndex, texts

WIRE = Report("Wire", published="2022-09-16")
LIST = Report("List", published="2022-09-17", text='says "a", "b" and g:c')
NAMES = ["a", "b", "g:c", "g:d", 'e"f', "id", "ж"]
NAME = st.sampled_from(NAMES)


@st.composite
def _said(draw: Any) -> list[Any]:
    said: list[Any] = []
    for _ in range(draw(st.integers(1, 8))):
        one, other = draw(st.lists(NAME, min_size=2, max_size=2, unique=True))
        kind = draw(st.sampled_from([SamePlace, SamePlace, Within, SameActor, PartOf]))
        report = draw(st.sampled_from([WIRE, LIST]))
        stance = draw(st.sampled_from([report.says, report.says, report.denies]))
        before = [claim for claim in said if claim.source == report.source]
        replaces = draw(st.sampled_from([None, None, *before]))
        said.append(stance(kind(one, other), replaces=replaces))
    if draw(st.booleans()):
        said.append(LIST.voids(draw(st.sampled_from(said)), because="typed twice"))
    for number in range(draw(st.integers(0, 3))):
        name, near, actor = draw(NAME), draw(NAME), draw(NAME)
        place = Place(name, id=draw(st.sampled_from([None, "a", "g:c"])))
        if near != name:
            place = Place(name, within=Place(near))
        events: list[Any] = [
            Attack(id=f"{number}", when="2022-09-10", place=place, by=actor, killed=1),
            TerritorialChange(id=f"{number}", when="2022-09-10", place=place, to=actor),
            Clash(id=f"{number}", when="2022-09-10", sides=(actor, "z"), losses={actor: 2}),
        ]
        said.append(WIRE.says(draw(st.sampled_from(events))))
    mixed: list[Any] = draw(st.permutations(said))
    return mixed


@given(_said())
def test_answers_are_those_of_all_links(said: list[Any]) -> None:
    log = Log()
    log.append(*said)
    stands, web, _ = resolve_linked(said)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account_sort, "_MANY", 0)
        assert [one.event for one in log.accounts()] == [one.event for one in stands]
        for one, there in zip(log.accounts(), stands, strict=True):
            assert (one.counted, one.disputed, one.ids) == (
                there.counted, there.disputed, there.ids,
            )  # fmt: skip
        answers: Any = log.ask(Control())
        copy = pickle.loads(pickle.dumps(answers))  # noqa: S301 - made here
        tally = log.ask(Casualties(by="region"))
        gazetteer: Any = chronology(log).gazetteer
        keys = {name: log.place_key(name) for name in NAMES}
    assert keys == {name: web.names.places.key(name) for name in NAMES}
    assert tally == log.ask(Casualties(by="region"))
    whole: Any = log.ask(Control())
    assert dict(answers) == dict(whole)
    for name in NAMES:
        assert gazetteer.key(name) == keys[name]
        assert answers.maybe_same(name) == whole.maybe_same(name) == copy.maybe_same(name)
        assert dict(answers.within(name)) == dict(whole.within(name)) == dict(copy.within(name))
        assert answers.get(name) == whole.get(name)
    assert {one.link for one in log.links()} == {one.link for one in web.links if one.sources}


def test_what_is_smaller_and_named_by_no_event_doesnt_matter() -> None:
    index = NameIndex()
    links = [Within("village", "town"), SamePlace("town", "Town"), Within("town", "country")]
    for number, link in enumerate([*links, PartOf("unit", "army")], 1):
        index.add(number, link_glance(LIST.says(link).body()))
    assert len(index) == 4
    assert index.covers("anything")
    assert index.naming({"Town"}) == {2, 3}
    assert index.naming({"army"}) == set()
    assert index.naming({"unit", "village"}) == {1, 2, 3, 4}
    assert index.naming({"Town"}) == {2, 3}
    assert [index.covers(name) for name in ("country", "nowhere", "village")] == [True, True, False]


def test_texts_are_found_as_they_are_written() -> None:
    body = b'{"a":["b",{"c":"d"},1,null],"e":"f"}'
    assert texts(body) == [b"a", b"b", b"c", b"d", b"e", b"f"]
    assert texts(rb'{"a":"\"q\"","\u0062":["\\"]}') == [b"a", rb"\"q\"", b"b", rb"\\"]
