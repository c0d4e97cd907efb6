"""Holds every importer to the laws of importing, on rows that are valid, spoilt or none at all."""

from __future__ import annotations

import gc
import io
import random
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import test_importers_acled, test_importers_gdelt, test_importers_ucdp
from timeline import Log, Report
from timeline.errors import TimelineError
from timeline.importers import (
    Accepted,
    Outcome,
    Refused,
    Skipped,
    acled,
    acled_deletions,
    gdelt,
    gdelt_mentions,
    icalendar,
    import_into,
    table,
    timelinejs,
    ucdp,
    ucdp_release,
)
from timeline.importers.gdelt import COLUMNS, MENTIONS

MAPPING = """
kind = "attack"
[columns]
id = "a"
when = "b"
killed = "c"
by = "d"
[defaults]
source = "our desk"
published = 2022
"""
DESK = Report("our desk", published="2022-09-20")
UCDP = ucdp_release("20.1", published="2020")


class Format(NamedTuple):
    """An importer, the bytes of a good file, and where its rows begin."""

    name: str
    read: Callable[[Any], Iterator[Outcome]]
    header: bytes
    rows: tuple[bytes, ...]


def csv_format(
    name: str,
    read: Callable[[Any], Iterator[Outcome]],
    file: io.BytesIO,
    many: Callable[[int], bytes],
) -> Format:
    header, _ = file.getvalue().split(b"\r\n", 1)
    return Format(name, read, header + b"\r\n", tuple(many(number) for number in range(4)))


def _ucdp_row(number: int) -> bytes:
    row = {**test_importers_ucdp.NEW, "id": str(number // 2), "deaths_b": str(number)}
    return test_importers_ucdp.sheet(row).getvalue().split(b"\r\n", 1)[1]


def _acled_row(number: int) -> bytes:
    row = {
        **test_importers_acled.ROW,
        "event_id_cnty": f"UKR{number // 2}",
        "fatalities": str(number),
    }
    return test_importers_acled.sheet(row).getvalue().split(b"\r\n", 1)[1]


def _gdelt_row(number: int) -> bytes:
    cells = {"GlobalEventID": str(number // 2), "NumMentions": str(number)}
    return test_importers_gdelt.line(COLUMNS, test_importers_gdelt.ROW, **cells)


FORMATS = [
    csv_format(
        "ucdp",
        lambda file: ucdp(file, UCDP),
        test_importers_ucdp.sheet(test_importers_ucdp.NEW),
        _ucdp_row,
    ),
    csv_format(
        "ucdp articles",
        lambda file: ucdp(file, UCDP, says="articles"),
        test_importers_ucdp.sheet(test_importers_ucdp.NEW),
        _ucdp_row,
    ),
    csv_format("acled", acled, test_importers_acled.sheet(test_importers_acled.ROW), _acled_row),
    Format(
        "acled deletions",
        acled_deletions,
        b"event_id_cnty,deleted_timestamp\n",
        tuple(f"UKR{number // 2},{1_600_000_000 + number}\n".encode() for number in range(4)),
    ),
    Format("gdelt", gdelt, b"", tuple(_gdelt_row(number) for number in range(4))),
    Format(
        "mentions",
        lambda file: gdelt_mentions(file, lambda _: test_importers_gdelt.one()),
        b"",
        tuple(
            test_importers_gdelt.line(
                MENTIONS, test_importers_gdelt.MENTION, MentionSourceName=f"s{number // 2}"
            )
            for number in range(4)
        ),
    ),
    Format(
        "timelinejs",
        lambda file: timelinejs(file, DESK),
        b"Year,Month,Day,Time,Headline,Text\n",
        tuple(
            f'2022,9,{number // 2 + 1},17:30,x,"text {number}"\n'.encode() for number in range(4)
        ),
    ),
    Format(
        "icalendar",
        lambda file: icalendar(file, "our desk"),
        b"BEGIN:VCALENDAR\n",
        tuple(
            (
                f"BEGIN:VEVENT\nUID:{number // 2}\nDTSTAMP:20220920T080000Z\n"
                f"DTSTART:20220916T08{number:02d}00Z\nSUMMARY:x\nEND:VEVENT\n"
            ).encode()
            for number in range(4)
        ),
    ),
    Format(
        "table",
        lambda file: table(file, MAPPING),
        b"a,b,c,d\n",
        tuple(f"{number // 2},2022-09-1{number},{number},x\n".encode() for number in range(4)),
    ),
]  # fmt: skip
EACH = pytest.mark.parametrize("form", FORMATS, ids=[one.name for one in FORMATS])


@st.composite
def files(draw: st.DrawFn, form: Format) -> bytes:
    """A good file with bytes changed, taken out or put in, or rows doubled; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=80))
    rows = draw(st.lists(st.sampled_from(form.rows), max_size=5))
    content = bytearray(b"".join(rows))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        content[place : place + draw(st.integers(0, 3))] = draw(
            st.binary(max_size=3)
            | st.sampled_from([b'"', b"\n", b",", b"\xff", b"9" * 20, b"-", b""])
        )
    return form.header + bytes(content)


@EACH
@given(data=st.data())
def test_any_bytes_are_outcomes_or_an_error_of_the_library(
    form: Format, data: st.DataObject
) -> None:
    content = data.draw(files(form))
    with Log() as log:
        try:
            outcomes = list(form.read(io.BytesIO(content)))
        except TimelineError:
            return
        assert all(isinstance(one, Accepted | Skipped | Refused) for one in outcomes)
        found = import_into(log, outcomes, batch=2)
        assert found.rows == len(outcomes)
        assert found.refused >= sum(isinstance(one, Refused) for one in outcomes)
        first = log.accounts()
        again = import_into(log, form.read(io.BytesIO(content)), batch=3)
        assert again.ignored + again.refused == again.rows == found.rows
        assert log.accounts() == first


@EACH
def test_a_good_file_is_told_whole(form: Format) -> None:
    content = form.header + b"".join(form.rows)
    with Log() as log:
        dry = import_into(log, form.read(io.BytesIO(content)), dry_run=True)
        found = import_into(log, form.read(io.BytesIO(content)))
        assert found.rows == dry.rows == 4
        assert (found.ignored, found.refused, dry.new, dry.changed) == (
            2 if form.name == "mentions" else 0, 0, found.new, found.changed
        )  # fmt: skip
        assert log.head > 0


@EACH
def test_the_order_of_rows_makes_no_difference(form: Format) -> None:
    chance = random.Random(7)
    rows = list(form.rows)
    answers = []
    for _ in range(4):
        with Log() as log:
            import_into(log, form.read(io.BytesIO(form.header + b"".join(rows))), batch=1)
            answers.append(log.accounts())
        chance.shuffle(rows)
    assert all(one == answers[0] for one in answers)


@EACH
def test_lines_text_and_bytes_are_read_alike(form: Format) -> None:
    content = form.header + b"".join(form.rows)
    text = content.decode()
    ways = [
        io.BytesIO(content),
        io.StringIO(text, newline=""),
        content.splitlines(keepends=True),
        text.splitlines(keepends=True),
        iter(text.splitlines()),
    ]
    found = [list(form.read(way)) for way in ways]
    assert all(one == found[0] for one in found)


@EACH
def test_it_streams(form: Format) -> None:
    """A row is told before the next is read."""
    read = []

    def lines() -> Iterator[bytes]:
        for line in (form.header + b"".join(form.rows * 3)).splitlines(keepends=True):
            read.append(line)
            yield line

    outcomes = form.read(lines())
    next(outcomes)
    assert len(read) <= form.header.count(b"\n") + form.rows[0].count(b"\n") + 1


def test_what_is_held_does_not_grow_with_the_rows() -> None:
    lines = (f"{number % 50},2022-09-10,1,x\n".encode() for number in range(1500))
    held = []

    def measure(_done: int, _total: int | None) -> None:
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])

    with Log() as log:
        tracemalloc.start()
        rows = table(chain([b"a,b,c,d\n"], lines), MAPPING)
        import_into(log, rows, dry_run=True, batch=250, progress=measure)
        tracemalloc.stop()
    assert len(held) == 7
    assert max(held) < held[0] + 100_000  # 1,250 rows' claims would be more than a million
