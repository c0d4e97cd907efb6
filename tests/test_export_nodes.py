"""Tests exports against JavaScript: TimelineJS in a browser, and the schema of CloudEvents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import browser_or_skip
from tests.histories import HOSTILE, told
from tests.nodes import node_modules, run_node
from timeline.export import to_cloudevents, to_timelinejs
from timeline.text_safety import one_line

PAGE = """<!doctype html><meta charset="utf-8"><title>timeline</title>
<link rel="stylesheet" href="{dist}/css/timeline.css">
<div id="here" style="width: 1200px; height: 700px"></div>
<script src="{dist}/js/timeline.js"></script>
<script>
window.drawn = new TL.Timeline("here", {data}, {{script_path: "{dist}/js/", font: null}});
</script>
"""
READ = """() => [
    window.drawn.config.getErrors(),
    [...document.querySelectorAll('.tl-slide')].map(one => [
        one.id,
        one.querySelector('.tl-headline-date')?.textContent,
        one.querySelector('.tl-headline')?.textContent,
        one.querySelector('.tl-text-content')?.textContent]),
    document.querySelectorAll('#here script').length]"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browser_or_skip() as chromium:
        yield chromium


def draw(browser: Browser, data: str, folder: Path) -> list[Any]:
    """Return what TimelineJS made of it: errors, slides (id, date, headline, text), scripts."""
    dist = (node_modules() / "@knight-lab" / "timelinejs" / "dist").as_uri()
    path = folder / "page.html"
    path.write_text(PAGE.format(dist=dist, data=data.replace("<", "\\u003c")), encoding="utf-8")
    with browser.new_page() as page:
        page.route("http*://**", lambda route: route.abort())  # no network at all
        page.goto(path.as_uri())
        page.wait_for_function("() => !!window.drawn && window.drawn.ready")
        return list(page.evaluate(READ))


def test_timelinejs_draws_every_slide(browser: Browser, tmp_path: Path) -> None:
    made = to_timelinejs(told())
    slides = {one["unique_id"]: one for one in json.loads(made)["events"]}
    errors, drawn, scripts = draw(browser, made, tmp_path)
    assert errors == []
    assert scripts == 0
    shown = {name: (date, headline, text) for name, date, headline, text in drawn}
    assert shown.keys() == slides.keys()
    for name, slide in slides.items():
        assert shown[name][0] == slide["display_date"]
    assert shown["shelled"][0] == "2022-09-16 08:00 (Europe/Kyiv)"
    assert shown["shelled"][1] == "Attack in Kharkiv: 12 wounded"
    assert "according to police, doctors" in shown["shelled"][2]
    assert "Denied by: Other, Ltd" in shown["shelled"][2]
    assert one_line(HOSTILE) in shown[HOSTILE][1]


def test_timelinejs_is_silent_about_dates_that_are_none(browser: Browser, tmp_path: Path) -> None:
    """Why the exporter refuses them: TimelineJS rolls them over, or leaves the slide out."""
    wrong = [{"year": 2022, "month": 2, "day": 30}, {"year": 2022, "month": 14}]
    events: list[dict[str, Any]] = [
        {"start_date": date, "text": {"headline": "x"}, "unique_id": f"n{number}"}
        for number, date in enumerate(wrong)
    ]
    events.append({"text": {"headline": "no date"}, "unique_id": "none"})
    errors, drawn, _ = draw(browser, json.dumps({"events": events}), tmp_path)
    assert errors == []
    assert {name for name, *_ in drawn} == {"n0", "n1"}


def test_cloudevents_are_valid_by_their_official_schema() -> None:
    script = """
        const { CloudEvent } = require("cloudevents");
        const events = JSON.parse(require("fs").readFileSync(0, "utf8"));
        console.log(events.filter(one => new CloudEvent(one, true).validate()).length);
    """
    made = to_cloudevents(told())
    assert int(run_node(script, made)) == len(json.loads(made))
