"""Tests which names are one, against components put together by hand."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.identity import Joint, circular, identity, is_id, preferred

names = st.lists(st.sampled_from("abcdef"), min_size=2, max_size=3, unique=True).map(tuple)
sources = st.lists(st.sampled_from(["A", "B"]), max_size=2, unique=True).map(tuple)


@st.composite
def joints(draw: st.DrawFn) -> list[Joint]:
    made = []
    for linked in draw(st.lists(names, max_size=6)):
        said = draw(sources)
        denied = draw(sources) if len(linked) == 2 else ()
        made.append(Joint(linked, said, denied, tuple(linked[0] for _ in said)))
    return made


def naive_components(pairs: set[tuple[str, str]]) -> list[set[str]]:
    """Set that grow together until none meets another."""
    found = [set(pair) for pair in pairs]
    while True:
        meeting = next(((a, b) for a, b in combinations(found, 2) if a & b), None)
        if meeting is None:
            return found
        one, other = meeting
        found.remove(other)
        one |= other


def naive_identity(
    links: list[Joint], trust: list[str]
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The names that are one with each name, and those that may be."""
    said = {tuple(sorted(p)) for link in links if link.said_by for p in combinations(link.names, 2)}
    rank = {source: number for number, source in enumerate(trust)}

    def counts(pair: tuple[str, ...], denier: str) -> bool:
        sayers = {
            source for link in links if set(pair) <= set(link.names) for source in link.said_by
        }
        return not any(rank.get(one, 9) < rank.get(denier, 9) for one in sayers)

    denied = [
        set(link.names) for link in links for denier in link.denied_by if counts(link.names, denier)
    ]
    one: dict[str, set[str]] = {}
    maybe: dict[str, set[str]] = {}
    for component in naive_components({(a, b) for a, b in said}):
        opened = any(pair <= component for pair in denied)
        for name in component:
            (maybe if opened else one)[name] = component
    return one, maybe


@given(joints(), st.sampled_from([[], ["A"], ["B", "A"]]))
def test_classes_are_the_components_that_nobody_denies(
    links: list[Joint], trust: list[str]
) -> None:
    def trusted_more(one: str, other: str) -> bool:
        return one in trust and (other not in trust or trust.index(one) < trust.index(other))

    found = identity(links, trusted_more=trusted_more)
    one, maybe = naive_identity(links, trust)
    assert {name: set(members) for name, members in found.classes.items()} == one
    assert {name: {*others, name} for name, others in found.maybe.items()} == maybe
    for name in "abcdef":
        assert found.key(name) == min(one.get(name, name))
        assert found.names(name)[0] == found.key(name)


@given(joints(), st.randoms(use_true_random=False))
def test_the_order_of_links_is_irrelevant(links: list[Joint], rng: object) -> None:
    shuffled = list(links)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = identity(links), identity(shuffled)
    assert (one.classes, one.maybe) == (other.classes, other.maybe)
    assert bool(one) == bool(one.classes or one.maybe)


@given(joints())
def test_joining_what_is_one_changes_nothing(links: list[Joint]) -> None:
    found = identity(links)
    again = [Joint(members, ("A",)) for members in found.classes.values()]
    assert identity([*links, *again]).classes == found.classes


@pytest.mark.parametrize(
    ("listed", "firsts", "kind", "key"),
    [
        (["b", "a"], [], None, "a"),
        (["b", "a"], ["b", "b"], None, "b"),
        (["b", "a"], ["b", "a"], None, "a"),
        (["Kyiv", "wd:2", "gn:1"], ["Kyiv"], is_id, "gn:1"),
        (["Kyiv", "wd:2", "gn:1"], ["wd:2"], is_id, "wd:2"),
        (["Kyiv", "Kiev"], ["Kyiv"], is_id, "Kyiv"),
    ],
)
def test_the_key_of_a_class_is_what_all_list_first_else_the_least(
    listed: list[str], firsts: list[str], kind: None, key: str
) -> None:
    assert preferred(listed, firsts, first_kind=kind) == key


def test_an_id_has_a_scheme_or_is_known_as_one() -> None:
    assert is_id("geonames:703448")
    assert not is_id("Kyiv")
    assert not is_id("Kyiv: the city")
    assert is_id("UA63", {"UA63"})


@given(st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from("abcd"))))
def test_what_goes_in_a_circle_comes_back_to_itself(edges: dict[str, set[str]]) -> None:
    reached = {name: set(edges.get(name, ())) for name in "abcd"}
    for _ in range(4):
        for after in reached.values():
            after |= {far for near in set(after) for far in edges.get(near, ())}
    rings = {name: {o for o in reached[name] if name in reached[o]} for name in "abcd"}
    assert circular(edges) == {name: ring for name, ring in rings.items() if name in ring}


def test_a_long_chain_overflows_no_stack() -> None:
    chain = {number: [number + 1] for number in range(100_000)}
    assert circular(chain) == {}
    assert len(circular(chain | {100_000: [0]})) == 100_001
    joined = identity(Joint((f"{n:06}", f"{n + 1:06}"), ("A",)) for n in range(100_000))
    assert joined.key("100000") == "000000"
