"""Makes checkpoints and proofs from what a store holds."""

from __future__ import annotations

from timeline.errors import LogError, StoreError
from timeline.merkle import EMPTY_ROOT, check_growth, growth_path, inclusion_path, root_by_path
from timeline.proofs.checkpoints import Checkpoint, sign
from timeline.proofs.entries import EntryProof
from timeline.proofs.growth import GrowthProof
from timeline.proofs.keys import SigningKey
from timeline.proofs.trees import Tree
from timeline.stores.base import REDACTED, EventStore, Record, leaf

__all__ = ["checkpoint", "named", "prove", "prove_since"]


def checkpoint(store: EventStore, key: SigningKey | None) -> Checkpoint:
    """Return what the log is now, signed where there is a key.

    Without one it is named after the log's identity. Raises ``StoreError`` where the store has no
    root: a file of an older release that may not be written.
    """
    head = store.head()
    if not head.root:
        next(store.leaves(), None)  # says why there is none
    return named(store, key, size=head.position, root=head.root)


def named(store: EventStore, key: SigningKey | None, *, size: int, root: bytes) -> Checkpoint:
    """Return the checkpoint of a size and root, in the name of a key and signed with it."""
    origin = key.name if key else f"timeline/{store.identity}"
    made = Checkpoint(origin=origin, size=size, root=root)
    return sign(made, key) if key else made


def _of(store: EventStore, given: Checkpoint | str | None) -> Checkpoint:
    if given is None:
        return checkpoint(store, None)
    return Checkpoint.read(given) if isinstance(given, str) else given


def prove(store: EventStore, position: int, given: Checkpoint | str | None) -> EntryProof:
    """Return the proof that the entry at a position stands in the tree of a checkpoint."""
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
            if row.report and not report:  # unless it was erased since, its leaf is the same
                row = store.get_by_position([position])[position]
            _check_readable(row, report)
            return EntryProof(row=row, report=report, path=tuple(path), checkpoint=signed)
    raise _not_ours(signed)


def _check_readable(row: Record, report: bytes) -> None:
    """Raise ``StoreError`` for a row of which a proof couldn't be read back."""
    if row.report and not report:
        raise StoreError(
            f"the report of entry {row.position} is missing: it is damaged, so that nothing can be "
            "proved of it; run log.verify()"
        )
    try:
        row.body.decode(), report.decode()
    except UnicodeDecodeError:
        if row.record_type != REDACTED:
            raise StoreError(
                f"entry {row.position} or its report isn't text: it is damaged, so that nothing "
                "can be proved of it; run log.verify()"
            ) from None


def prove_since(
    store: EventStore, since: Checkpoint | str, given: Checkpoint | str | None
) -> GrowthProof:
    """Return the proof that the log at one checkpoint grew into that at another.

    Both roots are worked out anew from every leaf, as the path of a proof touches only some: a log
    whose past was changed has another root, and can't make the proof. Raises ``StoreError`` then.
    """
    old, new = _of(store, since), _of(store, given)
    head = store.head().position
    if max(old.size, new.size) > head:
        raise LogError(
            f"the log has {head} entries, and the checkpoint is of {max(old.size, new.size)}; it "
            "is another's, or this copy is older than it"
        )
    tree = Tree(store, max(old.size, new.size), anew=True)
    for signed in (old, new):
        root = tree.hash_of(0, signed.size) if signed.size else EMPTY_ROOT
        if root != signed.root:
            raise _not_ours(signed)
    path = growth_path(old.size, new.size, tree.hash_of)
    check_growth(old.size, new.size, old.root, new.root, path)
    return GrowthProof(old_size=old.size, path=tuple(path), checkpoint=new)


def _not_ours(signed: Checkpoint) -> StoreError:
    return StoreError(
        f"the checkpoint of {signed.origin!r:.100} at {signed.size} has another root than this "
        "log had then: it is another log's, or something was changed since; see log.verify()"
    )
