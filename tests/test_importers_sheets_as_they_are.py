"""Tests sheets as people have them: a value comes in as it stands there, or is refused."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import (
    Attack,
    Claim,
    Count,
    Event,
    Incident,
    Log,
    Report,
    between,
    chronology,
    lasted,
    when,
)
from timeline.errors import ImporterError
from timeline.export import to_csv
from timeline.importers import (
    Accepted,
    Outcome,
    Refused,
    Skipped,
    guess,
    guess_sheet,
    import_into,
    sheet_map,
    table,
)
from timeline.importers.table_reader import TableReader

TOP = 'kind = "attack"\n'
COLUMNS = '[columns]\nwhen = "Date"\n'
SOURCE = '[defaults]\nsource = "our desk"\n'


def read(text: str | bytes, mapping: str, **options: Any) -> list[Outcome]:
    content = text.encode() if isinstance(text, str) else text
    return list(table(io.BytesIO(content), mapping, **options))


def events(text: str | bytes, mapping: str, **options: Any) -> list[Event]:
    outcomes = read(text, mapping, **options)
    assert not any(isinstance(one, Refused) for one in outcomes), outcomes
    said = [one for row in outcomes if isinstance(row, Accepted) for one in row.said]
    return [one.event for one in said if isinstance(one, Claim)]


def attacks(text: str | bytes, mapping: str) -> list[Attack]:
    return [one for one in events(text, mapping) if isinstance(one, Attack)]


def mapping(columns: str = "", top: str = "", rest: str = "") -> str:
    return f"{TOP}{top}{COLUMNS}{columns}\n{SOURCE}{rest}"


# -- how a table stands in its file


@pytest.mark.parametrize(
    "content",
    [
        "Attacks of September\n\nDate,Town\n2022-09-16,Izium\n",
        "sep=;\nDate;Town\n2022-09-16;Izium\n",
        "Date|Town\n2022-09-16|Izium\n",
        "Date,Town,,\n2022-09-16,Izium,,\n",
        "Date,Town\n2022-09-16,Izium,,\n",
        "Date,Town,,\n2022-09-16,Izium\n",
        "Date,Town\n2022-09-16,Izium\nDate,Town\n",
        "Date,Town\n2022-09-16,Izium\n".encode("utf-16"),
        "\ufeffDate,Town\n2022-09-16,Izium\n",
    ],
)
def test_a_table_is_found_in_its_file(content: str | bytes) -> None:
    (found,) = attacks(content, mapping('place = "Town"'))
    assert (found.when, str(found.place)) == (when("2022-09-16"), "Izium")


def test_columns_of_one_name_are_told_apart() -> None:
    text = "Date,Source,Source\n2022-09-16,Wire,Paper\n"
    with pytest.raises(ImporterError, match="say 'Source#1' or 'Source#2'"):
        read(text, f'{TOP}{COLUMNS}source = "Source"\n')
    (claim,) = read(text, f'{TOP}{COLUMNS}source = "Source#2"\n')
    assert isinstance(claim, Accepted)
    assert claim.said[0].report.source == "Paper"


def test_a_row_that_ends_early_is_refused_until_it_is_said() -> None:
    text = "Date,Town,Dead\n2022-09-16,Izium\n"
    (found,) = read(text, mapping('place = "Town"\nkilled = "Dead"'))
    assert isinstance(found, Refused)
    assert "it has 2 cells, but there are 3 columns" in found.expected
    (attack,) = attacks(text, mapping('place = "Town"\nkilled = "Dead"', "ragged = true\n"))
    assert not attack.killed.reported


# -- times


def test_a_midnight_in_a_column_of_days_is_the_day() -> None:
    days = "Date\n2022-03-16 00:00:00\n\n2022-03-17 00:00:00\n"
    assert [one.when for one in events(days, mapping())] == [when("2022-03-16"), when("2022-03-17")]
    times = "Date\n2022-03-16 00:00:00\n2022-03-17 10:30:00\n"
    assert [one.when for one in events(times, mapping())] == [
        when("2022-03-16T00:00:00"), when("2022-03-17T10:30:00"),
    ]  # fmt: skip
    said = mapping(top='midnight = "time"\n')
    assert events(days, said)[0].when == when("2022-03-16T00:00:00")
    late = "Date\n" + "2022-03-16 00:00:00\n" * 600 + "2022-03-17 10:30:00\n"
    *_, last = read(late, mapping())
    assert isinstance(last, Refused)
    assert "midnight = 'day'" in last.expected


def test_a_time_with_a_part_missing_in_the_middle_is_refused() -> None:
    formats = 'formats = ["%Y %m %d", "%Y %m", "%Y"]\n'
    plan = f'{TOP}{formats}[columns]\nwhen = ["Y", "M", "D"]\n{SOURCE}'
    first, second, third = read("Y,M,D\n1999,7,\n1999,,7\n1999,,\n", plan)
    assert isinstance(first, Accepted)
    assert isinstance(third, Accepted)
    assert isinstance(second, Refused)
    assert "'M' is empty" in second.expected


@pytest.mark.parametrize("form", ["%d.%m", "%H:%M", "%Y %d", "%Y-%m-%d %q"])
def test_a_format_without_a_part_refuses_the_mapping(form: str) -> None:
    with pytest.raises(ImporterError, match="formats: "):
        sheet_map(mapping(top=f'formats = ["{form}"]\n'))


def test_a_date_that_fits_two_formats_is_refused() -> None:
    both = mapping(top='formats = ["%d/%m/%Y", "%m/%d/%Y"]\n')
    first, second = read("Date\n02/04/2022\n02/24/2022\n", both)
    assert isinstance(first, Refused)
    assert "read it as different times" in first.expected
    assert isinstance(second, Accepted)


@pytest.mark.parametrize(
    ("span", "expected"),
    [("lasted", lasted("2022-09-16T18:00", None)), ("between", between("2022-09-16T18:00", None))],
)
def test_an_empty_end_is_unknown(span: str, expected: object) -> None:
    plan = f'{TOP}span = "{span}"\n[columns]\nwhen = {{ from = "A", to = "B" }}\n{SOURCE}'
    (found,) = events("A,B\n2022-09-16T18:00,\n", plan)
    assert found.when == expected
    (found,) = events("A,B\n2022-09-16T18:00,\n", f'empty_end = "start"\n{plan}')
    assert found.when == when("2022-09-16T18:00")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("2020,9,16,,,", "2020-09-16"),
        ("2020,9,0,,,", "2020-09"),
        ("2020,0,0,,,", "2020"),
        ("2020,вересня,16,,,", "2020-09-16"),
        ("2020,9,16,14:30,,", "2020-09-16T14:30"),
        ("2020,9,16,,1,", "2020-09-16~"),
        ("2020,9,16,,,month", "2020-09"),
    ],
)
def test_a_date_in_columns_of_its_own(cells: str, expected: str) -> None:
    parts = 'year = "Y", month = "M", day = "D", time = "T", circa = "C", precision = "P"'
    plan = f"{TOP}[columns]\nwhen = {{ {parts} }}\n{SOURCE}"
    (found,) = events(f"Y,M,D,T,C,P\n{cells}\n", plan)
    assert found.when == when(expected)
    (bad,) = read("Y,M,D,T,C,P\n2020,,16,,,\n", plan)
    assert isinstance(bad, Refused)
    assert "month is missing" in bad.expected


# -- numbers


def test_a_blank_is_no_figure_and_a_0_is_none() -> None:
    text = "Date,Dead\n2022,\n2022-09,0\n2022-10,unknown\n2022-11,10 (incl. 2 children)\n"
    blank, none, unknown, some = attacks(text, mapping('killed = "Dead"'))
    assert not blank.killed.reported
    assert none.killed == 0
    assert none.killed.reported
    assert not unknown.killed.reported
    assert (some.killed, some.including) == (10, {"children": 2})


def test_one_rule_for_the_numbers_of_a_column() -> None:
    text = "Date,Dead\n2022,1.000\n2023,3.000\n"
    for found in read(text, mapping('killed = "Dead"')):
        assert isinstance(found, Refused)
        assert "may part thousands or decimals" in found.expected
    rule = '[numbers."Dead"]\nthousands = "."\n'
    assert [one.killed for one in attacks(text, mapping('killed = "Dead"', rest=rule))] == [
        1000, 3000,
    ]  # fmt: skip


# -- rows and events


def test_one_row_may_be_several_events() -> None:
    plan = mapping(
        'id = "No"\nplace = "Town"\n',
        rest="""
        [[events]]
        name = "taken"
        kind = "territorial-change"
        where = { Result = ["taken"] }
        columns = { to = "By" }
        """,
    )
    text = "No,Date,Town,Result,By\na1,2022-09-10,Izium,taken,Ukraine\na2,2022-09-11,Lyman,,\n"
    assert [one.id for one in events(text, plan)] == ["a1", "a1:taken", "a2"]


def test_many_rows_may_be_one_event() -> None:
    plan = mapping('id = "Incident"', rest='[group]\nby = ["Incident"]\ncount = "killed"\n')
    text = "Incident,Date,Name\ni1,2022-09-16,A\ni1,2022-09-16,B\ni2,2022-09-17,C\n,2022,D\n"
    outcomes = read(text, plan)
    kinds = [type(one) for one in sorted(outcomes, key=lambda one: one.row)]
    assert kinds == [Accepted, Skipped, Accepted, Refused]
    with Log() as log:
        import_into(log, outcomes)
        found = {one.event.id: one.event for one in log.accounts()}
    first = found["i1"]
    assert isinstance(first, Attack)
    assert first.killed == 2
    differing = read("Incident,Date,Name\ni1,2022-09-16,A\ni1,2022-09-17,B\n", plan)
    assert all(isinstance(one, Refused) for one in differing)
    assert "differ in when" in str(differing[0])


def test_cells_that_stand_for_those_above() -> None:
    plan = mapping('place = "Town"', 'fill_down = ["Date"]\n')
    found = attacks("Date,Town\n2022-09-16,Izium\n,Lyman\n2022-09-17,Kupiansk\n", plan)
    assert [str(one.when) for one in found] == ["2022-09-16", "2022-09-16", "2022-09-17"]


def test_several_places_in_a_cell() -> None:
    plan = mapping('id = "No"\nplace = "Town"\nkilled = "Dead"', 'each = "Town"\n')
    found = attacks("No,Date,Town,Dead\na,2022,Izium; Lyman,\n", plan)
    assert [(one.id, str(one.place)) for one in found] == [("a:1", "Izium"), ("a:2", "Lyman")]
    (bad,) = read("No,Date,Town,Dead\na,2022,Izium; Lyman,3\n", plan)
    assert isinstance(bad, Refused)
    assert "counted in each of them" in bad.expected


def test_anything_else_is_an_incident() -> None:
    translated = '[translate.Type]\nshelling = "attack"\n'
    plan = f'otherwise = "incident"\n{COLUMNS}kind = "Type"\n{SOURCE}{translated}'
    first, second = events("Date,Type\n2022,shelling\n2023,Road closed\n", plan)
    assert isinstance(first, Attack)
    assert isinstance(second, Incident)
    assert second.category == "Road closed"


def test_flags_and_lists_of_sources() -> None:
    plan = f"""
    kind = "attack"
    each_source = true
    {COLUMNS}
    source = "Sources"
    url = ["Link 1", "Link 2"]
    [flags.weapon]
    "Drone used" = "drone"
    "Rocket used" = "rocket"
    """
    text = (
        "Date,Drone used,Rocket used,Sources,Link 1,Link 2\n"
        "2022,yes,x,Wire; Paper,https://a.example,https://b.example\n"
        "2023,no,,Wire,https://a.example https://c.example,\n"
    )
    first, second = read(text, plan)
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    reports = [one.report for one in first.said]
    assert [(one.source, one.url) for one in reports] == [
        ("Wire", "https://a.example"), ("Paper", "https://b.example"),
    ]  # fmt: skip
    assert [one.report.url for one in second.said] == ["https://a.example", "https://c.example"]
    claim = first.said[0]
    assert isinstance(claim, Claim)
    assert isinstance(claim.event, Attack)
    assert claim.event.weapon == "drone, rocket"


def test_evidence_and_grades() -> None:
    plan = mapping(
        'reliability = "Grade"\ncredibility = "Sure"\narchived = "Copy"\nmedia = "Film"\n'
        'retrieved = "Seen"'
    )
    header = "Date,Grade,Sure,Copy,Film,Seen\n"
    text = f"{header}2022,B,2,https://copy.example,https://film.example,2022-10-01\n2022-09,,,,,\n"
    first, second = read(text, plan)
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    claim, plain = first.said[0], second.said[0]
    assert isinstance(claim, Claim)
    assert isinstance(plain, Claim)
    report = claim.report
    assert (report.reliability, report.archived) == ("B", "https://copy.example")
    assert (report.retrieved, claim.credibility) == (when("2022-10-01"), 2)
    assert [one.url for one in claim.media] == ["https://film.example"]
    assert (plain.report.reliability, plain.credibility, plain.media) == (None, None, ())
    with Log() as log:
        assert import_into(log, [first, second]).new == 2
        mended = read(text.replace("B,2", "B,3"), plan)
        found = import_into(log, mended)
        assert (found.again, found.ignored) == (1, 1)


def test_events_after_their_publication_are_said_once() -> None:
    outcomes = read("Date\n2022-09-16\n2022-09-17\n", mapping(), published="2021")
    with Log() as log:
        found = import_into(log, outcomes)
    assert found.new == 2
    (warning,) = found.warnings
    assert "before it can have happened" in warning
    assert warning in str(found)


# -- what is proposed


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Datum;Ort;Tote\n16.09.2022;Isjum;3\n", ['formats = ["%d.%m.%Y"]', 'killed = "Tote"']),
        ("date,city\n02/24/2022,Kyiv\n02/04/2022,Lviv\n", ['formats = ["%m/%d/%Y"]']),
        ("date,city\n02/03/2022,Kyiv\n", ['formats = ["?"]']),
        ('Title\n\nDate,Coords\n2022-09-16,"49.2, 37.3"\n', ['place.coordinates = "Coords"']),
        ("Date,Type,Dead\n2022-09-16,Tanks,1\n2022-09-17,Guns,2\n", ['kind = "incident"']),
        ("Date,Type,Dead\n2022-09-16,Suicide,1\n2022-09-17,Air crash,2\n", ['kind = "incident"']),
        ("Date,Type,Dead\n2022-09-16,Suicide attack,1\n2022-09-17,Shelling,2\n", ['"attack"']),
        ("id,Date\n1,2022-09-16\n2,2022-09-17\n", ['id_prefix = "sheet:"', 'id = "id"']),
        ("id,Date\n1,2022-09-16\n1,2022-09-17\n", ["# id: "]),
        ('Date,Lat,Lon\n2022-09-16,"49,123","37,2"\n', ['[numbers."Lat"]', 'decimal = ","']),
        ("Date,Dead\n2022-09-16,1.000\n", ['thousands = "?"']),
        ("Date,Total Died Min,Total Died Max,Children Killed\n2022-09-16,1,2,0\n",
         ['killed.low = "Total Died Min"', 'killed.high = "Total Died Max"', 'kind = "attack"']),
        ("Date,Number Dead,Injured Min\n2022-09-16,39.0,2\n",
         ['killed = "Number Dead"', 'wounded.low = "Injured Min"']),
        ('Date,State,City,Location\n2022-09-16,Texas,Austin,"Austin, Texas"\n',
         ['place.path = ["State", "City"]']),
        ("Date,Country,District,City,Site\n2022-09-16,Mali,Mopti,Bandiagara,the market\n",
         ['place.path = ["Country", "District", "City", "Site"]']),
        ("Date,City,Victim name,Age\n2022-09-16,Izium,A. B.,30\n2022-09-16,Izium,C. D.,40\n",
         ['summary = "Victim name"']),
        ("Date,City,Arms,Agency\n2022-09-16,Izium,gun,A\n2022-09-16,Izium,none,A\n",
         ['summary = "Arms"']),
        ("Date,Region,State,Town,#Injured Victims\n2022-09-16,North,Kano,Kano,2\n",
         ['place.path = ["Region", "State", "Town"]', 'wounded = "#Injured Victims"']),
        ("2022-09-16,Izium,Kharkiv,shelling,many\n2022-09-17,Lyman,Donetsk,a raid,some\n",
         ['header = "?"  # 2022-09-16, Izium']),
        ("Date,Source\n2022-09-16,Wire\n2022-09-17,\n", ['source = "our desk"']),
        ("Date,Town\n#date,#loc+name\n2022-09-16 00:00,Izium\n", ['when = "Date"']),
        ("2022-09-16,Izium,3\n2022-09-17,Lyman,4\n",
         ['header = "?"  # 2022-09-16, Izium, 3', 'when = "1"']),
    ],
)  # fmt: skip
def test_a_proposal_goes_by_the_rows(text: str, lines: list[str]) -> None:
    found = guess_sheet(io.BytesIO(text.encode()), name="sheet.csv")
    for line in lines:
        assert line in found
    if '"?"' in found:
        with pytest.raises(ImporterError, match="the mapping still asks"):
            sheet_map(found)
    else:
        came = [one for one in read(text, found) if not isinstance(one, Skipped)]
        assert came
        assert all(isinstance(one, Accepted) for one in came)


def test_a_sheet_without_a_header_comes_in_once_it_is_said() -> None:
    text = "2022-09-16,Izium,3\n2022-09-17,Lyman,4\n"
    found = guess_sheet(io.BytesIO(text.encode())).replace('header = "?"', "header = 0")
    rows = list(read(text, found))
    assert [one.row for one in rows] == [1, 2]
    assert all(isinstance(one, Accepted) for one in rows)
    with pytest.raises(ImporterError, match="from 1, or 0 if there is none, not -1"):
        sheet_map(found.replace("header = 0", "header = -1"))
    assert TableReader([], header=0).header == ("1",)


def test_tags_under_a_header_say_nothing() -> None:
    text = "Date,Town\n#date+occurred,#adm3 +name\n2022-09-16 00:00,Izium\n"
    skipped, accepted = read(text, guess_sheet(io.BytesIO(text.encode())))
    assert skipped == Skipped(2, "the row of HXL tags")
    assert isinstance(accepted, Accepted)
    (claim,) = accepted.said
    assert isinstance(claim, Claim)
    assert claim.event.when == when("2022-09-16")
    grouped = guess_sheet(io.BytesIO(text.encode())) + '[group]\nby = ["Town"]\n'
    assert [type(one) for one in read(text, grouped)] == [Skipped, Accepted]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("event_id_cnty,event_date,event_type,actor1,fatalities\n", "--as acled reads more"),
        ("type_of_violence,side_a,side_b,date_prec,where_prec\n", "--as ucdp reads more"),
        ("Year,Month,Day,Headline,Text,Media Caption\n", "--as timelinejs reads more"),
        ("Date,Headline,Text\n", None),
    ],
)
def test_what_has_an_importer_of_its_own_is_said(text: str, said: str | None) -> None:
    found = guess(text.strip().split(","))
    assert (said is None and "--as" not in found) or (said is not None and said in found)


def test_a_calendar_is_no_sheet() -> None:
    with pytest.raises(ImporterError, match="--as ical reads it"):
        guess_sheet(io.BytesIO(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"))


def test_degrees_that_a_spreadsheet_spoilt_are_left_out_of_a_ready_mapping() -> None:
    header = (
        "Incident ID,Year,Month,Day,Country,Region,District,City,Total killed,Total wounded,"
        "Means of attack,Actor type,Details,Latitude,Longitude\n"
    )
    row = "1,2021,3,6,Mali,Mopti,,Bandiagara,1,0,Shooting,,ambush,{},{}\n"
    for degrees, note in (("1.407.092", "# place.latitude"), ("14.3", "\nplace.latitude")):
        text = header + row.format(degrees, "-3.6")
        found = guess_sheet(io.BytesIO(text.encode()))
        assert note in found
        assert isinstance(next(iter(read(text, found))), Accepted)


def test_a_place_beyond_the_poles_is_refused_by_its_column() -> None:
    text = "Date,Lat,Lon\n2022-09-16,94.5,37\n"
    mapping = ('kind = "incident"\n[columns]\nwhen = "Date"\nplace.latitude = "Lat"\n'
               'place.longitude = "Lon"\n[defaults]\nsource = "x"\ncategory = "x"\n')  # fmt: skip
    (refused,) = read(text, mapping)
    assert isinstance(refused, Refused)
    assert (refused.column, refused.value) == ("Lat", "94.5")
    assert "degrees from -90 to 90" in refused.expected


def test_a_separator_is_found_where_cells_have_line_breaks() -> None:
    text = "Date;Town;Lat;Lon\n" + "".join(
        f'2022-09-0{n};"Sumy, the\nnorth, {n}\nand west, too";48,{n}5;30,2\n' for n in range(1, 9)
    )  # fmt: skip
    sheet = TableReader(io.BytesIO(text.encode()), delimiter=None)
    assert sheet.header == ("Date", "Town", "Lat", "Lon")
    assert [len(row.cells) for row in sheet] == [4] * 8


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251", "cp1252"])
def test_an_encoding_is_found_and_said(encoding: str) -> None:
    town = "Ізюм" if encoding != "cp1252" else "Besançon"
    content = (
        f"Date,Town\n2022-09-16,{town} та ще щось\n"
        if encoding != "cp1252"
        else (f"Date,Town\n2022-09-16,{town}\n")
    )
    found = guess_sheet(io.BytesIO(content.encode(encoding)))
    assert (f'encoding = "{encoding}"' in found) == (encoding in ("cp1251", "cp1252"))
    (incident,) = events(content.encode(encoding), found)
    assert isinstance(incident, Incident)
    assert str(incident.place).startswith(town)


# -- made-up sheets

DAYS = st.dates().filter(lambda one: one.year >= 1000)
ROWS = st.lists(
    st.tuples(DAYS, st.none() | st.integers(0, 9999), st.sampled_from(["Izium", "Ізюм, 2"])),
    min_size=1, max_size=4,
)  # fmt: skip


@given(
    ROWS,
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%m/%d/%Y", "excel"]),
    st.sampled_from(",;\t"),
    st.sampled_from(["", ",", " "]),
    st.booleans(),
)
def test_typed_values_come_back_or_are_refused_by_name(
    rows: list[tuple[Any, int | None, str]], form: str, delimiter: str, thousands: str, title: bool
) -> None:
    """Written in any of the ways of spreadsheets, a value is what it was, or its cell is named."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    if title:
        writer.writerow(["Attacks"])
    writer.writerow(["Date", "Dead", "Town"])
    serial = when("1899-12-30").lo
    for day, dead, town in rows:
        lo = when(day).lo
        assert lo is not None
        assert serial is not None
        written = (
            str((lo - serial) // 86_400_000_000)
            if form == "excel"
            else (
                day.strftime(form).rjust(10, "0") if form.startswith("%Y") else day.strftime(form)
            )
        )
        count = "" if dead is None else f"{dead:,}".replace(",", thousands)
        writer.writerow([written, count, town])
    plan = mapping('killed = "Dead"\nplace = "Town"', f'formats = ["{form}"]\n')
    outcomes = read(out.getvalue(), plan)
    assert len(outcomes) == len(rows)
    for (day, dead, town), found in zip(rows, outcomes, strict=True):
        if isinstance(found, Refused):
            assert found.column in ("Date", "Dead")
            continue
        assert isinstance(found, Accepted)
        claim = found.said[0]
        assert isinstance(claim, Claim)
        event = claim.event
        assert isinstance(event, Attack)
        assert (event.when, str(event.place)) == (when(day), town)
        assert event.killed == (Count() if dead is None else dead)


def test_exported_csv_comes_in_again_to_the_same_log() -> None:
    report = Report("our desk", published="2022-09-20", title="notes", zone="Europe/Kyiv")
    attack = Attack(when=report.when("2022-09-16"), place="Izium", killed=3, by="A", id="x")
    arrest = Incident(when=report.when("2022-09"), category="arrest", id="y", summary="two men")
    with Log() as log:
        log.append(report.says(attack), report.expects(arrest))
        exported = to_csv(chronology(log)).encode()
        found = guess_sheet(io.BytesIO(exported), name="war.csv")
        before = log.accounts()
        summary = import_into(log, table(io.BytesIO(exported), found))
        assert (summary.refused, summary.new) == (0, 0)
        assert [one.event for one in log.accounts()] == [one.event for one in before]
    with Log() as another:
        import_into(another, table(io.BytesIO(exported), found))
        assert [(one.event, one.expected, set(one.sources)) for one in another.accounts()] == [
            (one.event, one.expected, set(one.sources)) for one in before
        ]
