"""Every door through which bytes from outside come in, each as a function of bytes alone.

A door takes anything and raises nothing but the library's own errors. ``make fuzz`` pushes on all
of them for as long as it is told to; ``tests/test_hostile.py`` does it for seconds.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from timeline import Attack, Log, Report, chronology, when
from timeline.canonical import id_of
from timeline.codec import Codec
from timeline.errors import TimelineError
from timeline.importers import (
    IMPORTED,
    acled,
    gdelt,
    guess,
    icalendar,
    import_into,
    import_jsonl,
    read_segments,
    table,
    timelinejs,
    ucdp,
    ucdp_release,
)
from timeline.integrity import rescue
from timeline.kinds import KINDS
from timeline.proofs import Checkpoint, EntryProof, GrowthProof, PublicKey, SigningKey
from timeline.stores import MemoryStore, SQLiteStore
from timeline.stores.base import Record
from timeline.stores.sqlite_recovery import DamagedFile
from timeline.views.casualties import Casualties

__all__ = ["DOORS", "SEEDS", "knock"]

REPORT = Report("ISW", published="2022-09-16", text="Shells hit Kharkiv this morning.")
_CODEC = Codec((*KINDS, *IMPORTED))


def _row(form: str, kind: str, body: bytes) -> Record:
    name = id_of(form, body, REPORT.published.lo)
    return Record(1, 0, name, form, kind, bytes.fromhex(REPORT.id), body, bytes(16))


def _body(data: bytes) -> None:
    """Read a body as each form and kind, as a log does and as a stranger's bytes are read."""
    for form, kind in (("claim", "attack/1"), ("claim", "x/1"), ("retraction", ""), ("void", "")):
        row = _row(form, kind, data)
        for read in (_CODEC.said, _CODEC.checked):
            try:
                said = read(row, REPORT)
            except TimelineError:
                continue
            str(said), repr(said), hash(said)
    _CODEC.redaction(_row("redaction", "", data))


def _event(data: bytes) -> None:
    """Read an event in a claim that is sound but for it, and write it into a log again."""
    for kind in _CODEC.kinds:
        body = b'{"event":%b,"kind":"%b","report":"%b"}' % (
            data, kind.encode(), REPORT.id.encode(),
        )  # fmt: skip
        try:
            said = _CODEC.checked(_row("claim", kind, body), REPORT)
        except TimelineError:
            continue
        with Log() as log:
            log.append(said)
            chronology(log).to_text()


def _report(data: bytes) -> None:
    report = _CODEC.report(data)
    str(report), report.body, report.id


def _text(data: bytes) -> None:
    """Say a text wherever a report, claim or event takes one."""
    text = data.decode("utf-8", "surrogateescape")
    event = Attack(when="2022", place=text, by=text, weapon=text, summary=text, id=text)
    report = Report(text, title=text, url=text, text=text)
    with Log() as log:
        log.append(report.says(event, quote=text, according_to=text))
        log.append(report.retracts(event, because=text))
        assert len(list(log)) == 2
        assert log.verify().ok


def _edtf(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    time = when(text, zone=None)
    assert when(text, zone=None) == time
    str(time), time.earliest, time.latest, time.edtf


def _phrase(data: bytes) -> None:
    str(REPORT.when(data.decode("utf-8", "surrogateescape")))


def _file(data: bytes) -> None:
    """Open a file of these bytes, reads and ask it, and rescues what is left."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "war.db"
        path.write_bytes(data)
        try:
            with closing(SQLiteStore(path, wait=0.1)) as store, Log(store) as log:
                log.verify()
                log.accounts()
                list(log)
                log.keep(Casualties()).answer()
        except TimelineError:
            pass
        with DamagedFile(path) as wreck:
            rescue(wreck, MemoryStore(), _CODEC)


@cache
def _sound_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "war.db"
        with Log(path) as log:
            for number in range(40):
                log.append(
                    REPORT.says(Attack(when="2022", id=f"{number}", summary="Shells. " * number))
                )
            log.keep(Casualties()).save()
        return path.read_bytes()


def _altered_file(data: bytes) -> None:
    """Open a log in which bytes were replaced: three say where, the rest by what."""
    whole = _sound_file()
    at = int.from_bytes(data[:3], "big") % len(whole)
    _file(whole[:at] + data[3:] + whole[at + len(data) - 3 :] if len(data) > 3 else whole)


def _proof(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for read in (
        Checkpoint.read,
        EntryProof.read,
        GrowthProof.read,
        PublicKey.read,
        SigningKey.read,
    ):
        try:
            str(read(text))
        except TimelineError:
            continue


_SHEET = """
kind = "attack/1"
source = "TableReader"
published = "2022"
[fields]
when = "date"
place = "where"
killed = "killed"
"""


def _imported(outcomes: Callable[[], Iterable[object]]) -> None:
    with Log(events=IMPORTED) as log:
        import_into(log, outcomes(), quarantine=io.StringIO())  # type: ignore[arg-type]
        assert log.verify().ok


def _intake(data: bytes) -> None:
    """Return the bytes to every importer as the file that it reads."""

    def each() -> Iterator[Callable[[], object]]:
        yield lambda: _imported(lambda: gdelt(io.BytesIO(data)))
        yield lambda: _imported(lambda: acled(io.BytesIO(data)))
        release = ucdp_release("20.1", published="2020-06")
        yield lambda: _imported(lambda: ucdp(io.BytesIO(data), release))
        yield lambda: _imported(lambda: timelinejs(io.BytesIO(data), REPORT))
        yield lambda: _imported(lambda: icalendar(io.BytesIO(data), "Calendar"))
        yield lambda: _imported(lambda: table(io.BytesIO(data), _SHEET))
        text = data.decode("utf-8", "replace")
        yield lambda: _imported(lambda: table(io.BytesIO(b"date,where\n2022,Izium\n"), text))
        yield lambda: guess(text.split(","))
        yield lambda: import_jsonl(Log(), io.BytesIO(data))
        yield lambda: list(read_segments(data, lambda _: data))

    for attempt in each():
        try:
            attempt()
        except TimelineError:
            continue


DOORS: dict[str, Callable[[bytes], None]] = {
    "EDTF": _edtf,
    "a phrase": _phrase,
    "a text": _text,
    "a body": _body,
    "an event": _event,
    "a report": _report,
    "a file": _file,
    "an altered file": _altered_file,
    "a proof": _proof,
    "an import": _intake,
}

SEEDS: dict[str, list[bytes]] = {
    "EDTF": [
        b"2022-09-10",
        b"2022-09~/2022-1X",
        b"[..2022,2023-24%]",
        b"Y-17E7S3",
        b"2022-09-10T08:00",
    ],
    "a phrase": [b"this Friday", b"between 8 and 10 September", b"two weeks ago", b"by 9 p.m."],
    "a text": ["Ізюм \u202e".encode(), b"\0", b"\xff\xfe", b"<script>", b"=cmd()", b"a\r\nb"],
    "a body": [
        b'{"event":{"id":"a","when":{"lo":0,"hi":1}},"kind":"attack/1","report":"r"}',
        b'{"because":"x","event_id":"y","report":"r"}',
        b'{"basis":"x","because":"y","positions":[1]}',
    ],
    "an event": [
        b'{"id":"a","when":{"lo":0,"hi":1},"place":{"name":"p","within":{"name":"q"}}}',
        b'{"id":"a","when":{},"place":{"name":"p"},"to":"x","share":"1/3"}',
        b'{"id":"a","when":{},"place":{"name":"p"},"to":"x","share":"1e-999999999"}',
        b'{"category":"fire","id":"a","when":{},"found":{"low":1,"best":1,"high":1}}',
        b'{"id":"a","when":{},"x":' + b"[" * 3000 + b"]" * 3000 + b"}",
    ],
    "a report": [REPORT.body, b'{"source":"x","published":{"lo":0,"hi":1}}'],
    "a file": [b"", b"SQLite format 3\0" + bytes(4080), b"\x0d" * 5000],
    "an altered file": [b"\0\0\x10\x02\x00", b"\0\x10\0\xff\xff\xff", b"\0\x20\0\x0d"],
    "a proof": [
        b"example.org/log\n1\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 example.org/log AAAA\n",
        b"example.org/log+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
    "an import": [
        b"date,where,killed\n2022-09-10,Izium,3\n2022,,-1\n",
        b'{"timeline":1}\n{"position":1}\n',
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20220910T080000Z\nSUMMARY:x\nEND:VEVENT\n",
        b'kind = "attack/1"\n[fields]\nwhen = "date"\n',
        b"Year,Month,Day,Headline,Text\n2022,9,10,Fire,Some\n",
        b"id,type_of_violence,date_start,date_end,best,low,high\n1,1,2022-01-01,2022-01-02,1,0,2\n",
    ],
}


def knock(name: str, data: bytes) -> None:
    """Pushes on one door; passes over the errors that the library raises on purpose."""
    with suppress(TimelineError):
        DOORS[name](data)
