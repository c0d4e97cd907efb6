"""Looks at maps: where places lie, what outlines may be, labels that keep apart, who held what."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chronologies import contested, kharkiv
from timeline import (
    Attack,
    Chronology,
    Control,
    Log,
    Place,
    Report,
    TerritorialChange,
    When,
    between,
    chronology,
    when,
)
from timeline.errors import ClaimError, LogError
from timeline.export import to_map, to_map_html
from timeline.export.maps import circle_radius, pie_slice
from timeline.export.maps_control import changes_by_place, control_timeline
from timeline.export.maps_events import Happened, events_by_place, happened
from timeline.export.maps_places import fitted, labels, outlines_of
from timeline.export.svg import wide
from timeline.testing import laws

SVG = "{http://www.w3.org/2000/svg}"
REGION = {
    "type": "Feature",
    "id": "oblast",
    "properties": {"name": "Kharkiv Oblast", "name_uk": "Харківська область", "area": 31415},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[35, 49], [38, 49], [38, 50], [35, 50], [35, 49]]],
    },
}

test_laws_of_the_map = laws.check_exporter(
    to_map,
    kind="xml",
    examples=8,
    skip={"output_is_the_same_in_every_process": "it draws what to_svg draws with, tried there"},
)


def told(picture: str) -> list[str]:
    """Return all texts of a picture, titles too."""
    return [one.text or "" for one in ET.fromstring(picture).iter()]  # noqa: S314 - ours


def places(*spots: tuple[str, float, float]) -> Chronology:
    """Return a chronology in which each place passes to somebody."""
    log = Log()
    log.append(
        *(
            Report("One").says(
                TerritorialChange(
                    when="2022", place=Place(name, latitude=north, longitude=east), to=f"To {name}"
                )
            )
            for name, north, east in spots
        )
    )
    return chronology(log)


# ---- who held what ----

BOUNDS = st.none() | st.integers(0, 12)


@st.composite
def changes(draw: st.DrawFn) -> Chronology:
    """Draw what several sources tell of two places, at times that touch and overlap."""
    log = Log()
    for n in range(draw(st.integers(0, 6))):
        lo, hi = draw(BOUNDS), draw(BOUNDS)
        if lo is not None and hi is not None and lo >= hi:
            lo, hi = hi, lo + 1
        change = TerritorialChange(
            when=When(lo=lo, hi=hi),
            place=draw(st.sampled_from(["Izium", "Lyman"])),
            to=draw(st.sampled_from(["A", "B"])),
            from_=draw(st.sampled_from([None, "B", "C"])),
            share=draw(st.sampled_from([None, None, "1/3"])),
            id=draw(st.sampled_from([f"own {n}", "shared"])),
        )
        report = Report(draw(st.sampled_from(["One", "Two", "Three"])))
        log.append(
            getattr(report, draw(st.sampled_from(["says", "says", "denies", "expects"])))(change)
        )
    return chronology(log)


@settings(max_examples=120)
@given(changes())
def test_a_course_answers_as_the_view_of_control_does(stands: Chronology) -> None:
    log = Log()
    log.append(*(claim for account in stands for claim in account.claims))
    courses = {
        key: control_timeline(key, accounts) for key, accounts in changes_by_place(stands).items()
    }
    for moment in (*range(-1, 15), None):
        at = None if moment is None else When(hi=moment)
        asked = log.ask(Control(), at=at)
        given_ = {key: held for key, one in courses.items() if (held := one.by(moment)) is not None}
        assert given_ == dict(asked)


def test_a_map_tells_who_held_each_place() -> None:
    before, after = (
        told(to_map(chronology(contested()), at=day)) for day in ("2022-09-09", "2022-09-12")
    )
    # The attack of that day has happened by its end, and nobody can say more of the town.
    assert "Izium: Russia or Ukraine; 1 event" in before
    # Somebody denies it, so the town may be Russia's still.
    assert "Izium: Russia or Ukraine; 1 event" in after
    assert "Russia" in before
    assert "the sources leave open who holds it" in before
    assert "2 have neither coordinates nor an outline" in before


def test_what_nobody_tells_yet_is_a_small_ring() -> None:
    picture = to_map(places(("Izium", 49.2, 37.25)), at="2021")
    assert "Izium: nobody says" in told(picture)
    assert "nobody says" in told(picture)


def test_several_moments_stand_side_by_side() -> None:
    picture = to_map(
        kharkiv(), at=["2022-09-10", when("2022-09-16"), "2022-09-17"], title="Kharkiv"
    )
    assert [one for one in told(picture) if one.startswith("2022")] == [
        "2022-09-10", "2022-09-16", "2022-09-17",
    ]  # fmt: skip
    assert told(picture).count("Izium: Ukraine; 1 event") == 2
    assert "Kharkiv" in told(picture)


def test_a_moment_has_an_end() -> None:
    with pytest.raises(LogError, match="no moment"):
        to_map(kharkiv(), at=[])
    with pytest.raises(LogError, match="no end to ask by"):
        to_map(kharkiv(), at=When(lo=0))


def test_shares_are_parts_of_the_mark() -> None:
    picture = to_map(chronology(contested()), outlines=REGION)
    assert "Kharkiv Oblast: Russia (2/3) and Ukraine (1/3)" in told(picture)
    arcs = re.findall(r"A9\.0 9\.0 0 (\d) 1 ", picture)
    assert sorted(arcs) == ["0", "0", "0", "1"]  # two parts of two marks, one of them the larger
    assert (
        pie_slice(0, 0, 1, Fraction(0), Fraction(1, 2))
        == "M0.0 0.0L0.00 -1.00A1.0 1.0 0 0 1 0.00 1.00Z"
    )


def test_nothing_at_all_makes_a_map() -> None:
    assert "0 places" in told(to_map([]))
    assert "0 places" in told(to_map([], outlines=REGION))


# ---- where places lie ----


def test_outlines_lend_places_their_middle() -> None:
    (region,) = outlines_of(json.dumps(REGION))
    assert region.names == {"oblast", "Kharkiv Oblast", "Харківська область"}
    assert region.middle == pytest.approx((36.5, 49.5))
    assert region.filled


def test_outlines_come_in_every_shape_of_geojson() -> None:
    ring = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    shapes = [
        {"type": "MultiPolygon", "coordinates": [[ring], [[[9, 9], [9, 9]]]]},
        {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
        {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2]]]},
        {"type": "Point", "coordinates": [1, 1]},
        {"type": "LineString", "coordinates": [[0, 0]]},
    ]
    found = outlines_of(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": None, "geometry": None},
                {
                    "type": "Feature",
                    "properties": {"id": 7},
                    "geometry": {"type": "GeometryCollection", "geometries": shapes},
                },
            ],
        }
    )
    assert [(len(one.rings), one.filled) for one in found] == [(2, True), (1, False), (1, False)]
    assert found[0].names == {"7"}
    assert found[0].middle == (2, 2)
    assert outlines_of(None) == ()
    assert to_map(kharkiv(), outlines={"type": "FeatureCollection", "features": []})


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "[]",
        {"type": "Feature"},
        {"type": "Circle", "coordinates": []},
        {"type": "LineString", "coordinates": [[0, 0], [0, 91]]},
        {"type": "LineString", "coordinates": [["x", 0], [0, 9]]},
        {"type": "LineString", "coordinates": [[0], [0, 9]]},
    ],
)
def test_what_is_no_geojson_is_refused(wrong: Any) -> None:
    if wrong == {"type": "Feature"}:
        assert outlines_of(wrong) == ()
        return
    with pytest.raises(ClaimError, match="outlines are GeoJSON"):
        outlines_of(wrong)


def test_a_region_that_one_holds_is_woven() -> None:
    def woven(at: str) -> list[tuple[str | None, str | None]]:
        picture = to_map(chronology(contested(), known="2022-09-11"), outlines=REGION, at=at)
        paths = ET.fromstring(picture).iter(f"{SVG}path")  # noqa: S314 - ours
        return [
            (one.get("fill"), one.get("stroke-dasharray")) for one in paths if one.get("fill-rule")
        ]

    assert woven("2022-05-01") == [("url(#weave0)", None)]
    assert woven("2021") == [("none", None)]


def test_an_open_region_has_a_dashed_edge() -> None:
    log = Log()
    change = TerritorialChange(
        when=between("2022-01", "2022-03"), place="oblast", to="A", from_="B"
    )
    log.append(Report("One").says(change))
    picture = to_map(chronology(log), outlines=REGION, at="2022-02")
    assert re.search(
        r'fill-rule="evenodd"[^>]*stroke-dasharray|stroke-dasharray[^>]*evenodd', picture
    )


def test_both_sides_of_the_date_line_lie_together() -> None:
    projection, _ = fitted([(179.0, 52.0), (-179.0, 53.0)], 400, 400, 20)
    (left, _), (right, _) = projection.xy(179, 52), projection.xy(-179, 53)
    assert 0 < left < right < 400
    assert right - left < 400


@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-89, 89)), min_size=1, max_size=12),
    st.integers(300, 2000),
)
def test_every_point_lies_on_the_map(points: list[tuple[float, float]], width: int) -> None:
    projection, height = fitted(points, width, width * 0.8, 30)
    assert height <= width * 0.8 + 1e-6
    for point in points:
        x, y = projection.xy(*point)
        assert 29 <= x <= width - 29
        assert 29 <= y <= height - 29


SPOTS = st.lists(
    st.tuples(
        st.floats(20, 380), st.floats(20, 280), st.sampled_from([["Izium"], ["Lyman", "A or B"]])
    ),
    max_size=25,
)


@given(SPOTS)
def test_labels_keep_apart(spots: list[tuple[float, float, list[str]]]) -> None:
    found = labels(spots, radius=6, size=12, bounds=(400, 300))
    boxes = []
    for (_, _, lines), label in zip(spots, found, strict=True):
        if label is not None:
            width = max(wide(line, 12) for line in lines[: label.lines]) + 2
            left = label.x - {"start": 0, "end": width, "middle": width / 2}[label.anchor]
            top = label.y - 12 * 0.95
            boxes.append((left, top, left + width, top + label.lines * 12 * 1.2))
    for a, b in combinations(boxes, 2):
        assert (
            a[2] <= b[0] + 1e-6 or b[2] <= a[0] + 1e-6 or a[3] <= b[1] + 1e-6 or b[3] <= a[1] + 1e-6
        )
    for x, y, _ in spots:
        for left, top, right, bottom in boxes:
            assert (
                x + 6 <= left + 1e-6
                or x - 6 >= right - 1e-6
                or y + 6 <= top + 1e-6
                or y - 6 >= bottom - 1e-6
            )


def test_a_crowd_has_smaller_marks_and_shorter_labels() -> None:
    few, more, most = (
        to_map(places(*((f"P{n}", 45 + n % 20 / 4, 30 + n // 20) for n in range(number))))
        for number in (5, 50, 200)
    )
    assert 'r="9"' in few
    assert 'r="7"' in more
    assert 'r="4.8"' in most
    assert "To P1" in told(few)
    assert told(more).count("To P1") == 1  # in the legend alone


def test_the_equator_and_the_west_have_their_letters() -> None:
    picture = to_map(
        places(("Quito", -0.2, -78.5), ("Libreville", 0.4, 9.4), ("Lima", -30, -77)), width=500
    )
    words = told(picture)
    assert {"45° W", "0°"} <= set(words), words
    for width in range(320, 720, 20):  # where lines of degrees come close to the edge, too
        assert to_map(places(("Quito", -0.2, -78.5), ("Lyon", 45.7, 4.8)), width=width)


def test_where_there_is_no_room_a_mark_goes_without_its_name() -> None:
    picture = to_map(places(*((f"A long name {n}", 45 + n / 1000, 30) for n in range(41))))
    assert 0 < sum(one.startswith("A long name") and ":" not in one for one in told(picture)) < 41
    assert sum(": To A long name" in one for one in told(picture)) == 41


# ---- the page ----


def test_the_page_lays_out_what_the_map_does() -> None:
    page = to_map_html(chronology(contested()), outlines=REGION)
    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert [data["places"][site[0]][1] for site in data["sites"]] == ["Izium", "Kharkiv Oblast"]
    assert data["regions"][0][1:] == [data["sites"][1][0], True]
    assert all(len(site) == 4 for site in data["sites"])
    assert data["claims"] == data["reports"] == []
    assert len(data["steps"]) == 4
    alone = to_map_html(chronology(contested()))
    found = re.search(r'id="data">(.*?)</script>', alone, re.DOTALL)
    assert found is not None
    assert len(json.loads(found[1])["sites"]) == 1


# ---- what happened where ----


def attacks() -> Log:
    """Return a log of attacks, some at times known only roughly, and none of control."""
    izium = Place("Izium", latitude=49.2, longitude=37.25)
    kyiv = Place("Kyiv", latitude=50.45, longitude=30.52)
    report = Report("One")
    log = Log()
    log.append(
        *(report.says(Attack(when="2022-03-01", place=izium, id=f"a{n}")) for n in range(3)),
        report.says(Attack(when=between("2022-03-01", "2022-05-01"), place=izium, id="rough")),
        report.says(Attack(when="2022-04-01", place=kyiv, id="k")),
        report.expects(Attack(when="2023", place=kyiv, id="later")),
        report.says(Attack(when="2022-04-02", place="Nowhere", id="n")),
    )
    return log


def test_events_are_on_the_map_by_place_and_moment() -> None:
    stands = chronology(attacks())
    texts = told(to_map(stands, at="2022-03-31"))
    assert "Izium: 4 events" in texts  # three for certain, one perhaps
    assert "Kyiv" in texts
    assert "Kyiv: 1 event" not in texts
    texts = told(to_map(stands))
    assert {"Izium: 4 events", "Kyiv: 1 event", "1 has neither coordinates nor an outline"} <= {
        *texts
    }
    assert "A circle is as large as the number of events." in texts
    by_place = events_by_place(stands)
    march = when("2022-03-31").hi
    assert happened(by_place["Izium"], march) == Happened(certain=3, perhaps=1)
    assert happened(by_place["Izium"], 0) == Happened()
    assert happened(by_place["Kyiv"], None) == Happened(certain=1)
    only = to_map(stands[3:4], at="2022-03-31")
    assert 'stroke-dasharray="2 2"' in only


def test_circles_grow_with_their_number() -> None:
    sizes = [circle_radius(n) for n in (1, 10, 100, 10_000)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 46


def test_names_go_by_weight() -> None:
    spots = [(f"A village {n}", 49.0 + n / 99, 37.0) for n in range(60)]
    stands = places(*spots, ("Kharkiv", 49.3, 37.0))
    assert "Kharkiv" not in told(to_map(stands))
    assert "Kharkiv" in told(to_map(stands, weights={"Kharkiv": 1_400_000}))


def test_an_empty_map_says_so() -> None:
    nowhere = [one for one in chronology(attacks()) if one.event.id == "n"]
    for accounts in ([], nowhere):
        texts = told(to_map(accounts))
        assert "No place here has coordinates or lies in an outline." in texts
        assert not [one for one in texts if "°" in one]
    page = to_map_html([])
    assert "No place here has coordinates or lies in an outline." in page


def test_outlines_of_the_world_lie_below_unless_left_out() -> None:
    stands = chronology(attacks())
    assert 'class="land"' in to_map(stands)
    assert "Natural Earth, public domain" in to_map(stands)
    bare = to_map(stands, world=False)
    assert 'class="land"' not in bare
    assert "Natural Earth" not in bare
    assert 'class="land"' not in to_map_html(stands, world=False)
