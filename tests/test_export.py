"""Tests what all exports have in common: laws, what they carry, and what they say they leave."""

from __future__ import annotations

import io
import json
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from tests.exporters import EXPORTERS, all_at_once
from timeline import (
    Attack,
    Before,
    Chronology,
    Event,
    Incident,
    Log,
    Place,
    Report,
    SameEvent,
    SplitInto,
    When,
    between,
    chronology,
    event,
    when,
)
from timeline.claims import Said
from timeline.export import (
    PARTS,
    DroppedFields,
    ExportBytes,
    ExportText,
    cloudevents,
    csv_rows,
    geojson,
    icalendar,
    json_plain,
    jsonld,
    left_out,
    markdown,
    parquet,
    prov,
    timelinejs,
    timemap,
    to_arrow,
    to_csv,
    to_geojson,
    to_icalendar,
    to_json,
    to_jsonld,
    to_parquet,
    to_prov,
    to_svg,
    to_timelinejs,
    to_timemap,
)
from timeline.resolution import resolve
from timeline.testing import laws
from timeline.testing.laws.exporters import EXPORTER_LAWS

MODULES: Mapping[str, ModuleType] = {
    "cloudevents": cloudevents,
    "csv": csv_rows,
    "geojson": geojson,
    "icalendar": icalendar,
    "json": json_plain,
    "jsonld": jsonld,
    "markdown": markdown,
    "parquet": parquet,
    "prov": prov,
    "timelinejs": timelinejs,
    "timemap": timemap,
}
PROCESSES = "output_is_the_same_in_every_process"


def of(*said: Said) -> Chronology:
    with Log() as log:
        log.append(*said)
        return chronology(log)


@pytest.mark.parametrize("name", EXPORTERS)
def test_every_exporter_keeps_the_laws(name: str) -> None:
    export, kind = EXPORTERS[name]
    here = [law.name for law in EXPORTER_LAWS if law.name != PROCESSES]
    report = laws.verify_exporter(export, kind=kind, only=here, examples=5)
    assert report.ok, str(report)


def test_every_process_makes_the_same_exports() -> None:
    report = laws.verify_exporter(all_at_once, kind="json", only=[PROCESSES])
    assert report.ok, str(report)


# One account that has every part, each marked by a word that stands nowhere else.
MARKED = {
    "according_to": "Witnessname",
    "coordinates": "49.123",
    "denied_by": "Denyingsource",
    "ids": "joinedid",
    "parts": "partid",
    "place_id": "gazetteer:4711",
    "quotes": "quotedwords",
    "superseded": "oldersummary",
    "texts": "wholetext",
    "titles": "Articletitle",
    "urls": "example.org/article",
    "versions": "othersummary",
    "within": "Largerplace",
    "words": "wordsoftime",
    "edtf": "2022-09-0X",
    "evidence": "copies.example.org",
    "fields": "Groupname",  # no headline has it
    "grades": "C5",
    "published": "2022-09-11",
    "zone": "Europe/Kyiv",
}


def marked() -> Chronology:
    place = Place(
        "Izium", id="gazetteer:4711", latitude=49.123, longitude=37.25, within="Largerplace"
    )
    time = attrs.evolve(
        between("2022-09-01", "2022-09-09", zone="Europe/Kyiv"),
        text="wordsoftime",
        edtf="2022-09-0X",
    )
    shelled: Any = Attack(when=time, place=place, including={"Groupname": 1}, killed=3, id="it")
    first = Report("One", published="2022-09-10")
    second = Report(
        "One",
        published="2022-09-11",
        title="Articletitle",
        url="https://example.org/article",
        text="quotedwords in a wholetext",
        archived="https://copies.example.org/1",
        reliability="C",
    )
    other = Report("Two", published="2022-09-09")
    return of(
        first.says(attrs.evolve(shelled, summary="oldersummary")),
        second.says(shelled, quote="quotedwords", according_to="Witnessname", credibility=5),
        other.says(attrs.evolve(shelled, summary="othersummary")),
        Report("Denyingsource", published="2022-09-09").denies(shelled),
        other.says(SameEvent("it", "joinedid")),
        other.says(SplitInto("it", ["partid"])),
    )


@pytest.mark.parametrize("name", MODULES)
def test_what_an_export_lacks_is_what_it_says_it_lacks(name: str) -> None:
    accounts = marked()
    leaves = MODULES[name].LEAVES
    assert leaves.keys() <= PARTS.keys()
    output = EXPORTERS[name][0](accounts)
    for part, mark in MARKED.items():
        assert PARTS[part](accounts[0]), part
        assert (mark in output) == (part not in leaves), part


def test_what_was_left_out_is_named_with_its_events() -> None:
    made = to_csv(marked())
    assert [one.part for one in made.left_out] == [
        "ids", "parts", "pairing", "superseded", "texts", "versions",
    ]  # fmt: skip
    assert {one.events for one in made.left_out} == {("it",)}
    assert str(made.left_out[4]) == ("texts of 1 event: a cell is no place for a whole report (it)")
    many = DroppedFields("event", "no year", ("a", "b", "c", "d"))
    assert str(many) == "event of 4 events: no year (a, b, c, …)"
    plain = of(Report("One").says(Attack(when="2022-09-10", id="a")))
    assert to_csv(plain).left_out == () == to_json(plain).left_out


def test_what_links_say_is_written_where_a_format_has_words_for_it() -> None:
    written = json.loads(to_prov(marked()))
    names = {about.get("tl:event"): name for name, about in written["entity"].items()}
    [same] = written["alternateOf"].values()
    [part] = written["specializationOf"].values()
    assert same == {"prov:alternate1": names["it"], "prov:alternate2": names["joinedid"]}
    assert part == {"prov:specificEntity": names["partid"], "prov:generalEntity": names["it"]}
    [told] = json.loads(to_jsonld(marked()))["@graph"]
    assert told["sameAs"] == ["urn:timeline:event:joinedid"]
    assert [one["identifier"] for one in told["subEvent"]] == ["partid"]

    one, two = Report("One"), Report("Two")
    said = [one.says(Attack(when="2022-09-10", id=name)) for name in "ab"]
    opened = of(*said, one.says(SameEvent("a", "b")), two.denies(SameEvent("a", "b")))
    ordered = of(*said, one.says(Before("a", "b")))
    for accounts in (opened, ordered):
        assert ("links", ("a", "b")) in [
            (one.part, one.events) for one in to_prov(accounts).left_out
        ]


def test_events_that_are_missing_have_no_missing_parts() -> None:
    accounts = marked()
    gone = left_out(accounts, {"texts": "long"}, {"lost": [accounts[0]], "nothing": []})
    assert gone == (DroppedFields("event", "lost", ("it",)),)


def test_an_export_is_a_text_or_bytes_like_any_other() -> None:
    text = to_csv(marked())
    assert isinstance(text, ExportText)
    assert text == str(text)
    assert hash(text) == hash(str(text))
    again = pickle.loads(pickle.dumps(text))  # noqa: S301 - our own
    assert (again, again.left_out) == (text, text.left_out)
    file = to_parquet(marked())
    assert isinstance(file, ExportBytes)
    assert file[:4] == b"PAR1"
    assert pickle.loads(pickle.dumps(file)).left_out == file.left_out  # noqa: S301 - our own
    assert (ExportText("a").left_out, ExportBytes(b"a").left_out) == ((), ())


def test_a_table_of_arrow_goes_through_parquet_unchanged() -> None:
    accounts = marked()
    table = to_arrow(accounts)
    assert pq.read_table(io.BytesIO(to_parquet(accounts))).equals(table)
    assert pa.table(accounts).equals(table)


def test_times_beyond_the_years_of_a_column_are_named() -> None:
    old = Incident(when="-0044-03-15", category="murder", id="ides")
    made = to_parquet(of(Report("One").says(old)))
    assert [(one.part, one.events) for one in made.left_out] == [("bounds", ("ides",))]
    [row] = pq.read_table(io.BytesIO(made)).to_pylist()
    assert (row["earliest"], row["when"]) == (None, "0045-03-15 BC")


def test_thousands_of_accounts_are_exported_line_by_line() -> None:
    report = Report("One", published="2022-09-10")
    times = [When(lo=second * 10**6, hi=(second + 1) * 10**6) for second in range(2000)]
    said = [report.says(Attack(when=time, killed=1, id=f"e{time.lo}")) for time in times]
    accounts = Chronology(tuple(resolve(said)))
    assert len(json.loads(to_json(accounts))) == len(to_csv(accounts).splitlines()) - 1 == 2000


@pytest.mark.parametrize("name", MODULES)
def test_the_page_of_exports_lists_what_each_leaves_out(name: str) -> None:
    page = (Path(__file__).parents[1] / "docs" / "exports.md").read_text(encoding="utf-8")
    [row] = re.findall(rf"^\| [^|]+ \| `to_{name}` \| [^|]+ \| ([^|]+) \|", page, re.MULTILINE)
    listed = set(re.findall(r"`(\w+)`", row)) - {"event", "bounds"}
    assert listed == MODULES[name].LEAVES.keys()


def test_an_event_in_several_places_is_at_each() -> None:
    @event("move/1")
    class Move(Event):
        start: Place
        stops: tuple[Place, ...] = ()

    kharkiv, izium = (
        Place("Kharkiv", latitude=50.0, longitude=36.25),
        Place("Izium", latitude=49.2, longitude=37.25),
    )
    move = Move(when=when("2022-09-10"), id="m", start=kharkiv, stops=(izium, Place("Kupiansk")))
    log = Log(events=[Move])
    log.append(Report("Wire", published="2022-09-16").says(move))
    stands = chronology(log)
    [feature] = json.loads(to_geojson(stands))["features"]
    assert feature["geometry"] == {
        "type": "MultiPoint",
        "coordinates": [[36.25, 50.0], [37.25, 49.2]],
    }
    assert feature["properties"]["place"] == "Kharkiv, Izium, Kupiansk"
    assert {"Kharkiv", "Izium", "Kupiansk"} <= set(re.findall(r"\w+", to_svg(stands)))
    for write in (to_icalendar, to_timemap, to_timelinejs):
        assert "other_places" in {one.part for one in write(stands).left_out}
    [told] = json.loads(to_jsonld(stands))["@graph"]
    assert [one["name"] for one in told["location"]] == ["Kharkiv", "Izium", "Kupiansk"]
