"""Hashes a growing list into one root, by the Merkle tree of RFC 6962.

The root of a list is the hash of its left half's root and its right half's, where the left half is
the largest power of two that leaves something on the right; of one entry, the hash of its bytes;
of nothing, the hash of nothing. A byte in front tells leaves from nodes, so that no node passes
for a leaf (RFC 6962, 2.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Self

from timeline.errors import FormatError, ProofError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Frontier",
    "HashOf",
    "Subtree",
    "check_growth",
    "folded",
    "growth_path",
    "inclusion_path",
    "leaf_hash",
    "node_hash",
    "root_by_path",
    "subtrees",
]

HashOf = Callable[[int, int], bytes]
"""Gives the root over the leaves from one, counted from 0, up to another, exclusive."""

Subtree = tuple[int, bytes]
"""The root over 2 to the power of a height leaves, whose first is a multiple of that: that height,
and the root."""

HASH_BYTES = 32
_SIZE_BYTES = 8

EMPTY_ROOT = sha256(b"").digest()
"""The root of a list of nothing."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry of the list."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two neighbouring hashes."""
    return sha256(b"\1" + left + right).digest()


def folded(roots: Sequence[bytes]) -> bytes:
    """Return the root over whole subtrees that follow each other, the largest first."""
    if not roots:
        return EMPTY_ROOT
    *rest, root = roots
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


class Frontier:
    """What has to be kept of a list to go on hashing it: the roots of its whole subtrees.

    There is one for each bit that is set in the list's size, the largest first: at most 64 hashes,
    whatever the size.
    """

    __slots__ = ("roots", "size")

    def __init__(self) -> None:
        self.size = 0
        """How many leaves it has seen."""
        self.roots: list[bytes] = []
        """The roots of the whole subtrees, the largest first."""

    def append(self, leaf: bytes) -> None:
        """Go on by one leaf, given by its hash."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Go on by some leaves, given by their hashes."""
        new = list(leaves)
        before, left = self.size, []
        self.size += len(new)
        # Level by level: what pairs up becomes subtrees twice as large, and one may be left alone.
        while new:
            if before & 1:
                new.insert(0, self.roots.pop())
            if len(new) & 1:
                left.append(new.pop())
            pairs = zip(new[::2], new[1::2], strict=True)
            new = [sha256(b"\1" + one + next_).digest() for one, next_ in pairs]
            before >>= 1
        self.roots += left[::-1]

    def join(self, trees: Iterable[Subtree]) -> None:
        """Go on by whole subtrees, as ``subtrees`` gives those of the leaves that come next."""
        for height, root in trees:
            size, roots = self.size >> height, self.roots
            while size & 1:
                root = node_hash(roots.pop(), root)  # noqa: PLW2901 - it grows
                size >>= 1
            roots.append(root)
            self.size += 1 << height

    def root(self) -> bytes:
        """Return the root over all leaves seen."""
        return folded(self.roots)

    def to_bytes(self) -> bytes:
        """Return the size, eight bytes with the high one first, and the hashes."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.roots)

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        """Return back what ``to_bytes`` gave. Raises ``FormatError`` where it can't be that."""
        frontier = cls()
        frontier.size = int.from_bytes(kept[:_SIZE_BYTES], "big")
        if len(kept) != _SIZE_BYTES + frontier.size.bit_count() * HASH_BYTES:
            raise FormatError(
                f"{len(kept)} bytes can't be the state of a tree of {frontier.size} leaves; the "
                "log is damaged: restore it from a copy"
            )
        frontier.roots = [
            kept[start : start + HASH_BYTES] for start in range(_SIZE_BYTES, len(kept), HASH_BYTES)
        ]
        return frontier


def subtrees(start: int, leaves: Iterable[bytes]) -> list[Subtree]:
    """Return the whole subtrees that the leaves from ``start`` on, counted from 0, fill, in order.

    At most two of each height: so stretches of a list are hashed apart, and a ``Frontier`` joins
    what comes of them.
    """
    trees: list[Subtree] = []
    for size, leaf in enumerate(leaves, start):
        height, root = 0, leaf
        # The neighbour on the left is whole where the bit is set, and ours unless it began earlier.
        while size >> height & 1 and trees and trees[-1][0] == height:
            root = node_hash(trees.pop()[1], root)
            height += 1
        trees.append((height, root))
    return trees


def inclusion_path(index: int, size: int, hash_of: HashOf) -> list[bytes]:
    """Return the hashes that lead from leaf ``index``, counted from 0, to the root over ``size``.

    From the leaf's neighbour up (RFC 6962, 2.1.1).
    """
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    return path[::-1]


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root over ``size`` leaves to which a path leads from one of them.

    Raises ``ProofError`` for a path of another length than such a leaf's (RFC 9162, 2.1.3.2).
    """
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} among {size}; the proof is of another tree")
    place, last = index, size - 1
    root = leaf
    for one in path:
        if not last:
            raise _wrong_length(path)
        if place & 1 or place == last:
            root = node_hash(one, root)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            root = node_hash(root, one)
        place >>= 1
        last >>= 1
    if last:
        raise _wrong_length(path)
    _check_hashes(leaf, *path)
    return root


def growth_path(old: int, new: int, hash_of: HashOf) -> list[bytes]:
    """Return the hashes that show the first ``new`` leaves to begin with the first ``old``.

    RFC 6962, 2.1.2; there it is called a consistency proof.
    """
    path = []
    start, end = 0, new
    while old and end != old:
        middle = start + _left(end - start)
        if old <= middle:
            path.append(hash_of(middle, end))
            end = middle
        else:
            path.append(hash_of(start, middle))
            start = middle
    if start:
        path.append(hash_of(start, end))
    return path[::-1]


def check_growth(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Raise ``ProofError`` unless the path shows that a tree grew from one root to the other.

    RFC 9162, 2.1.4.2.
    """
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {old} leaves can't have grown to one of {new}")
    if old in (0, new):
        if path:
            raise _wrong_length(path)
        roots = {root for size, root in ((old, old_root), (new, new_root)) if size == old}
        if len(roots | ({EMPTY_ROOT} if old == 0 else set())) > 1:
            raise ProofError(f"two trees of {old} leaves have different roots")
        return
    shorter, longer = _roots_by_path(old, new, old_root, path)
    _check_hashes(*path)
    if (shorter, longer) != (old_root, new_root):
        raise ProofError(
            f"the tree of {new} leaves doesn't begin with the one of {old}: what was there before "
            "was changed, or the proof is of another tree"
        )


def _roots_by_path(
    old: int, new: int, old_root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The roots of both trees to which a path leads."""
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    if not hashes:
        raise _wrong_length(path)
    shorter = longer = hashes[0]
    for one in hashes[1:]:
        if not last:
            raise _wrong_length(path)
        if place & 1 or place == last:
            shorter, longer = node_hash(one, shorter), node_hash(one, longer)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            longer = node_hash(longer, one)
        place >>= 1
        last >>= 1
    if last:
        raise _wrong_length(path)
    return shorter, longer


def _check_hashes(*hashes: bytes) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise ProofError(f"a proof is made of hashes of {HASH_BYTES} bytes; one has another length")


def _left(count: int) -> int:
    """The largest power of two below a count."""
    return 1 << (count - 1).bit_length() - 1


def _wrong_length(path: Sequence[bytes]) -> ProofError:
    return ProofError(f"a path of {len(path)} hashes doesn't fit the tree; the proof was cut")
