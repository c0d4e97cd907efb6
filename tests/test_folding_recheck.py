"""Tests that a kept state which somebody changed is named, and that no wrong answer outlives it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
import pytest

from tests.keeping import WIRE, Ids, Wounded, attack, change, saved
from timeline import Attack, Control, Log, Projection, Report, on
from timeline.folding import persistent_tree, snapshots
from timeline.folding.kept_projection import Kept
from timeline.stores.base import Snapshot
from timeline.stores.features import snapshot_store
from timeline.stores.memory import MemoryStore

MOMENTS = [None, "2022-09-04", "2022-09-11", "2022-09-17", "2022-09-23"]
ROUNDS = 6  # 40 take a minute, and find no more


class Weight(Projection[float]):
    """A sum of floats, which is equal where it is close enough."""

    start = 0.0

    @on(Attack)
    def add(self, total: float, attack: Attack) -> float:
        return total + attack.wounded.best / 10

    def merge(self, a: float, b: float) -> float:
        return a + b

    def equal(self, a: float, b: float) -> bool:
        return abs(a - b) < 1e-9


class Quiet(Projection[bool]):
    """Whether the last attack wounded nobody: of few states."""

    start = True

    @on(Attack)
    def last(self, quiet: bool, attack: Attack) -> bool:
        return quiet != (attack.wounded.best % 3 == 0)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistent_tree, "LEAF_SIZE", 2)
    monkeypatch.setattr(snapshots, "_WORTH", 3)


def filled() -> Log:
    log = Log(MemoryStore())
    first, *_ = log.append(*(attack(n, 1 + 5 * n % 28, wounded=n) for n in range(12)))
    log.append(*(change(n, 1 + 9 * n % 28, "AB"[n % 2]) for n in range(6)))
    other = Report("Other", published="2022-10-02")
    log.append(*(other.says(attack(n, 2 + n, wounded=n + 1).event) for n in range(3)))
    log.append(
        other.retracts("attack:1", because="a slip"),
        WIRE.voids(first.claim.id, because="typed twice"),
    )
    return log


def stored(log: Log, kept: Kept[Any]) -> tuple[Snapshot, dict[str, bytes]]:
    store = snapshot_store(log.store)
    snapshot = store.load_snapshot(kept.name)
    assert snapshot is not None
    return snapshot, dict(store.load_chunks(kept.name))


def forge(log: Log, name: str, snapshot: Snapshot, chunks: dict[str, Any]) -> None:
    """Store chunks in place of those that are there, sealed anew."""
    store = snapshot_store(log.store)
    there = store.load_snapshot(name)
    store.save_snapshot(
        name,
        expect=there.version if there else 0,
        position=snapshot.position,
        note=snapshot.note,
        chunks=chunks,
    )


def sealed(name: str, content: bytes) -> bytes:
    return snapshots._seal(name, content) + content


def altered(value: Any, chance: Random) -> Any:
    """Return a JSON value with one thing in it changed."""
    if isinstance(value, list) and value:
        index = chance.randrange(len(value))
        if chance.random() < 0.1:
            return value[:index] + value[index + 1 :]
        return [*value[:index], altered(value[index], chance), *value[index + 1 :]]
    if isinstance(value, dict) and value:
        name = chance.choice(sorted(value))
        return value | {name: altered(value[name], chance)}
    if isinstance(value, bool) or value is None:
        return value is not True
    if isinstance(value, int | float):
        return value + chance.choice([-1, 1, 86_400_000_000])
    return "A" if value != "A" else "B"


def answers(kept: Kept[Any]) -> list[Any]:
    return [whole(kept.answer, at=at) for at in MOMENTS]


def whole(ask: Callable[..., Any], **question: Any) -> Any:
    answer = ask(**question)
    return dict(answer) if hasattr(answer, "keys") else answer


def alike(projection: Projection[Any], some: list[Any], others: list[Any]) -> bool:
    equal = getattr(projection, "equal", lambda a, b: a == b)
    return all(map(equal, some, others))


@pytest.mark.parametrize("make", [Wounded, Weight, Quiet, Ids, Control])
def test_whatever_is_changed_in_a_kept_state_no_wrong_answer_outlives_a_look(make: Any) -> None:
    chance = Random(make.__name__)
    log = filled()
    right = [whole(log.ask, projection=make(), at=at) for at in MOMENTS]
    kept = saved(log, make())
    assert log.verify(kept=True).ok
    kept.save()
    snapshot, chunks = stored(log, kept)
    named = 0
    for _ in range(ROUNDS):
        name = chance.choice(sorted(chunks))
        content = msgspec.json.encode(altered(msgspec.json.decode(chunks[name][8:]), chance))
        forge(log, kept.name, snapshot, chunks | {name: sealed(name, content)})
        new = log.keep(make())
        try:
            wrong = not alike(make(), answers(new), right)
        except Exception:  # noqa: BLE001 - what was forged may be no state of the projection's
            wrong = True
        audit = log.verify(kept=True)
        assert not (wrong and audit.ok), (name, chunks[name], content)
        named += not audit.ok
        assert alike(make(), answers(new), right), (name, content)
        assert alike(make(), answers(log.keep(make())), right), (name, content)
    assert named


def test_a_log_whose_state_is_whole_goes_on_from_it() -> None:
    log = filled()
    kept = saved(log, Wounded())
    before = stored(log, kept)
    assert log.verify(kept=True).ok
    assert stored(log, kept) == before
    assert kept.name not in str(log.verify(kept=True))


@pytest.mark.parametrize("make", [Wounded, Control])
def test_what_is_kept_with_its_history_is_compared_too(make: Any) -> None:
    log = filled()
    kept = log.keep(make(), history=True)
    assert log.verify(kept=True).ok
    kept.catch_up()
    key, tree = next(iter(kept._fold.trees.items()))
    kept._fold.trees[key] = persistent_tree.updated(tree, {tree.start: None})  # type: ignore[assignment]
    assert kept.name in str(log.verify(kept=True))
    assert log.verify(kept=True).ok


def test_where_handlers_raise_a_state_stays_unchecked() -> None:
    class Fails(Projection[int]):
        start = 0

        @on(Attack)
        def add(self, _: int, __: Attack) -> int:
            raise ZeroDivisionError

        def key(self, _: Any) -> int:
            return 1 // 0

    log = filled()
    kept = log.keep(Fails())
    assert kept.is_right() is None
    assert log.verify(kept=True).ok


def test_two_keepers_of_one_state_are_both_compared() -> None:
    log = filled()
    first, second = saved(log, Wounded()), saved(log, Wounded())
    first._fold.states[None] = second._fold.states[None] = -1
    audit = log.verify(kept=True)
    assert str(audit).count(first.name) == 1
    assert "nothing is lost" in str(audit)
    assert first.answer() == second.answer() == log.ask(Wounded())


def test_a_state_that_claims_more_entries_than_there_are_is_dropped() -> None:
    log = filled()
    kept = saved(log, Wounded())
    snapshot, chunks = stored(log, kept)
    note = msgspec.json.decode(snapshot.note) | {"leaf": None}
    further = Snapshot(snapshot.version, 10**9, msgspec.json.encode(note))
    forge(log, kept.name, further, dict(chunks))
    assert log.keep(Wounded()).answer() == log.ask(Wounded())


def test_nodes_under_two_others_are_not_read_without_end() -> None:
    log = filled()
    kept = saved(log, Wounded())
    snapshot, chunks = stored(log, kept)
    forged: dict[str, bytes | None] = dict.fromkeys(chunks)
    forged |= {name: chunks[name] for name in chunks if name.startswith("about")}
    (leaf,) = (name for name in chunks if name == "node/1")
    forged[leaf] = chunks[leaf]
    for number in range(2, 80):
        name = f"node/{number}"
        forged[name] = sealed(name, msgspec.json.encode([[], number - 1, number - 1, []]))
    root = next(name for name in chunks if name.startswith("root"))
    forged[root] = sealed(root, msgspec.json.encode([79, "attack:2", 0, []]))
    note = msgspec.json.decode(snapshot.note)
    note["pieces"] = sum(content is not None for content in forged.values())
    forge(log, kept.name, snapshot._replace(note=msgspec.json.encode(note)), forged)
    assert log.keep(Wounded()).answer() == log.ask(Wounded())
