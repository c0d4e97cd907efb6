"""Tests that what is asked is read whole: no segment missing, doubled or altered, no other log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.projections import ByPlace, Heard
from timeline import Incident, Log, Report
from timeline.errors import FormatError, LogError, StoreError
from timeline.export import MANIFEST, to_segments
from timeline.scale import Segments, ThreadsEngine, ask_on
from timeline.scale.partitions import RangePartition
from timeline.stores import MemoryStore

Files = dict[str, bytes]
FIRST, SECOND, THIRD = (f"segment-{first:012d}.jsonl" for first in (1, 3, 5))


class Elsewhere(ThreadsEngine):
    """Threads that pretend to be other processes: they open what they read by themselves."""

    here = False


def filled(log: Log, count: int = 6) -> None:
    wire = Report("Wire", published="2022-09-16", text="what happened")
    for no in range(1, count + 1):
        one = wire.says(Incident(when=f"2022-09-0{no}", category="fire", id=f"e{no}"))
        log.append(one, recorded=f"2022-10-0{no}")


def files_of(log: Log, **options: Any) -> Files:
    return dict(to_segments(log, size=2, form="jsonl", **options))


@pytest.fixture
def files() -> Files:
    with Log() as log:
        filled(log)
        return files_of(log)


def asked(files: Files, **how: Any) -> Any:
    found = Segments(files[MANIFEST], files.__getitem__)
    return ask_on(ThreadsEngine(2), Heard(), found, size=how.pop("size", 1), **how)


def retold(files: Files, change: Callable[[dict[str, Any]], None]) -> None:
    told = json.loads(files[MANIFEST])
    change(told)
    files[MANIFEST] = json.dumps(told).encode()


def drop(told: dict[str, Any]) -> None:
    del told["segments"][1]


def double(told: dict[str, Any]) -> None:
    told["segments"].insert(1, told["segments"][0])


def other_root(told: dict[str, Any]) -> None:
    told["segments"][1]["root"] = "0" * 64


def other_end(told: dict[str, Any]) -> None:
    told["root"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop, f"{THIRD} .* lists no segment with entries 3 to 4"),
        (double, f"{FIRST} .* is listed twice"),
        (other_root, f"{SECOND} .* doesn't lead to the manifest's root"),
        (other_end, "don't lead to the root over 6"),
    ],
)
def test_a_manifest_that_doesnt_fit_is_refused(
    files: Files, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    retold(files, change)
    for size in (1, 4, 100):
        with pytest.raises(FormatError, match=message):
            asked(files, size=size)


def test_a_segment_that_is_missing_is_named(files: Files) -> None:
    del files[SECOND]
    with pytest.raises(FormatError, match=f"{SECOND} .* is missing"):
        asked(files)


def test_a_segment_that_was_altered_is_named(files: Files) -> None:
    files[SECOND] = files[SECOND].replace(b"2022-10-03", b"2022-10-04", 1)
    with pytest.raises(FormatError, match=f"{SECOND} .* was altered"):
        asked(files)


def test_a_segment_in_the_place_of_another_is_named(files: Files) -> None:
    files[SECOND] = files[FIRST]
    with pytest.raises(FormatError, match=f"{SECOND} .* was altered"):
        asked(files)


def test_only_what_was_known_is_read(files: Files) -> None:
    assert asked(files) == "e1 e2 e3 e4 e5 e6."
    del files[THIRD]
    assert asked(files, known=3) == "e1 e2 e3."
    assert asked(files, known=4, size=100) == "e1 e2 e3 e4."
    assert asked(files, known=0) == "."
    # At which position a moment was, only the segments tell: all of them are read.
    with pytest.raises(FormatError, match="is missing"):
        asked(files, known="2022-10-02")


def test_what_was_known_by_a_moment(files: Files) -> None:
    assert asked(files, known="2022-10-02") == "e1 e2."
    with pytest.raises(LogError, match="hold entries 1 to 6"):
        asked(files, known=7)
    with pytest.raises(LogError, match="hold entries 1 to 6"):
        asked(files, known=-1)


def test_a_folder_of_segments_is_asked_by_its_path(files: Files, tmp_path: Path) -> None:
    with pytest.raises(LogError, match=f"holds no {MANIFEST}"):
        ask_on(ThreadsEngine(), Heard(), tmp_path)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for source in (tmp_path, str(tmp_path), Segments.in_folder(tmp_path)):
        assert ask_on(ThreadsEngine(), Heard(), source) == "e1 e2 e3 e4 e5 e6."
    (tmp_path / SECOND).unlink()
    with pytest.raises(FormatError, match=f"{SECOND} .* is missing"):
        ask_on(ThreadsEngine(), Heard(), tmp_path)


def test_a_log_in_memory_is_for_workers_of_this_process() -> None:
    with Log() as log, Log(MemoryStore()) as handed:
        for one in (log, handed):
            filled(one)
            assert ask_on(ThreadsEngine(), Heard(), one, size=2) == "e1 e2 e3 e4 e5 e6."
            with pytest.raises(LogError, match=r"can't reach a log in memory.*export"):
                ask_on(Elsewhere(), Heard(), one)


def test_a_file_is_opened_by_each_worker(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db") as log:
        filled(log)
        assert log.address == str(tmp_path / "war.db")
        assert ask_on(Elsewhere(), Heard(), log, size=2) == "e1 e2 e3 e4 e5 e6."
        assert ask_on(Elsewhere(), ByPlace(), log, size=2) == log.ask(ByPlace())
        elsewhere = RangePartition(str(tmp_path / "no.db"), log.store.identity, 0, 1)
        with pytest.raises(StoreError, match=r"no\.db isn't there for this worker"):
            list(elsewhere.pages())
        assert not (tmp_path / "no.db").exists()
        other = RangePartition(str(tmp_path / "war.db"), "another", 0, 1)
        with pytest.raises(StoreError, match="finds another log at the address"):
            list(other.pages())


def test_long_stretches_are_read_page_by_page() -> None:
    with Log() as log:
        wire = Report("Wire", published="2022-09-16")
        log.append(
            *(wire.says(Incident(when="2022-09-01", category=f"c{no}")) for no in range(1030))
        )
        stretch = RangePartition("", log.store.identity, 0, 1030, log.store)
        assert [len(page.rows) for page in stretch.pages()] == [1024, 6]


@servers.MAY_BE_MISSING
def test_a_log_on_a_server_is_read_by_the_workers(tmp_path: Path) -> None:
    server = servers.shared()
    url = f"{server}{'&' if '?' in server else '?'}schema={servers.schema_of(tmp_path)}"
    try:
        with Log(url) as log:
            filled(log)
            assert log.address == url
            for projection in (Heard(), ByPlace()):
                found = ask_on(Elsewhere(), projection, log, size=2)
                assert found == log.ask(projection)
    finally:
        servers.drop(tmp_path)


def test_a_log_reads_its_own_reports(tmp_path: Path) -> None:
    with Log(tmp_path / "war.db") as log:
        filled(log)
        (page,) = RangePartition(log.address or "", log.store.identity, 2, 4).pages()
        assert [row.position for row in page.rows] == [3, 4]
        assert len(page.reports) == 1
