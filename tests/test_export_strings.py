"""Puts every word of pages, maps and pictures into brackets, and looks for any that has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest

from tests.browser import Pages, browser_or_skip
from timeline import (
    Attack,
    Incident,
    Log,
    Place,
    Report,
    TerritorialChange,
    between,
    chronology,
    when,
)
from timeline.errors import LogError
from timeline.export import page, to_html, to_map, to_map_html, to_svg
from timeline.export.strings import ENGLISH, Catalogue, Text

SVG = "{http://www.w3.org/2000/svg}"


def bracketed(text: Text) -> Text:
    """Return a text in brackets, its letters gone from between the gaps."""
    if isinstance(text, Mapping):
        return {form: f"⟦{one}⟧" for form, one in text.items()}
    return f"⟦{text}⟧"


BRACKETS = Catalogue(
    lang="xx",
    texts={key: bracketed(text) for key, text in ENGLISH.texts.items()},
    months=tuple(f"⟦{name}⟧" for name in ENGLISH.months),
    short_months=tuple(f"⟦{name}⟧" for name in ENGLISH.short_months),
    kinds={name: f"⟦{name}⟧" for name in ("attack", "incident", "territorial change")},
    fields={
        name: f"⟦{name}⟧"
        for name in ("place", "by", "killed", "wounded", "category", "to", "from_", "kind")
    },
    thousands="⟦.⟧",
)


def cyrillic() -> Log:
    """Return a log whose own texts have no Latin letter, with all that a page speaks of."""
    town = Place("Ізюм", latitude=49.21, longitude=37.25)
    other = Place("Лиман")
    one = Report("Агенція", published="2022-09-10", title="День", text="«Місто вільне»", url="https://1.2/3",
                 retrieved="2022-09-11", sha256="0" * 64, archived="https://1.2/4")  # fmt: skip
    two = Report("Влада", published="2022-09-11")
    third = Report("Хтось")
    fell = TerritorialChange(when="2022-04-01", place=town, to="Один", id="1", summary="Узято")
    back = TerritorialChange(
        when=between("2022-09-08", "2022-09-10"), place=town, to="Два", id="2", summary="Звільнено"
    )

    def attack(killed: int) -> Attack:
        return Attack(
            when="2022-09-09", place=town, by="Один", killed=killed, id="3", summary="Вогонь"
        )

    log = Log()
    log.append(
        one.says(fell),
        one.says(back, quote="Місто вільне", according_to="мер"),
        one.says(attack(3)),
        two.says(attack(9)),
        two.expects(Incident(when="2022-10", category="суд", id="4", summary="Суд", place=other)),
        recorded="2022-09-11",
    )
    log.append(third.denies(back), recorded="2022-09-12")
    return log


LATIN = re.compile(r"[A-Za-z]")
OUTSIDE = re.compile(r"⟦[^⟦⟧]*⟧")
# What isn't a word of the page: hashes, addresses, zones, and what the core says of times.
APART = re.compile(r"https?://\S+|\b(?:UTC|or|by|from|after|to|perhaps|about)\b|\b0{64}\b")


def loose(text: str) -> str:
    """Return a text without what stands in brackets, nested ones too, and what is apart."""
    while OUTSIDE.search(text):
        text = OUTSIDE.sub("", text)
    return APART.sub("", text)


WALK = """() => {
  document.querySelectorAll(".told").forEach((one) => one.click());
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const inside = walk.currentNode.parentElement.closest("script, style, noscript");
    if (!inside) found.push(walk.currentNode.data);
  }
  for (const one of document.querySelectorAll("*"))
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext"])
      if (one.getAttribute(name)) found.push(one.getAttribute(name));
  return found;
}"""


def test_every_word_of_a_page_and_a_map_comes_from_the_catalogue(tmp_path: Path) -> None:
    with browser_or_skip() as browser:
        pages = Pages(browser, tmp_path)
        stands = chronology(cyrillic())
        for html in (to_html(stands, words=BRACKETS), to_map_html(stands, words=BRACKETS)):
            opened = pages.opened(html)
            assert opened.evaluate("document.documentElement.lang") == "xx"
            found = [text for text in opened.evaluate(WALK) if LATIN.search(loose(text))]
            assert found == []
            opened.context.close()
        assert pages.complaints == []


@pytest.mark.parametrize(
    "draw", [to_svg, to_map, partial(to_svg, lanes="actors"), partial(to_svg, lanes="kinds")]
)
def test_every_word_of_a_picture_comes_from_the_catalogue(draw: Any) -> None:
    root = ET.fromstring(draw(chronology(cyrillic()), words=BRACKETS))  # noqa: S314 - ours
    texts = [one.text or "" for one in root.iter() if one.tag != f"{SVG}style"]
    assert [text for text in texts if LATIN.search(loose(text))] == []
    assert any("⟦" in text for text in texts)


def test_without_scripts_every_word_comes_from_the_catalogue() -> None:
    html = to_html(chronology(cyrillic()), words=BRACKETS)
    (still,) = re.findall(r"<noscript>(.*?)</noscript>", html, re.DOTALL)
    texts = re.sub(r"<[^>]*>", "\n", still).splitlines()
    assert [text for text in texts if LATIN.search(loose(text))] == []


def test_the_catalogue_has_what_is_asked_for_and_nothing_else() -> None:
    folder = Path(page.__file__).parent
    code = "\n".join(
        path.read_text("utf-8")
        for path in (*folder.glob("*.py"), *folder.glob("assets/*"))
        if path.name != "strings.py" and path.suffix != ".bin"
    )
    own = (folder / "strings.py").read_text("utf-8")
    for key in ENGLISH.texts:
        named = re.search(rf'["\']{key}["\']|\$t_{key}\b', code) or f'self("{key}"' in own
        assert named, f"nothing says {key}"
    for key in re.findall(r'\bt\("(\w+)"|\$t_(\w+)', code):
        assert "".join(key) in ENGLISH.texts


def test_numbers_have_their_forms() -> None:
    assert ENGLISH("events", n=1) == "1 event"
    assert ENGLISH("events", n=12_345) == "12,345 events"
    assert ENGLISH("colon", name="{value}", value="x") == "{value}: x"
    assert ENGLISH.date(-43) == "44 BCE"
    assert ENGLISH.date(2022, 9) == "September 2022"
    many = attrs.evolve(
        ENGLISH, texts={"x": {"other": "{n} x"}}, form=lambda _: "few", thousands="."
    )
    assert many("x", n=1000) == "1.000 x"
    with pytest.raises(LogError, match="catalogue 'en' has no text 'nothing'"):
        ENGLISH("nothing")


def test_kinds_of_no_name_keep_their_own() -> None:
    log = Log()
    log.append(Report("One").says(Attack(when=when("2022"))))
    assert '"kinds":["attack"]' in to_html(chronology(log))
