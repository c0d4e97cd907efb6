"""A tree holds its items in order, stays balanced, and shares what an update didn't touch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.folding import trees
from timeline.folding.trees import Item, Leaf, Pair, Place, Tree, leaves, updated

NUMBERS = st.integers(0, 60)


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "FEW", 3)
        yield


def item(number: int, *, contested: bool = False) -> Item:
    return Item(Place(number, number + 5, f"{number}"), number - 1, number + 7, contested)


def held(tree: Tree | None) -> list[Item]:
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
        assert (tree.start, tree.final) == (items[0].place, items[-1].place)
        assert tree.firsts == (min(i.first for i in items), max(i.first for i in items))
        assert tree.lasts == (min(i.last for i in items), max(i.last for i in items))
        assert tree.contested == any(i.contested for i in items)
    for leaf in leaves(tree):
        assert 1 <= len(leaf.items) <= 3


CHANGES = st.lists(st.dictionaries(NUMBERS, st.booleans() | st.none(), max_size=25), max_size=8)


@given(CHANGES)
def test_a_tree_holds_what_a_sorted_dict_holds(changes: list[dict[int, bool | None]]) -> None:
    tree: Tree | None = None
    expected: dict[int, Item] = {}
    roots: list[tuple[Tree | None, list[Item]]] = []
    for change in changes:
        put = {
            item(number).place: None if flag is None else item(number, contested=flag)
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
    tree = updated(None, {item(n).place: item(n) for n in range(300)})
    changed = updated(tree, {item(150).place: item(150, contested=True)})
    assert tree is not None
    assert len(nodes(changed) - nodes(tree)) <= tree.height + 1
    assert updated(tree, {}) is tree
    assert updated(tree, {item(1000).place: None}) is not None


def test_items_at_the_end_leave_full_leaves_as_they_are() -> None:
    tree: Tree | None = None
    before: set[int] = set()
    for number in range(30):
        tree = updated(tree, {item(number).place: item(number)})
        full = {id(leaf) for leaf in leaves(tree) if len(leaf.items) == 3}
        assert before <= full
        before = full
    assert all(isinstance(leaf, Leaf) for leaf in leaves(tree))


def test_a_tree_of_which_all_is_taken_out_is_none() -> None:
    tree = updated(None, {item(n).place: item(n) for n in range(10)})
    assert updated(tree, {item(n).place: None for n in range(10)}) is None
    assert updated(None, {item(1).place: None}) is None


def perfect(first: int, height: int) -> Tree:
    if height == 0:
        return Leaf((item(first),))
    half = 2 ** (height - 1)
    return Pair(perfect(first, height - 1), perfect(first + half, height - 1))


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_trees_of_any_heights_are_joined_into_a_balanced_one(
    low: int, high: int, other: int, turned: bool
) -> None:
    low = max(min(low, high + 1), high - 1)  # a pair's heights differ by one at most
    left: Tree = Pair(perfect(0, low), perfect(100, high))
    right: Tree = perfect(200, other)
    if turned:
        left, right = perfect(0, other), Pair(perfect(100, low), perfect(200, high))
    joined = trees._joined(left, right)
    check(joined)
    assert held(joined) == held(left) + held(right)
