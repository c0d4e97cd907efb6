"""A tree holds its items in order, stays balanced, and shares what an update didn't touch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.folding import persistent_tree
from timeline.folding.persistent_tree import (
    MISSING,
    Indexed,
    Leaf,
    Pair,
    SortKey,
    Tree,
    leaves,
    updated,
)

NUMBERS = st.integers(0, 60)


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persistent_tree, "LEAF_SIZE", 3)
        yield


def item(number: int, *, contested: bool = False) -> Indexed:
    # When an item begins and ends to count follows its place loosely.
    first, last = number - number * 7 % 11, number + 5 + number * 5 % 13
    return Indexed(SortKey(number, number + 5, f"{number}"), first, last, contested)


def held(tree: Tree | None) -> list[Indexed]:
    return [one for leaf in leaves(tree) for one in leaf.items]


def nodes(tree: Tree | None) -> set[int]:
    if tree is None:
        return set()
    inner = nodes(tree.left) | nodes(tree.right) if isinstance(tree, Pair) else set()
    return {id(tree)} | inner


def check(tree: Tree | None) -> None:
    if isinstance(tree, Pair):
        check(tree.left)
        check(tree.right)
        assert abs(tree.left.height - tree.right.height) <= 1
        assert tree.height == 1 + max(tree.left.height, tree.right.height)
    if tree is not None:
        items = held(tree)
        assert tree.size == len(items) > 0
        assert (tree.start, tree.final) == (items[0].sort_key, items[-1].sort_key)
        assert tree.firsts == (min(i.first for i in items), max(i.first for i in items))
        assert tree.lasts == (min(i.last for i in items), max(i.last for i in items))
        assert tree.contested == any(i.contested for i in items)
    for leaf in leaves(tree):
        assert 1 <= len(leaf.items) <= 3


CHANGES = st.lists(st.dictionaries(NUMBERS, st.booleans() | st.none(), max_size=25), max_size=8)


@given(CHANGES)
def test_a_tree_holds_what_a_sorted_dict_holds(changes: list[dict[int, bool | None]]) -> None:
    tree: Tree | None = None
    expected: dict[int, Indexed] = {}
    roots: list[tuple[Tree | None, list[Indexed]]] = []
    for change in changes:
        put = {
            item(number).sort_key: None if flag is None else item(number, contested=flag)
            for number, flag in change.items()
        }
        tree = updated(tree, put)
        for number, flag in change.items():
            if flag is None:
                expected.pop(number, None)
            else:
                expected[number] = item(number, contested=flag)
        check(tree)
        assert held(tree) == [expected[number] for number in sorted(expected)]
        roots.append((tree, held(tree)))
    assert all(held(root) == then for root, then in roots), "an old root changed"


def test_an_update_copies_only_the_path_to_what_differs() -> None:
    tree = updated(None, {item(n).sort_key: item(n) for n in range(300)})
    changed = updated(tree, {item(150).sort_key: item(150, contested=True)})
    assert tree is not None
    assert len(nodes(changed) - nodes(tree)) <= tree.height + 1
    assert updated(tree, {}) is tree
    assert updated(tree, {item(1000).sort_key: None}) is not None


def test_items_at_the_end_leave_full_leaves_as_they_are() -> None:
    tree: Tree | None = None
    before: set[int] = set()
    for number in range(30):
        tree = updated(tree, {item(number).sort_key: item(number)})
        full = {id(leaf) for leaf in leaves(tree) if len(leaf.items) == 3}
        assert before <= full
        before = full
    assert all(isinstance(leaf, Leaf) for leaf in leaves(tree))


def test_one_half_of_a_tree_may_be_taken_out() -> None:
    tree = updated(None, {item(n).sort_key: item(n) for n in range(20)})
    for gone in (range(10), range(10, 20)):
        left = updated(tree, {item(n).sort_key: None for n in gone})
        check(left)
        assert held(left) == [item(n) for n in range(20) if n not in gone]


def test_a_tree_of_which_all_is_taken_out_is_none() -> None:
    tree = updated(None, {item(n).sort_key: item(n) for n in range(10)})
    assert updated(tree, {item(n).sort_key: None for n in range(10)}) is None
    assert updated(None, {item(1).sort_key: None}) is None


def shaped(first: int, height: int, lean: int) -> Tree:
    """Return a tree in which each pair's left side is lower (-1), as high (0), or higher (1)."""
    if height == 0:
        return Leaf((item(first),))
    lower = max(height - 2, 0) if lean else height - 1
    left, right = (lower, height - 1) if lean < 0 else (height - 1, lower)
    return Pair(shaped(first, left, lean), shaped(first + 100, right, lean))


SHAPES = st.tuples(st.integers(0, 5), st.sampled_from([-1, 0, 1]))


def placed(tree: Tree, by: int) -> Tree:
    """Return a tree of the same shape with items in a row, from a number on."""
    numbers = iter(range(by, by + tree.size))

    def again(one: Tree) -> Tree:
        if isinstance(one, Leaf):
            return Leaf((item(next(numbers)),))
        return Pair(again(one.left), again(one.right))

    return again(tree)


@given(SHAPES, SHAPES)
def test_trees_of_any_heights_are_joined_into_a_balanced_one(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    left = placed(shaped(0, *one), 0)
    right = placed(shaped(0, *other), left.size)
    joined = persistent_tree._joined(left, right)
    check(joined)
    assert held(joined) == held(left) + held(right)
    assert max(left.height, right.height) <= joined.height <= max(left.height, right.height) + 1
    # What is joined is shared: only the path to where they meet is new.
    apart = abs(left.height - right.height)
    assert len(nodes(joined) - nodes(left) - nodes(right)) <= max(3 * (apart - 1), 1)


def test_what_hangs_two_deeper_on_one_side_is_turned() -> None:
    every = [shaped(0, height, lean) for height in range(4) for lean in (-1, 0, 1)]
    for one, two in product(every, every):
        if abs(one.height - two.height) > 1:
            continue  # no pair that is a tree
        for height in range(max(one.height, two.height) - 1, max(one.height, two.height) + 3):
            if height < 0:
                continue
            pair = Pair(placed(one, 0), placed(two, 100))
            apart = shaped(0, height, 0)
            turned(pair, placed(apart, 200), pair.left, pair.right)
            pair = Pair(placed(one, 200), placed(two, 300))
            turned(placed(apart, 0), pair, pair.right, pair.left)


def turned(left: Tree, right: Tree, outer: Tree, inward: Tree) -> None:
    balanced = persistent_tree._balanced(left, right)
    check(balanced)
    assert held(balanced) == held(left) + held(right)
    new = len(nodes(balanced) - nodes(left) - nodes(right))
    # Turning once is enough, but where the inner side is the deeper one.
    turns = 1 if outer.height >= inward.height else 2
    deep = abs(left.height - right.height) == 2
    assert new == 1 + (turns if deep else 0)


def test_a_tree_is_built_as_low_as_its_leaves_allow() -> None:
    for count in range(1, 40):
        tree = persistent_tree.built([Leaf((item(number),)) for number in range(count)])
        check(tree)
        assert tree is not None
        assert tree.height == (count - 1).bit_length()


def test_what_was_known_of_a_leaf_is_known_of_its_beginning() -> None:
    leaf = Leaf((item(1),))
    assert leaf.grown((item(2),)).parent_summary is None
    leaf.summary = "of one"
    grown = leaf.grown((item(2),))
    assert grown.parent_summary == (1, "of one")
    assert grown.summary is MISSING
    assert grown.grown((item(3),)).parent_summary == (1, "of one")
    grown.summary = "of two"
    assert grown.grown((item(3),)).parent_summary == (2, "of two")
