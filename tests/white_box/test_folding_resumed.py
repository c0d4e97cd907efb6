"""What is stored of a fold is all of it: taken up again, it stands where it stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faulty.sound import SOUND
from tests.keeping import Odd
from timeline import Casualties, Control, Log, Projection, Statements
from timeline.folding import aggregation, persistent_tree, snapshots
from timeline.folding import kept_projection as kept_module
from timeline.folding.incremental import IncrementalView
from timeline.folding.persistent_tree import Leaf, Pair, Tree
from timeline.stores.memory import MemoryStore
from timeline.testing import strategies

PROJECTIONS: list[Callable[[], Projection[Any]]] = [
    Casualties, Control, Statements, Odd,
    *(make for make in SOUND if make.__name__ in ("Disputed", "Months")),
]  # fmt: skip

WORTH = 3


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persistent_tree, "LEAF_SIZE", 2)
        patch.setattr(snapshots, "_WORTH", WORTH)
        patch.setattr(snapshots, "_SEGMENTS", 3)
        patch.setattr(kept_module, "_BATCH", 3)
        yield


def every(tree: Tree) -> list[Tree]:
    inner = every(tree.left) + every(tree.right) if isinstance(tree, Pair) else []
    return [tree, *inner]


def drawn(tree: Tree, *, summaries: bool) -> Any:
    """Return all that a tree is made of; summaries of what is worth storing."""
    if isinstance(tree, Leaf):
        return tree.number, tree.items
    known = tree.summary if summaries and tree.size >= WORTH else None
    sides = (drawn(side, summaries=summaries) for side in (tree.left, tree.right))
    return tree.number, known, *sides


def standing_of(fold: IncrementalView) -> dict[str, Any]:
    """Return all that a fold is made of."""
    # A run may be remembered anew, from another state, of a node that was stored before.
    summaries = not isinstance(fold.way, aggregation._Running)
    return {
        "position": fold.position,
        "about": fold.dependencies.about,
        "naming": fold.dependencies.naming,
        "kinds": fold.kinds,
        "trees": {key: drawn(tree, summaries=summaries) for key, tree in fold.trees.items()},
        "placed": {
            event_id: {one.key: one.item for one in several}
            for event_id, several in fold.keyed_by_event.items()
        },
        "states": fold.states,
        "unsaved": (fold.dependencies.about.unsaved, fold.dependencies.naming.unsaved),
    }


@pytest.mark.parametrize("make", PROJECTIONS, ids=lambda make: make.__name__)
@settings(max_examples=max(settings().max_examples // 2, 20))
@given(data=st.data())
def test_what_is_taken_up_again_is_what_was_stored(make: Any, data: st.DataObject) -> None:
    said = data.draw(strategies.histories())
    store = MemoryStore()
    log = Log(store)
    kept = log.keep(make())
    for batch in data.draw(strategies.arrivals(said, repeated=True)):
        log.append(*batch.said, recorded=batch.recorded)
        if data.draw(st.integers(0, 2)) == 0:
            continue
        kept.catch_up()
        kept.save()
        again = log.keep(make(), name=kept.name)
        assert again.position == kept.position == log.head
        assert standing_of(again._fold) == standing_of(kept._fold)
        # What is stored is what is needed, and no more.
        names = {name for name, _ in store.load_chunks(kept.name)}
        nodes = [node for tree in kept._fold.trees.values() for node in every(tree)]
        assert {name for name in names if name.startswith("node")} == {
            f"node/{node.number}" for node in nodes
        }
        assert len({node.number for node in nodes}) == len(nodes)
        assert len([name for name in names if name.startswith("root")]) == len(kept._fold.trees)
        assert len(names - {name for name in names if name.startswith(("node", "root"))}) <= 6
        assert again._record.names == kept._record.names == names
        if data.draw(st.booleans()):
            kept = again
