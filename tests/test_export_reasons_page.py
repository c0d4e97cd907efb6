"""Pages on which answers open their reasons and changes are marked."""

from __future__ import annotations

from tests.reasons import ISW, Wounded, izium
from timeline import Attack, Control, Log, Report, TerritorialChange
from timeline.export import to_changes_html, to_reasons_html


def test_every_answer_opens_its_reasons() -> None:
    with izium() as log:
        reasons = log.reasons(Control(), at="2022-09-11")
        page = to_reasons_html(reasons, title="Who holds what")
        assert sorted(reasons) == ["Balakliia", "Izium"]
        assert reasons["Izium"] == log.why(Control(), "Izium", at="2022-09-11")
        assert reasons.without["Izium"] == log.depends_on(Control(), "Izium", at="2022-09-11")
    assert page.count("<details>") == 2
    assert "<b>Izium</b>Ukraine</summary>" in page
    assert "<q>Ukraine took Izium.</q>" in page
    assert '<th scope="row" dir="auto">ISW</th><td dir="auto">Russia</td>' in page
    assert '<th scope="row" dir="auto">General Staff</th><td dir="auto">no answer</td>' in page
    assert "<script" not in page
    assert "default-src &#x27;none&#x27;" in page


def test_what_changed_is_marked() -> None:
    with izium() as log:
        page = to_changes_html(log.changes(Control(), between=(2, 3)))
        assert "<del>Russia</del> → <ins><mark>Ukraine</mark></ins>" in page
        assert '<span class="why">new</span>' in page
        assert "<q>Ukraine took Izium.</q>" in page
        assert "Nothing changed." in to_changes_html(log.changes(Control(), between=(3, 3)))


def test_texts_are_texts() -> None:
    evil = "<script>alert(1)</script>"
    report = Report(evil, text=evil)
    with Log() as log:
        change = TerritorialChange(when="2022-09-01", place=evil, to=evil, from_="x\u202ey")
        log.append(report.says(change, quote=evil))
        pages = [
            to_reasons_html(log.reasons(Control()), title=evil),
            to_changes_html(log.changes(Control(), between=(0, 1)), title=evil),
        ]
    for page in pages:
        assert "<script" not in page
        assert "\u202e" not in page


def test_one_answer_has_no_key() -> None:
    with Log() as log:
        assert "Nothing stands" not in to_reasons_html(log.reasons(Wounded()))
        assert "Nothing stands" in to_reasons_html(log.reasons(Control()))
        log.append(ISW.says(Attack(when="2022-09-01", wounded=3)))
        reasons = log.reasons(Wounded())
        assert str(reasons).endswith("without ISW: 0")
        assert [row.get("without") for row in reasons.to_dicts()] == [None, "ISW"]
        assert reasons.summary() == "reasons of 1 answer"


def test_what_was_redacted_is_said_beside_the_changes() -> None:
    with izium() as log:
        log.redact(1, because="a name", basis="GDPR Art. 17")
        changes = log.changes(Control(), between=(3, log.head))
        assert changes.redacted == (1,)
        assert "redacted since: entries 1, which are in neither answer" in str(changes)
        assert "1 entry redacted" in to_changes_html(changes)
        assert log.keep(Control()).changes(between=(3, log.head)) == changes
