"""Holds the tree to RFC 6962: its published examples, its definition, and another's program."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pymerkle  # type: ignore[import-untyped] # it has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.errors import FormatError, ProofError
from timeline.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_growth,
    growth_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_by_path,
)

# --- the definition, RFC 6962 section 2.1, word for word


def root_of(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = largest_half(len(leaves))
    return sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def largest_half(count: int) -> int:
    half = 1
    while half * 2 < count:
        half *= 2
    return half


def path_of(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = largest_half(len(leaves))
    if index < half:
        return [*path_of(index, leaves[:half]), root_of(leaves[half:])]
    return [*path_of(index - half, leaves[half:]), root_of(leaves[:half])]


def growth_of(old: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    half = largest_half(len(leaves))
    if old <= half:
        return [*growth_of(old, leaves[:half], whole=whole), root_of(leaves[half:])]
    return [*growth_of(old - half, leaves[half:], whole=False), root_of(leaves[:half])]


def hashes_over(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    return lambda start, end: root_of(leaves[start:end])


# --- the examples of the programs that came with the RFC: Certificate Transparency's

ENTRIES = [
    bytes.fromhex(one)
    for one in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
LEAVES = [leaf_hash(one) for one in ENTRIES]
ROOTS = """
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()
_A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSIONS = [
    (1, 1, []),
    (1, 8, [_A, _B, _C]),
    (6, 8, [_D, _E, ROOTS[4]]),
    (3, 3, [ROOTS[2]]),
    (2, 5, [ROOTS[1], _B, _D]),
]
GROWTHS = [(1, 1, []), (1, 8, [_A, _B, _C]), (6, 8, [_F, _E, ROOTS[4]]), (2, 5, [_B, _D])]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_the_published_ones(size: int) -> None:
    tree = Frontier()
    tree.extend(LEAVES[:size])
    assert tree.root().hex() == ROOTS[size] == root_of(LEAVES[:size]).hex()


@pytest.mark.parametrize(("number", "size", "path"), INCLUSIONS)
def test_the_paths_are_the_published_ones(number: int, size: int, path: list[str]) -> None:
    made = inclusion_path(number - 1, size, hashes_over(LEAVES))
    assert [one.hex() for one in made] == path
    assert root_by_path(LEAVES[number - 1], number - 1, size, made).hex() == ROOTS[size]


@pytest.mark.parametrize(("old", "new", "path"), GROWTHS)
def test_the_growths_are_the_published_ones(old: int, new: int, path: list[str]) -> None:
    made = growth_path(old, new, hashes_over(LEAVES))
    assert [one.hex() for one in made] == path
    check_growth(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), made)


# --- against the definition, at every size


@pytest.mark.parametrize("size", [*range(1, 40), 63, 64, 65])
def test_every_path_is_that_of_the_definition(size: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    tree = Frontier()
    tree.extend(leaves)
    assert tree.root() == root_of(leaves)
    for index, leaf in enumerate(leaves):
        path = inclusion_path(index, size, hashes_over(leaves))
        assert path == path_of(index, leaves)
        assert root_by_path(leaf, index, size, path) == root_of(leaves)
    for old in range(1, size + 1):
        path = growth_path(old, size, hashes_over(leaves))
        assert path == growth_of(old, leaves)
        check_growth(old, size, root_of(leaves[:old]), root_of(leaves), path)


def test_another_program_gives_the_same() -> None:
    theirs: Any = pymerkle.InmemoryTree(algorithm="sha256")
    ours, leaves = Frontier(), []
    for size in range(1, 35):
        entry = b"entry %d" % size
        theirs.append_entry(entry)
        ours.append(leaf_hash(entry))
        leaves.append(leaf_hash(entry))
        assert ours.root() == theirs.get_root(size)
        for number in range(1, size + 1):
            proof = theirs.prove_inclusion(number, size)
            path = inclusion_path(number - 1, size, hashes_over(leaves))
            assert set(proof.path) - {leaves[number - 1]} == set(path)


# --- what doesn't hold


@given(st.integers(1, 40), st.data())
def test_no_other_path_leads_to_the_root(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(index, size, hashes_over(leaves))
    wrong = data.draw(st.sampled_from(["leaf", "index", "cut", "longer", "hash"]))
    leaf, place = leaves[index], index
    if wrong == "leaf":
        leaf = leaf_hash(b"another")
    elif wrong == "index":
        place = data.draw(st.integers(-1, size + 1).filter(lambda one: one != index))
    elif wrong == "longer":
        path.insert(data.draw(st.integers(0, len(path))), EMPTY_ROOT)
    elif path:
        at = data.draw(st.integers(0, len(path) - 1))
        path[at : at + 1] = [] if wrong == "cut" else [node_hash(path[at], path[at])]
    else:
        leaf = leaf_hash(b"none")
    try:
        assert root_by_path(leaf, place, size, path) != root_of(leaves)
    except ProofError as error:
        assert "doesn't fit the tree" in str(error) or "there is no leaf" in str(error)  # noqa: PT017 - it may also give a root


@given(st.integers(0, 40), st.integers(0, 40), st.data())
def test_no_other_growth_is_believed(old: int, new: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(41)]
    old_root, new_root = root_of(leaves[:old]), root_of(leaves[:new])
    path = growth_path(old, new, hashes_over(leaves)) if old <= new else []
    wrong = data.draw(st.sampled_from(["old", "new", "cut", "longer", "hash", "shrunk"]))
    if wrong == "longer":
        path.insert(data.draw(st.integers(0, len(path))), EMPTY_ROOT)
    elif wrong == "shrunk":
        old, new, old_root, new_root = new + 1, old, new_root, old_root
        new = min(old - 1, new)
    elif wrong in ("cut", "hash") and path:
        at = data.draw(st.integers(0, len(path) - 1))
        path[at : at + 1] = [] if wrong == "cut" else [node_hash(path[at], path[at])]
    elif wrong == "new" and 0 < old <= new:
        new_root = leaf_hash(b"another")
    else:
        old_root = leaf_hash(b"another")
    with pytest.raises(ProofError):
        check_growth(old, new, old_root, new_root, path)


@pytest.mark.parametrize(("old", "new", "path"), [(6, 8, []), (4, 8, []), (3, 4, [b"0" * 32] * 9)])
def test_a_growth_that_is_cut_says_so(old: int, new: int, path: list[bytes]) -> None:
    with pytest.raises(ProofError, match="doesn't fit the tree; the proof was cut"):
        check_growth(old, new, b"", b"", path)


# --- what is kept of it


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_tree_goes_on_from_what_was_kept(first: int, more: int) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(first + more)]
    tree = Frontier()
    tree.extend(leaves[:first])
    again = Frontier.from_bytes(tree.to_bytes())
    again.extend(leaves[first:])
    assert again.root() == root_of(leaves)
    assert again.to_bytes()[:8] == (first + more).to_bytes(8, "big")


@pytest.mark.parametrize("kept", [b"", b"\0" * 7 + b"\1", b"\0" * 8 + b"x", b"\0" * 7 + b"\3" * 33])
def test_what_cannot_have_been_kept_is_refused(kept: bytes) -> None:
    if kept == b"":
        assert Frontier.from_bytes(b"\0" * 8).root() == EMPTY_ROOT
        kept = b"\1"
    with pytest.raises(FormatError, match="can't be the state of a tree"):
        Frontier.from_bytes(kept)


# --- the cases of another program: github.com/transparency-dev/merkle, testdata, right and wrong

CASES = json.loads(
    (Path(__file__).parent / "fixtures" / "transparency-merkle.json").read_text(encoding="utf-8")
)


def decoded(hashes: list[str] | None) -> list[bytes]:
    return [b64decode(one) for one in hashes or []]


@pytest.mark.parametrize("case", CASES["consistency"], ids=lambda case: case["desc"])
def test_growth_is_judged_as_by_another_program(case: dict[str, Any]) -> None:
    old, new = (b64decode(case[name] or "") for name in ("root1", "root2"))
    # From nothing, anything has grown: that program has no proof of it, and here none is needed.
    from_nothing = case["size1"] == 0 < case["size2"] and old == EMPTY_ROOT
    path = decoded(case["proof"])
    try:
        check_growth(case["size1"], case["size2"], old, new, path)
    except ProofError:
        assert case["wantErr"]
    else:
        assert not case["wantErr"] or (from_nothing and not path)


@pytest.mark.parametrize("case", CASES["inclusion"], ids=lambda case: case["desc"])
def test_inclusion_is_judged_as_by_another_program(case: dict[str, Any]) -> None:
    leaf = b64decode(case["leafHash"] or "")
    try:
        path = decoded(case["proof"])
        root = root_by_path(leaf, case["leafIdx"], case["treeSize"], path)
        holds = root == b64decode(case["root"] or "")
    except ProofError:
        holds = False
    assert holds is not case["wantErr"]
