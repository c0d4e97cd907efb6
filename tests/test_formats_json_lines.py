"""Tests that a log goes through JSON Lines with nothing lost, and that altered lines don't."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Attack, Event, Incident, Log, Report, UnknownEvent, event, when
from timeline.claims import Said
from timeline.errors import FormatError, RecordedError
from timeline.export import to_jsonl
from timeline.formats.json_lines import RECENT_REPORTS
from timeline.importers import import_jsonl, read_jsonl
from timeline.testing import strategies

WIRE = Report("Wire", published="2022-09-16", text="It burned.")
FIRE = Incident(when="2022-09-16", category="fire", id="fire")


@event("flight/1")
class Flight(Event):
    people: int


def lines() -> list[str]:
    with Log() as log:
        desk = Report("Desk", published="2022-09-18")
        claim = WIRE.says(FIRE, quote="It burned.", according_to="police")
        log.append(claim, recorded="2022-09-16")
        log.append(Report("Other").denies(FIRE), WIRE.expects(FIRE), recorded="2022-09-17")
        log.append(
            WIRE.retracts(claim, because="wrong"),
            desk.voids(claim, because="typed twice"),
            WIRE.says(Flight(when=when("2022-09-16"), people=3)),
            recorded="2022-09-18",
        )
        return list(to_jsonl(log))


LINES = lines()


@given(strategies.histories(), st.booleans())
def test_everything_comes_back(history: Sequence[Said], one_by_one: bool) -> None:
    with Log() as log, Log() as copy:
        for one in history if one_by_one else ():
            log.append(one)
        log.append(*history)
        written = list(to_jsonl(log))
        assert list(read_jsonl(written)) == list(log)
        assert import_jsonl(copy, written) == log.head
        assert import_jsonl(copy, written) == 0
        assert list(copy) == list(log)
        assert list(to_jsonl(copy)) == written


def test_the_file_is_for_eyes_too() -> None:
    head, report, first, *_ = map(json.loads, LINES)
    assert head == {"timeline": "log", "version": 1}
    assert report["body"]["text"] == "It burned."
    assert (first["position"], first["recorded"]) == (1, "2022-09-16T00:00:00Z")
    assert (first["form"], first["kind"], first["report"]) == (
        "claim",
        "incident/1",
        report["report"],
    )
    assert sum("text" in json.loads(line).get("body", {}) for line in LINES) == 1


def test_a_file_is_written_and_read_in_binary_or_text(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(LINES) + "\n", encoding="utf-8")
    with path.open(encoding="utf-8") as text, path.open("rb") as raw:
        assert list(read_jsonl(text)) == list(read_jsonl(raw)) == list(read_jsonl(LINES))


def test_a_kind_that_nobody_named_comes_back_once_it_is_named() -> None:
    *_, unknown = read_jsonl(LINES)
    *_, known = read_jsonl(LINES, events=[Flight])
    assert isinstance(unknown.claim.event, UnknownEvent)  # type: ignore[union-attr]
    assert known.claim.event == Flight(when=when("2022-09-16"), people=3)  # type: ignore[union-attr]
    assert unknown.claim.id == known.claim.id
    with Log() as plain, Log(events=[Flight]) as knowing:
        assert import_jsonl(plain, LINES) == import_jsonl(knowing, LINES) == 6
        assert [one.claim.id for one in plain] == [one.claim.id for one in knowing]
        assert list(to_jsonl(plain)) == list(to_jsonl(knowing)) == LINES


def test_a_log_that_learned_something_later_takes_it_as_news() -> None:
    with Log() as log:
        log.append(Report("Late").says(FIRE), recorded="2022-09-30")
        with pytest.raises(RecordedError):
            import_jsonl(log, LINES)
        reached: list[tuple[int, int | None]] = []

        def progress(done: int, total: int | None) -> None:
            reached.append((done, total))

        assert import_jsonl(log, LINES, as_recorded=False, progress=progress) == 6
        assert reached == [(6, None)]
        assert import_jsonl(log, LINES, as_recorded=False) == 0
        assert import_jsonl(log, LINES) == 0


def test_what_is_written_ends_where_it_is_asked_to() -> None:
    with Log() as log:
        import_jsonl(log, LINES)
        assert [entry.position for entry in read_jsonl(to_jsonl(log, upto=2))] == [1, 2]
        assert list(read_jsonl(to_jsonl(Log()))) == []


def test_only_so_many_reports_are_held() -> None:
    many = [Report(f"S{number}").says(FIRE) for number in range(RECENT_REPORTS + 5)]
    again = Report("S0").says(Attack(when="2022-09-16"))
    with Log() as log, Log() as copy:
        log.append(*many, again)
        written = list(to_jsonl(log))
        reports = sum('{"report"' in line for line in written)
        assert reports == RECENT_REPORTS + 5 + 1
        assert import_jsonl(copy, written) == log.head
        assert list(to_jsonl(copy)) == written


def altered(number: int, change: Callable[[str], str]) -> list[str]:
    """Return the lines with one of them changed."""
    return [change(line) if at == number else line for at, line in enumerate(LINES, 1)]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([], "line 1 is ''"),
        (["id,date\n"], "line 1 is 'id,date"),
        (['{"timeline":"tape","version":1}'], "open with"),
        (['{"timeline":"log","version":2}'], "version 2 and this release reads version 1"),
        (altered(2, lambda line: line.replace("burned", "froze")), "line 2 .*says something else"),
        (altered(3, lambda line: line.replace("police", "nobody")), "line 3 .*says something else"),
        (altered(3, lambda line: line.replace('"id":"', '"id":"00')), "line 3 .*something else"),
        (altered(3, lambda line: line[:50]), "line 3 can't be read"),
        (altered(3, lambda line: line.replace("00Z", "00")), "line 3 .*no zone"),
        (altered(3, lambda line: line.replace("2022-09-16T00", "soon")), "line 3 can't be read"),
        (altered(3, lambda line: line.replace('"claim"', '"tale"')), "line 3 can't be read"),
        (altered(2, lambda _: ""), "line 3 .*isn't above it"),
        ([*LINES, LINES[2]], "entry 1 comes after entry 6"),
    ],
)
def test_what_was_altered_is_refused_by_its_line(written: list[str], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        list(read_jsonl(written))


def test_what_comes_before_a_bad_line_stays() -> None:
    with Log() as log:
        with pytest.raises(FormatError, match="line 6"):
            import_jsonl(log, altered(6, lambda _: "{}{"), as_recorded=True)
        assert log.head == 1
        assert import_jsonl(log, LINES) == 5


def test_what_was_redacted_is_written_as_such_and_passed_over() -> None:
    with Log() as log:
        import_jsonl(log, LINES)
        last = list(log)[-1]
        log.redact(last, because="a name", basis="GDPR 17")
        written = list(to_jsonl(log))
    assert "people" not in "".join(written)
    redacted, redaction = (json.loads(line) for line in written[-2:])
    assert (redacted["form"], len(redacted["commitment"])) == ("redacted", 64)
    assert (redaction["form"], redaction["report"]) == ("redaction", "")
    assert redaction["body"]["because"] == "a name"
    assert [entry.position for entry in read_jsonl(written)] == [1, 2, 3, 4, 5]
    with Log() as copy:
        assert import_jsonl(copy, written) == 5


def test_a_report_that_went_while_it_was_written_is_left_out() -> None:
    with Log() as log:
        import_jsonl(log, LINES)
        writing = to_jsonl(log)
        written = [next(writing), next(writing)]
        log.redact(*list(log)[1:], because="all", basis="GDPR 17")
        written += writing
        assert [json.loads(line).get("form") for line in written[2:4]] == ["claim", "redacted"]
        assert next(read_jsonl(written)).position == 1
