"""What is kept is taken up again where it was left, and never from another log or other code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.keeping import WIRE, Ids, Odd, Wounded, attack, change
from timeline import (
    Attack,
    Casualties,
    Control,
    Log,
    Projection,
    Statements,
    on,
)
from timeline.errors import StoreError
from timeline.folding import kept_projection as kept_module
from timeline.folding import persistent_tree, snapshots
from timeline.folding.kept_projection import Kept
from timeline.stores.features import snapshot_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "war.db"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persistent_tree, "LEAF_SIZE", 2)
    monkeypatch.setattr(snapshots, "_WORTH", 3)
    monkeypatch.setattr(snapshots, "_SEGMENTS", 3)


def reading(kept: Kept[Any], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the positions that are read of a log from now on, by streaming."""
    read: list[int] = []
    store: Any = kept._store
    rows = store.rows

    def noted(after: int = 0, upto: int | None = None) -> Iterator[Any]:
        for row in rows(after, upto):
            read.append(row.position)
            yield row

    monkeypatch.setattr(store, "rows", noted)
    return read


@pytest.mark.parametrize("make", [Wounded, Control, Casualties, Statements, Ids, Odd])
def test_closing_stores_the_state_and_opening_goes_on_from_there(
    make: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Log(path) as log:
        log.append(
            *(attack(n, 1 + n % 28) for n in range(9)), *(change(n, 9 - n, "A") for n in range(5))
        )
        kept = log.keep(make())
        answer = kept.answer()
        assert answer == log.ask(make())
    with Log(path) as log:
        kept = log.keep(make())
        assert kept.position == 14
        read = reading(kept, monkeypatch)
        assert kept.answer() == answer
        assert kept.answer(at="2022-09-04") == log.ask(make(), at="2022-09-04")
        read.clear()
        log.append(attack(100, 3, wounded=7), change(100, 3, "B"))
        assert kept.answer() == log.ask(make())
        assert set(read[:2]) == {15, 16}


def test_a_state_is_stored_now_and_then_without_being_asked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_module, "_BATCH", 2)
    monkeypatch.setattr(kept_module, "_EVERY", 4)
    log = Log(path)
    kept = log.keep(Wounded())
    for number in range(10):
        log.append(attack(number))
        kept.answer()
    crashed = Log(path)  # the first never closed
    again = crashed.keep(Wounded())
    assert again.position == 8
    assert again.answer() == 10
    log.close()
    crashed.close()


def test_the_ledger_is_written_as_one_piece_now_and_then(path: Path) -> None:
    with Log(path) as log:
        kept = log.keep(Wounded())
        for number in range(9):
            log.append(attack(number, 1 + number), attack(number - 1, 1 + number))
            kept.answer()
            kept.save()
        pieces = [
            name
            for name, _ in snapshot_store(log._store).load_chunks(kept.name)
            if name.startswith("about")
        ]
        assert len(pieces) <= 3
    with Log(path) as log:
        kept = log.keep(Wounded())
        log.append(WIRE.retracts("attack:3", because="never happened"))
        assert kept.answer() == log.ask(Wounded())


def test_what_isnt_needed_any_more_isnt_kept(path: Path) -> None:
    with Log(path) as log:
        kept = log.keep(Control())
        for number in range(20):
            log.append(change(number, 1 + number, "A"))
            kept.answer()
            kept.save()
        nodes = [
            name
            for name, _ in snapshot_store(log._store).load_chunks(kept.name)
            if name.startswith("node")
        ]
        assert len(nodes) == len({*nodes}) <= 2 * 20
        log.append(*(WIRE.retracts(f"change:{n}", because="no") for n in range(20)))
        assert kept.answer() == {}
        kept.save()
        assert not [
            name
            for name, _ in snapshot_store(log._store).load_chunks(kept.name)
            if name.startswith("node")
        ]


def test_two_keepers_take_over_from_each_other(path: Path) -> None:
    one, other = Log(path), Log(path)
    mine, theirs = one.keep(Wounded()), other.keep(Wounded())
    for number in range(6):
        one.append(attack(number))
        (mine if number % 2 else theirs).answer()
        mine.save()
        theirs.save()
    assert mine.answer() == theirs.answer() == 6
    one.close()
    other.close()
    with Log(path) as log:
        assert log.keep(Wounded()).answer() == 6


def test_a_state_from_another_log_is_dropped(path: Path, tmp_path: Path) -> None:
    with Log(path) as log:
        log.append(attack(1), attack(2))
        log.keep(Wounded()).answer()
    fork = tmp_path / "fork.db"
    shutil.copy(path, fork)
    with Log(path) as log:
        log.append(attack(3, wounded=5))
        log.keep(Wounded()).answer()
    with Log(fork) as log:
        log.append(attack(4, wounded=50))
        kept = log.keep(Wounded())
        assert (kept.position, kept.answer()) == (2, 52)
    # The state of one fork in the file of the other, at the same position.
    with Log(path) as log, Log(fork) as forked:
        theirs = snapshot_store(forked._store).load_snapshot(log.keep(Wounded()).name)
        mine = snapshot_store(log._store).load_snapshot(log.keep(Wounded()).name)
        assert theirs is not None
        assert mine is not None
        pieces: dict[str, bytes | None] = dict(
            snapshot_store(forked._store).load_chunks(log.keep(Wounded()).name)
        )
        name = log.keep(Wounded()).name
        snapshot_store(log._store).save_snapshot(
            name, expect=mine.version, position=3, note=theirs.note, chunks=pieces
        )
        assert log.keep(Wounded()).position == 0
        assert log.keep(Wounded()).answer() == 7


def test_a_log_that_was_restored_from_a_copy_is_noticed(path: Path, tmp_path: Path) -> None:
    with Log(path) as log:
        log.append(attack(1))
        log.keep(Wounded()).answer()
    shutil.copy(path, tmp_path / "backup.db")
    with Log(path) as log:
        log.append(attack(2, wounded=9))
        kept = log.keep(Wounded())
        assert kept.answer() == 10
        kept.save()
        stored_state = snapshot_store(log._store).load_snapshot(kept.name)
        pieces: dict[str, bytes | None] = dict(snapshot_store(log._store).load_chunks(kept.name))
    assert stored_state is not None
    with Log(tmp_path / "backup.db") as log:
        there = snapshot_store(log._store).load_snapshot(kept.name)
        assert there is not None
        snapshot_store(log._store).delete_snapshot(kept.name)
        snapshot_store(log._store).save_snapshot(
            kept.name, expect=0, position=2, note=stored_state.note, chunks=pieces
        )
        assert log.keep(Wounded()).position == 0
        assert log.keep(Wounded()).answer() == 1


def sealed(name: str, content: object) -> bytes:
    written = msgspec.json.encode(content)
    return snapshots._seal(name, written) + written


@pytest.mark.parametrize(
    "damage", ["flipped", "gone", "note", "node", "root", "about", "missing", "state"]
)
def test_a_state_that_cant_be_read_is_folded_anew(path: Path, damage: str) -> None:
    with Log(path) as log:
        kept = log.keep(Wounded())
        for number in range(9):
            log.append(attack(number, 1 + number))
            if number in (7, 8):
                kept.answer()
                kept.save()
        there = snapshot_store(log._store).load_snapshot(kept.name)
        assert there is not None
        pieces: dict[str, bytes | None] = dict(snapshot_store(log._store).load_chunks(kept.name))
        note = there.note
        if damage == "note":
            note = b"{}"
        elif damage == "flipped":
            pieces = {
                name: None if one is None else one[:-1] + bytes([one[-1] ^ 1])
                for name, one in pieces.items()
            }
        elif damage == "gone":
            last = max(name for name in pieces if name.startswith("about"))
            pieces = {name: None if name == last else one for name, one in pieces.items()}
        elif damage == "missing":
            pieces = {
                name: None if name.startswith("node") else one for name, one in pieces.items()
            }
        elif damage == "state":
            pieces = {
                name: sealed(name, [*msgspec.json.decode(one[8:])[:3], [["x"]]])
                if one is not None and name.startswith("root")
                else one
                for name, one in pieces.items()
            }
        else:
            pieces = {
                name: sealed(name, [7]) if name.startswith(damage) else one
                for name, one in pieces.items()
            }
        snapshot_store(log._store).save_snapshot(
            kept.name, expect=there.version, position=9, note=note, chunks=pieces
        )
        again = log.keep(Wounded())
        assert again.position == 0
        assert again.answer() == 9


def test_other_code_or_settings_are_another_state(path: Path) -> None:
    def made(step: int) -> Projection[int]:
        class Counting(Projection[int]):
            start = 0

            @on(Attack)
            def add(self, total: int, _: Attack) -> int:
                return total + step

        return Counting()

    with Log(path) as log:
        log.append(attack(1), attack(2))
        assert log.keep(made(1), name="n").answer() == 2
    with Log(path) as log:
        assert log.keep(made(1), name="n").position == 2
        assert log.keep(made(3), name="n").position == 0
        assert log.keep(made(3), name="n").answer() == 6
        assert log.keep(Wounded()).answer() == 2
        assert log.keep(Wounded(5)).answer() == 10
        assert log.keep(Wounded(5)).name != log.keep(Wounded()).name


def test_what_a_full_disk_kept_from_being_stored_is_stored_the_next_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Log(path) as log:
        kept = log.keep(Wounded())

        def learn(number: int, *, full: bool = False) -> None:
            log.append(attack(number, 1 + number))
            kept.answer()
            with monkeypatch.context() as patch:
                if full:
                    patch.setattr(log.store, "save_snapshot", refused)
                    with pytest.raises(StoreError):
                        kept.save()
                else:
                    kept.save()

        for number in range(9):  # some of the times the ledger is written as one
            learn(number, full=number % 3 == 0)
    with Log(path) as log:
        again = log.keep(Wounded())
        assert again.position == 9
        assert again._fold.dependencies.about == kept._fold.dependencies.about
        assert again.answer() == log.ask(Wounded())


def refused(*_: object, **__: object) -> int:
    raise StoreError("the disk is full")


def test_a_state_that_is_stored_while_another_is_read_isnt_mixed_with_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Log(path) as log:
        log.append(attack(1))
        mine = log.keep(Wounded())
        mine.answer()
        mine.save()
        kept = snapshot_store(log.store).load_snapshot
        again: list[Any] = []

        def meanwhile(name: str) -> Any:
            there = kept(name)
            if not again:
                again.append(name)
                log.append(attack(2, wounded=5))
                mine.answer()
                mine.save()
            return there

        monkeypatch.setattr(log.store, "load_snapshot", meanwhile)
        other = log.keep(Wounded())
        assert again
        assert other.position == 2
        assert other.answer() == 6
        again.clear()

        def dropped(name: str) -> Any:
            there = kept(name)
            snapshot_store(log.store).delete_snapshot(name)
            return there

        monkeypatch.setattr(log.store, "load_snapshot", dropped)
        assert log.keep(Wounded()).answer() == 6
