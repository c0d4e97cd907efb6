"""Looks at pictures: lanes and marks, round ticks, light and dark, PNG, and those in the docs."""

from __future__ import annotations

import re
import runpy
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chronologies import contested, kharkiv, many
from timeline import Attack, Chronology, Log, Report, chronology, event, when
from timeline.calendar_math import DAY, HOUR
from timeline.errors import LogError, MissingExtraError
from timeline.events import Event
from timeline.export import svg, to_map, to_png, to_svg
from timeline.export.svg import colour, cut, holders, kinds, marker, ticks, wide
from timeline.testing import laws

ROOT = Path(__file__).parents[1]
SVG = "{http://www.w3.org/2000/svg}"

test_laws_of_the_picture = laws.check_exporter(to_svg, kind="xml", examples=8)


def texts(picture: str) -> list[str]:
    """Return all texts of a picture."""
    tree = ET.fromstring(picture)  # noqa: S314 - ours
    return ["".join(one.itertext()) for one in tree.iter(f"{SVG}text")]


def test_the_pictures_of_the_docs_are_those_that_the_script_draws() -> None:
    drawn = runpy.run_path(str(ROOT / "docs" / "pictures" / "draw.py"))["pictures"]()
    for name, picture in drawn.items():
        kept = (ROOT / "docs" / "pictures" / name).read_text(encoding="utf-8")
        assert kept == picture, "draw it anew: python docs/pictures/draw.py"


def test_lanes_are_places_actors_or_kinds() -> None:
    assert {"Izium", "No place given", "Kharkiv Oblast"} <= set(texts(to_svg(kharkiv())))
    assert {"Wagner Group", "Volodymyr Zelensk…"} & set(texts(to_svg(kharkiv(), lanes="actors")))
    assert {"Attack", "Incident"} <= set(texts(to_svg(kharkiv(), lanes="kinds")))
    with pytest.raises(LogError, match="lanes are by"):
        to_svg(kharkiv(), lanes="days")  # type: ignore[arg-type]


def test_what_is_open_disputed_expected_or_unordered_is_told_in_shape_and_words() -> None:
    picture = to_svg(chronology(contested(), known="2022-09-13"), title="Izium & around")
    legend = {"disputed", "only expected", "order to the one before unknown"}
    assert legend | {"at some moment between the ends"} <= set(texts(picture))
    assert "url(#hatch" in picture
    assert 'stroke-dasharray="5 3"' in picture
    assert "Izium & around" in texts(picture)
    assert "Russia or Ukraine" in texts(picture)


def test_what_lasted_has_a_body_between_its_ends() -> None:
    log = Log()
    log.append(Report("One").says(Attack(when="2022-08/2022-09-05")))
    bars = ET.fromstring(to_svg(chronology(log))).iter(f"{SVG}rect")  # noqa: S314 - ours
    assert [one for one in bars if one.get("height") == "7"]
    log = Log()
    log.append(Report("One").says(Attack(when="2022-08-05/2022-08-05")))
    bars = ET.fromstring(to_svg(chronology(log))).iter(f"{SVG}rect")  # noqa: S314 - ours
    assert not [one for one in bars if one.get("height") == "7"]


def test_many_events_are_drawn_without_their_headlines() -> None:
    picture = to_svg(many(100), width=300)
    assert 'width="480"' in picture
    assert not [one for one in texts(picture) if one.startswith("Attack")]


def test_an_exact_moment_alone_has_no_whisker() -> None:
    log = Log()
    log.append(Report("One").says(Attack(when="2022-09-16T08:00", summary="Now")))
    picture = to_svg(chronology(log))
    assert "at some moment between the ends" not in texts(picture)
    assert "Now" in texts(picture)
    assert to_svg(Chronology(())) == to_svg([])


@event("zz-first/1")
class First(Event):
    """A kind of one's own."""


@event("zz-second/1")
class Second(Event):
    """Another one."""


def test_kinds_of_ones_own_have_symbols_of_their_own() -> None:
    events = [Attack(when="2022"), First(when=when("2022")), Second(when=when("2022"))]
    mark = marker(events)
    assert kinds(map(mark, events)) == {"attack": 0, "zz first": 4, "zz second": 5}
    assert {"zz first", "zz second"} <= set(texts(to_svg(_stood(*events))))


def _stood(*events: Event) -> Chronology:
    log = Log(events=[First, Second])
    log.append(*map(Report("One").says, events))
    return chronology(log)


def test_weaves_go_to_the_most_frequent_first() -> None:
    assert holders(["B", "A", "A"]) == {"A": 0, "B": 1}
    assert {colour("ink"), colour("k0"), colour("h0")} == {"#1c1e22", "#a5341c", "#2b65a0"}


@given(st.integers(-(10**17), 10**17), st.integers(HOUR, 10**17), st.integers(100, 2000))
def test_ticks_are_round_and_far_enough_apart(lo: int, span: int, width: int) -> None:
    found = ticks(lo, lo + span, width)
    moments = [at for at, _ in found]
    assert all(lo <= at <= lo + span for at in moments)
    assert all(at % HOUR == 0 for at in moments)
    steps = [(b - a) * width / span for a, b in pairwise(moments)]
    assert all(step > 80 for step in steps)


def test_ticks_are_told_as_briefly_as_can_be() -> None:
    day = 19_251 * DAY  # 2022-09-16
    assert [label for _, label in ticks(day, day + DAY, 500)] == [
        "16 Sep 2022",
        "06:00",
        "12:00",
        "18:00",
        "17 Sep",
    ]
    assert [label for _, label in ticks(day, day + 200 * DAY, 300)] == [
        "Oct 2022",
        "Jan 2023",
        "Apr 2023",
    ]
    assert ticks(day, day + 30 * 365 * DAY, 300)[0][1] == "2030"
    assert ticks(-63_000_000 * 10**12 // 1000, 0, 300)[0][1].endswith("BCE")


def test_a_long_text_is_cut() -> None:
    assert cut("Izium", 12, 100) == "Izium"
    assert cut("Kharkiv Oblast", 12, 50).endswith("…")
    assert cut("Kharkiv", 12, 1) == "…"


@given(st.text(alphabet="aIW 漢l…", max_size=30), st.floats(0, 300))
def test_a_cut_text_is_the_longest_beginning_that_has_room(text: str, room: float) -> None:
    words = " ".join(text.split())
    fits = [n for n in range(len(words) + 1) if wide(words[:n], 12) + 12 <= room]
    whole = wide(words, 12) <= room
    assert cut(text, 12, room) == (words if whole else f"{words[: max(fits, default=0)].rstrip()}…")


def test_a_text_is_cut_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = 0
    advance = svg._advance

    def counted(letter: str) -> float:
        nonlocal measured
        measured += 1
        return advance(letter)

    monkeypatch.setattr(svg, "_advance", counted)
    assert len(cut("x" * 100_000, 12, 500)) < 100
    assert measured < 200
    assert wide("漢", 10) == 10


@pytest.mark.parametrize("draw", [to_svg, to_map])
def test_a_picture_turns_dark_with_the_screen(draw: object) -> None:
    picture = draw(kharkiv())  # type: ignore[operator]
    (style,) = re.findall("<style>(.*?)</style>", picture)
    assert style.startswith("@media (prefers-color-scheme:dark){")
    used = set(re.findall(r'class="([^"]+)"', picture))
    classes = {name for one in used for name in one.split()}
    assert all(f".{name}{{" in style for name in classes)


def test_a_picture_becomes_a_png() -> None:
    pytest.importorskip("resvg_py", reason="a PNG needs the extra: timeline-events[png]")
    png = to_png(to_svg(kharkiv()), width=600)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == 600
    assert png == to_png(to_svg(kharkiv()), width=600)


def test_without_the_extra_a_png_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingExtraError, match=r"timeline-events\[png\]"):
        to_png("<svg/>")
