"""Tests that a second import passes over the rows that a log has, to the same log."""

from __future__ import annotations

import io
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Attack, Count, Event, Log, Report
from timeline.importers import (
    Accepted,
    ImportSummary,
    Skipped,
    import_into,
    importing,
    row_memory,
    table,
    ucdp,
    ucdp_release,
)
from timeline.importers.event_index import EventIndex
from timeline.importers.outcomes import Outcomes
from timeline.importers.row_memory import RowDigest, RowMemory
from timeline.importers.table_reader import TableRow
from timeline.stores import MemoryStore

MAPPING = """
kind = "attack"
id_prefix = "x:"
[columns]
id = "Id"
when = "Date"
place.path = ["Oblast", "Town"]
killed = "Killed"
[defaults]
source = "our desk"
published = 2026
"""
HEADER = "Id,Date,Oblast,Town,Killed\n"
Row = tuple[int, int]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of two rows are worth remembering here."""
    monkeypatch.setattr(importing, "_SMALL", 2)
    monkeypatch.setattr(row_memory, "_FEWEST", 1)
    monkeypatch.setattr(row_memory, "_CHUNK", 3)


def sheet(rows: Iterable[Row]) -> io.BytesIO:
    lines = [f"{one},2022-09-{one % 20 + 1:02},Kharkiv,Town {one % 3},{killed}\n"
             for one, killed in rows]  # fmt: skip
    return io.BytesIO((HEADER + "".join(lines)).encode())


def passed(log: Log, outcomes: Any) -> tuple[ImportSummary, int]:
    """Import outcomes; return the summary, and how many rows weren't read."""
    read: list[int] = []
    make = outcomes._make

    def watched(record: TableRow) -> Accepted | Skipped:
        read.append(record.row)
        found: Accepted | Skipped = make(record)
        return found

    outcomes._make = watched
    summary = import_into(log, outcomes, batch=2)
    return summary, summary.rows - len(read)


def test_what_was_imported_is_passed_over(tmp_path: Path) -> None:
    rows = [(number, number) for number in range(10)]
    with Log(tmp_path / "log.db") as log:
        assert passed(log, table(sheet(rows), MAPPING))[1] == 0
    with Log(tmp_path / "log.db") as log:
        summary, known = passed(log, table(sheet(rows), MAPPING))
        assert (summary.ignored, summary.rows, known) == (10, 10, 8)
        # What was said of an event since is looked at.
        desk = Report("our desk", published="2026")
        log.append(desk.retracts("x:7", because="not so"))
        assert passed(log, table(sheet(rows), MAPPING))[1] == 7
        # Another report, or another way of reading, is another import.
        assert passed(log, table(sheet(rows), MAPPING.replace("2026", "2027")))[1] == 0
        assert passed(log, table(sheet(rows), MAPPING.replace("x:", "y:")))[1] == 0


def test_new_and_changed_rows_are_read(tmp_path: Path) -> None:
    rows = [(number, number) for number in range(10)]
    with Log(tmp_path / "log.db") as log:
        import_into(log, table(sheet(rows), MAPPING))
        mended = [*rows[:5], (5, 99), (77, 1), *rows[6:9], (8, 3)]
        summary, known = passed(log, table(sheet(mended), MAPPING))
        assert (summary.new, summary.changed, known) == (1, 2, 6)
        killed = {one.event.id: one.event.killed for one in log.accounts()
                  if isinstance(one.event, Attack)}  # fmt: skip
        assert killed["x:5"] == Count(99)
        # Rows of one file never replace each other: 8 said 8, and says 3 beside it.
        (eighth,) = (one for one in log.accounts() if one.event.id == "x:8")
        said = [one.event for one in eighth.claims]
        assert {one.killed for one in said if isinstance(one, Attack)} == {Count(8), Count(3)}


def believed(log: Log) -> list[tuple[Event, set[Event]]]:
    return [(one.event, {said.event for said in one.counted}) for one in log.accounts()]


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=8), max_size=4),
    st.booleans(),
)
def test_logs_are_the_same_with_and_without_a_memory(
    files: Sequence[Sequence[Row]], again: bool
) -> None:
    with Log() as fast, Log() as slow:
        for rows in [*files, *(files if again else ())]:
            first = import_into(fast, table(sheet(rows), MAPPING), batch=2)
            second = import_into(slow, list(table(sheet(rows), MAPPING)), batch=2)
            assert (first.rows, first.new, first.refused) == (
                second.rows, second.new, second.refused
            )  # fmt: skip
            assert believed(fast) == believed(slow)


def test_a_release_is_passed_over_and_a_whole_one_read() -> None:
    header = (
        "id,year,side_a,side_b,latitude,longitude,date_start,date_end,low,best,high,"
        "type_of_violence,source_office,source_date,source_article,source_headline,"
        "deaths_a,deaths_b,deaths_civilians,deaths_unknown\n"
    )
    rows = "".join(
        f"{n},2020,A,B,48,37,2020-01-0{n},2020-01-0{n},1,1,1,1,Wire,2020-02-01,,,1,0,0,0\n"
        for n in range(1, 6)
    )
    release = ucdp_release("20.1", published="2020-06")
    content = (header + rows).encode()
    with Log() as log:
        assert import_into(log, ucdp(io.BytesIO(content), release)).new == 5
        summary, known = passed(log, ucdp(io.BytesIO(content), release))
        assert (summary.ignored, known) == (5, 3)
        whole = import_into(log, ucdp(io.BytesIO(content), release), release=release)
        assert (whole.ignored, whole.missing) == (5, 0)


def way(mapping: str) -> str:
    outcomes = table(sheet([(1, 1), (2, 2)]), mapping)
    assert isinstance(outcomes, Outcomes)
    return outcomes.way


def test_ways_that_hang_on_more_than_cells_have_no_name() -> None:
    assert way(MAPPING)
    for other in (
        MAPPING.replace('id_prefix = "x:"\n', ""),  # warns of bare ids
        MAPPING.replace('id = "Id"', 'id = "#row"'),
    ):
        assert not way(other)


def test_cells_are_told_apart() -> None:
    digest = RowDigest("way", b"salt")
    texts = [["a", "b"], ["ab", ""], ["", "ab"], ["a", "b", ""], ["a b"], ["\ud800", "b"]]
    assert len({digest(one) for one in texts}) == len(texts)
    assert digest(["a\0b"]) == 0
    assert digest(["a"]) != RowDigest("another way", b"salt")(["a"])
    assert digest(["a"]) != RowDigest("way", b"another salt")(["a"])


def test_rows_are_found_around_the_last_and_damage_is_noticed(tmp_path: Path) -> None:
    with Log(tmp_path / "log.db") as log:
        index = EventIndex(log.store)
        memory = RowMemory(log.store, index, "importers/rows/1/x")
        # A digest that stands in another place of the bytes is none.
        digests = [1 << 8 | 7, *range(1 << 40, (1 << 40) + 300)]
        for number, digest in enumerate(digests):
            memory.add(digest, number + 100, number, 0)
        memory.save()
        again = RowMemory(log.store, index, "importers/rows/1/x")
        assert again.find(digests[0])
        assert 100 in again
        assert 101 not in again
        assert not again.find(7)
        assert again.find(digests[40])
        assert 140 in again
        assert not again.find(digests[200])  # too far, until more were missed
        assert not again.find(12345)
        assert again.find(digests[200])
        assert not again.find(digests[199])  # behind
        assert again.find(digests[201])
    path = tmp_path / "log.db"
    with Log(path) as log:
        log.store.save_snapshot(  # type: ignore[attr-defined]
            "importers/rows/1/x", expect=1, position=0, note=b"",
            chunks={"000000000000": b"12345678 damaged"}, erasures=0,
        )  # fmt: skip
        damaged = RowMemory(log.store, EventIndex(log.store), "importers/rows/1/x")
        assert not damaged.find(digests[0])


def test_a_memory_of_more_than_the_log_has_isn_t_used() -> None:
    store = MemoryStore()
    with Log(store):
        index = EventIndex(store)
        memory = RowMemory(store, index, "rows")
        memory.add(1, 2, 3, 4)
        index.upto = 9
        memory.save()
        index.upto = 0
        assert not RowMemory(store, index, "rows").find(1)


@pytest.mark.parametrize("order", ["little", "big"])
def test_numbers_are_stored_in_one_order(order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("timeline.importers.row_memory.sys.byteorder", order)
    turned = row_memory._little(array("Q", [1]))
    assert turned[0] == (1 if order == "little" else 1 << 56)
