"""Tests of grades, hashes, copies and media, and of what a log refuses because it would lose it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Attack, Claim, Count, Incident, Log, Media, Place, Report, When, chronology
from timeline.canonical import encode
from timeline.errors import ClaimError, ImporterError, TimelineError
from timeline.export import to_csv, to_html, to_json, to_jsonl, to_markdown, to_segments
from timeline.importers import Accepted, import_jsonl, import_segments, table
from timeline.resolution import resolve

make_report: Any = Report  # which refuses what a type checker would
HASH = "0123456789abcdef" * 4
FULL = Report(
    "Wire",
    published="2022-09-16",
    zone="Europe/Kyiv",
    url="https://wire.example/1",
    archived="https://web.archive.org/web/1/https://wire.example/1",
    retrieved="2022-09-17T08:00",
    sha256=HASH.upper(),
    language="uk",
    reliability="B",
)
FILM = Media(url="https://video.example/7", sha256=HASH, archived="https://copies.example/7.mp4")
say: Any = FULL.says
SHELLED: Any = Attack(when="2022-09-10", place="Izium", id="x", killed=3)
GRADED = FULL.says(SHELLED, credibility=2, media=[FILM, Media(sha256=HASH)])


def test_what_is_known_of_an_item_and_its_grades_are_kept() -> None:
    assert FULL.sha256 == HASH
    assert str(FULL.retrieved) == "2022-09-17 08:00"
    assert FULL.retrieved is not None
    assert FULL.retrieved.zone == "Europe/Kyiv"
    assert GRADED.grade == "B2"
    assert FULL.denies(SHELLED).grade == "B"
    assert Report("Wire").expects(SHELLED, credibility=6, media=FILM).grade == "6"
    assert Report("Wire").says(SHELLED).grade is None
    with Log() as log:
        [entry] = log.append(GRADED)
        assert list(log) == [entry]
        read: Any
        [read] = [one.statement for one in log]
        assert read == GRADED
        assert read.report == FULL
        assert log.verify().ok


def test_what_is_left_out_leaves_the_bytes_as_they_were() -> None:
    bare = Report("Wire", published="2022-09-16")
    assert (
        not {"archived", "retrieved", "sha256", "language", "reliability"}
        & json.loads(bare.body).keys()
    )
    assert json.loads(bare.says(SHELLED).body()).keys() == {"event", "kind", "report"}
    assert bare.says(SHELLED, credibility=None, media=()).id == bare.says(SHELLED).id


graded = st.builds(
    lambda parts, credibility, media: attrs.evolve(FULL, **parts).says(
        SHELLED, credibility=credibility, media=media
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "archived": st.none() | st.just("https://copy.example"),
            "retrieved": st.none()
            | st.sampled_from(["2022-09", datetime(2022, 9, 17, tzinfo=UTC)]),
            "sha256": st.none(),
            "language": st.sampled_from([None, "zh-Hant", "ru"]),
            "reliability": st.sampled_from([None, *"ABCDEF"]),
        },
    ),
    st.none() | st.integers(1, 6),
    st.lists(
        st.builds(Media, url=st.just("https://a.example"), sha256=st.none() | st.just(HASH)),
        max_size=2,
    ),
)


@given(st.lists(graded, min_size=1, max_size=3))
def test_graded_claims_go_through_a_log_json_lines_and_segments(claims: list[Any]) -> None:
    with Log() as log, Log() as by_lines, Log() as by_segments:
        log.append(*claims)
        assert {one.statement for one in log} == set(claims)
        import_jsonl(by_lines, to_jsonl(log))
        files = dict(to_segments(log, form="jsonl"))
        import_segments(by_segments, files["manifest.json"], files.__getitem__)
        assert list(by_lines) == list(log) == list(by_segments)
        assert log.verify().ok


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: make_report("W", reliability="G"), "a letter from A .* to F .* not 'G'"),
        (lambda: make_report("W", reliability="AB"), "a letter from A"),
        (lambda: make_report("W", sha256="abc"), "64 hexadecimal digits, .* not 'abc'"),
        (lambda: make_report("W", sha256=7), "64 hexadecimal digits"),
        (lambda: make_report("W", language="Ukrainian!"), "a tag of BCP 47 such as 'uk'"),
        (lambda: make_report("W", archived=" "), "archived is a text that isn't empty"),
        (lambda: make_report("W", retrieved="soon"), "cannot read 'soon' as a time"),
        (lambda: say(SHELLED, credibility=0), "a number from 1 .* to 6 .* not 0"),
        (lambda: say(SHELLED, credibility=True), "a number from 1"),
        (lambda: say(SHELLED, credibility="2"), "a number from 1"),
        (lambda: say(SHELLED, media="https://a"), "media takes a Media or several"),
        (lambda: say(SHELLED, media=["https://a"]), "media are of type Media"),
        (lambda: Media(), "needs its url=, its sha256= or"),  # noqa: PLW0108 - one form for all
        (lambda: Media(url=""), "a Media's url is a text"),
    ],
)
def test_other_grades_hashes_and_media_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(TimelineError, match=message):
        make()


def test_a_story_of_one_wire_has_two_sources_and_one_origin() -> None:
    said = [
        Report(paper, published="2022-09-11").says(SHELLED, according_to="Reuters")
        for paper in ("Times", "Post")
    ]
    [account] = resolve(said)
    assert (account.sources, account.origins) == ({"Times", "Post"}, {"Reuters"})
    own = Report("Reuters", published="2022-09-10").says(SHELLED)
    denial = Report("Ministry", published="2022-09-12").denies(SHELLED, according_to="a general")
    [account] = resolve([*said, own, denial])
    assert account.sources == {"Times", "Post", "Reuters"}
    assert account.origins == {"Reuters"}
    [row] = account.to_dicts()
    assert row["origins"] == ["Reuters"]


def test_exports_carry_them() -> None:
    with Log() as log:
        log.append(GRADED)
        accounts = chronology(log)
    [row] = json.loads(to_json(accounts))
    [claim] = row["claims"]
    assert (claim["grade"], claim["language"], claim["sha256"]) == ("B2", "uk", HASH)
    assert claim["media"][1] == {"url": None, "sha256": HASH, "archived": None}
    page = to_html(list(accounts))
    for mark in (HASH, "copies.example/7.mp4", "web.archive.org", "B2"):
        assert mark in to_csv(accounts)
        assert mark in page
    assert "2022-09-17 08:00" in to_csv(accounts)
    assert "2022-09-17 05:00" in page  # a page's times are of one zone
    assert "graded B2" in to_markdown(accounts)


def test_a_sheet_may_have_them() -> None:
    mapping = """
    kind = "attack"
    separator = "|"
    [columns]
    when = "When"
    reliability = "Source"
    credibility = "Grade"
    media = "Films"
    archived = "Copy"
    retrieved = "Got"
    [defaults]
    language = "uk"
    source = "Desk"
    """
    rows = [
        "When,Source,Grade,Films,Copy,Got\n",
        "2022-09-10,B,2,https://a.example|https://b.example,https://c.example,2022-09-11\n",
        "2022-09-10,,,,,\n",
        "2022-09-10,Z,,,,\n",
        "2022-09-10,,7,,,\n",
    ]
    told: list[Any] = list(table(rows, mapping))
    [claim] = told[0].said
    assert claim.grade == "B2"
    assert [one.url for one in claim.media] == ["https://a.example", "https://b.example"]
    assert (claim.report.archived, claim.report.language) == ("https://c.example", "uk")
    assert str(claim.report.retrieved) == "2022-09-11"
    [claim] = told[1].said
    assert (claim.grade, claim.media) == (None, ())
    assert "reliability is a letter" in str(told[2])
    assert "expected a credibility from 1 to 6" in str(told[3])
    in_parts = mapping.replace('media = "Films"', 'media = {url = "Films", sha256 = "Copy"}')
    told = list(table([rows[0], f"2022-09-10,,,u,{HASH},\n"], in_parts))
    [claim] = told[0].said
    assert claim.media == (Media(url="u", sha256=HASH),)
    [empty] = table([rows[0], "2022-09-10,,,,,\n"], in_parts)
    assert isinstance(empty, Accepted)
    assert not any(getattr(one, "media", ()) for one in empty.said)
    with pytest.raises(ImporterError, match="media has no part 'film'; it has url, sha256"):
        list(table(rows, mapping.replace('"Films"', '{film = "Films"}')))


@attrs.frozen
class Named(Place):
    alias: str = attrs.field(default="", kw_only=True)


@attrs.frozen
class Filed(Report):
    shelf: str = attrs.field(default="", kw_only=True)


@attrs.frozen(kw_only=True)
class Dated(When):
    calendar: str = "Julian"


class Noted(Count):
    note: str

    def __init__(self, best: int, note: str) -> None:
        super().__init__(best)
        object.__setattr__(self, "note", note)


class Loose(Place):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        object.__setattr__(self, "nickname", "the town")


class Plain(Place):
    def shout(self) -> str:
        return self.name.upper()


@pytest.mark.parametrize(
    ("claim", "lost"),
    [
        (lambda: Filed("Wire", shelf="3").says(SHELLED), "Filed adds shelf to Report"),
        (lambda: FULL.says(attrs.evolve(SHELLED, place=Named("Izium"))), "Named adds alias"),
        (
            lambda: FULL.says(attrs.evolve(SHELLED, place=Place("a", within=Named("b")))),
            "Named adds alias to Place",
        ),
        (lambda: FULL.says(attrs.evolve(SHELLED, place=Loose("Izium"))), "Loose adds nickname"),
        (lambda: FULL.says(attrs.evolve(SHELLED, when=Dated(lo=0))), "Dated adds calendar to When"),
        (lambda: FULL.says(attrs.evolve(SHELLED, killed=Noted(3, "?"))), "Noted adds note"),
        (
            lambda: FULL.says(attrs.evolve(SHELLED, including={"children": Noted(1, "?")})),
            "Noted adds note to Count",
        ),
        (
            lambda: Report("Wire", published=Dated(lo=0)).retracts("x", because="wrong"),
            "Dated adds calendar to When",
        ),
    ],
)
def test_what_a_log_would_lose_is_refused(claim: Callable[[], Claim], lost: str) -> None:
    with Log() as log:
        with pytest.raises(TimelineError, match=lost):
            log.append(claim())
        assert log.head == 0


def test_a_class_without_fields_of_its_own_loses_nothing() -> None:
    with Log() as log:
        event: Any = Incident(when="2022", category="a", place=Place("Izium"))
        log.append(FULL.says(attrs.evolve(event, place=Plain("Izium"))))
        assert next(iter(log.accounts())).event == event


def test_a_report_with_more_in_it_than_is_read_is_said_by_verify() -> None:
    class Old(Report):
        """Keeps in its bytes what the class it is read as has no field for."""

        @property
        def body(self) -> bytes:
            return encode({**json.loads(FULL.body), "shelf": "3"})

    with Log() as log:
        log.append(
            Old(**{one.name: getattr(FULL, one.name) for one in attrs.fields(Report)}).says(SHELLED)
        )
        [damage] = log.verify().damaged
        assert "holds other than what is read of it" in str(damage)


def test_an_error_of_a_report_is_one_of_claims() -> None:
    with Log() as log, pytest.raises(ClaimError):
        log.append(Filed("Wire", shelf="3").says(SHELLED))
