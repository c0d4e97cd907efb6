"""Tests the reader of anybody's spreadsheet through a mapping."""

from __future__ import annotations

from datetime import date

from tests.sheets import BASE, fails, one, outcome, said
from timeline import (
    Attack,
    Count,
    Incident,
    Log,
    Place,
    PoliticalStatement,
    Report,
    TerritorialChange,
    when,
)
from timeline.importers import Accepted, Refused, Skipped, import_into
from timeline.importers import table as read


def test_a_sheet_of_a_newsroom() -> None:
    mapping = """
    kind = "attack"
    zone = "Europe/Kyiv"
    formats = ["%d.%m.%Y", "%d.%m.%Y %H:%M"]
    id_prefix = "desk:"

    [columns]
    id = "No."
    when = ["Date", "Time"]
    place = { name = "Town", latitude = "Lat", longitude = "Lon" }
    by = "Side"
    killed.low = "Min"
    killed.high = "Max"
    wounded = "Hurt"
    including.children = "Kids"
    summary = "What"
    source = "Who says"
    according_to = "After"
    published = "Out"
    url = "Link"
    quote = "Words"
    title = "Headline"

    [defaults]
    place.within = "Ukraine"
    including.women = 1

    [translate.Side]
    RU = "Russia"
    """
    cells = {
        "No.": "7", "Date": "16.09.2022", "Time": "08:30", "Town": "Kharkiv", "Lat": "50",
        "Lon": "36,25", "Side": "RU", "Min": "1", "Max": "3", "Hurt": "about 12", "Kids": "2",
        "What": "Two shells", "Who says": "Wire", "After": "police; mayor", "Out": "17.09.2022",
        "Link": "https://wire.example", "Words": "Two shells hit", "Headline": "Shells",
    }  # fmt: skip
    zone = "Europe/Kyiv"
    report = Report(
        "Wire", zone=zone, published="2022-09-17", title="Shells", url="https://wire.example"
    )
    expected = report.says(
        Attack(
            id="desk:7",
            when=when("2022-09-16T08:30", zone=zone),
            place=Place("Kharkiv", latitude=50.0, longitude=36.25, within="Ukraine"),
            by="Russia",
            killed=Count(low=1, high=3),
            wounded=Count(about=12),
            including={"children": 2, "women": 1},
            summary="Two shells",
        ),
        quote="Two shells hit",
        according_to=["police", "mayor"],
    )
    found = said(cells, mapping)
    assert (found.event, found.report, found.quote, found.according_to) == (
        expected.event, expected.report, expected.quote, expected.according_to
    )  # fmt: skip
    assert found.event.when.text == "16.09.2022 08:30"


def test_a_semicolon_parts_the_cells_of_many_spreadsheets() -> None:
    mapping = BASE.format(columns='place = "Town"', defaults="")
    (found,) = read(["Date;Town\n", "2022-09-16;Izium, east\n"], mapping)
    assert isinstance(found, Accepted)
    with Log() as log:
        log.append(*found.said)
        (account,) = log.accounts()
        assert isinstance(account.event, Attack)
        assert account.event.place == Place("Izium, east")
    (found,) = read(["Date|Town\n", "2022|x\n"], f'delimiter = "|"\n{mapping}')
    assert isinstance(found, Accepted)


def test_the_kind_may_stand_in_a_column() -> None:
    mapping = """
    kind = "incident"
    [columns]
    kind = "Type"
    when = "Date"
    place = "Town"
    speaker = "Who"
    to = "To"
    killed = "Dead"
    [defaults]
    source = "our desk"
    category = "other"
    [translate.Type]
    speech = "political-statement"
    """
    cells = {"Date": "2022", "Type": "", "Town": "", "Who": "", "To": "", "Dead": ""}
    assert type(said({**cells, "Town": "Izium"}, mapping).event) is Incident
    spoken = said({**cells, "Type": "speech", "Who": "Z"}, mapping).event
    assert isinstance(spoken, PoliticalStatement)
    change = {**cells, "Type": "territorial-change/1", "Town": "Izium", "To": "Ukraine"}
    assert isinstance(said(change, mapping).event, TerritorialChange)
    lost = outcome({**cells, "Type": "speech", "Who": "Z", "Dead": "3"}, mapping)
    assert isinstance(lost, Refused)
    assert lost.expected == (
        "columns.killed: expected nothing: political-statement/1 has no field 'killed'"
    )
    alone = mapping.replace('kind = "incident"', "")
    assert type(said({**cells, "Type": "incident"}, alone).event) is Incident
    assert isinstance(outcome({**cells, "Type": ""}, alone), Refused)
    strange = outcome({**cells, "Type": "duel"}, mapping)
    assert isinstance(strange, Refused)
    assert strange.expected.startswith(
        "columns.kind: expected one of the kinds armed-clash, attack"
    )
    place = mapping.replace('place = "Town"', 'place.name = "Town"')
    lost = outcome({**cells, "Type": "speech", "Who": "Z", "Town": "Izium"}, place)
    assert isinstance(lost, Refused)
    assert "columns.place.name: expected nothing" in lost.expected


def test_ids() -> None:
    by_column = BASE.format(columns='id = ["Town", "No"]', defaults="")
    mapping = f'id_prefix = "desk:"\n{by_column}'
    assert said({"Date": "2022", "Town": "Izium", "No": "3"}, mapping).event.id == "desk:Izium:3"
    found = outcome({"Date": "2022", "Town": "", "No": ""}, mapping)
    assert isinstance(found, Refused)
    assert "columns.id: expected an id, by which the event is known again" in found.expected
    assert one('id = "#row"').id == "2"
    assert one('id = "#row"', **{"#row": "x"}).id == "x"
    assert one("").id.startswith("attack/1:")
    bad = outcome({"Date": "never", "Town": "Izium", "No": "3"}, mapping)
    assert isinstance(bad, Refused)
    assert bad.event_id == "desk:Izium:3"


def test_who_says_it_and_when() -> None:
    mapping = BASE.format(columns='source = "Who"', defaults="").replace('source = "our desk"', "")
    found = outcome({"Date": "2022", "Who": ""}, mapping)
    assert isinstance(found, Refused)
    assert found.expected == "columns.source: expected who says it"
    claim = said({"Date": "2022", "Who": ""}, mapping, source="Wire", published=date(2022, 9, 16))
    assert (claim.source, claim.published) == ("Wire", when("2022-09-16"))
    nobody = BASE.format(columns="", defaults="").replace('source = "our desk"', "")
    fails(nobody, "nobody says it: give columns.source or defaults.source, or source=")
    assert said({"Date": "2022"}, nobody, source="Wire").source == "Wire"
    stances = BASE.format(columns='stance = "S"', defaults="")
    for text, stance in (("", "says"), ("denies", "denies"), ("expects", "expects")):
        assert said({"Date": "2022", "S": text}, stances).stance == stance
    bad = outcome({"Date": "2022", "S": "doubts"}, stances)
    assert isinstance(bad, Refused)
    assert bad.expected == "columns.stance: expected one of says, denies, expects"


def test_counting_before_importing() -> None:
    mapping = BASE.format(columns='id = "No"\nkilled = "Dead"', defaults="")
    sheet = "No,Date,Dead\n1,2022,3\n2,2022,many\n,,\n3,2022\n"
    with Log() as log:
        dry = import_into(log, read(sheet.splitlines(), mapping), dry_run=True)
        assert log.head == 0
        done = import_into(log, read(sheet.splitlines(), mapping))
        assert (dry.new, dry.ignored, dry.refused) == (done.new, 1, 2)
        mended = sheet.replace("many", "4").replace("1,2022,3", "1,2022,5")
        later = import_into(log, read(mended.splitlines(), mapping, published="2023"))
        assert (later.new, later.changed, later.refused) == (1, 1, 1)
    (*_, empty, short) = read(sheet.splitlines(), mapping)
    assert empty == Skipped(4, "an empty row")
    assert isinstance(short, Refused)
    assert short.expected == "it has 2 cells, but there are 3 columns"
