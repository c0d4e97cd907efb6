"""A view that is built from a whole log at once is the one that takes in entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faulty.sound import SOUND
from tests.keeping import WIRE, Ids, Odd, Wounded, attack, change
from timeline import Attack, Casualties, Control, Log, Place, Projection, SamePlace, Statements, on
from timeline.folding import kept_projection as kept_module
from timeline.folding import persistent_tree
from timeline.folding.bulk_build import filled
from timeline.folding.incremental import IncrementalView
from timeline.folding.kept_projection import Kept
from timeline.folding.recheck import Difference, compare
from timeline.testing import strategies

PROJECTIONS: list[Callable[[], Projection[Any]]] = [
    Casualties, Control, Statements, Odd, Ids, Wounded,
    *(make for make in SOUND if make.__name__ in ("Disputed", "Months", "Ratio")),
]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, persistent_tree.small_leaves():
        patch.setattr(kept_module, "_BATCH", 3)
        patch.setattr(kept_module, "_MANY", 4)
        yield


def built(kept: Kept[Any], upto: int) -> Any:
    """Return what is built from a log, None where it can't be."""
    fold = kept._empty()
    return fold if filled(fold, kept._reader, upto) else None


@pytest.mark.parametrize("make", PROJECTIONS, ids=lambda make: make.__name__)
@settings(max_examples=max(settings().max_examples // 10, 5))
@given(data=st.data())
def test_it_is_what_taking_in_entry_by_entry_gives(make: Any, data: st.DataObject) -> None:
    log = Log()
    for batch in data.draw(strategies.arrivals(data.draw(strategies.histories()), repeated=True)):
        log.append(*batch.said, recorded=batch.recorded)
    kept: Kept[Any] = log.keep(make())
    upto = data.draw(st.integers(0, log.head))
    fold, anew = built(kept, upto), kept._empty()
    kept._take_in(anew, upto)
    assert (fold is None) == any(True for one in log if one.position <= upto and _link(one))
    if fold is not None:
        assert compare(fold, anew, kept._way) <= Difference.UNSEEN
        assert fold.keyed_by_event == anew.keyed_by_event
        assert fold.trees.keys() == anew.trees.keys()
        # And it goes on from there as the other does.
        kept._take_in(fold, log.head)
        kept._take_in(anew, log.head)
        assert compare(fold, anew, kept._way) <= Difference.UNSEEN


def _link(entry: Any) -> bool:
    return hasattr(entry.statement, "link")


def test_a_long_log_is_built_at_once_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    log.append(*(attack(number, number) for number in (5, 3, 1, 4, 2, 6)), change(1, 2, "Russia"))
    with monkeypatch.context() as patch:
        patch.setattr(IncrementalView, "learn", None)
        kept = log.keep(Wounded(), progress=lambda *done: progress.append(done))
        progress: list[tuple[int, int]] = []
        assert kept.answer() == 6
        assert progress[-1] == (7, 7)
    log.append(attack(7, 1, wounded=10))
    assert kept.answer() == log.ask(Wounded()) == 16
    assert kept.is_right()


def test_a_log_with_links_is_taken_in_entry_by_entry() -> None:
    log = Log()
    log.append(*(change(number, number, "Russia") for number in range(1, 7)))
    log.append(WIRE.says(SamePlace("Izium", Place("Izyum").key)))
    kept = log.keep(Control())
    assert built(kept, 6) is not None
    assert built(kept, 7) is None
    assert dict(kept.answer()) == dict(log.ask(Control()))


class Grumpy(Wounded):
    """Has a key that not every attack has."""

    def key(self, attack: Attack) -> str:
        if attack.id == "attack:4":
            raise ValueError("no key")
        return attack.id


class Sulky(Wounded):
    """Can't add one of the attacks."""

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        if attack.id == "attack:4":
            raise ValueError("no sum")
        return total + attack.wounded.best


@pytest.mark.parametrize("make", [Grumpy, Sulky])
def test_what_a_projection_raises_is_raised_where_it_is_asked(make: Any) -> None:
    log = Log()
    log.append(*(attack(number, number) for number in range(1, 7)))
    kept = log.keep(make())
    with pytest.raises(ValueError, match=r"no (key|sum)"):
        dict(kept.answer()) if make is Grumpy else kept.answer()
    log.append(WIRE.voids(attack(4, 4), because="typed twice"))
    assert kept.answer() == log.ask(make())


def test_what_was_redacted_is_in_no_view() -> None:
    log = Log()
    log.append(*(attack(number, number) for number in range(1, 7)))
    log.redact(3, because="a name", basis="consent")
    kept = log.keep(Wounded())
    assert kept.answer() == log.ask(Wounded()) == 5
    assert kept.is_right()
