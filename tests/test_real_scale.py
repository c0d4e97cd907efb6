"""Asks the real data in parts: the answers of the log, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import test_real_control as control
from tests import test_real_ucdp as ucdp
from tests.projections import ByPlace, HeardByPlace, LatestByPlace, Weighed
from tests.readers import rows_of
from tests.real import data_file
from tests.test_scale_distributed_ask import same, segments
from timeline import Casualties, Control, Log, Place
from timeline.importers import IMPORTED, import_into
from timeline.scale import Segments, ThreadsEngine, ask_on

pytestmark = pytest.mark.xdist_group("scale data")  # read once

WORKERS = ThreadsEngine(2)
SIZES = (97, 100_000)


class Sum(ucdp.Total):
    """UCDP's figures, of which two stretches can be joined."""

    def merge(self, a: ucdp.Figures, b: ucdp.Figures) -> ucdp.Figures:
        return a + b


@pytest.fixture(scope="module")
def table() -> Iterator[tuple[Log, Segments]]:
    folder = data_file("wiki_control")
    edited = {row["recorded_at"]: row["page_updated_at"] for row in rows_of(folder / "index.csv")}
    changes = [
        control.Change(row["recorded_at"], Place(row["place"]), row["status"], row["as_of"])
        for row in rows_of(folder / "assertions_unique_places.csv")
    ]
    with Log() as log:
        control.append(log, changes, edited)
        yield log, segments(log, 50)


@pytest.fixture(scope="module")
def events() -> Iterator[tuple[Log, Segments]]:
    with Log(events=IMPORTED) as log:
        for release, (recorded, _) in ucdp.RELEASES.items():
            report = ucdp.REPORTS[release]
            import_into(log, ucdp.told(release), release=report, recorded=recorded)
            # The same events as the articles have them that it cites: many sources for one event.
            articles = ucdp.told(release, says="articles", undated=())
            import_into(log, articles, recorded=recorded)
        yield log, segments(log, 400, form="jsonl")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "projection",
    [Control(), ByPlace(), HeardByPlace(), LatestByPlace(), Weighed()],
    ids=lambda one: type(one).__name__,
)
def test_the_table_of_control(table: tuple[Log, Segments], projection: Any, size: int) -> None:
    log, told = table
    questions: list[dict[str, Any]] = [
        {},
        {"at": "2022-04-01", "known": "2022-06-01"},
        {"at": "2022-04-01", "published": "2022-06-01", "reading": "possible"},
    ]
    for question in questions:
        expected = log.ask(projection, **question)
        for source in (log, told):
            same(ask_on(WORKERS, projection, source, size=size, **question), expected)


@pytest.mark.parametrize(
    ("projection", "size"),
    [(Casualties(), 97), (Sum(), 1_000), (ucdp.By(ucdp.month), 5_000), (ByPlace(), 100_000)],
    ids=lambda one: str(one) if isinstance(one, int) else type(one).__name__,
)
def test_ucdps_events(events: tuple[Log, Segments], projection: Any, size: int) -> None:
    log, told = events
    questions: list[dict[str, Any]] = [{}, {"known": "2019-12-31", "at": "2016-06-30"}]
    for question in questions:
        expected = log.ask(projection, **question)
        same(ask_on(WORKERS, projection, log, size=size, **question), expected)
        found = ask_on(WORKERS, projection, told, size=size, events=IMPORTED, **question)
        same(found, expected)
