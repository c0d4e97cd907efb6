"""Reads the page as a browser would: its policy, its data, its escapes, and what was known when."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import html5lib  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chronologies import TEXT, contested, kharkiv, many
from timeline import Account, Attack, Chronology, Entry, Log, Report, chronology, event, when
from timeline.claims import Said
from timeline.errors import LogError, StoreError
from timeline.events import Event
from timeline.export import page, to_html, to_map_html
from timeline.export.field_rows import Wording, kind_of
from timeline.export.page import asset
from timeline.export.page_data import actors_of, data, script
from timeline.export.page_intervals import steps, version_intervals
from timeline.export.strings import ENGLISH
from timeline.testing import laws, strategies
from timeline.text_safety import clean

PAGES: dict[str, Any] = {"page": to_html, "map": to_map_html}
HTML = "{http://www.w3.org/1999/xhtml}"


def bare_map(accounts: Any) -> str:
    """Return a page of a map without the world's outlines, which are the same for all."""
    return to_map_html(accounts, world=False)


test_laws_of_the_page = laws.check_exporter(to_html, kind="html", examples=8)
test_laws_of_the_map_page = laws.check_exporter(
    bare_map,
    kind="html",
    examples=8,
    skip={"output_is_the_same_in_every_process": "it draws from the data of the page, tried above"},
)


def parsed(text: str) -> Any:
    """Return the tree of a page, and fails on markup that a browser would have to guess about."""
    return html5lib.HTMLParser(strict=True).parse(text)


def data_of(text: str) -> Any:
    """Return the data that a page holds."""
    return json.loads(str(parsed(text).find(f".//{HTML}script[@id='data']").text))


def versions_of(content: Any) -> dict[str, Any]:
    """Return the versions of each event, by what was known."""
    return {name: known for name, known, *_ in content["events"]}


def hashed(text: str) -> str:
    """Return a text's hash as a policy writes it."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_lets_nothing_in_but_its_own_style_and_script(kind: str) -> None:
    tree = parsed(PAGES[kind](kharkiv()))
    policy = tree.find(f".//{HTML}meta[@http-equiv='Content-Security-Policy']").get("content")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    (style,) = tree.iter(f"{HTML}style")
    (code,) = (one for one in tree.iter(f"{HTML}script") if one.get("type") is None)
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == hashed(code.text)
    assert rules["style-src"] == hashed(style.text)
    assert "unsafe" not in policy
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on"), f"{name} would be a script of its own"
            assert name != "style", "the policy refuses a style of its own"
            assert name not in ("src", "href", "action", "data") or value.startswith("#")


@pytest.mark.parametrize("name", ["draw.js", "page.js", "lanes.js", "map.js"])
def test_texts_enter_the_page_as_texts(name: str) -> None:
    code = asset(name)
    ways = "innerHTML outerHTML insertAdjacentHTML document.write eval( Function( fetch( XMLHttp"
    assert not [way for way in ways.split() if way in code]


@pytest.mark.parametrize("name", ["look.css", "page.css", "map.css"])
def test_the_style_asks_for_nothing(name: str) -> None:
    assert not re.search(r"url\(|@import|https?:", asset(name))


@pytest.mark.parametrize("kind", PAGES)
def test_the_same_chronology_gives_the_same_bytes(kind: str) -> None:
    assert PAGES[kind](kharkiv()) == PAGES[kind](kharkiv())


@pytest.mark.parametrize("kind", PAGES)
def test_nothing_at_all_makes_a_page(kind: str) -> None:
    assert data_of(PAGES[kind](Chronology(())))["steps"] == []


def test_accounts_in_a_list_make_the_same_page_but_for_what_was_known() -> None:
    stands = kharkiv()
    plain, known = (data_of(to_html(one)) for one in (list(stands), stands))
    assert not plain["steps"]
    told = [
        [[name, versions[0][-1][1]] for name, versions, *_ in one["events"]]
        for one in (plain, known)
    ]
    assert told[0] == told[1]


def test_without_a_script_the_page_is_a_plain_list() -> None:
    text = to_html(chronology(contested(), known="2022-09-13"))
    told = re.search(r"<noscript>(.*?)</noscript>", text, re.DOTALL)
    assert told is not None
    assert told[1].count("<li>") == 8
    assert "Agency; Denied by Somebody" in told[1]
    assert "Expected: Trial" in told[1]
    assert "Disputed: killed" in told[1]


def test_lanes_are_by_what_there_is() -> None:
    assert data_of(to_html(kharkiv(), lanes="actors"))["lanes"] == "actors"
    with pytest.raises(LogError, match="places, actors, kinds, not 'colours'"):
        to_html(kharkiv(), lanes="colours")  # type: ignore[arg-type]


def test_times_are_told_in_one_zone() -> None:
    assert data_of(to_html(kharkiv()))["zone"] == "Europe/Lisbon"
    assert data_of(to_html(contested().accounts()))["zone"] == "UTC"
    kyiv = data_of(to_html(kharkiv(), zone="Europe/Kyiv"))
    assert kyiv["zone"] == "Europe/Kyiv"
    assert "2022-09-16 14:00" in kyiv["moments"]


def test_a_page_of_a_few_places_and_many_events_stays_small() -> None:
    assert len(to_html(many(1000))) < 800_000


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_says_how_much_was_redacted(kind: str) -> None:
    make = PAGES[kind]
    assert "redacted:" not in make(Chronology(()))
    assert "<p>1 entry redacted: what" in make(Chronology((), redacted=1))
    assert "<p>2 entries redacted: what" in make(Chronology((), redacted=2))


# ---- what was known when ----


def histories() -> st.SearchStrategy[Sequence[Said]]:
    """Draw what a log may have learned, retractions and voids too."""
    return strategies.histories()


@settings(max_examples=40)
@given(histories(), st.randoms(use_true_random=False), st.booleans())
def test_lives_are_what_stood_at_each_step(
    history: Sequence[Said], random: Any, published: bool
) -> None:
    log = Log()
    day = 1
    for said in history:
        log.append(said, recorded=f"2030-01-{day:02d}")
        day = min(day + random.randrange(2), 28)
    cut = "2022-09-10" if published else None
    stands = chronology(log, published=cut)
    assert stands.history is not None
    entries = list(stands.history.entries())
    found = version_intervals(entries, stands.history)
    for number, step in enumerate(steps(entries)):
        then = {
            one.account.event.id: one.account
            for one in found
            if one.first <= number and (one.until is None or number < one.until)
        }
        asked = log.accounts(known=step.position, published=cut)
        assert then == {account.event.id: account for account in asked}


def test_what_a_later_entry_leaves_as_it_was_lives_on() -> None:
    fire = Attack(when="2022-09-09", id="fire")
    log = Log()
    log.append(Report("ISW", published="2022-09-10").says(fire), recorded="2030-01-01")
    theirs = Report("Wire", published="2022-09-11").retracts(fire, because="not ours to retract")
    log.append(theirs, recorded="2030-01-02")
    stands = chronology(log)
    assert stands.history is not None
    found = version_intervals(list(stands.history.entries()), stands.history)
    assert [(one.account, one.first, one.until) for one in found] == [(stands[0], 0, None)]


def test_a_moment_asked_holds_at_every_step() -> None:
    stands = chronology(contested(), at="2022-09-09", known="2022-09-14", reading="certain")
    told = data(stands)
    assert len(told["steps"]) == 3
    assert {name for name, *_ in told["events"]} == {"fell", "region", "shelled"}


def test_a_part_of_a_chronology_makes_a_page_of_that_part() -> None:
    stands = chronology(contested())
    for part in (stands[:2], stands.within("Izium"), stands.involving("Ukraine")):
        told = data(part)
        assert {name for name, *_ in told["events"]} == {one.event.id for one in part}
        assert len(told["steps"]) == 4
    # What stood once and doesn't any more belongs to the whole.
    assert "fire" in {name for name, *_ in data(stands)["events"]}


def test_what_the_log_learns_later_is_on_no_page() -> None:
    log = contested()
    stands = chronology(log)
    before = to_html(stands)
    log.append(Report("Late").says(Attack(when="2022-09-01")), recorded="2022-10-01")
    assert to_html(stands) == before


def test_what_a_claim_replaces_falls_at_its_step() -> None:
    log = Log()
    report = Report("One", published="2022-09-10")
    first, second = (report.says(Attack(when="2022-09-01", id=name)) for name in "ab")
    log.append(first, second, recorded="2022-09-10")
    third = report.says(Attack(when="2022-09-01", id="c"), replaces=[first, second])
    log.append(third, recorded="2022-09-11")
    told = versions_of(data(chronology(log)))
    assert [told[name][0][:2] for name in "abc"] == [[0, 1], [0, 1], [1, -1]]


def test_a_log_that_is_closed_takes_its_history_along() -> None:
    log = contested()
    stands = chronology(log)
    log.close()
    with pytest.raises(StoreError, match=r"make the page while the log is open, or of list"):
        to_html(stands)
    assert data_of(to_html(list(stands)))["steps"] == []


def test_every_step_says_when_and_how_much() -> None:
    told = data(chronology(contested()))
    assert told["steps"] == [
        ["2022-09-11 00:00", 4, 4],
        ["2022-09-12 00:00", 7, 3],
        ["2022-09-13 00:00", 10, 3],
        ["2022-09-16 00:00", 13, 3],
    ]
    versions = versions_of(told)["shelled"]
    assert [version[:2] for version in versions] == [[0, 1], [1, 3], [3, -1]]
    assert versions_of(told)["fire"][0][:2] == [2, 3]
    fire = told["claims"][versions_of(told)["fire"][0][2]["claims"][0]]
    assert fire["because"] == "typed twice"
    assert fire["entry"] == [9, "2022-09-13 00:00"]


def test_who_held_what_follows_the_steps() -> None:
    told = data(chronology(contested()))
    izium = [place[0] for place in told["places"]].index("geonames:707753")
    courses = [[first, until] for place, first, until, *_ in told["held"] if place == izium]
    assert courses == [[0, 1], [1, 2], [2, -1]]
    answers = {holding[0]: holding[1:] for holding in told["holdings"]}
    assert {"Russia", "Russia or Ukraine", "Russia (2/3) and Ukraine (1/3)"} <= answers.keys()
    certain, parts = answers["Russia (2/3) and Ukraine (1/3)"]
    assert certain
    assert [share for _, share in parts] == [[2, 3], [1, 3]]


# ---- texts ----


def test_a_version_of_its_own_shows_what_differs() -> None:
    told = data(chronology(contested(), known="2022-09-12"))
    first, second = (told["claims"][n] for n in versions_of(told)["shelled"][1][2]["claims"])
    killed = told["labels"].index("killed")
    assert first["fields"] == [[killed, "3"]]
    assert "fields" not in second
    assert versions_of(told)["shelled"][1][2]["disputes"] == [
        [killed, [["Wire", "3"], ["Agency", "9"]]]
    ]


def test_only_web_addresses_become_links() -> None:
    assert r"(url, words = url) => /^https?:\/\//i.test(url) ? el(" in asset("page.js")


@event("seen-it/2")
class Seen(Event):
    """Somebody saw something."""

    what: str = ""


def test_kinds_are_told_in_words() -> None:
    assert kind_of(Seen(when=when("2022"))) == "seen it"
    stands = chronology(contested(), known="2022-09-12")
    kinds = data_of(to_html([*stands, *_accounts(Seen(when=when("2022"), what="A flash"))]))[
        "kinds"
    ]
    assert sorted(kinds) == ["attack", "political statement", "seen it", "territorial change"]


def _accounts(one: Event) -> list[Account]:
    log = Log(events=[type(one)])
    log.append(Report("One").says(one))
    return log.accounts()


def test_an_older_kind_keeps_its_name() -> None:
    log = Log(events=[Seen])
    log.append(Report("One").says(Seen(when=when("2022"))))
    (entry,) = Log(_same_store(log))
    assert kind_of(entry.claim.event) == "seen it"  # type: ignore[union-attr]


def _same_store(log: Log) -> Any:
    return log._store


@event("numbered/1")
class Numbered(Event):
    """Units by their numbers, which name nobody."""

    involved: tuple[int, ...] = ()


def test_only_names_are_actors() -> None:
    (account,) = _accounts(Numbered(when=when("2022"), involved=(3, 4)))
    assert actors_of(account.event) == []


def test_versions_of_two_kinds_are_told_apart() -> None:
    log = Log(events=[Seen])
    log.append(
        Report("One").says(Seen(when=when("2022"), id="x")),
        Report("Two").says(Attack(when="2022", id="x")),
    )
    made = data(chronology(log))
    (version,) = versions_of(made)["x"]
    ((label, stated),) = version[2]["disputes"]
    assert made["labels"][label] == "kind"
    assert sorted(stated) == [["One", "seen it"], ["Two", "attack"]]


def test_values_are_told_as_people_write_them() -> None:
    siege = next(one for one in contested().accounts() if one.event.id == "siege")
    readable = Wording(ENGLISH, "UTC").text
    assert readable(siege.event.place) == "Balakliia"  # type: ignore[attr-defined]
    assert readable(("a", "b")) == "a, b"
    (_, attack) = (one.event for one in _toll())
    assert readable(attack.including) == "2 children"  # type: ignore[attr-defined]


def _toll() -> list[Account]:
    log = Log()
    log.append(
        Report("One").says(Attack(when="2022", id="a")),
        Report("One").says(Attack(when="2023", including={"children": 2}, id="b")),
    )
    return log.accounts()


def test_a_quote_is_found_in_its_text() -> None:
    told = data(chronology(contested()))
    (freed,) = (one for one in told["claims"] if one.get("according") == ["the mayor"])
    start, end = freed["mark"]
    assert TEXT[start:end] == "Our town\n is free"


@given(st.text())
def test_no_text_leaves_the_data(text: str) -> None:
    written = script([clean(text)])
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == [clean(text)]
    written.encode()


# ---- looks ----


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    full = colour if len(colour) == 7 else "#" + "".join(2 * one for one in colour[1:])
    parts = [int(full[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_marks_stand_out(scheme: str) -> None:
    first, _, rest = asset("look.css").partition("@media screen")
    light, dark = (
        dict(re.findall(r"--(\w+): (#\w+);", part)) for part in (first, rest.partition("\n}")[0])
    )
    look = light if scheme == "light" else {**light, **dark}
    for ground in ("paper", "card", "faint"):
        for ink in ("ink", "soft", "accent", "warn"):
            assert contrast(look[ink], look[ground]) >= 4.5, (ink, ground)
    assert contrast(look["ink"], look["mark"]) >= 4.5
    for n in range(8):
        assert contrast(look[f"k{n}"], look["card"]) >= 3, n
        assert contrast(look[f"h{n}"], look[f"h{n}b"]) >= 3, n
        assert contrast(look[f"h{n}"], look["card"]) >= 3, n


def test_the_package_holds_all_that_the_page_needs() -> None:
    here = Path(page.__file__).parent / "assets"
    names = {path.name for path in here.iterdir()}
    assert names == {
        "draw.js", "lanes.js", "look.css", "map.css", "map.html", "map.js", "page.css", "page.html",
        "page.js", "world.bin",
    }  # fmt: skip


def test_steps_count_what_came_together() -> None:
    report = Report("One")
    log = Log()
    entries: list[Entry] = []
    for day in (1, 1, 2):
        entries += log.append(
            report.says(Attack(when=when("2022"), id=str(len(entries)))), recorded=f"2022-01-0{day}"
        )
    assert [step.entries for step in steps(entries)] == [2, 1]
    assert all(a.recorded < b.recorded for a, b in pairwise(steps(entries)))
