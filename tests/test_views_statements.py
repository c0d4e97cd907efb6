"""Tests who is told to have said what, and in which order."""

from __future__ import annotations

from timeline.claims import Report
from timeline.kinds import Attack, PoliticalStatement
from timeline.log import Log
from timeline.time_parsing import when
from timeline.views.statements import Statements

REPORT = Report("Público", published="2022-09-16")


def test_statements_are_gathered_by_speaker_in_the_order_they_were_made() -> None:
    def said(speaker: str, day: str) -> PoliticalStatement:
        return PoliticalStatement(when=when(day), speaker=speaker, text=f"said on {day}")

    late, early = said("Galliamov", "2022-09-15"), said("Galliamov", "2022-09-11")
    other = said("Zelenskyy", "2022-09-12")
    expected = said("Putin", "2022-09-21")
    with Log() as log:
        claims = [REPORT.says(one) for one in (late, early, other)]
        log.append(*claims, REPORT.expects(expected), REPORT.says(Attack(when=when("2022"))))
        found = log.ask(Statements())
        assert {who: [a.event for a in accounts] for who, accounts in found.items()} == {
            "Galliamov": [early, late],
            "Zelenskyy": [other],
        }
        assert found["Zelenskyy"][0].sources == {"Público"}
        assert "said on 2022-09-12" in found["Zelenskyy"].to_text()
        assert set(log.ask(Statements(), at="2022-09-11")) == {"Galliamov"}


def test_two_stretches_join() -> None:
    view = Statements()
    assert view.merge((), ()) == view.start
