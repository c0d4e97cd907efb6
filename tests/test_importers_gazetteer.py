"""Gazetteers are reports: names that are a place's own join it, and shared ones don't."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest

from timeline import Attack, LinkClaim, Log, Place, Report, SamePlace, Within
from timeline.cli import main
from timeline.errors import ImporterError
from timeline.importers import Accepted, PlaceCheck, Skipped, gazetteer, import_into

LIST = Report("our list", published="2022-09-01")


def _read(text: str, layout: Any = "csv") -> list[Any]:
    return list(gazetteer(BytesIO(text.encode()), LIST, layout=layout))


def _links(found: list[Any]) -> set[Any]:
    said = [one for outcome in found if isinstance(outcome, Accepted) for one in outcome.said]
    return {one.link for one in said if isinstance(one, LinkClaim)}


CSV = """id,name,alternate_names,parent,latitude,longitude,population
x:1,Izium,Izyum; Изюм,x:2,49.21,37.26,45884
x:2,Kharkiv Oblast,Kharkiv,,,,
x:3,Kharkiv,,,49.99,36.23,1433886
"""


def test_names_of_one_place_join_it_and_shared_ones_dont() -> None:
    found = _read(CSV)
    assert _links(found) == {
        SamePlace("x:1", "Izium", "Izyum", "Изюм"),
        Within("x:1", "x:2"),
        SamePlace("x:2", "Kharkiv Oblast"),
    }
    assert isinstance(found[2], Skipped)
    assert "those of several" in found[2].reason
    claim = found[0].said[0]
    assert (claim.source, claim.quote) == (
        "our list",
        "x:1 | Izium | Izyum; Изюм | x:2 | 49.21 | 37.26 | 45884",
    )


def _geonames(number: int, name: str, others: str, feature: str, admins: str) -> str:
    first, code = feature.split(".")
    cells = [number, name, name, others, 49.9, 36.2, first, code, "UA", "", *admins.split("/")]
    return "\t".join(map(str, [*cells, 0, "", 9, "Europe/Kyiv", "2022-01-01"]))


def test_a_dump_of_geonames_names_parents_by_its_codes() -> None:
    rows = [
        _geonames(690791, "Ukraine", "Україна", "A.PCLI", "00///"),
        _geonames(706482, "Kharkiv Oblast", "Харківська область", "A.ADM1", "07///"),
        _geonames(707752, "Iziumskyi Raion", '"Izium" Raion', "A.ADM2", "07/631///"[:-1]),
        _geonames(707753, "Izium", "Izyum,Изюм", "P.PPLA2", "07/631//"),
        _geonames(1, "Nowhere", "", "P.PPL", "99///"),
    ]
    links = _links(_read("\n".join(rows) + "\n", "geonames"))
    assert {one for one in links if isinstance(one, Within)} == {
        Within("geonames:706482", "geonames:690791"),
        Within("geonames:707752", "geonames:706482"),
        Within("geonames:707753", "geonames:707752"),
        Within("geonames:1", "geonames:690791"),
    }
    assert SamePlace("geonames:707753", "Izium", "Izyum", "Изюм") in links


def test_ukraines_codifier_has_a_code_for_each_level() -> None:
    text = (
        "Перший рівень;Другий рівень;Третій рівень;Четвертий рівень;Додатковий рівень;Категорія;"
        "Назва об’єкта\nUA63;;;;;O;Харківська\nUA63;UA6304;;;;P;Ізюмський\n"
    )
    assert _links(_read(text, "katottg")) == {
        SamePlace("katottg:UA63", "Харківська"),
        SamePlace("katottg:UA6304", "Ізюмський"),
        Within("katottg:UA6304", "katottg:UA63"),
    }


def test_what_cant_be_read_is_refused() -> None:
    (row,) = _read("id,name\n,Izium\n")
    assert row.column == "id"
    with pytest.raises(ImporterError, match="no column 'name'"):
        _read("id,title\nx,y\n")
    with pytest.raises(ImporterError, match="csv, geonames, katottg"):
        _read(CSV, "osm")

    class Pipe(StringIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(ImporterError, match="rather than a pipe"):
        gazetteer(Pipe(CSV), LIST)


def test_importing_it_again_changes_nothing_and_answers_find_any_name() -> None:
    log = Log()
    text = CSV.replace("x:3,Kharkiv,,,", "x:3,Kharkiv,,x:2,")
    for new in (3, 0):
        assert import_into(log, gazetteer(StringIO(text), LIST)).new == new
    assert log.place_key("Изюм") == "x:1"
    named: list[Any] = ["Изюм", "Balakliia", "Kharkiv", Place("Lviv", id="x:9")]
    events = [
        Attack(id=str(number), when="2022-09-10", place=place) for number, place in enumerate(named)
    ]
    check = PlaceCheck(log)
    rows = [Accepted(1, tuple(map(LIST.says, events)))]
    assert list(check.over(rows)) == rows
    assert check.missing == ("Balakliia", "Kharkiv")
    assert check.shared == {"Kharkiv": ("x:2", "x:3")}
    assert str(check).splitlines() == [
        "2 names of places are known, 2 aren't",
        "no gazetteer in the log knows 'Balakliia'",
        "names of several places, write the id instead: 'Kharkiv' (x:2 or x:3)",
    ]
    assert str(PlaceCheck(log)) == "the log knows every place"


def test_the_shell_takes_it_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("places.csv").write_text(CSV, encoding="utf-8")
    assert main(["new", "war.db"]) == 0
    how = "import war.db places.csv --as gazetteer --source list --published 2022-09-01 --places"
    assert main(how.split()) == 0
    assert "3 rows: 2 new, 0 changed, 1 ignored, 0 refused" in capsys.readouterr().out


def test_a_whole_release_retracts_what_is_gone_and_replaces_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (
        "id,name,alternate_names,parent\nx:1,Izium,Izyum; Old,x:2\nx:2,Oblast,,\nx:4,Gone,,x:2\n"
    )
    second = "id,name,alternate_names,parent\nx:1,Izium,Izyum,x:3\nx:2,Oblast,,\nx:3,Raion,,x:2\n"
    log = Log()
    import_into(log, gazetteer(StringIO(first), LIST))
    desk = Report("our desk", published="2022-09-02")
    log.append(desk.says(SamePlace("x:1", "Изюм")))
    later = Report("our list", published="2023-09-01", title="list of 2023")
    for missing in (4, 0):
        found = import_into(log, gazetteer(StringIO(second), later), release=later)
        assert (found.missing, found.unretracted) == (missing, None)
    assert {one.link for one in log.links()} == {
        SamePlace("x:1", "Izium", "Izyum"),
        SamePlace("x:2", "Oblast"),
        SamePlace("x:3", "Raion"),
        SamePlace("x:1", "Изюм"),
        Within("x:1", "x:3"),
        Within("x:3", "x:2"),
    }
    assert [log.place_key(name) for name in ("Old", "Gone", "Изюм")] == ["Old", "Gone", "x:1"]
    assert log.as_of(published="2022-12-31").place_key("Old") == "x:1"
    # An older release brings nothing back, and a row that can't be read lets nothing go.
    old = import_into(log, gazetteer(StringIO(first), LIST), release=LIST)
    assert (old.new, old.missing) == (0, 0)
    broken = import_into(log, gazetteer(StringIO("id,name\n,a\n"), later), release=later)
    assert "can't be read" in str(broken)
    assert log.place_key("Raion") == "x:3"

    monkeypatch.chdir(tmp_path)
    assert main(["new", "war.db"]) == 0
    for year, text in (("2022", first), ("2023", second)):
        Path(f"{year}.csv").write_text(text, encoding="utf-8")
        how = f"import war.db {year}.csv --as gazetteer --source list --published {year} --whole"
        assert main(how.split()) == 0
    assert "4 events that the release no longer has: retracted" in capsys.readouterr().out
