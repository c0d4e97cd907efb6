"""Walks through pages and maps in a real browser: axe, keyboard, sliders, filters, many events."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from tests.browser import Pages, browser_or_skip
from tests.chronologies import contested, kharkiv, many
from timeline import (
    Attack,
    Before,
    Log,
    PoliticalStatement,
    Report,
    SameEvent,
    SplitInto,
    When,
    chronology,
)
from timeline.export import Theme, to_html, to_map, to_map_html, to_svg
from timeline.export.maps_events import events_by_place
from timeline.export.page_data import data
from timeline.export.strings import ENGLISH

OPEN_ALL = """() => {
  document.querySelectorAll(".told").forEach((one) => one.click());
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
}"""
SET = """([id, value]) => {
  const one = document.getElementById(id);
  one.value = value;
  one.dispatchEvent(new Event("input", { bubbles: true }));
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


NAME = "document.querySelector('#lanes .lane-name').firstChild.textContent"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with browser_or_skip() as browser:
        yield Pages(browser, tmp_path_factory.mktemp("pages"))


@pytest.fixture(autouse=True)
def quiet(pages: Pages) -> Iterator[None]:
    """Hold every page to it that it asks the network for nothing and complains of nothing."""
    yield
    asked, complaints = pages.asked[:], pages.complaints[:]
    pages.asked.clear()
    pages.complaints.clear()
    assert not asked, "a page asked the network"
    assert not complaints, "a page complained"


def settled(page: Any, expression: str) -> None:
    """Wait until a page is as it should be; its policy lets no text be run, so from outside."""
    for _ in range(300):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    pytest.fail(f"never came true: {expression}")


def headlines(page: Any) -> list[str]:
    """Return the headlines in the list, as they are shown."""
    return [str(one.text_content()).split(" (")[0] for one in page.query_selector_all(".told")]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_axe_finds_nothing(pages: Pages, width: int, scheme: str) -> None:
    html = to_html(chronology(contested(), known="2022-09-15"), title="Around Izium")
    page = pages.opened(html, width=width, scheme=scheme)
    assert pages.violations(page) == []
    page.evaluate(OPEN_ALL)
    assert pages.violations(page) == []
    page = pages.opened(to_map_html(chronology(contested())), width=width, scheme=scheme)
    assert pages.violations(page) == []
    for one in page.context.browser.contexts:
        one.close()


def test_nothing_reaches_beyond_the_edge(pages: Pages) -> None:
    for width in (320, 768, 1920):
        for html in (to_html(kharkiv(), title="Kharkiv"), to_map_html(kharkiv())):
            page = pages.opened(html, width=width)
            if width == 320:
                page.evaluate(OPEN_ALL)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.context.close()


def test_the_keyboard_goes_everywhere(pages: Pages) -> None:
    page = pages.opened(to_html(kharkiv(), title="Kharkiv"))
    walked = []
    for _ in range(22):
        page.keyboard.press("Tab")
        walked.append(page.evaluate("document.activeElement.id || document.activeElement.value"))
    for stop in ("text", "place", "source", "at", "known", "places", "zoom-in", "lanes"):
        assert stop in walked, stop
    page.focus(".told")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.query_selector(".told[aria-expanded=true]").get_attribute("data-row") == "1"
    assert page.evaluate("document.activeElement.dataset.row") == "1"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.dataset.row") == "13"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.row") == "13"
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    assert page.query_selector(".told[data-row='0']").get_attribute("aria-expanded") == "true"
    page.focus("#lanes")
    before = page.inner_html("#lanes")
    for key in ("+", "ArrowRight", "-", "ArrowLeft", "0"):
        page.keyboard.press(key)
        after = page.inner_html("#lanes")
        assert after != before, key
        before = after
    page.context.close()


def test_a_report_opens_with_the_quoted_words_marked(pages: Pages) -> None:
    page = pages.opened(to_html(kharkiv()))
    page.click(".told:has-text('mass grave')")
    page.click(".report summary")
    assert (
        page.inner_text("mark").split() == "about 450 bodies lie buried in that one place".split()
    )
    assert "officials in Kharkiv" in page.inner_text(".inside")
    assert "recorded 2022-09-16 22:30" in page.inner_text(".inside")
    page.context.close()


def test_an_address_that_runs_a_script_is_no_link(pages: Pages) -> None:
    page = pages.opened(to_html(chronology(contested(), known="2022-09-12")))
    page.evaluate(OPEN_ALL)
    links = page.eval_on_selector_all(".claims a", "all => all.map((one) => one.href)")
    assert set(links) == {"https://example.org/a"}
    assert "javascript:alert(1)" in page.inner_text("#list")
    page.context.close()


def test_the_sliders_give_what_the_log_gives(pages: Pages) -> None:
    log = contested()
    page = pages.opened(to_html(chronology(log)))
    for step, position in enumerate((4, 7, 10, 13)):
        page.evaluate(SET, ["known", step])
        asked = [str(account.event) for account in log.accounts(known=position)]
        assert headlines(page) == asked, position
    page.evaluate(SET, ["known", 3])
    bounds = sorted(
        {
            bound
            for account in log.accounts()
            for bound in (account.when.lo, account.when.hi)
            if bound is not None
        }
    )
    told = page.evaluate("D.moments")
    for bound in bounds:
        at = told.index(str(When(hi=bound)).removeprefix("by "))
        for step, moment in ((2 * at, When(hi=bound)), (2 * at + 1, When(hi=bound + 1))):
            page.evaluate(SET, ["at", step])
            asked = [str(one.event) for one in log.accounts(at=moment, reading="possible")]
            assert headlines(page) == asked, moment
            perhaps = len(asked) - len(log.accounts(at=moment))
            assert len(page.query_selector_all(".tag.perhaps")) == perhaps
    page.context.close()


def test_the_list_says_what_is_denied_expected_and_out_of_order(pages: Pages) -> None:
    log = contested()
    page = pages.opened(to_html(chronology(log)))
    assert "Denied by Somebody" in page.inner_text("#list")
    assert "Expected" in page.inner_text("#list")
    loose = page.eval_on_selector_all(".row svg title", "all => all.map((one) => one.textContent)")
    marks = [line[:1] for line in str(chronology(log)).splitlines()]
    assert loose.count("Order to the line above unknown") == marks.count("~") - 1  # the legend's
    page.context.close()


def test_filters_leave_what_fits(pages: Pages) -> None:
    page = pages.opened(to_html(kharkiv()))
    page.fill("#text", "wagner prisons")
    settled(page, "document.querySelectorAll('.told').length === 2")
    assert page.inner_text("#count") == "2 of 14 events"
    page.fill("#text", "no such words")
    page.wait_for_selector(".nothing")
    page.click("button[type=reset]")
    settled(page, "document.querySelectorAll('.told').length === 14")
    page.select_option("#place", label="Izium (2)")
    settled(page, "document.querySelectorAll('.told').length === 2")
    page.click("button[type=reset]")
    page.uncheck("#kinds label:has-text('Political statement') input")
    settled(page, "document.querySelectorAll('.told').length === 9")
    page.select_option("#source", label="Portuguese newspaper (14)")
    page.context.close()


def test_lanes_change_zoom_and_lead_to_the_list(pages: Pages) -> None:
    page = pages.opened(to_html(kharkiv()))
    assert page.evaluate(NAME) == "Izium"
    page.check("input[value=actors]")
    assert page.evaluate(NAME) in ("Russia", "Ukraine", "Volodymyr Zelenskyy")
    page.check("input[value=kinds]")
    assert page.evaluate(NAME) == "Political statement"
    page.click("#lanes .mark >> nth=0")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    before = page.inner_html("#lanes")
    page.click("#zoom-in")
    page.mouse.move(700, 400)
    page.mouse.down()
    page.mouse.move(760, 400, steps=3)
    page.mouse.up()
    page.wait_for_timeout(50)
    assert page.inner_html("#lanes") != before
    page.context.close()


def test_a_map_follows_its_sliders(pages: Pages) -> None:
    log = contested()
    page = pages.opened(to_map_html(chronology(log)))
    assert (
        page.inner_text("#rows tr:has-text('Kharkiv Oblast') td")
        == "Russia (2/3) and Ukraine (1/3)"
    )
    at = 2 * page.evaluate("D.moments.indexOf('2022-09-07')")
    page.evaluate(SET, ["at", at])
    assert page.inner_text("#rows tr:has-text('Izium') td") == "Russia"
    page.evaluate(SET, ["at", at + 1])
    assert page.inner_text("#at-told") == "after 2022-09-07"
    assert page.inner_text("#rows tr:has-text('Izium') td") == "Russia or Ukraine"
    assert page.query_selector("#marks .disc.open") is not None
    page.evaluate(SET, ["known", 0])
    assert page.inner_text("#rows tr:has-text('Izium') td") == "Russia"
    assert page.query_selector("#marks .disc.open") is None
    page.fill("#text", "oblast")
    settled(page, "document.querySelectorAll('#rows tr').length === 1")
    page.context.close()


def test_ten_thousand_events_keep_the_page_small(pages: Pages) -> None:
    page = pages.opened(to_html(many(10_000)))
    assert page.inner_text("#count") == "10,000 events"
    assert page.evaluate("document.querySelectorAll('*').length") < 6000
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight * 0.7)")
    settled(page, "[...document.querySelectorAll('.told')].some((one) => +one.dataset.row > 5000)")
    assert page.evaluate("document.querySelectorAll('*').length") < 6000
    page.evaluate(SET, ["text", "side 3"])
    settled(page, "document.querySelectorAll('.told').length > 0")
    assert page.evaluate("document.querySelectorAll('*').length") < 6000
    page.context.close()


def test_print_holds_every_event(pages: Pages) -> None:
    page = pages.opened(to_html(many(300)))
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(page.query_selector_all(".told")) == 300
    assert not page.is_visible("#text")
    page.context.close()


def test_without_scripts_the_list_is_there(pages: Pages) -> None:
    page = pages.opened(to_html(kharkiv()), java_script_enabled=False)
    assert len(page.query_selector_all(".plain > li")) == 14
    assert "officials in Kharkiv" in page.inner_text(".plain")
    assert page.query_selector("#lanes svg.drawn text") is not None
    for live in ("#form", "#times", ".zoom", "#save-rows"):
        assert not page.is_visible(live)
    page.context.close()


def test_pictures_show_in_a_browser(pages: Pages) -> None:
    for picture in (to_svg(kharkiv()), to_map(kharkiv())):
        page = pages.opened(f"<!DOCTYPE html><title>A picture</title>{picture}")
        assert page.query_selector("svg text") is not None
        page.context.close()


def test_what_was_packed_comes_out_as_it_was(pages: Pages) -> None:
    stands = chronology(contested())
    page = pages.opened(to_html(stands))
    there, here = page.evaluate("[D.events, D.claims, D.reports]"), data(stands)
    for shown, (name, known, published) in zip(there[0], here["events"], strict=True):
        assert shown[0] == name
        assert shown[2] == published
        for life, meant in zip(shown[1], known, strict=True):
            assert life[:2] == meant[:2]
            extra = {"sources", "denied", "blob"}
            assert {k: v for k, v in life[2].items() if k not in extra} == meant[2]
    assert there[1] == here["claims"]
    assert there[2] == here["reports"]
    page.context.close()


def test_the_slider_of_publication_gives_what_the_log_gives(pages: Pages) -> None:
    log = contested()
    page = pages.opened(to_html(chronology(log)))
    moments = page.evaluate("D.published")
    assert moments == ["2022-09-10", "2022-09-11", "2022-09-14"]
    page.evaluate(SET, ["known", 0])
    for step, moment in enumerate(moments):
        page.evaluate(SET, ["published", step])
        asked = [str(account.event) for account in chronology(log, published=moment)]
        assert headlines(page) == asked, moment
        assert page.inner_text("#published-told") == f"by {moment}"
    assert page.evaluate("S.known") == 3
    page.evaluate(SET, ["known", 1])
    assert page.evaluate("S.published") is None
    assert page.inner_text("#published-told") == "everything, dated or not"
    page.context.close()


def linked() -> Log:
    """Return a log whose links join, split, order and doubt events."""
    report = Report("One", published="2022-09-20")
    other = Report("Two", published="2022-09-21")
    day = "2022-09"
    log = Log()
    ids = ("a", "b", "c", "d", "e", "whole", "part")
    log.append(
        *(report.says(Attack(when=day, place="Izium", killed=n, id=name, summary=f"Event {name}"))
          for n, name in enumerate(ids)),
        recorded="2022-09-22",
    )  # fmt: skip
    log.append(
        report.says(Before("d", "a")),
        report.says(SameEvent("b", "c")),
        report.says(SameEvent("d", "e")),
        report.says(SplitInto("whole", ["part"])),
        recorded="2022-09-23",
    )
    log.append(other.denies(SameEvent("d", "e")), recorded="2022-09-24")
    return log


def test_links_show_at_every_step(pages: Pages) -> None:
    log = linked()
    page = pages.opened(to_html(chronology(log)))
    for step, position in enumerate((7, 11, 12)):
        page.evaluate(SET, ["known", step])
        asked = [str(account.event) for account in chronology(log, known=position)]
        assert headlines(page) == asked, position
    marks = [line[:1] for line in str(chronology(log)).splitlines()]
    loose = page.eval_on_selector_all(
        "#list .row svg title", "all => all.map((one) => one.textContent)"
    )
    assert loose.count("Order to the line above unknown") == marks.count("~") - 1  # the legend's
    tags = page.inner_text("#list")
    assert "Perhaps the same as Event e" in tags
    assert "Counted as its parts: Event part" in tags
    assert "After Event d, a source says" in tags
    assert page.locator("#lanes .order .arrow").count() == 1
    assert "a source says that it came after the one before" in (page.text_content("#legend") or "")
    page.evaluate(OPEN_ALL)
    assert "Joined with c" in page.inner_text("#list")
    assert not page.locator("#list .rail .arrow").count()
    page.context.close()

    # Where nothing else stands between them, the line from one to the other has the arrow.
    log = Log()
    first, second = (Attack(when="2022-09", place="Izium", id=name) for name in "ab")
    log.append(Report("One").says(first), Report("One").says(second))
    log.append(Report("One").says(Before(first, second)))
    page = pages.opened(to_html(chronology(log)))
    assert page.locator("#list .rail .arrow").count() == 1
    titles = page.eval_on_selector_all("#list title", "all => all.map((one) => one.textContent)")
    assert "After the line above, as a source says" in titles
    assert "a source says" not in page.inner_text("#list .tags >> nth=1")
    page.context.close()


def test_an_address_brings_back_what_was_seen(pages: Pages) -> None:
    html = to_html(chronology(contested()))
    page = pages.opened(html)
    page.fill("#text", "izium")
    page.evaluate(SET, ["known", 1])
    page.evaluate(SET, ["at", 4])
    page.check("input[value=actors]")
    page.uncheck("#kinds label:has-text('Political statement') input")
    page.click(".told >> nth=0")
    settled(page, "location.hash.includes('event=')")
    seen, address = headlines(page), page.evaluate("location.hash")
    told = page.inner_text("#at-told"), page.inner_text("#known-told")
    assert "at=" in address
    page.goto("about:blank")
    again = pages.opened(html, fragment=address)
    assert headlines(again) == seen
    assert (again.inner_text("#at-told"), again.inner_text("#known-told")) == told
    assert again.query_selector(".told[aria-expanded=true]") is not None
    assert again.evaluate("location.hash") == address
    again.evaluate("location.hash = '#event=siege'")
    settled(
        again, "document.querySelector('.told[aria-expanded=true]').textContent.includes('Siege')"
    )
    for one in (page, again):
        one.context.close()


def test_a_frame_is_told_how_high_the_page_is(pages: Pages) -> None:
    page = pages.opened(to_html(kharkiv()), fragment="#embed=1")
    assert not page.is_visible("h1")
    inner = page.url.partition("#")[0]
    outer = pages.opened(
        "<!DOCTYPE html><title>A story</title><script>addEventListener('message', (event) => "
        "{ document.title = event.data.timeline + ' ' + event.data.height; });</script>"
        f"<iframe src='{inner}#embed=1' width=700></iframe>"
    )
    settled(outer, "document.title.startsWith('height ')")
    assert int(outer.title().split()[1]) > 500
    pages.asked.clear()
    for one in (page, outer):
        one.context.close()


def test_what_is_shown_can_be_saved(pages: Pages) -> None:
    log = contested()
    log.append(
        Report("=cmd", url="https://example.org").says(
            PoliticalStatement(when="2022-09-09", speaker='"A"', text="x", id="=1")
        ),
        recorded="2022-09-20",
    )
    page = pages.opened(to_html(chronology(log), title="Around Izium"))
    with page.expect_download() as saved:
        page.click("#save-rows")
    assert saved.value.suggested_filename == "Around-Izium.csv"
    rows = list(csv.DictReader(saved.value.path().read_text("utf-8").splitlines()))
    assert [row["what"] for row in rows] == [str(one.event) for one in chronology(log)]
    (odd,) = (row for row in rows if row["id"] == "'=1")
    assert odd["sources"] == "'=cmd"
    with page.expect_download() as saved:
        page.click("#save-data")
    assert "events" in json.loads(saved.value.path().read_text("utf-8"))
    page.context.close()


def test_a_long_list_has_headings_of_months(pages: Pages) -> None:
    page = pages.opened(to_html(many(60)))
    shown = page.eval_on_selector_all(".month", "all => all.map((one) => one.textContent)")
    assert shown[0] == "From January 2014"
    assert len(shown) == len(set(shown)) > 5
    page.context.close()
    page = pages.opened(to_html(kharkiv()))
    assert page.query_selector(".month") is None
    page.context.close()


def test_print_begins_on_the_first_page(pages: Pages) -> None:
    page = pages.opened(to_html(many(300)), width=794)
    page.emulate_media(media="print")
    box = page.query_selector("#lanes > svg").bounding_box()
    assert box["height"] <= 540  # 14 cm: it fits below the title on a sheet
    page.context.close()


def test_a_map_counts_events_as_the_log_has_them(pages: Pages) -> None:
    log = contested()
    page = pages.opened(to_map_html(chronology(log)))
    for step, moment in enumerate(page.evaluate("D.moments")):
        page.evaluate(SET, ["at", 2 * step])
        stands = log.accounts(at=moment, reading="possible")
        izium = events_by_place(stands).get("geonames:707753", [])
        rows = page.eval_on_selector_all("#rows tr", "all => all.map((one) => one.innerText)")
        shown = [row.split("\t")[2] for row in rows if row.startswith("Izium")]
        assert shown in ([str(len(izium) or "")], []), moment
    page.click("#rows .pick:has-text('Izium')")
    assert "Attack in Izium" in page.inner_text("#here")
    assert "place=geonames" in page.evaluate("location.hash")
    page.context.close()


def test_a_map_zooms_moves_and_opens_its_clusters(pages: Pages) -> None:
    page = pages.opened(to_map_html(many(400)), width=700)
    before = page.inner_html("#marks")
    number = "document.querySelectorAll('#marks .spot').length"
    clustered = page.evaluate("paint.found.filter((one) => one.all.length > 1).length")
    assert clustered
    page.evaluate("""() => {
      const one = paint.found.find((one) => one.all.length > 1);
      const spot = document.querySelector(`[data-place="${one.place}"]`);
      spot.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, button: 0 }));
      spot.dispatchEvent(new PointerEvent("pointerup", { bubbles: true, button: 0 }));
    }""")
    assert page.evaluate("S.k") > 1
    assert page.inner_html("#marks") != before
    page.click("#zoom-fit")
    assert page.inner_html("#marks") == before
    page.focus("#ground")
    for key in ("+", "ArrowRight", "ArrowDown", "-", "0"):
        page.keyboard.press(key)
    assert page.inner_html("#marks") == before
    for _ in range(6):
        page.keyboard.press("+")
    assert page.evaluate(number) > 0
    assert page.evaluate("S.k") > 8
    page.context.close()


BOXES = """all => all.filter((one) => one.closest("#marks")).map((one) => {
  const box = one.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom];
})"""


def test_names_on_a_map_lie_neither_on_each_other_nor_on_marks(pages: Pages) -> None:
    for width in (360, 1280):
        page = pages.opened(to_map_html(many(2000)), width=width)
        names, discs = (page.eval_on_selector_all(what, BOXES) for what in (".name", ".disc"))
        assert len(names) > (width > 1000) * 3
        for i, a in enumerate(names):
            for b in [*names[:i], *discs]:
                over = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
                assert min(over) < 4, (width, a, b)  # boxes of letters have room about them
        page.context.close()


def test_a_map_shows_without_scripts(pages: Pages) -> None:
    page = pages.opened(to_map_html(kharkiv()), java_script_enabled=False)
    assert "Izium" in str(page.text_content("#map"))
    assert not page.is_visible("#rows")
    page.context.close()


def test_a_page_from_right_to_left_stays_within_its_edges(pages: Pages) -> None:
    words = attrs.evolve(ENGLISH, lang="ar", direction="rtl")
    theme = Theme.read('credit = "Us"\nlicence = "CC0"\n[actors]\nRussia = "grid"')
    for make in (to_html, to_map_html):
        page = pages.opened(make(chronology(contested()), words=words, theme=theme), width=768)
        page.evaluate(OPEN_ALL)
        assert page.evaluate("document.documentElement.scrollWidth") <= 768
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert pages.violations(page) == []
        page.context.close()


def test_years_before_our_era_have_a_scale(pages: Pages) -> None:
    log = Log()
    years = ("-0489", "-0479", "-0399")
    log.append(*(Report("One").says(Attack(when=year, place="Plataea")) for year in years))
    page = pages.opened(to_html(chronology(log)))
    assert "BC" in page.text_content("#lanes .tick-text >> nth=0")
    page.context.close()
