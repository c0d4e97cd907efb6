"""Reads wrecks of SQLite files, and holds what is read against what SQLite reads."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Attack, Log, Report
from timeline.errors import StoreError
from timeline.stores.base import Record
from timeline.stores.sqlite_recovery import DamagedFile, _columns

LONG = Report("Wire", published="2022-09-16", text="Shells hit Kharkiv. " * 5000)


def pages(path: Path, size: int) -> None:
    """Write the file anew with pages of another size."""
    with closing(sqlite3.connect(path)) as shell:
        shell.executescript(f"PRAGMA journal_mode = DELETE; PRAGMA page_size = {size}; VACUUM")


def filled(path: Path, *, count: int = 30) -> list[Record]:
    with Log(path) as log:
        for number in range(count):
            event = Attack(when="2022", id=f"{number}", summary="x" * (number * 199 % 20_000))
            log.append((LONG if number % 2 else Report("Desk")).says(event))
        return list(log.store.rows())


def read(path: Path) -> list[Record]:
    with DamagedFile(path) as wreck:
        found = dict(wreck.rows())
        assert all(len(rows) == 1 for rows in found.values())
        assert list(found) == sorted(found)
        return [rows[0] for rows in found.values()]


@pytest.mark.parametrize("size", [512, 1024, 4096, 16_384, 65_536])
def test_what_is_read_is_what_sqlite_reads(size: int, tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    rows = filled(path)
    pages(path, size)
    assert read(path) == rows
    with DamagedFile(path) as wreck, Log(path) as log:
        head = log.store.head()
        assert (wreck.last, wreck.root) == (head.position, head.root)
        assert wreck.identity == log.store.identity
        assert list(wreck.report(bytes.fromhex(LONG.id))) == [LONG.body]
        assert list(wreck.report(bytes(32))) == []


def test_a_file_without_salts_is_read(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    rows = filled(path, count=5)
    with closing(sqlite3.connect(path)) as shell:
        shell.executescript("ALTER TABLE entries DROP COLUMN salt; DROP TABLE head; VACUUM")
    with DamagedFile(path) as wreck:
        assert (wreck.last, wreck.root) == (5, None)
    assert read(path) == [row._replace(salt=b"") for row in rows]


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO entries SELECT -1, 0, x'', form, kind, 0, body, salt FROM entries LIMIT 1",
        "UPDATE entries SET form = x'ff' WHERE position = 3",
        "UPDATE entries SET recorded = 0.5 WHERE position = 3",
        "UPDATE entries SET recorded = NULL, body = 5 WHERE position = 3",
        "UPDATE head SET frontier = CAST(substr(frontier, 1, 40) || 'x' AS BLOB)",
        "UPDATE meta SET value = x'ff' WHERE name = 'identity'",
        "DELETE FROM reports",
    ],
)
def test_values_that_no_log_has_are_passed_over(change: str, tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    rows = filled(path, count=5)
    with closing(sqlite3.connect(path)) as shell:
        shell.executescript(
            "PRAGMA foreign_keys = OFF; PRAGMA writable_schema = ON;"
            "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'entries'"
        )
    with closing(sqlite3.connect(path)) as shell:
        shell.executescript(f"{change}; VACUUM")
    with DamagedFile(path) as wreck:
        found = {position: kept for position, kept in wreck.rows() if kept}
    assert found.keys() <= {1, 2, 3, 4, 5}
    assert len(found) >= 4
    same = [kept[0]._replace(report=b"") for kept in found.values()]
    assert set(same) <= {row._replace(report=b"") for row in rows}


@cache
def sound() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "war.db"
        filled(path)
        return path.read_bytes()


@given(st.integers(0, 1 << 30), st.integers(1, 400))
def test_no_bytes_break_it(seed: int, spoilt: int) -> None:
    random = Random(seed)
    whole = bytearray(sound())
    for _ in range(spoilt):
        whole[random.randrange(len(whole))] = random.randrange(256)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "wreck.db"
        path.write_bytes(whole)
        with DamagedFile(path) as wreck:
            for _, rows in wreck.rows():
                for row in rows:
                    list(wreck.report(row.report))


def test_what_runs_on_into_a_lost_page_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "war.db"
    rows = {row._replace(report=b"") for row in filled(path)}
    data, kept = path.read_bytes(), []
    for lost in range(1, len(data) // 4096, 7):
        path.write_bytes(data[: -4096 * lost])
        found = {row._replace(report=b"") for row in read(path)}
        assert found <= rows
        kept.append(len(found))
    assert kept == sorted(kept, reverse=True)
    assert 0 < kept[0] < len(rows)


def test_what_stands_in_the_wal_alone_is_read(tmp_path: Path) -> None:
    path, copy = tmp_path / "war.db", tmp_path / "copy.db"
    with Log(path) as log:
        log.append(LONG.says(Attack(when="2022", summary="x" * 20_000)))
        for tail in ("", "-wal"):
            Path(f"{copy}{tail}").write_bytes(Path(f"{path}{tail}").read_bytes())
        with DamagedFile(copy) as wreck:
            ((_, rows),) = wreck.rows()
            assert rows == list(log.store.rows())
            assert LONG.body in list(wreck.report(rows[0].report))


def test_a_cell_that_claims_to_be_longer_than_the_file_is_passed_over(tmp_path: Path) -> None:
    page = bytearray(4096)
    page[0], page[4], page[9] = 0x0D, 1, 100
    page[100:106] = b"\x84\x80\x80\x80\x00\x01"
    path = tmp_path / "wreck.db"
    path.write_bytes(bytes(4096) + page)
    assert read(path) == []


@pytest.mark.parametrize(
    "payload", [b"\x02\x0a", b"\x02\x0b", b"\x02\x20ab", b"\x02\x06\0", b"", b"\xff" * 9]
)
def test_a_record_that_is_none_is_refused(payload: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        list(_columns(payload, len(payload)))


def test_records_are_read_as_the_format_says() -> None:
    columns: list[Any] = [None, 5, -2, 0, 1, b"ab"]
    payload = b"\x07\x00\x01\x02\x08\x09\x10\x05\xff\xfeab"
    assert list(_columns(payload, len(payload))) == columns
    assert list(_columns(payload[:-1], len(payload)))[-1] == b""  # begins beyond what was read
    assert list(_columns(b"\x02\x07" + bytes(8), 10)) == [bytes(8)]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no file"):
        DamagedFile(tmp_path / "missing.db")
    with pytest.raises(StoreError, match="can't be read"):
        DamagedFile(tmp_path)


def varint(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))


@pytest.mark.parametrize("spread", [0, 1, 7])
def test_cells_that_all_run_on_to_the_same_pages_are_read_in_linear_time(
    tmp_path: Path, spread: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, pages = 4096, 64
    total = size * pages
    page = bytearray(size)
    page[0] = 0x0D
    cell = varint(total - 10) + varint(1) + b"\x08" + bytes(480) + (2).to_bytes(4, "big") * 8
    begin = size - len(cell) - 64 * 7
    page[3:5] = (1700).to_bytes(2, "big")
    for number in range(1700):
        page[8 + 2 * number : 10 + 2 * number] = (begin + number * spread % 400).to_bytes(2, "big")
    page[begin : begin + len(cell)] = cell
    path = tmp_path / "war.db"
    head = b"SQLite format 3\0" + size.to_bytes(2, "big")
    over = (2).to_bytes(4, "big") + bytes(size - 4)
    path.write_bytes(head.ljust(size, b"\0") + over + bytes(page) * (pages - 2))
    read = 0
    overflow = DamagedFile._overflow

    def counted(self: DamagedFile, number: int) -> bytes:
        nonlocal read
        read += 1
        return overflow(self, number)

    monkeypatch.setattr(DamagedFile, "_overflow", counted)
    with DamagedFile(path) as wreck:
        assert list(wreck.rows()) == []
    assert read <= 40 * pages + 1000
