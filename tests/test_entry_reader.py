"""A reader of rows knows more kinds without forgetting what it has read."""

from __future__ import annotations

import pytest

from timeline import Attack, Event, Log, Report, event
from timeline.account_sort import accounts
from timeline.errors import FormatError
from timeline.events import UnknownEvent
from timeline.redaction_records import Redacted


@event("test-entry-reader-flood/1")
class Flood(Event):
    place: str


def test_a_reader_of_more_kinds_shares_the_reports_that_were_read() -> None:
    with Log() as log:
        log.append(Report("Wire", published="2022-09-11").says(Attack(when="2022-09-10")))
        reader = log.reader
        (row,) = reader.rows()
        entry = reader.entry(row)
        more = reader.knowing([Flood])
        assert more is not reader
        assert reader.knowing([Attack]) is reader
        assert more.entry(row).claim.report is entry.claim.report  # type: ignore[union-attr]
        assert more.codec.class_of("test-entry-reader-flood/1") is Flood
        assert reader.codec.class_of("test-entry-reader-flood/1") is UnknownEvent


def test_what_is_erased_between_row_and_report_is_redacted_and_no_damage() -> None:
    with Log() as log:
        claims = [
            Report("Wire", published=f"2022-09-{day}").says(Attack(when="2022-09-10", id=f"{day}"))
            for day in (11, 12)
        ]
        log.append(*claims, claims[0].report.retracts("12", because="mistaken"))
        rows = list(log.reader.rows())
        log.redact(claims[0], because="named a witness", basis="GDPR Article 17", naming=True)
        log.redact(rows[2].position, because="it names them too", basis="GDPR Article 17")
        assert isinstance(log.reader.statement(rows[0]), Redacted)
        found = accounts(rows, log.reader)
        assert [one.event.id for one in found] == ["12"]


def test_a_report_that_is_missing_is_damage() -> None:
    with Log() as log:
        log.append(Report("Wire", published="2022-09-11").says(Attack(when="2022-09-10")))
        (row,) = log.reader.rows()
        with pytest.raises(FormatError, match=r"its report 000.* is missing; run log.verify"):
            log.reader.entry(row._replace(report=bytes(32)))
