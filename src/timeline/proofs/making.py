"""Makes checkpoints and proofs from what a store holds."""

from __future__ import annotations

from timeline.errors import LogError, ProofError, StoreError
from timeline.merkle import EMPTY_ROOT, check_growth, growth_path, inclusion_path, root_by_path
from timeline.proofs.checkpoints import Checkpoint, sign
from timeline.proofs.entries import EntryProof
from timeline.proofs.growth import GrowthProof
from timeline.proofs.keys import SigningKey
from timeline.proofs.trees import Tree
from timeline.stores.base import EventStore, leaf

__all__ = ["checkpoint", "prove", "prove_since"]


def checkpoint(store: EventStore, key: SigningKey | None) -> Checkpoint:
    """Gives what the log is now, signed where there is a key.

    Without one it is named after the log's identity. Raises ``StoreError`` where the store has no
    root: a file of an older release that may not be written.
    """
    head = store.head()
    if not head.root:
        next(store.leaves(), None)  # says why there is none
    origin = key.name if key else f"timeline/{store.identity}"
    made = Checkpoint(origin=origin, size=head.position, root=head.root)
    return sign(made, key) if key else made


def _of(store: EventStore, given: Checkpoint | str | None) -> Checkpoint:
    if given is None:
        return checkpoint(store, None)
    return Checkpoint.read(given) if isinstance(given, str) else given


def prove(store: EventStore, position: int, given: Checkpoint | str | None) -> EntryProof:
    """Gives the proof that the entry at a position stands in the tree of a checkpoint."""
    signed = _of(store, given)
    if not 0 < position <= min(signed.size, store.head().position):
        raise LogError(
            f"position {position} isn't among the {signed.size} entries of the checkpoint; make a "
            "newer one: log.checkpoint(key)"
        )
    row = store.get_by_position([position])[position]
    for anew in (False, True):
        tree = Tree(store, signed.size, anew=anew)
        path = inclusion_path(position - 1, signed.size, tree.hash_of)
        if root_by_path(leaf(row), position - 1, signed.size, path) == signed.root:
            report = store.reports([row.report]).get(row.report, b"")
            return EntryProof(row=row, report=report, path=tuple(path), checkpoint=signed)
    raise _not_ours(signed)


def prove_since(
    store: EventStore, since: Checkpoint | str, given: Checkpoint | str | None
) -> GrowthProof:
    """Gives the proof that the log at one checkpoint grew into that at another."""
    old, new = _of(store, since), _of(store, given)
    head = store.head().position
    if max(old.size, new.size) > head:
        raise LogError(
            f"the log has {head} entries, and the checkpoint is of {max(old.size, new.size)}; it "
            "is another's, or this copy is older than it"
        )
    for anew in (False, True):
        tree = Tree(store, new.size, anew=anew)
        path = growth_path(old.size, new.size, tree.hash_of)
        try:
            check_growth(old.size, new.size, old.root, new.root, path)
        except ProofError:
            continue
        return GrowthProof(old_size=old.size, path=tuple(path), checkpoint=new)
    whole = Tree(store, new.size).hash_of(0, old.size) if old.size else EMPTY_ROOT
    raise _not_ours(new if whole == old.root else old)


def _not_ours(signed: Checkpoint) -> StoreError:
    return StoreError(
        f"the checkpoint of {signed.origin!r:.100} at {signed.size} has another root than this "
        "log had then: it is another log's, or something was changed since; see log.verify()"
    )
