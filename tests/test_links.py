"""Tests what links may say of events, places and actors, and how a log keeps what is said."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import (
    Attack,
    Before,
    LinkClaim,
    Log,
    PartOf,
    Place,
    Report,
    SameActor,
    SameEvent,
    SamePlace,
    SplitInto,
    Within,
    chronology,
)
from timeline import links as links_room
from timeline.codec import Codec
from timeline.errors import ClaimError, FormatError, QuoteError
from timeline.export import to_jsonl, to_segments
from timeline.importers import import_jsonl, import_segments
from timeline.links import Link, link_of
from timeline.proofs import SigningKey, verify_entry
from timeline.redaction_records import Redacted

any_link: Any = links_room
DESK = Report("our desk", published="2022-09-17")
WIRE = Report("Wire", published="2022-09-16", text="The grave was found two days later.")
ATTACK = Attack(when="2022-09-10", place="Izium", id="x", killed=3)

ids = st.sampled_from(["a", "b", "c", "ucdp:1"])
lengths = st.none() | st.integers(1, 10**6).map(lambda n: timedelta(seconds=n))


def _before(a: str, b: str, least: timedelta | None, extra: timedelta | None) -> Before:
    return Before(a, b, least=least, most=None if extra is None else extra + (least or extra))


several = st.lists(ids, min_size=2, unique=True)
links: st.SearchStrategy[Link] = st.one_of(
    several.map(lambda names: SameEvent(*names)),
    several.map(lambda names: SamePlace(*names)),
    several.map(lambda names: SameActor(*names)),
    st.builds(SplitInto, ids, st.lists(ids, min_size=1)),
    st.builds(Within, ids, ids),
    st.builds(PartOf, ids, ids),
    st.builds(_before, ids, ids, lengths, lengths),
)


@given(links)
def test_a_link_comes_back_from_its_name_on_disk_and_its_content(link: Link) -> None:
    back = link_of(link.kind, link.content())
    assert back == link
    assert hash(back) == hash(link)
    assert back.id == link.id
    assert pickle.loads(pickle.dumps(link)) == link  # noqa: S301 - our own


@given(links, links)
def test_equal_links_have_one_id(one: Link, other: Link) -> None:
    if one == other:
        assert one.id == other.id
    if one.identity() != other.identity() or one.kind != other.kind:
        assert one.id != other.id


def test_names_on_disk_and_bytes_stay() -> None:
    # Written once and never changed: logs hold these bytes, and ids follow from them.
    claims = [
        DESK.says(SameEvent("ucdp:1", "acled:2")),
        DESK.says(SplitInto("w", ["q", "p"])),
        DESK.denies(Before("a", "b", least="1 second", most=timedelta(seconds=1, microseconds=1))),
        DESK.says(SamePlace("Kyiv", "Kiev")),
        DESK.says(Within("Izium", "Kharkiv Oblast")),
        DESK.says(SameActor("Russia", "Forces of Russia")),
        DESK.says(PartOf("Wagner Group", "Russia")),
    ]
    report = f'"report":"{DESK.id}"'
    assert [claim.body().decode().replace(report, "R") for claim in claims] == [
        '{"kind":"same-event/1","link":{"events":["acled:2","ucdp:1"]},R}',
        '{"kind":"split-into/1","link":{"parts":["p","q"],"whole":"w"},R}',
        '{"kind":"before/1","link":{"earlier":"a","later":"b","least":1000000,"most":1000001},R,"stance":"denies"}',
        '{"kind":"same-place/1","link":{"places":["Kyiv","Kiev"]},R}',
        '{"kind":"within/1","link":{"larger":"Kharkiv Oblast","place":"Izium"},R}',
        '{"kind":"same-actor/1","link":{"actors":["Russia","Forces of Russia"]},R}',
        '{"kind":"part-of/1","link":{"actor":"Wagner Group","larger":"Russia"},R}',
    ]
    assert claims[0].link.id == "same-event/1:2296875530206c3d05743826ec83f5f8"


def test_events_and_places_are_linked_by_ids_and_keys() -> None:
    assert SameEvent(ATTACK, "y") == SameEvent("y", "x")
    assert Before(ATTACK, "y") == Before("x", "y")
    assert SplitInto(ATTACK, ["b", "a", "b"]) == SplitInto("x", ["a", "b"])
    kyiv = Place("Kyiv", id="geonames:703448")
    assert SamePlace(kyiv, Place("Kiev")) == SamePlace("geonames:703448", "Kiev")
    assert Within(kyiv, "Ukraine") == Within("geonames:703448", "Ukraine")


def test_two_sources_that_list_the_same_in_another_order_say_one_link() -> None:
    assert SamePlace("Kyiv", "Kiev").id == SamePlace("Kiev", "Kyiv").id
    assert SameActor("a", "b").id == SameActor("b", "a").id
    # What each lists first bears on the name that is preferred, so it is kept.
    assert SamePlace("Kyiv", "Kiev") != SamePlace("Kiev", "Kyiv")
    assert SameEvent("a", "b") == SameEvent("b", "a", "b")
    assert Before("a", "b").id != Before("b", "a").id
    assert Before("a", "b").id != Before("a", "b", least="1 day").id


def test_how_long_lies_between_is_written_in_words_or_given() -> None:
    assert Before("a", "b", least="1 day", most="3 days") == Before(
        "a", "b", least=timedelta(1), most=timedelta(3)
    )
    gap = attrs.make_class("Gap", ["least", "most"])(timedelta(hours=1), None)
    assert Before("a", "b", gap=gap) == Before("a", "b", least="60 minutes")
    assert Before("a", "b", least="0 days") == Before("a", "b")
    assert Before("a", "b", most="1 microsecond").most == timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: any_link.SameEvent("a"),
            r"joins two or more different events or their ids, not \('a',\)",
        ),
        (lambda: any_link.SameEvent("a", "a"), "two or more different"),
        (lambda: any_link.SameEvent("a", 3), "not 3 as one of its ids"),
        (lambda: any_link.SameEvent("a", []), r"not \[\] as one of its ids"),
        (lambda: SamePlace("Kyiv"), "two or more different places"),
        (lambda: SamePlace("Kyiv", " "), "not ' '"),
        (lambda: any_link.SameActor("a", None), "not None as one of its actors"),
        (lambda: any_link.SplitInto("a", "b"), "parts in a list, not 'b'"),
        (lambda: any_link.SplitInto("a", 3), "parts in a list, not 3"),
        (lambda: any_link.SplitInto("a", []), "one part or more, not none"),
        (lambda: any_link.Before("a", ""), "not '' as one of its later"),
        (lambda: any_link.Before("a", "b", least="2 months"), "not '2 months'; months and years"),
        (lambda: any_link.Before("a", "b", least="two days"), "not 'two days'"),
        (lambda: any_link.Before("a", "b", least=2), "not 2;"),
        (
            lambda: any_link.Before("a", "b", most=timedelta(10**9 - 1)),
            "is too long; the most is 100,000,000 days",
        ),
        (lambda: any_link.Before("a", "b", least=timedelta(-1)), "less than nothing; swap the two"),
        (lambda: any_link.Before("a", "b", most=timedelta(0)), "leave no time"),
        (lambda: any_link.Before("a", "b", least="2 days", most="1 day"), "leave no time"),
        (lambda: any_link.Before("a", "b", gap="two days"), "takes report.gap"),
        (lambda: any_link.Before("a", "b", gap=Before("a", "b"), least="1 day"), "not both"),
        (lambda: any_link.Within("a", 3), "not 3 as one of its larger"),
        (lambda: PartOf("", "b"), "not '' as one of its actor"),
        (lambda: DESK.denies(SameEvent("a", "b", "c")), "names exactly two"),
        (lambda: DESK.denies(SamePlace("a", "b", "c")), "names exactly two"),
        (lambda: DESK.denies(SameActor("a", "b", "c")), "names exactly two"),
        (lambda: link_of("cousins/1", {}), "a link is of a kind of same-event/1, .*'cousins/1'"),
    ],
)
def test_links_that_cannot_be_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ClaimError, match=message):
        make()


def test_a_claim_of_a_link_has_what_a_claim_has() -> None:
    claim = WIRE.says(
        Before("freed", "grave"), quote="found two days later", according_to="an officer"
    )
    assert isinstance(claim, LinkClaim)
    assert claim.link == Before("freed", "grave")
    assert (claim.source, claim.published) == ("Wire", WIRE.published)
    assert (claim.stance, claim.according_to) == ("says", ("an officer",))
    assert claim.id == WIRE.says(claim.link, quote=claim.quote, according_to="an officer").id
    assert str(claim) == repr(claim)
    assert WIRE.says(claim.link, replaces=claim).replaces == (claim.id,)
    with pytest.raises(QuoteError):
        WIRE.says(claim.link, quote="three days later")
    with pytest.raises(ClaimError, match="'our desk' can't replace a link of 'Wire'"):
        DESK.says(claim.link, replaces=claim)
    with pytest.raises(ClaimError, match="'our desk' can't retract a claim of 'Wire'"):
        DESK.retracts(claim, because="-")


def test_links_are_retracted_and_voided_as_claims_are() -> None:
    claim = DESK.says(SameEvent("a", "b"))
    retraction = DESK.retracts(claim, because="they differ")
    assert retraction == DESK.retracts(claim.link, because="they differ")
    assert retraction.event_id == claim.link.id
    assert DESK.voids(claim, because="typed twice").target == claim.id


@given(links, st.sampled_from(["says", "expects"]))
def test_a_log_gives_back_what_is_said_of_links(link: Link, stance: Any) -> None:
    claim = getattr(WIRE, stance)(link, according_to=["an officer"])
    log = Log()
    log.append(claim, claim)
    (entry,) = log
    assert entry.statement == entry.claim == claim
    assert isinstance(entry.statement, LinkClaim)
    assert entry.statement.body() == claim.body()
    assert log.append(claim)[0].position == 1
    assert log.verify().ok


def test_links_are_in_no_account_and_no_chronology() -> None:
    log = Log()
    log.append(WIRE.says(ATTACK), DESK.says(SameEvent("x", "y")), DESK.says(Within("a", "b")))
    assert [account.event.id for account in log.accounts()] == ["x"]
    assert len(chronology(log)) == 1


def test_links_survive_every_file_that_a_log_is_written_to(tmp_path: Path) -> None:
    claims: list[Any] = [WIRE.says(ATTACK), DESK.says(SameEvent("x", "y"))]
    claims.append(DESK.denies(Before("x", "z")))
    with Log(tmp_path / "log.db") as log:
        log.append(*claims)
        lines = list(to_jsonl(log))
        files = dict(to_segments(log, form="jsonl"))
    with Log(tmp_path / "log.db") as log:
        assert [entry.statement for entry in log] == claims
    copy = Log()
    import_jsonl(copy, lines)
    assert [entry.statement for entry in copy] == claims
    copy = Log()
    import_segments(copy, files["manifest.json"], files.__getitem__)
    assert [entry.statement for entry in copy] == claims
    assert copy.verify().ok


def test_a_link_is_proven_and_redacted_as_a_claim_is() -> None:
    log = Log()
    claim = DESK.says(SameEvent("x", "y"))
    log.append(WIRE.says(ATTACK), claim, DESK.retracts(claim, because="they differ"))
    key = SigningKey.generate("example.org/log")
    checkpoint = log.checkpoint(key)
    proof = str(log.prove(claim, checkpoint=checkpoint))
    assert verify_entry(proof, key=str(key.public)).entry.statement == claim
    # Whoever erases an event is shown the links that still name it.
    erasure = log.redact(WIRE.says(ATTACK), because="consent withdrawn", basis="GDPR 17")
    assert [entry.position for entry in erasure.same_event] == [2]
    erasure = log.redact(claim, because="consent withdrawn", basis="GDPR 17")
    assert [entry.position for entry in erasure.same_event] == [3]
    assert isinstance(list(log)[1].statement, Redacted)


@pytest.mark.parametrize(
    "change",
    [
        (b'"x","y"', b'"y","x"'),
        (b'"same-event/1"', b'"within/1"'),
        (b'"x","y"', b'"x"'),
        (b'"link"', b'"event"'),
    ],
)
def test_a_link_that_was_changed_is_refused(change: tuple[bytes, bytes]) -> None:
    codec = Codec()
    claim = DESK.says(SameEvent("x", "y"))
    draft = codec.draft(claim)
    log = Log()
    log.append(claim)
    (row,) = log.store.rows()
    assert codec.said(row, DESK) == claim
    with pytest.raises(FormatError, match="can't be read"):
        codec.said(row._replace(body=draft.body.replace(*change)), DESK)
