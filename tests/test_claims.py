"""Tests what a report may say, and how it takes it back."""

from __future__ import annotations

import unicodedata
import warnings
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.canonical import id_of
from timeline.claims import Claim, Report, Retraction, Void, came_out_before
from timeline.counts import Breakdown, Count
from timeline.errors import (
    ClaimError,
    FutureEventWarning,
    PhraseError,
    QuoteError,
    WhenError,
    ZoneError,
)
from timeline.kinds import Attack
from timeline.places import Place
from timeline.time_parsing import when
from timeline.times import When

evolve: Any = attrs.evolve  # a kind is an attrs class, which mypy can't see
TEXT = "“This morning” an attack\n  wounded\u00a012 people — two of them children.\nCafé, he said."
ATTACK = Attack(
    when=when("2022-09-16"),
    place=Place("Kharkiv"),
    wounded=Count(12),
    including=Breakdown({"children": 2}),
)


def report(source: str = "ISW", published: Any = "2022-09-16", **fields: Any) -> Report:
    return Report(source, published=published, **fields)


def test_a_report_needs_a_source_alone() -> None:
    bare = Report("ISW")
    assert bare.published == When()
    assert bare.text is None


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"source": ""}, ClaimError, "needs the name of its source, such as 'ISW', not ''"),
        ({"source": 3}, ClaimError, "such as 'ISW', not 3"),
        ({"title": " "}, ClaimError, "a Report's title is a text that isn't empty, not ' '"),
        ({"text": ""}, ClaimError, "a Report's text is a text that isn't empty"),
        ({"url": 3}, ClaimError, "a Report's url is a text that isn't empty, not 3"),
        ({"published": "soon"}, WhenError, "soon"),
        ({"zone": "Mars/Olympus"}, ZoneError, "Mars/Olympus"),
        ({"zone": "Mars/Olympus", "published": when("2022")}, ZoneError, "Mars/Olympus"),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        report(**fields)


def test_the_published_day_is_that_of_the_zone() -> None:
    here = report(zone="Europe/Kyiv").published
    assert here == when("2022-09-16", zone="Europe/Kyiv")
    assert report(zone=None).published == when("2022-09-16", zone=None)


def test_the_same_report_has_the_same_id_and_any_other_another() -> None:
    variants = [
        report(),
        report("UCDP"),
        report(published="2022-09-17"),
        report(published=None),
        report(zone="Europe/Kyiv"),
        report(title="t"),
        report(url="t"),
        report(text="t"),
    ]
    assert len({one.id for one in variants}) == len(variants)
    assert report().id == report().id


def test_ids_sort_by_publication() -> None:
    days = ["-9999-01-01", "1945-05-08", "2022-09-09", "2022-09-10", "9999-12-31"]
    reports = [report(published=day) for day in days]
    assert sorted(one.id for one in reports) == [one.id for one in reports]
    claims = [one.says(ATTACK) for one in reports]
    assert sorted(one.id for one in claims) == [one.id for one in claims]
    assert all(len(one.id) == 64 for one in claims)


def test_phrases_are_read_against_the_report() -> None:
    friday = report(zone="Europe/Lisbon")
    assert friday.when("this Friday").lo == when("2022-09-16", zone="Europe/Lisbon").lo
    with pytest.raises(PhraseError):
        friday.when("450")


def test_what_isnt_dated_lies_before_publication_ended() -> None:
    friday = report(zone="Europe/Lisbon")
    assert friday.undated("within three days").text == "within three days"
    assert friday.undated() == When(hi=friday.published.hi, zone="Europe/Lisbon")
    assert friday.undated(direction="future") == When(lo=friday.published.lo, zone="Europe/Lisbon")
    assert Report("ISW").undated() == When()
    with pytest.raises(ClaimError, match="'past' or 'future', not 'sideways'"):
        friday.undated(direction="sideways")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "quote",
    [
        "an attack wounded 12 people",
        "an  attack\twounded\u200312\npeople",
        '"This morning" an attack',
        "«This morning» an",
        "Cafe\u0301, he",
        "wounded 12 people — two",
    ],
)
def test_a_quote_stands_in_the_text_white_space_and_marks_aside(quote: str) -> None:
    assert report(text=TEXT).says(ATTACK, quote=quote).quote == quote


@pytest.mark.parametrize(
    "quote", ["an attack wounded 13", "This Morning", "Cafe, he", "people, two"]
)
def test_other_words_are_no_quote(quote: str) -> None:
    with pytest.raises(QuoteError, match=r"isn't in the text of the report by 'ISW' \(A title\)"):
        report(text=TEXT, title="A title").says(ATTACK, quote=quote)


WORDS = st.text("ab é\u00a0\n“'’ü", min_size=1)


@given(WORDS, WORDS, WORDS, st.sampled_from(["NFC", "NFD"]))
def test_every_part_of_a_text_is_a_quote_in_either_composition(
    before: str, quoted: str, after: str, form: Any
) -> None:
    if not quoted.strip():
        return
    source = report(text=f"x {before} {quoted} {after}")
    normal = unicodedata.normalize(form, quoted)
    assert source.says(ATTACK, quote=normal).quote == normal


def test_without_a_text_a_quote_is_taken_at_its_word() -> None:
    assert report().says(ATTACK, quote="whatever").quote == "whatever"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"quote": ""}, "a Claim's quote is a text that isn't empty, not ''"),
        ({"quote": 3}, "a Claim's quote is a text that isn't empty, not 3"),
        ({"according_to": ""}, "a Claim's according_to is a text that isn't empty, not ''"),
        ({"according_to": ["a", 3]}, "according_to is a text that isn't empty, not 3"),
        ({"according_to": 3}, "according_to takes a name or several in a list, not 3"),
        ({"replaces": "abc"}, "an id of 64 hexadecimal digits, not 'abc'"),
        ({"replaces": "G" * 64}, "an id of 64 hexadecimal digits"),
        ({"replaces": 3}, "takes claims and retractions of 'ISW' or their ids, not 3"),
        ({"replaces": [ATTACK]}, "takes claims and retractions of 'ISW' or their ids, not Attack"),
        (
            {"replaces": report("UCDP").says(ATTACK)},
            "'ISW' can't replace a claim of 'UCDP'; a source replaces its own",
        ),
    ],
)
def test_a_claim_that_cannot_be_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        report(text=TEXT).says(ATTACK, **arguments)


def test_a_report_says_events() -> None:
    with pytest.raises(ClaimError, match="a report denies an Event or a link, not 'Izium fell'"):
        report().denies("Izium fell")  # type: ignore[call-overload]


def test_the_same_word_of_the_same_report_is_the_same_claim() -> None:
    one = report().says(ATTACK, according_to="officials")
    assert one == report().says(ATTACK, according_to=["officials"])
    assert one.source == "ISW"
    assert one.published == when("2022-09-16")
    others = {
        report().says(ATTACK).id,
        report().denies(ATTACK, according_to="officials").id,
        report().expects(ATTACK, according_to="officials").id,
        report().says(ATTACK, according_to="officials", quote="q").id,
        report("UCDP").says(ATTACK, according_to="officials").id,
        report().says(evolve(ATTACK, by="Russia"), according_to="officials").id,
    }
    assert len(others | {one.id}) == 7


def test_claims_replace_one_or_several_in_no_order() -> None:
    first, second = (report().says(ATTACK, quote=words) for words in ("a", "b"))
    later = report(published="2022-09-17")
    one = later.says(ATTACK, replaces=[first, second.id, first])
    assert one.replaces == tuple(sorted({first.id, second.id}))
    assert one == later.says(ATTACK, replaces={second, first})
    assert later.says(ATTACK, replaces=first).replaces == (first.id,)


def test_a_source_retracts_an_event_by_claim_event_or_id() -> None:
    claim = report().says(ATTACK)
    later = report(published="2022-09-17")
    taken = later.retracts(claim, because="wrong town")
    assert taken.event_id == ATTACK.id
    assert taken == later.retracts(ATTACK, because="wrong town")
    assert taken == later.retracts(ATTACK.id, because="wrong town")
    assert taken.id != later.retracts(ATTACK, because="wrong day").id


@pytest.mark.parametrize(
    ("source", "published", "target", "message"),
    [
        ("UCDP", "2022-09-17", report().says(ATTACK), "another source denies: report.denies"),
        ("ISW", "2022-09-15", report().says(ATTACK), "can't reach a claim published later"),
        ("ISW", "2022-09-17", "", "event_id is a text that isn't empty, not ''"),
        ("ISW", "2022-09-17", 3, "event_id is a text that isn't empty, not 3"),
    ],
)
def test_what_a_source_cannot_retract(
    source: str, published: str, target: Any, message: str
) -> None:
    with pytest.raises(ClaimError, match=message):
        report(source, published).retracts(target, because="wrong")


@pytest.mark.parametrize("because", ["", None])
def test_taking_back_has_a_reason(because: Any) -> None:
    with pytest.raises(ClaimError, match="a Retraction's because is a text"):
        report().retracts(ATTACK, because=because)
    with pytest.raises(ClaimError, match="a Void's because is a text"):
        report().voids(report().says(ATTACK), because=because)


def test_the_desk_voids_whatever_an_entry_says() -> None:
    desk = report("desk")
    claim = report().says(ATTACK)
    void = desk.voids(claim, because="typed twice")
    assert void.target == claim.id
    assert void == desk.voids(claim.id, because="typed twice")
    assert desk.voids(void, because="it was right").target == void.id
    retraction = report().retracts(claim, because="wrong")
    assert desk.voids(retraction, because="typed twice").target == retraction.id


@pytest.mark.parametrize("target", [ATTACK, report(), None])
def test_only_what_an_entry_says_can_be_voided(target: Any) -> None:
    with pytest.raises(ClaimError, match=r"voids what an entry says.*give entry.claim"):
        report("desk").voids(target, because="typed twice")


@pytest.mark.parametrize("kind", [Claim, Retraction, Void])
def test_an_id_is_over_form_and_content(kind: type[Any]) -> None:
    fields = {"event": ATTACK, "event_id": "x", "because": "y", "target": "0" * 64}
    named = {field.name for field in attrs.fields(kind)}
    said = kind(report=report(), **{name: fields[name] for name in named & fields.keys()})
    assert said.id == evolve(said, id="").id
    assert said.body()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("event", "an attack", "the event is of type Event, not 'an attack'"),
        ("report", "ISW", "the report is of type Report, not 'ISW'"),
        ("stance", "maybe", "a source says, denies, expects an event, not 'maybe'"),
        ("id", "xyz", "id names what it reaches by an id of 64 hexadecimal digits"),
    ],
)
def test_a_claim_made_by_hand_is_held_to_its_fields(field: str, value: str, message: str) -> None:
    fields: dict[str, Any] = {
        "event": Attack(when="2022-09-10"),
        "report": Report("ISW", published="2022-09-10"),
        field: value,
    }
    with pytest.raises(ClaimError, match=message):
        Claim(**fields)


def test_a_claim_made_by_hand_is_held_to_the_words_of_its_report() -> None:
    report = Report("ISW", text="“about 450 bodies” were found")
    assert report.says(Attack(when="2022"), quote="450 bodies were").quote == "450 bodies were"
    with pytest.raises(QuoteError):
        Claim(event=Attack(when="2022"), report=report, quote="about 500")


@pytest.mark.parametrize("stance", ["says", "denies", "expects"])
def test_what_a_report_says_is_what_a_claim_made_by_hand_says(stance: Any) -> None:
    said = getattr(report(), stance)(ATTACK)
    made = Claim(event=ATTACK, report=report(), stance=stance)
    assert said == made
    assert vars(said).keys() == vars(made).keys()
    assert said.id == id_of("claim", said.body(), report().published.lo).hex()


def test_an_event_after_its_report_is_warned_of() -> None:
    report = Report("Wire", published="2022-09-16", zone="Europe/Kyiv")
    late = Attack(when=when("2022-09-17", zone="Europe/Kyiv"), place="Izium", id="x")
    with pytest.warns(FutureEventWarning, match="expects"):
        claim = report.says(late, quote=None)
    assert claim.stance == "says"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report.expects(late)
        report.denies(late)
        report.says(Attack(when=when("2022-09-16", zone="Europe/Kyiv"), place="Izium"))
        report.says(Attack(when=When(), place="Izium"))
        Report("Undated").says(late)
        assert attrs.evolve(claim, id=claim.id) == claim  # as decoding does
    assert came_out_before(report, late)


def test_reports_are_equal_as_they_are_stored() -> None:
    noon = [when("2022-09-16T12:00+03:00"), when("2022-09-16T12:00", zone="Europe/Kyiv")]
    first, second = (Report("Wire", published=at) for at in noon)
    assert noon[0] == noon[1]
    assert (first == second) is (first.id == second.id) is False
