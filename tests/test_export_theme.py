"""Gives pages, maps and pictures of one project its theme: credit, logo, and colours of actors."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.chronologies import contested
from timeline import Chronology, Log, Place, Report, TerritorialChange, chronology
from timeline.cli import main
from timeline.errors import LogError
from timeline.export import Theme, to_html, to_map, to_map_html, to_svg
from timeline.export.theme import PATTERNS, PLAIN

FILE = """
title = "The war, day by day"
credit = "The <News>room"
licence = "CC BY 4.0"
licence_url = "https://creativecommons.org/licenses/by/4.0/"
url = "https://example.org/war"
description = "Who held which town."
image = "https://example.org/war.png"
accent = "#7a1f1f"
logo = "logo.svg"

[actors]
Ukraine = "#2b65a0 dots"
Russia = "#B03A26"
Nobody = "grid"
"""
LOGO = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
THEME = Theme.read(FILE, logo=LOGO)


def held_by(*names: str) -> Chronology:
    """Return a chronology in which a town passes from one to the next."""
    log = Log()
    changes = (
        TerritorialChange(when=f"2022-0{month}", place="Izium", to=name)
        for month, name in enumerate(names, 1)
    )
    log.append(*map(Report("One").says, changes), recorded="2022-10-01")
    return chronology(log)


def looks_of(html: str) -> dict[str, int]:
    """Return the number of the look of each holder of a page."""
    found = re.search(r'id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data: Any = json.loads(found[1])
    return {data["actors"][who]: look for who, look in data["holders"]}


def test_an_actor_looks_the_same_on_every_page_of_a_project() -> None:
    pages = [
        looks_of(make(held_by(*names), theme=THEME))
        for make in (to_html, to_map_html)
        for names in (("Russia", "Ukraine"), ("Ukraine", "Russia", "Ukraine"), ("Else", "Russia"))
    ]
    assert {one["Russia"] for one in pages} == {9}
    assert {one["Ukraine"] for one in pages if "Ukraine" in one} == {8}
    assert pages[2]["Else"] == 0
    plain = looks_of(to_html(held_by("Ukraine", "Russia", "Ukraine")))
    assert plain == {"Ukraine": 0, "Russia": 1}


@pytest.mark.parametrize("draw", [to_svg, to_map])
def test_pictures_have_the_colours_of_the_theme(draw: Any) -> None:
    picture = draw(chronology(contested()), theme=THEME)
    root = ET.fromstring(picture)  # noqa: S314 - ours
    ids = {one.get("id") for one in root.iter() if one.get("id")}
    assert {"weave8", "weave9"} <= ids
    assert "#b03a26" in picture
    assert ".w9{stroke:" in picture


def test_a_page_says_whose_it_is() -> None:
    page = to_html(chronology(contested()), theme=THEME)
    assert "<title>The war, day by day</title>" in page
    assert "The &lt;News&gt;room" in page
    assert 'href="https://creativecommons.org/licenses/by/4.0/" rel="license' in page
    assert '<meta property="og:url" content="https://example.org/war">' in page
    assert '<meta property="og:image" content="https://example.org/war.png">' in page
    assert '<meta name="description" content="Who held which town.">' in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert "--accent:#7a1f1f" in page
    assert "As of 2022-09-16 00:00, entry 13." in page
    assert "<title>Another</title>" in to_html(held_by("A"), theme=THEME, title="Another")
    unsafe = Theme(licence="Mine", licence_url="javascript:alert(1)")
    assert "javascript:" not in to_html(held_by("A"), theme=unsafe)
    assert "Licence: Mine" in to_html(held_by("A"), theme=unsafe)


def test_a_page_without_a_theme_says_what_it_shows() -> None:
    page = to_html(held_by("A", "B"))
    assert '<meta property="og:description" content="2 events from 1 source.">' in page
    assert "<img" not in page
    assert 'class="credit">As of' in page
    assert 'class="credit"' not in to_html(Chronology(()))


def test_colours_mix_and_patterns_are_named() -> None:
    ukraine, russia, nobody = THEME.looks
    assert (ukraine.line, ukraine.pattern) == ("#2b65a0", PATTERNS.index("dots"))
    assert russia.line == "#b03a26"
    assert russia.ground == "#efd8d4"
    assert (nobody.line, nobody.pattern) == ("#555a62", PATTERNS.index("grid"))
    assert PLAIN.style(8) == ""
    assert Theme(logo=b"\x89PNG..").logo_address() == "data:image/png;base64,iVBORy4u"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[[", "a theme is a file in TOML; this isn't"),
        ("colour = 'red'", "a theme says nothing of 'colour'; it has title, credit"),
        ("credit = 3", "the theme's credit is a text, not 3"),
        ("accent = 'red'", "the theme's accent is a colour such as '#7a1f1f', not 'red'"),
        ("actors = 3", "actors are a table of names, not 3"),
        ("[actors]\nA = 'red'", "the theme's actor 'A' takes a colour such as '#b03a26'"),
        ("[actors]\nA = 3", "the theme's actor 'A' takes a colour such as '#b03a26'"),
    ],
)
def test_what_no_theme_says_is_refused(text: str, error: str) -> None:
    with pytest.raises(LogError, match=re.escape(error)):
        Theme.read(text)


def test_a_logo_is_a_picture() -> None:
    with pytest.raises(LogError, match="logo is an SVG, PNG or JPEG"):
        Theme.read("", logo=b"GIF89a")


def test_the_shell_reads_a_theme_and_its_logo(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(LOGO)
    (tmp_path / "theme.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "bare.toml").write_text("credit = 'Us'", encoding="utf-8")
    path = str(tmp_path / "war.db")
    with Log(path) as log:
        log.append(Report("One").says(TerritorialChange(when="2022", place="Izium", to="Russia")))
    for command, theme, words in (
        ("page", "theme.toml", "The &lt;News&gt;room"),
        ("map", "bare.toml", "Us"),
    ):
        target = tmp_path / f"{command}.html"
        given = [command, path, "--theme", str(tmp_path / theme), "-o", str(target)]
        assert main(given) == 0
        assert words in target.read_text("utf-8")


def test_the_shell_reads_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, sizes, target = (str(tmp_path / name) for name in ("war.db", "sizes.csv", "map.html"))
    izium = Place("Izium", latitude=49.2, longitude=37.25)
    with Log(path) as log:
        log.append(Report("One").says(TerritorialChange(when="2022", place=izium, to="Russia")))
    Path(sizes).write_text("place,people\nIzium,45000\n", encoding="utf-8")
    assert main(["map", path, "--weights", sizes, "-o", target]) == 0
    found = re.search(r'id="data">(.*?)</script>', Path(target).read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["sites"][0][3] == 45_000
    Path(sizes).write_text("place,people\nIzium,many\n", encoding="utf-8")
    assert main(["map", path, "--weights", sizes, "-o", target]) != 0
    assert "row 2 of the weights is a place and a number" in capsys.readouterr().err
