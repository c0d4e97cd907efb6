"""Tests that a SQLite file somebody prepared is refused or named, in time linear in its size."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from itertools import combinations
from pathlib import Path

import pytest

from tests.forging import alter, forge
from timeline import Attack, Claim, Control, Log, Projection, Report, on
from timeline.cli.common import writing
from timeline.errors import (
    FormatError,
    ImporterError,
    LogError,
    ProofError,
    StoreError,
    TimelineError,
)
from timeline.export import to_jsonl
from timeline.importers import import_jsonl
from timeline.importers.mapping import sheet_map
from timeline.proofs import SigningKey, verify_growth
from timeline.stores import SQLiteStore

REPORT = Report("ISW", published="2022-09-10", text="Shells hit the home of CANARY-OLHA in Izium.")
KEY = SigningKey.generate("archive.example/war")


def claim(number: int) -> Claim:
    summary = f"CANARY-OLHA {number}"
    attack = Attack(when="2022-09-09", place="Izium", killed=12, id=f"e{number}", summary=summary)
    return REPORT.says(attack)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "war.db"
    with Log(path) as log:
        log.append(*[claim(number) for number in (1, 2, 3)])
    return path


ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
PREPARED = {
    "shadow": "CREATE TABLE s (b); CREATE TRIGGER t AFTER UPDATE OF body ON entries BEGIN "
    "INSERT INTO s VALUES (OLD.body); END",
    "no update": "CREATE TRIGGER t BEFORE UPDATE ON entries BEGIN SELECT RAISE(IGNORE); END",
    "no insert": "CREATE TRIGGER t BEFORE INSERT ON entries BEGIN SELECT RAISE(IGNORE); END",
    "no delete": "CREATE TRIGGER t BEFORE DELETE ON reports BEGIN SELECT RAISE(IGNORE); END",
    "forging": "CREATE TRIGGER t AFTER INSERT ON entries BEGIN UPDATE entries SET body = 'x'; END",
    "head": "CREATE TRIGGER t BEFORE UPDATE ON head BEGIN SELECT RAISE(IGNORE); END",
    "kept": "CREATE TRIGGER t AFTER INSERT ON kept BEGIN DELETE FROM entries; END",
    "view": "CREATE VIEW v AS SELECT 1",
    "endless view": "ALTER TABLE entries RENAME TO e0; CREATE VIEW entries AS "
    f"{ENDLESS} SELECT e0.* FROM e0, c WHERE c.x < 0",
    "endless head": f"ALTER TABLE head RENAME TO h0; CREATE VIEW head AS {ENDLESS} "
    "SELECT h0.* FROM h0, c WHERE c.x < 0",
    "endless meta": f"ALTER TABLE meta RENAME TO m0; CREATE VIEW meta AS {ENDLESS} "
    "SELECT m0.* FROM m0, c WHERE c.x < 0",
    "large view": "ALTER TABLE entries RENAME TO e0; CREATE VIEW entries AS SELECT position, "
    "recorded, id, form, kind, report, hex(zeroblob(400000000)) AS body, salt FROM e0",
    "generated": "ALTER TABLE entries ADD COLUMN more AS (hex(zeroblob(400000000)))",
    "column": "ALTER TABLE entries ADD COLUMN more",
    "renamed": "ALTER TABLE entries RENAME COLUMN salt TO pepper",
    "virtual": "DROP TABLE pieces; CREATE VIRTUAL TABLE pieces USING fts5(name, piece, body)",
    "check": "DROP TABLE kept; CREATE TABLE kept (name TEXT PRIMARY KEY NOT NULL, version INTEGER "
    "NOT NULL, position INTEGER NOT NULL, note BLOB NOT NULL CHECK (length(note) < 3))",
}


@pytest.mark.parametrize("name", PREPARED)
def test_a_schema_that_was_prepared_is_refused_on_opening(path: Path, name: str) -> None:
    alter(path, PREPARED[name])
    before = path.read_bytes()
    with pytest.raises(FormatError, match=r"trigger|view|has (another|no) table"):
        Log(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", PREPARED)
def test_a_schema_that_is_prepared_while_the_log_is_open_is_refused(path: Path, name: str) -> None:
    with Log(path) as log:
        alter(path, PREPARED[name])
        for act in (
            lambda: log.append(claim(4)),
            lambda: list(log),
            lambda: log.redact(1, because="asked", basis="law"),
            lambda: log.head,
        ):
            with pytest.raises(StoreError):
                act()
        assert not name.startswith("endless") or "view" in str(_refusal(log))


def _refusal(log: Log) -> Exception:
    with pytest.raises(StoreError) as refused:
        list(log)
    return refused.value


def test_tables_and_indexes_of_others_are_named_by_verify_and_by_every_redaction(
    path: Path,
) -> None:
    alter(
        path,
        "CREATE VIRTUAL TABLE look USING fts5(body); INSERT INTO look SELECT body FROM entries; "
        "CREATE TABLE mine (x); CREATE INDEX words ON entries (body)",
    )
    with Log(path) as log:
        audit = log.verify()
        assert audit.ok
        erasure = log.redact(1, because="asked", basis="law")
        for text in (str(audit), str(erasure)):
            assert all(name in text for name in ("'look'", "'mine'", "index 'words' on 'entries'"))
        assert {"table 'look'", "table 'mine'"} <= set(erasure.beside)


def test_a_head_that_counts_further_is_told_of_at_once(path: Path) -> None:
    for position in (10**7, 2**62):
        alter(path, f"UPDATE head SET position = {position}")
        with Log(path) as log:
            audit = log.verify()
            runs = [(one.position, one.last) for one in audit.damaged if one.position]
            assert runs == [(4, position)]
            assert "entries 4 to" in str(audit)
            with pytest.raises(StoreError, match="damaged"):
                list(log)
            with pytest.raises(StoreError, match="nothing was appended"):
                log.append(claim(4))


@pytest.mark.filterwarnings("ignore::timeline.errors.UnknownKindWarning")
@pytest.mark.parametrize(
    "script",
    [
        "UPDATE head SET position = 'four'",
        "UPDATE head SET position = -1",
        "UPDATE head SET position = 1.5",
        "UPDATE head SET recorded = 'noon'",
        "UPDATE head SET frontier = 'text'",
        "UPDATE head SET frontier = x''",
        "UPDATE head SET erasures = 'many'",
        "UPDATE entries SET recorded = 'noon' WHERE position = 2",
        "UPDATE entries SET salt = 'text' WHERE position = 2",
        "UPDATE entries SET form = x'ff' WHERE position = 2",
        "UPDATE entries SET kind = 7 WHERE position = 2",
        "UPDATE entries SET id = 'text' WHERE position = 2",
        "UPDATE entries SET body = 7 WHERE position = 2",
        "UPDATE reports SET id = 'text' WHERE number = 1",
        "UPDATE meta SET value = x'ff' WHERE name = 'identity'",
        "DELETE FROM head",
        "DELETE FROM reports",
        "DELETE FROM entries WHERE position = 2",
        "UPDATE entries SET position = position + 1000000000000 WHERE position > 1",
    ],
)
def test_values_of_odd_types_raise_nothing_but_our_errors(path: Path, script: str) -> None:
    alter(path, script)
    try:
        with Log(path) as log:
            assert not log.verify().ok
            acts: list[Callable[[], object]] = [
                lambda: list(log), lambda: log.append(claim(4)), log.accounts,
            ]  # fmt: skip
            for act in acts:
                try:
                    act()
                except TimelineError:
                    continue
    except TimelineError:
        pass


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("UPDATE meta SET value = '00000000-0000-4000-8000-000000000000' WHERE name = 'identity'",
         "identity"),
        ("INSERT INTO meta VALUES ('created', '7')", "date"),
        ("UPDATE head SET erasures = 3", "erasures"),
        ("INSERT INTO reports (id, body) VALUES (zeroblob(32), 'words')", "no entry stands in it"),
        ("UPDATE reports SET body = 'words' WHERE number = 0", "without a report"),
        ("INSERT INTO kept VALUES ('state', 1, 99, x'')", "isn't whole"),
        ("INSERT INTO pieces VALUES ('none', 'x', x'')", "isn't whole"),
    ],
)  # fmt: skip
def test_what_stands_beside_the_entries_is_verified_too(path: Path, script: str, told: str) -> None:
    alter(path, script)
    with Log(path) as log:
        audit = log.verify()
    assert not audit.ok
    assert told in str(audit)


def test_a_file_without_a_seal_says_that_its_identity_is_unchecked(path: Path) -> None:
    alter(path, "DELETE FROM meta WHERE name = 'seal'")
    with Log(path) as log:
        assert log.verify().ok
        assert "identity" in str(log.verify())
        log.redact(1, because="asked", basis="law")
        assert log.verify().ok


def test_a_body_that_was_changed_is_told_of_when_it_is_appended_again(path: Path) -> None:
    forge(path, 2, b'{"changed": 1}')
    with Log(path) as log:
        with pytest.raises(FormatError, match=r"entry 2 has the id .* other bytes"):
            log.append(claim(2), claim(4))
        assert log.head == 3
        assert [entry.position for entry in log.append(claim(1))] == [1]


class Killed(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + attack.killed.best


def test_a_kept_state_is_named_as_unchecked_or_held_against_a_replay(path: Path) -> None:
    with Log(path) as log:
        kept = log.keep(Killed())
        kept.answer()
        kept.save()
        assert kept.name in str(log.verify())
        assert kept.name not in str(log.verify(kept=True))
        assert log.verify(kept=True).ok
        assert log.keep(Control()).answer() is not None
        assert log.verify(kept=True).ok
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT piece, body FROM pieces WHERE piece LIKE 'root/%' AND name = ?"
        ((piece, body),) = connection.execute(query, (kept.name,)).fetchall()
        content = body[8:].replace(b"36", b"99")
        seal = sha256(piece.encode() + b"\0" + content).digest()[:8]
        update = "UPDATE pieces SET body = ? WHERE piece = ? AND name = ?"
        connection.execute(update, (seal + content, piece, kept.name))
        connection.commit()
    with Log(path) as log:
        assert log.keep(Killed()).answer() == 99
        kept = log.keep(Killed())
        audit = log.verify(kept=True)
        assert not audit.ok
        assert "isn't what a replay gives" in str(audit)
        assert kept.answer() == log.ask(Killed()) == 36


# --- proofs


def test_a_log_whose_past_was_changed_proves_no_growth_at_any_sizes(tmp_path: Path) -> None:
    path, most = tmp_path / "war.db", 14
    signed = {}
    with Log(path) as log:
        for number in range(1, most + 1):
            log.append(claim(number))
            signed[number] = log.checkpoint(KEY)
        for old, new in combinations(signed, 2):
            proof = log.prove_since(signed[old], checkpoint=signed[new])
            seen = verify_growth(str(proof), str(signed[old]), key=str(KEY.public))
            assert seen.checkpoint == signed[new]
    for position in range(1, most + 1):
        alter(path, f"UPDATE entries SET recorded = recorded - 1 WHERE position = {position}")
        with Log(path) as log:
            for old in range(position, most + 1):
                for new in range(old, most + 1):
                    with pytest.raises((StoreError, ProofError)):
                        log.prove_since(signed[old], checkpoint=signed[new])
        alter(path, f"UPDATE entries SET recorded = recorded + 1 WHERE position = {position}")


def test_a_checkpoint_that_looks_first_signs_no_changed_past(path: Path) -> None:
    with Log(path) as log:
        assert log.checkpoint(KEY, verify=True) == log.checkpoint(KEY)
    forge(path, 2, b'{"changed": 1}', head=False)
    with Log(path) as log:
        with pytest.raises(StoreError, match="nothing was signed"):
            log.checkpoint(KEY, verify=True)
        assert log.checkpoint(KEY).size == 3


def _varint(raw: bytearray, at: int) -> tuple[int, int]:
    value = raw[at] & 0x7F
    while raw[at] & 0x80:
        at += 1
        value = value << 7 | raw[at] & 0x7F
    return value, at + 1


def _overflow_pointers(raw: bytearray, size: int = 4096) -> Iterator[slice]:
    """Where the cells of tables point to the pages on which they go on."""
    for start in range(0, len(raw), size):
        header = start + (100 if start == 0 else 0)
        cells = int.from_bytes(raw[header + 3 : header + 5], "big") if raw[header] == 0x0D else 0
        for cell in range(header + 8, header + 8 + 2 * cells, 2):
            at = start + int.from_bytes(raw[cell : cell + 2], "big")
            length, at = _varint(raw, at)
            _, at = _varint(raw, at)
            if length > size - 35:
                least = (size - 12) * 32 // 255 - 23
                local = least + (length - least) % (size - 4)
                at += local if local <= size - 35 else least
                yield slice(at, at + 4)


def test_what_overlaps_in_a_file_is_told_of(tmp_path: Path) -> None:
    """Cells that all run on to the same pages: each entry seems as long as the file."""
    path = tmp_path / "war.db"
    large = Report("ISW", published="2022-09-10", text="x")
    with Log(path) as log:
        log.append(
            *[
                large.says(Attack(when="2022-09-09", id=f"e{n}", summary="y" * 200_000))
                for n in range(8)
            ]
        )
    raw, chains = bytearray(path.read_bytes()), []
    for pointer in _overflow_pointers(raw):
        chains.append(bytes(raw[pointer]))
        raw[pointer] = chains[0]
    assert len(chains) == 8
    path.write_bytes(raw)
    with Log(path) as log:
        assert "2nd reference to page" in str(log.verify())


def test_entries_that_take_more_bytes_than_the_file_has_are_not_read_to_the_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Log(path) as log:
        monkeypatch.setattr("timeline.stores.sqlite_files.LogFile.size", lambda _: 100)
        with pytest.raises(StoreError, match="take more bytes than the file has"):
            list(log)
        monkeypatch.setattr("timeline.integrity._FREE", 0)
        audit = log.verify()
        assert not audit.ok
        assert "far more bytes than the log has" in str(audit)


def test_a_statement_that_takes_more_work_than_the_file_can_need_is_stopped(path: Path) -> None:
    with closing(SQLiteStore(path)) as store:
        endless = f"{ENDLESS} SELECT count(*) FROM c"
        with (
            pytest.raises(StoreError, match=r"more work than a log of its size"),
            store._held(store._reading),
        ):
            store._reader.execute(endless).fetchall()
        assert store.head().position == 3


# --- doors of the shell and of imports


def test_output_takes_the_place_of_no_log_journal_or_key(path: Path, tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    key.write_text(KEY.text, encoding="utf-8")
    journal = tmp_path / "other-wal"
    journal.write_bytes(b"\x37\x7f\x06\x82 a journal")
    for target in (path, key, journal, tmp_path / "war.db-wal", tmp_path / "war.db-journal"):
        before = target.read_bytes() if target.exists() else None
        with pytest.raises(LogError, match="stays as it is; name another file"):
            writing(str(target), "words", what="a page")
        assert (target.read_bytes() if target.exists() else None) == before


def test_a_draft_has_a_name_that_nobody_can_plant_a_link_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("as it was", encoding="utf-8")
    monkeypatch.setattr("timeline.cli.common.token_hex", lambda _: "guessed")
    (tmp_path / ".guessed.new").symlink_to(victim)
    with pytest.raises(FileExistsError):
        writing(str(tmp_path / "page.html"), "words", what="a page")
    assert victim.read_text(encoding="utf-8") == "as it was"
    monkeypatch.undo()
    writing(str(tmp_path / "page.html"), "words", what="a page")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "words"


@pytest.mark.parametrize(
    "text",
    ["x = " + "9" * 100_000, "x = " + "9" * 5_000, "a" + ".a" * 100_000 + " = 1",
     "a" + ".a" * 3_000 + " = 1", "x = " + "[" * 100_000, "x = " + "[" * 3_000,
     "x = " + "{a=" * 3_000, "# " + "x" * 2_000_000],
)  # fmt: skip
def test_a_mapping_without_end_is_refused(text: str) -> None:
    with pytest.raises(ImporterError):
        sheet_map(text)


@pytest.mark.parametrize("line", [b'{"a":' + b"[" * 100_000, b"[" * 200_000, b'{"a":' * 50_000])
def test_lines_nested_without_end_are_refused(line: bytes) -> None:
    with Log() as log, pytest.raises(FormatError):
        import_jsonl(log, BytesIO(line + b"\n"))
    with Log() as log:
        log.append(claim(1))
        lines = "".join(to_jsonl(log)).encode()
    with Log() as log, pytest.raises(FormatError):
        import_jsonl(log, BytesIO(lines + line + b"\n"))
