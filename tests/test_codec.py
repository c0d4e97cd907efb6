"""Tests that what is written is read back with the same bytes, of every kind, known or not."""

from __future__ import annotations

from enum import Enum, IntEnum
from fractions import Fraction
from typing import Any, Literal

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.canonical import encode, id_of, plain
from timeline.claims import Claim, Report, Said
from timeline.codec import Codec
from timeline.counts import Breakdown, Count
from timeline.errors import ClaimError, EventError, FormatError, KindError
from timeline.events import Event, UnknownEvent, event
from timeline.imported_kinds import LIBRARY
from timeline.kinds import KINDS, Attack, Incident, PoliticalStatement, TerritorialChange
from timeline.log import Log
from timeline.places import Place
from timeline.stores.base import Record
from timeline.time_parsing import when
from timeline.times import When

evolve: Any = attrs.evolve  # a kind is an attrs class, which mypy can't see


class Road(Enum):
    OPEN = "open"
    CLOSED = "closed"


class Grade(IntEnum):
    LOW = 1
    HIGH = 2


@attrs.frozen
class Leg:
    name: str
    km: float = 0.0
    grade: Grade | None = None
    next: Leg | None = None


@event("convoy/1")
class Convoy(Event):
    name: str
    trucks: int = 0
    armed: bool = False
    tonnes: float = 0.0
    speed: float | None = None
    share: Fraction | None = None
    seen: When | None = None
    place: Place | None = None
    people: Count | None = None
    loads: Breakdown = Breakdown()
    road: Road = Road.OPEN
    grade: Grade | None = None
    cargo: Literal["food", "fuel", 3] | None = None
    note: str | int | None = None
    route: tuple[Place, ...] = ()
    shares: tuple[Fraction, ...] = ()
    legs: tuple[tuple[Leg, ...], ...] = ()
    leg: Leg | None = None


ids = st.just("") | st.text(min_size=1).filter(lambda text: bool(text.strip()))
words = st.text(min_size=1, max_size=8).filter(lambda text: bool(text.strip()))
some = st.none() | words
far = st.none() | st.integers(-(10**25), 10**25)
whens = st.builds(
    lambda ends, text, zone: When(lo=ends[0], hi=ends[1], text=text, zone=zone, policy=text),
    st.tuples(far, far).filter(lambda e: e[0] is None or e[1] is None or e[0] < e[1]),
    some,
    st.sampled_from(["UTC", "Europe/Kyiv", "+03:00", None]),
)
places = st.recursive(
    st.builds(
        Place,
        words,
        id=some,
        latitude=st.none() | st.floats(-90, 90),
        longitude=st.none() | st.integers(-180, 180),
        precision=some,
    ),
    lambda inner: st.builds(Place, words, within=inner),
    max_leaves=3,
)
few = st.integers(0, 10**20)
counts = st.one_of(
    few.map(Count), few.map(lambda n: Count(low=n)), few.map(lambda n: Count(about=n))
)
breakdowns = st.dictionaries(words, counts, max_size=3).map(Breakdown)
shares = st.fractions(0, 1).filter(bool)
base: dict[str, st.SearchStrategy[Any]] = {"when": whens, "id": ids, "summary": some}
legs = st.recursive(
    st.builds(
        Leg, words, km=st.floats(0, 9).map(lambda km: km + 0.0), grade=st.sampled_from(Grade)
    ),
    lambda inner: st.builds(Leg, words, next=inner),
    max_leaves=3,
)
changes = st.builds(
    TerritorialChange,
    **base,
    place=places,
    to=words,
    from_=some,
    share=st.none() | shares,
    how=some,
)
attacks = st.builds(
    Attack,
    **base,
    place=st.none() | places,
    by=some,
    against=some,
    weapon=some,
    killed=counts,
    wounded=counts,
    including=breakdowns,
)
statements = st.builds(
    PoliticalStatement,
    **base,
    speaker=words,
    role=some,
    addressee=some,
    topic=some,
    text=some,
    medium=some,
    stance=some,
)
incidents = st.builds(
    Incident,
    **base,
    category=words,
    place=st.none() | places,
    involved=st.lists(words, max_size=2),
    killed=counts,
    wounded=counts,
    found=counts,
)
convoys = st.builds(
    Convoy,
    **base,
    name=words,
    trucks=st.integers(),
    armed=st.booleans(),
    tonnes=st.floats(allow_nan=False, allow_infinity=False),
    speed=st.none() | st.floats(0, 9),
    share=st.none() | st.fractions(),
    seen=st.none() | whens,
    place=st.none() | places,
    people=st.none() | counts,
    loads=breakdowns,
    road=st.sampled_from(Road),
    grade=st.none() | st.sampled_from(Grade),
    cargo=st.sampled_from(["food", "fuel", 3, None]),
    note=st.none() | st.integers(-(10**30), 10**30) | st.text(),
    route=st.lists(places, max_size=2),
    shares=st.lists(st.fractions(), max_size=2),
    legs=st.lists(st.lists(legs, max_size=2), max_size=2),
    leg=st.none() | legs,
)
events = st.one_of(changes, attacks, statements, incidents, convoys)
reports = st.builds(
    Report, words, zone=st.sampled_from(["UTC", "Europe/Kyiv", None]), published=whens, title=some
)
claims = st.builds(
    Claim,
    event=events,
    report=reports,
    stance=st.sampled_from(["says", "denies", "expects"]),
    quote=some,
    according_to=st.lists(words, max_size=2).map(tuple),
    replaces=st.lists(st.sampled_from(["0" * 64, "f" * 64]), max_size=2, unique=True).map(tuple),
)
CODEC = Codec((*KINDS, Convoy))
REPORT = Report("ISW", published="2022-09-16")


def row(said: Said, codec: Codec = CODEC) -> Record:
    return Record(1, 0, *codec.draft(said))


def kept(event: Event) -> tuple[str, bytes]:
    return CODEC.event_body(event)


@given(events)
def test_an_event_is_read_back_with_the_same_bytes(event: Event) -> None:
    kind, body = kept(event)
    read = CODEC.event(kind, body)
    assert read == event
    assert type(read) is type(event)
    assert read.as_recorded is None
    assert kept(read) == (kind, body)
    assert (read.when.text, read.when.policy) == (event.when.text, event.when.policy)


@given(claims)
def test_a_claim_is_read_back_with_the_same_bytes_and_id(claim: Claim) -> None:
    read = CODEC.said(row(claim), claim.report)
    assert read == claim
    assert read.body() == claim.body()
    assert evolve(read, id="").id == claim.id


@given(reports)
def test_a_report_is_read_back_with_the_same_bytes_and_id(report: Report) -> None:
    read = CODEC.report(report.body)
    assert read == report
    assert (read.body, read.id) == (report.body, report.id)


def test_retractions_and_voids_are_read_back() -> None:
    claim = REPORT.says(Incident(when="2022", category="fire"))
    for said in (REPORT.retracts(claim, because="no"), REPORT.voids(claim, because="twice")):
        read = CODEC.said(row(said), REPORT)
        assert read == said
        assert read.body() == said.body()


def test_a_draft_names_the_kind_of_a_claim_alone() -> None:
    claim = REPORT.says(Convoy(when="2022", name="aid"))  # type: ignore[arg-type]
    assert (row(claim).record_type, row(claim).kind) == ("claim", "convoy/1")
    void = REPORT.voids(claim, because="twice")
    assert (row(void).record_type, row(void).kind) == ("void", "")


# Kinds that nobody named.


@given(convoys, st.sampled_from(["says", "denies"]))
def test_an_unknown_kind_is_kept_untouched(convoy: Convoy, stance: Any) -> None:
    claim = Claim(event=convoy, report=REPORT, stance=stance)
    stranger = Codec(KINDS)
    read = stranger.said(row(claim), REPORT)
    assert isinstance(read, Claim)
    assert isinstance(read.event, UnknownEvent)
    assert (read.event.id, read.event.when) == (convoy.id, convoy.when)
    assert read.event.recorded_kind == "convoy/1"
    # Passed on to another log, it is the same claim there, and whole again where it is known.
    assert row(read, stranger) == row(claim)
    assert evolve(read, id="").id == claim.id
    assert CODEC.said(row(read, stranger), REPORT) == claim


def test_bytes_that_we_would_write_otherwise_are_kept_too() -> None:
    body = b'{"when": {"lo": 0},  "id":"x:1", "depth": 1.50, "summary": "A flood"}'
    read = CODEC.event("flood/3", body)
    assert (read.id, read.when, str(read)) == ("x:1", When(lo=0), "A flood")
    assert CODEC.event_body(read) == ("flood/3", body)
    assert b'"depth": 1.50' in REPORT.says(read).body()


# Versions.


def doubled(content: dict[str, Any]) -> dict[str, Any]:
    return {"count": content["number"] * 2}


def renamed(content: dict[str, Any]) -> dict[str, Any]:
    return {"people": plain(Count(content["count"])), "id": "another", "when": {"lo": 5}}


@event("march/1")
class First(Event):
    number: int


@event("march/2")
class Second(Event):
    count: int


@event("march/3", upcasts={1: doubled, 2: renamed})
class Third(Event):
    people: Count


@given(whens, ids, st.integers(0, 99))
def test_upcasts_compose_and_change_neither_id_nor_time(time: When, name: str, number: int) -> None:
    old = First(when=time, id=name, number=number)
    claim = REPORT.says(old)
    newer = Codec([Third])
    read = newer.said(row(claim, Codec([First])), REPORT)
    assert isinstance(read, Claim)
    assert read.event == Third(when=time, id=old.id, people=Count(number * 2))
    # The claim is the one that was made: its bytes and id are those of the old version.
    assert read.id == claim.id
    assert row(read, newer) == row(claim, Codec([First]))
    assert evolve(read, id="").id == claim.id
    # An event made from it is of the new version.
    assert evolve(read.event, summary="More").as_recorded is None


def test_each_version_is_lifted_from_where_it_is() -> None:
    codec = Codec([Third])
    made = Second(when=when("2022"), count=7)
    assert codec.event("march/2", encode(plain(made))) == Third(
        when=made.when, id=made.id, people=Count(7)
    )


def test_a_version_without_a_way_up_stays_unknown() -> None:
    @event("march/3", upcasts={2: doubled})
    class Late(Event):
        people: Count

    read = Codec([Late]).event("march/1", encode(plain(First(when=when("2022"), number=1))))
    assert isinstance(read, UnknownEvent)
    with pytest.raises(KindError, match="lead nowhere: there is none from version 2 to 3"):
        event("march/3", upcasts={1: doubled})


def test_a_newer_version_is_unknown() -> None:
    made = Third(when=when("2022"), people=Count(3))
    assert isinstance(Codec([First]).event("march/3", encode(plain(made))), UnknownEvent)


def failing(content: dict[str, Any]) -> dict[str, Any]:
    raise ZeroDivisionError(content["number"])


@pytest.mark.parametrize(
    ("upcast", "message"),
    [
        (failing, r"entry 1 .* the upcast from version 1 failed on .*ZeroDivisionError\(7\)"),
        (lambda _: None, "from version 1 gave None; it must give the content of the next version"),
        (lambda _: {}, "people"),
    ],
)
def test_an_upcast_that_fails_is_named(upcast: Any, message: str) -> None:
    @event("march/2", upcasts={1: upcast})
    class Next(Event):
        people: Count

    claim = REPORT.says(First(when=when("2022"), number=7))
    with pytest.raises(FormatError, match=message):
        Codec([Next]).said(row(claim, Codec([First])), REPORT)


# Kinds and their names.


def test_a_kind_name_belongs_to_one_class() -> None:
    @event("convoy/1")
    class Other(Event):
        pass

    @event("convoy/2", upcasts={1: dict})
    class Newer(Event):
        pass

    codec = Codec([Convoy])
    codec.learn(Convoy)
    for taken in (Other, Newer):
        with pytest.raises(KindError, match=r"'convoy/1' is used by both Convoy and .*; a name"):
            codec.learn(taken)
    assert codec.kinds.keys() - {kind.kind for kind in LIBRARY} == {"convoy/1"}
    with pytest.raises(KindError, match="'convoy/1' is used by both"):
        Codec([Newer, Convoy])


def test_a_class_of_ones_own_takes_the_place_of_one_of_the_library() -> None:
    @event("attack/2", upcasts={1: dict})
    class Mine(Event):
        place: Place | None = None

    codec = Codec([Mine])
    assert codec.kinds["attack/2"] is Mine
    assert codec.class_of("attack/1") is Mine
    assert codec.class_of("incident/1") is Incident
    assert codec.knowing([Attack]) is codec
    with pytest.raises(EventError, match="would be read as"):
        codec.draft(REPORT.says(Attack(when="2022", place="Izium")))


def test_what_the_codec_knows_isnt_changed_from_outside() -> None:
    codec = Codec([Convoy])
    codec.kinds.clear()  # type: ignore[attr-defined]
    assert codec.kinds


class Nameless(Convoy):
    pass


@pytest.mark.parametrize("thing", [Event, Nameless, int, "convoy/1", None])
def test_only_named_kinds_are_learned(thing: Any) -> None:
    with pytest.raises(KindError, match=r"is no kind of event; put @event\('name/1'\) above"):
        Codec([thing])


# What can't be read.


@pytest.mark.parametrize(
    ("form", "body", "message"),
    [
        ("claim", b"{", "truncated"),
        ("claim", b'{"kind":"attack/1","report":"r"}', "event"),
        ("claim", b'{"kind":"x/1","report":"r","event":{}}', "id"),
        ("claim", b'{"kind":"attack/1","report":"r","event":{"id":"a"}}', "when"),
        ("claim", b'{"kind":"attack/1","report":"r","event":{"id":"a","when":{"lo":"x"}}}', "int"),
        ("retraction", b"{}", "report"),
        ("void", b'{"report":"r","target":"x","because":"y"}', "64 hexadecimal digits"),
        ("verdict", b"{}", "a claim, a link, a retraction or a void, not a 'verdict'"),
    ],
)
def test_a_body_that_cannot_be_read_is_named(form: str, body: bytes, message: str) -> None:
    body = body.replace(b'"r"', f'"{REPORT.id}"'.encode())
    name = id_of(form, body, REPORT.published.lo)
    message = rf"entry 9 \({form} {name.hex()}\) can't be read: .*{message}"
    with pytest.raises(FormatError, match=message):
        CODEC.said(Record(9, 0, name, form, "", bytes.fromhex(REPORT.id), body), REPORT)


@pytest.mark.parametrize(
    "damage",
    [
        {"body": b'{"kind":"attack/1"}'},
        {"id": bytes(32)},
        {"record_type": "void"},
        {"kind": "incident/1"},
        {"report": bytes.fromhex(Report("ISW", published="2022-09-10").id)},
        {"report": bytes.fromhex(Report("Wire", published=REPORT.published).id)},
    ],
    ids="".join,
)
def test_a_row_that_was_damaged_is_not_read(damage: dict[str, Any]) -> None:
    for said in (
        REPORT.says(Attack(when="2022", place="Izium")),
        REPORT.retracts("an event", because="wrong"),
        REPORT.voids("0" * 64, because="twice"),
    ):
        whole = row(said)
        assert CODEC.said(whole, REPORT) == said
        damaged = whole._replace(**damage)
        if damaged != whole and (damage.keys() != {"kind"} or said.form == "claim"):
            with pytest.raises(FormatError, match="can't be read: "):
                CODEC.said(damaged, REPORT)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"source":"","published":{}}', b'{"source":"Wire"}', b"[" * 100_000]
)
def test_a_report_that_cannot_be_read_is_said_so(body: bytes) -> None:
    with pytest.raises(FormatError, match="a report of the log can't be read"):
        CODEC.report(body)


def test_a_kind_that_was_changed_to_one_that_fits_is_noticed() -> None:
    event = {"id": "a", "when": {}}
    body = encode({"event": event, "kind": "mystery/1", "report": REPORT.id})
    name = id_of("claim", body, REPORT.published.lo)
    with pytest.raises(FormatError, match="its kind is 'attack/1', and its content's is 'mystery"):
        CODEC.said(Record(9, 0, name, "claim", "attack/1", bytes.fromhex(REPORT.id), body), REPORT)


def test_bodies_are_json_that_anybody_can_read() -> None:
    claim = REPORT.says(Convoy(when=When(lo=0, hi=1), id="un:7", name="aid"), quote="a convoy")
    assert msgspec.json.decode(claim.body()) == {
        "event": {"id": "un:7", "name": "aid", "when": {"lo": 0, "hi": 1}},
        "kind": "convoy/1",
        "quote": "a convoy",
        "report": REPORT.id,
    }


def test_a_claim_changed_after_it_was_made_is_refused() -> None:
    claim = Report("ISW", published="2022-09-10").says(Attack(when="2022-09-10", id="a"))
    changed = attrs.evolve(claim, quote="something else")
    log = Log()
    with pytest.raises(ClaimError, match="says something else than its id was made of"):
        log.append(claim, changed)
    assert log.head == 0


def test_an_unknown_event_that_could_not_be_read_again_is_refused() -> None:
    made = UnknownEvent(when=when("2022"), id="x", recorded_kind="mystery/1", content="{nonsense")
    log = Log()
    with pytest.raises(EventError, match="'mystery/1' can't be read"):
        log.append(Report("ISW").says(made))
    assert log.head == 0


def test_equal_reports_have_one_id() -> None:
    said = Report("ISW", published="2022-09-16")
    friday = Report("ISW", published=Report("x", published="2022-09-16").when("this Friday"))
    assert said == friday
    assert said.id == friday.id


def test_an_event_that_would_be_read_otherwise_is_refused() -> None:
    content = '{"id":"other","when":{"lo":0}}'
    made = UnknownEvent(when=when("2022"), id="x", recorded_kind="mystery/1", content=content)
    with pytest.raises(EventError, match="would be read as"):
        Codec().draft(Report("ISW").says(made))


OLD_ATTACK = (
    b'{"event":{"id":"a","killed":{"approximate":false,"best":3,"high":3,"low":3},"when":'
    b'{"edtf":"2022-09-16","hi":1663372800000000,"lo":1663286400000000,"precision":"day",'
    b'"text":"2022-09-16"}},"kind":"attack/1","report":"%s"}'
)


def test_counts_that_an_old_log_left_out_are_read_as_unreported() -> None:
    body = OLD_ATTACK % REPORT.id.encode()
    name = id_of("claim", body, REPORT.published.lo)
    old = Record(1, 0, name, "claim", "attack/1", bytes.fromhex(REPORT.id), body)
    claim = CODEC.checked(old, REPORT)
    assert isinstance(claim, Claim)
    assert isinstance(claim.event, Attack)
    assert (claim.event.killed, claim.event.wounded) == (Count(3), Count())
    # It is written as it was, and said anew it is the same claim.
    assert CODEC.draft(REPORT.says(claim.event)).body == body
    assert REPORT.says(Attack(when="2022-09-16", id="a", killed=3)).id == claim.id


def test_none_is_written_as_a_statement_and_left_out_of_derived_ids() -> None:
    none, silent = (Attack(when="2022-09-16", place="Izium", killed=n) for n in (0, None))
    assert none.id == silent.id == "attack/1:973c9a265374d4a8638698cf5ed7d2bb"
    claims = REPORT.says(none), REPORT.says(silent)
    assert claims[0].id != claims[1].id
    for claim in claims:
        read = CODEC.checked(row(claim), REPORT)
        assert read == claim
    assert b'"killed":{"approximate":false,"best":0,"high":0,"low":0}' in row(claims[0]).body
    assert b"killed" not in row(claims[1]).body


def test_a_sum_in_which_figures_are_missing_is_read_back() -> None:
    for killed in (Count(3) + Count(), Count() + Count(), Count(low=1) + Count(), Count.sum(())):
        claim = REPORT.says(Attack(when="2022-09-16", killed=killed, wounded=Count(2)))
        assert CODEC.checked(row(claim), REPORT) == claim
