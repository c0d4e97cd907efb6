"""Tests each export against what reads it: libraries and validators of other people."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import icalendar
import pandas as pd
import polars as pl
import pytest
import rdflib
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from geojson_pydantic import FeatureCollection
from markdown_it import MarkdownIt
from markdown_it.token import Token
from prov.model import ProvAgent, ProvAttribution, ProvDerivation, ProvDocument, ProvEntity

from tests.histories import HOSTILE, told
from timeline import Chronology
from timeline.export import (
    to_cloudevents,
    to_csv,
    to_geojson,
    to_icalendar,
    to_json,
    to_jsonld,
    to_markdown,
    to_parquet,
    to_prov,
    to_timelinejs,
    to_timemap,
)

ACCOUNTS = told()
IDS = [account.event.id for account in ACCOUNTS]
EMPTY = Chronology(())


def lost(export: Any) -> set[str]:
    """Return the ids of the events that an export lacks altogether."""
    return {name for one in export.left_out if one.part == "event" for name in one.events}


def test_csv_is_read_back_by_the_csv_module() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(ACCOUNTS), newline="")))
    assert [row["id"].removeprefix("'") for row in rows] == IDS
    by_id = {row["id"]: row for row in rows}
    shelled = by_id["shelled"]
    assert shelled["earliest"] == "2022-09-16T05:00:00Z"
    assert shelled["when"] == "2022-09-16 08:00"
    assert (shelled["wounded_low"], shelled["including"]) == ("12", "children: 2")
    assert (shelled["according_to"], shelled["denied_by"]) == ("police; doctors", "Other, Ltd")
    assert (shelled["place_id"], shelled["place_within"]) == ("geonames:706483", "Oblast")
    assert (by_id["freed"]["share"], by_id["freed"]["disputes"]) == ("1/3", "when")
    assert by_id["ides"]["place_latitude"] == "-33.9"
    assert by_id["rumour"]["earliest"] == ""
    assert rows[IDS.index(HOSTILE)]["speaker"] == f"'{HOSTILE}"


def test_csv_is_read_back_by_pandas_and_excel_is_told_of_utf_8() -> None:
    frame = pd.read_csv(io.BytesIO(to_csv(ACCOUNTS, bom=True).encode()), encoding="utf-8-sig")
    assert list(frame["id"].str.removeprefix("'")) == IDS
    assert frame.loc[frame["id"] == "grave", "found_high"].item() == 495
    assert to_csv(ACCOUNTS, bom=True)[0] == "\ufeff"
    assert to_csv(EMPTY).count("\n") == 1


def test_json_is_what_to_dicts_gives() -> None:
    assert json.loads(to_json(ACCOUNTS)) == ACCOUNTS.to_dicts()
    assert json.loads(to_json(EMPTY)) == []


def inside(tokens: list[Token]) -> list[Token]:
    """Return all tokens, those within a line too."""
    return [one for token in tokens for one in (token, *inside(token.children or []))]


def test_markdown_is_a_table_to_its_parser_and_nothing_else() -> None:
    tokens = inside(MarkdownIt("commonmark").enable("table").parse(to_markdown(ACCOUNTS)))
    kinds = {token.type for token in tokens}
    assert sum(token.type == "tr_open" for token in tokens) == 1 + len(ACCOUNTS)
    assert kinds <= {
        *(f"{name}_open" for name in ("table", "thead", "tbody", "tr", "th", "td")),
        *(f"{name}_close" for name in ("table", "thead", "tbody", "tr", "th", "td")),
        *("inline", "text", "text_special", "paragraph_open", "paragraph_close"),
        *("strong_open", "strong_close", "link_open", "link_close"),
    }  # fmt: skip
    links = {token.attrs["href"] for token in tokens if token.type == "link_open"}
    assert links == {"https://example.org/a?b=1&c=%282%29"}
    text = "".join(token.content for token in tokens if token.type.startswith("text"))
    assert " ".join(HOSTILE.replace("\u202e", "").split()) in text
    assert MarkdownIt("commonmark").enable("table").render(to_markdown(EMPTY)).count("<tr>") == 1


def test_geojson_is_valid_and_its_times_are_full_moments() -> None:
    read: Any = FeatureCollection.model_validate_json(to_geojson(ACCOUNTS))
    assert [feature.id for feature in read.features] == IDS
    by_id = {str(feature.id): feature for feature in read.features}
    point: Any = by_id["ides"].geometry
    assert tuple(point.coordinates) == (-18.4, -33.9)
    assert by_id["freed"].geometry is None
    for feature in read.features:
        about: Any = feature.properties
        for bound in (about["earliest"], about["latest"]):
            assert bound is None or re.fullmatch(
                r"([+-]\d+|\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", bound
            )
    shelled: Any = by_id["shelled"].properties
    assert shelled["claims"][1]["according_to"] == ["police", "doctors"]
    assert (shelled["denied_by"], shelled["place"]) == (["Other, Ltd"], "Kharkiv")
    assert FeatureCollection.model_validate_json(to_geojson(EMPTY)).features == []


def test_the_calendar_is_read_back() -> None:
    made = to_icalendar(ACCOUNTS)
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))
    calendar: Any = icalendar.Calendar.from_ical(made)
    entries = {str(entry["uid"]): entry for entry in calendar.walk("VEVENT")}
    assert not any(entry.errors for entry in entries.values())
    assert lost(made) == {"rumour", "ides", "far"}
    assert len(entries) == len(ACCOUNTS) - 3
    shelled = entries["shelled"]
    assert shelled.decoded("dtstart") == datetime(2022, 9, 16, 5, 0, tzinfo=UTC)
    assert shelled["summary"] == "Attack in Kharkiv: 12 wounded"
    assert (shelled["status"], shelled["location"]) == ("TENTATIVE", "Kharkiv, Oblast")
    assert (shelled["geo"].latitude, shelled["geo"].longitude) == (49.99, 36.23)
    freed = entries["freed"]
    assert freed["summary"] == "2022-09-08 – 2022-09-10: 1/3 of Izium passes to Ukraine"
    assert freed.decoded("dtend") == date(2022, 9, 11)
    assert entries["leap"].decoded("dtstart") == date(2024, 2, 29)
    assert entries["leap"].decoded("dtend") == date(2024, 3, 1)
    assert entries["leap"]["summary"] == "Leap"
    assert entries["grave"]["summary"].startswith("by 2022-09-16: ")
    assert entries["trial"]["summary"].startswith("from 2022-10-01 on: Expected: ")
    assert entries["fire"]["summary"].startswith("about 2022-0")
    assert entries["flood"].decoded("dtstart") == date(2022, 9, 1)
    assert "(zone unknown)" in entries["flood"]["summary"]
    assert entries["siege"].decoded("dtend") == date(2022, 6, 1)
    hostile = next(entry for name, entry in entries.items() if "alert" in name)
    assert "<script>alert(1)</script>" in hostile["description"]
    assert icalendar.Calendar.from_ical(to_icalendar(EMPTY)).walk("VEVENT") == []


def test_cloudevents_are_read_by_the_sdk() -> None:
    events, timed = {}, set()
    for one in json.loads(to_cloudevents(ACCOUNTS, source="https://example.org/war")):
        read: Any = JSONFormat().read(CloudEvent, json.dumps(one))
        assert read.get_source() == "https://example.org/war"
        events[read.get_id()] = read
        timed |= {read.get_id()} if "time" in one else set()  # the SDK puts its own clock there
    assert len(events) == len(ACCOUNTS)
    # Known to the second, where CloudEvents has a time; known to the minute or less, none.
    assert events["spoke"].get_time() == datetime(2022, 9, 16, 10, 0, 5, 500_000, tzinfo=UTC)
    assert timed == {"spoke"}
    assert events["shelled"].get_type() == "timeline.attack/1"
    assert events["shelled"].get_subject() == "geonames:706483"
    assert events["shelled"].get_data()["when"]["latest"] == "2022-09-16T05:01:00Z"
    assert json.loads(to_cloudevents(EMPTY)) == []


def test_provenance_is_read_by_prov() -> None:
    read: Any = ProvDocument.deserialize(content=to_prov(ACCOUNTS), format="json")
    again = ProvDocument.deserialize(content=read.serialize(format="json"), format="json")
    assert again == read
    entities = {str(one.identifier): one for one in read.get_records(ProvEntity)}
    claims = {claim.id: claim for account in ACCOUNTS for claim in account.claims}
    assert {f"claim:{name}" for name in claims} <= entities.keys()
    derived = {(str(one.args[0]), str(one.args[1])) for one in read.get_records(ProvDerivation)}
    for claim in claims.values():
        assert (f"claim:{claim.id}", f"report:{claim.report.id}") in derived
    names = {one.label for one in read.get_records(ProvAgent)}
    assert {"Wire", "Other, Ltd", "police", "doctors"} <= names
    assert len(list(read.get_records(ProvAttribution))) == 3 + 3
    assert not list(ProvDocument.deserialize(content=to_prov(EMPTY), format="json").get_records())


# rdflib's own reader of JSON-LD still makes the graph that rdflib warns of.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_json_ld_has_no_term_that_schema_org_lacks() -> None:
    made = to_jsonld(ACCOUNTS)
    assert json.loads(made)["@context"] == "https://schema.org"
    # The context of schema.org gives its terms the vocabulary's address; no server is asked for it.
    local = made.replace('"https://schema.org"', '{"@vocab": "https://schema.org/"}', 1)
    graph = rdflib.Graph().parse(data=local, format="json-ld")
    terms = {*graph.predicates(), *graph.objects(None, rdflib.RDF.type)} - {rdflib.RDF.type}
    schema: Any = rdflib.SDO
    unknown = [term for term in terms if term not in schema]
    assert not unknown
    events = list(graph.subjects(rdflib.RDF.type, rdflib.SDO.Event))
    assert len(events) == len(ACCOUNTS)
    starts = {
        str(graph.value(event, rdflib.SDO.identifier)): str(found)
        for event in events
        if (found := graph.value(event, rdflib.SDO.startDate)) is not None
    }
    assert starts.pop(HOSTILE) == "2022-09-16"
    assert starts == {
        "shelled": "2022-09-16T05:00:00Z",
        "leap": "2024-02-29",
        "spoke": "2022-09-16T10:00:05.500000Z",
    }
    published = {str(one) for one in graph.objects(None, rdflib.SDO.datePublished)}
    assert published == {"2022-09-15", "2022-09-16"}
    covered = {str(one) for one in graph.objects(None, rdflib.SDO.temporalCoverage)}
    assert {"../2022-09-17T00:00:00Z", "2022-10-01T00:00:00Z/.."} <= covered
    urls = {str(one) for one in graph.objects(None, rdflib.SDO.url)}
    assert urls == {"https://example.org/a?b=1&c=(2)"}


def test_parquet_is_read_by_duckdb_polars_and_pandas(tmp_path: Any) -> None:
    file = tmp_path / "accounts.parquet"
    file.write_bytes(to_parquet(ACCOUNTS))
    question = "select id, wounded_best, epoch_us(earliest) from '{}' where wounded_best > 0"
    counted = duckdb.connect().execute(question.format(file)).fetchall()
    shelled = ACCOUNTS[IDS.index("shelled")]
    assert counted == [("shelled", 12, shelled.when.lo)]
    assert pl.read_parquet(file)["id"].to_list() == IDS
    frame = pd.read_parquet(file)
    assert list(frame["id"]) == IDS
    assert str(frame["earliest"].dtype) == "datetime64[us, UTC]"
    assert pl.read_parquet(io.BytesIO(to_parquet(EMPTY))).height == 0


def test_a_chronology_is_a_frame_of_pandas_and_polars_and_a_table_of_duckdb() -> None:
    assert list(ACCOUNTS.to_pandas()["id"]) == IDS
    assert ACCOUNTS.to_polars()["id"].to_list() == IDS
    base = duckdb.connect()
    base.register("accounts", ACCOUNTS)
    assert base.execute("select count(*) from accounts").fetchall() == [(len(ACCOUNTS),)]
    assert len(EMPTY.to_pandas()) == 0


# As src/reducers/validate/ of forensic-architecture/timemap and bellingcat/ukraine-timemap have it:
# keys that may be there, and those without which they refuse an item or throw.
TIMEMAP = {
    "events": (
        {
            *("id", "description", "date", "time", "time_precision", "location", "latitude"),
            *("longitude", "type", "category", "category_full", "comments", "time_display"),
            *("shape", "colour"),
        },
        {"associations", "sources", "narrative___stepStyles"},
        {"description", "associations", "latitude", "longitude", "date"},
    ),
    "associations": (
        {"id", "title", "desc", "mode", "colour", "type", "display"},
        {"filter_paths"},
        {"id", "title", "mode"},
    ),
    "sources": (
        {
            *("id", "title", "thumbnail", "type", "url", "description", "parent", "author"),
            *("date", "notes"),
        },
        {"paths", "affil_s"},
        {"id", "paths"},
    ),
}


@pytest.mark.parametrize("accounts", [ACCOUNTS, EMPTY], ids=["all", "none"])
def test_timemap_finds_every_key_and_only_texts(accounts: Chronology) -> None:
    domain = json.loads(to_timemap(accounts))
    assert domain.keys() == {
        *("events", "associations", "sources", "sites", "regions", "shapes", "notifications")
    }
    for name, (texts, lists, required) in TIMEMAP.items():
        items = domain[name].values() if name == "sources" else domain[name]
        for item in items:
            assert required <= item.keys() <= texts | lists
            assert all(isinstance(item[key], str) for key in item.keys() & texts)
            assert all(isinstance(item[key], list) for key in item.keys() & lists)
    known = {one["id"] for one in domain["associations"]}
    assert len(known) == len(domain["associations"])
    for one in domain["events"]:
        assert set(one["associations"]) <= known
        assert set(one["sources"]) <= domain["sources"].keys()
        datetime.strptime(f"{one['date']} {one['time'] or '00:00'} +0000", "%m/%d/%Y %H:%M %z")


def test_timemap_has_a_time_of_day_only_where_one_is_known() -> None:
    made = to_timemap(ACCOUNTS)
    assert lost(made) == {"rumour", "ides", "far"}
    events = {one["id"]: one for one in json.loads(made)["events"]}
    assert {name: one["time"] for name, one in events.items() if one["time"]} == {
        "shelled": "08:00",
        "spoke": "10:00",
    }
    assert events["shelled"]["time_display"] == "2022-09-16 08:00 (Europe/Kyiv)"
    assert (events["shelled"]["latitude"], events["leap"]["latitude"]) == ("49.99", "")
    assert (events["grave"]["date"], events["trial"]["date"]) == ("09/16/2022", "10/01/2022")


def test_a_timeline_has_only_dates_of_the_calendar() -> None:
    made = to_timelinejs(ACCOUNTS)
    assert lost(made) == {"rumour", "far"}
    slides = {one["unique_id"]: one for one in json.loads(made)["events"]}
    for slide in slides.values():
        for end in ("start_date", "end_date"):
            parts = slide.get(end)
            if parts is not None and parts["year"] > 0:
                datetime(parts["year"], parts["month"], parts["day"], tzinfo=UTC)
    assert slides["ides"]["start_date"] == {"year": -44, "month": 3, "day": 15}
    assert slides["shelled"]["start_date"]["hour"] == 8
    assert slides["shelled"]["display_date"] == "2022-09-16 08:00 (Europe/Kyiv)"
    assert "end_date" not in slides["shelled"]
    assert slides["spoke"]["start_date"]["millisecond"] == 500
    assert slides["siege"]["end_date"] == {"year": 2022, "month": 5, "day": 31}
    assert slides["grave"]["display_date"] == "by 2022-09-16"
