"""The lines of a chronology as answers: why they stand, and which of them changed."""

from __future__ import annotations

from tests.reasons import ISW, LOST, STAFF, TAKEN, izium
from timeline import Report, chronology
from timeline.views.each_event import EachEvent


def test_each_line_of_a_chronology_has_its_reasons() -> None:
    with izium() as log:
        assert {*log.ask(EachEvent())} == {one.event.id for one in chronology(log)}
        why = log.why(EachEvent(), TAKEN.id)
        assert [entry.position for entry in why.entries] == [3]
        log.append(STAFF.says(TAKEN), recorded="2022-09-12")
        assert not log.changes(EachEvent(), between=(3, 4))
        assert log.why(EachEvent(), TAKEN.id).pivotal == ()
        log.append(Report("Other", published="2022-09-12").denies(LOST), recorded="2022-09-12")
        changes = log.changes(EachEvent(), between=(4, 5))
        assert {key: change.reasons for key, change in changes.items()} == {LOST.id: ("denied",)}
        log.append(ISW.retracts(TAKEN, because="wrong"), STAFF.retracts(TAKEN, because="wrong"))
        assert log.changes(EachEvent(), between=(5, 7))[TAKEN.id].gone
