"""Tests that what workers export is what ``to_segments`` gives, and is gone on with."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.test_scale_partitions import Elsewhere
from timeline import Incident, Log, Report
from timeline.claims import Said
from timeline.errors import LogError, StoreError
from timeline.export import MANIFEST, to_segments
from timeline.formats.segments import Form, manifest_of
from timeline.merkle import Frontier, leaf_hash, subtrees
from timeline.scale import ThreadsEngine, ask_on, export_on
from timeline.stores import MemoryStore
from timeline.stores.base import Head
from timeline.stores.directories import Folder
from timeline.testing.strategies import histories
from timeline.views.casualties import Casualties


def filled(log: Log, count: int, first: int = 1) -> None:
    wire = Report("Wire", published="2022-09-16", text="what happened")
    log.append(
        *(
            wire.says(Incident(when="2022-09-01", category="fire", id=f"e{no}"))
            for no in range(first, first + count)
        )
    )


def held(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@given(histories(max_size=16), st.integers(1, 5), st.sampled_from(["parquet", "jsonl"]))
def test_an_export_is_the_same_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, said: list[Said], size: int, form: Form
) -> None:
    folder = tmp_path_factory.mktemp("segments")
    with Log() as log:
        log.append(*said)
        made = export_on(ThreadsEngine(2), log, folder, form=form, size=size)
        assert held(folder) == dict(to_segments(log, form=form, size=size))
        assert made == manifest_of((folder / MANIFEST).read_bytes())


def test_a_log_that_has_grown_is_gone_on_with(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with Log(tmp_path / "war.db") as log:
        filled(log, 5)
        export_on(Elsewhere(), log, tmp_path / "out", size=2)
        before = (tmp_path / "out" / MANIFEST).read_bytes()
        first = held(tmp_path / "out")
        filled(log, 4, first=6)
        export_on(
            Elsewhere(), log, tmp_path / "out", size=2, progress=lambda *how: told.append(how)
        )
        files = held(tmp_path / "out")
        assert files == {**first, **dict(to_segments(log, size=2, manifest=before))}
        assert told[-1] == (2, 2)
        found = ask_on(ThreadsEngine(), Casualties(), tmp_path / "out")
        assert found == log.ask(Casualties())
        # Nothing came since: nothing is written.
        export_on(Elsewhere(), log, tmp_path / "out", size=2)
        assert held(tmp_path / "out") == files


def test_an_export_that_was_stopped_is_gone_on_with(tmp_path: Path) -> None:
    def stop(done: int, _: int | None) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with Log() as log:
        filled(log, 40)
        with pytest.raises(KeyboardInterrupt):
            export_on(ThreadsEngine(1), log, tmp_path, size=1, progress=stop)
        so_far = manifest_of((tmp_path / MANIFEST).read_bytes()).entries
        assert 0 < so_far < 40
        told: list[int | None] = []
        export_on(ThreadsEngine(1), log, tmp_path, size=1, progress=lambda _, of: told.append(of))
        assert told[0] == 40 - so_far
        assert held(tmp_path) == dict(to_segments(log, size=1))


def test_an_export_takes_the_memory_of_its_segments(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        with Log() as log:
            filled(log, count)
            tracemalloc.start()
            export_on(ThreadsEngine(1), log, tmp_path / str(count), size=50)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    peak(50)  # what is loaded once
    assert peak(1000) < 5 * peak(100)  # ten times the entries; the manifest grows with them


def test_what_cant_be_exported_is_refused(tmp_path: Path) -> None:
    with Log() as log, Log() as other:
        filled(log, 1)
        with pytest.raises(LogError, match="can't reach a log in memory"):
            export_on(Elsewhere(), log, tmp_path)
        with pytest.raises(LogError, match="a log is exported, not 'war"):
            export_on(ThreadsEngine(), "war.db", tmp_path)  # type: ignore[arg-type]
        with pytest.raises(LogError, match="size=0"):
            export_on(ThreadsEngine(), log, tmp_path, size=0)
        with pytest.raises(LogError, match="parquet or jsonl"):
            export_on(ThreadsEngine(), log, tmp_path, form="csv")  # type: ignore[arg-type]
        export_on(ThreadsEngine(), log, tmp_path)
        with pytest.raises(LogError, match="the manifest is of the log"):
            export_on(ThreadsEngine(), other, tmp_path)


class Damaged(MemoryStore):
    """A store whose root isn't that of its entries."""

    def head(self) -> Head:
        return super().head()._replace(root=b"\0" * 32)


def test_entries_that_dont_lead_to_the_root_are_refused(tmp_path: Path) -> None:
    with Log(Damaged()) as log:
        filled(log, 3)
        with pytest.raises(StoreError, match="don't lead to the root that the log keeps"):
            export_on(ThreadsEngine(), log, tmp_path, size=2)


@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 20))
def test_stretches_of_a_tree_join_to_the_whole(lengths: list[int], start: int) -> None:
    leaves = [leaf_hash(str(no).encode()) for no in range(start + sum(lengths))]
    whole, joined = Frontier(), Frontier()
    whole.extend(leaves)
    joined.extend(leaves[:start])
    for length in lengths:
        trees = subtrees(start, leaves[start : start + length])
        assert len({height for height, _ in trees}) * 2 >= len(trees)
        joined.join(trees)
        start += length
    assert joined.to_bytes() == whole.to_bytes()


def test_a_folder_keeps_whole_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path / "new")
    folder.write("a.txt", b"one")
    folder.write("a.txt", b"two")
    assert folder.read("a.txt") == b"two"
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["a.txt"]
    for name in ("", "..", "../a.txt", "b/a.txt"):
        with pytest.raises(StoreError, match="is no file of"):
            folder.read(name)

    def refuse(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(StoreError, match=r"a\.txt can't be written: .*No space left"):
        folder.write("a.txt", b"three")
    assert folder.read("a.txt") == b"two"
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["a.txt"]
