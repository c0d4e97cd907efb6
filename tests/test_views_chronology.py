"""Tests how a chronology reads: its order, its marks, its layout, and that nothing breaks out."""

from __future__ import annotations

import io
import pickle
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.boxes import times
from timeline.claims import Report
from timeline.counts import Count
from timeline.kinds import Attack, Incident, PoliticalStatement, TerritorialChange
from timeline.log import Log, chronology
from timeline.places import Place
from timeline.relations import Certainty
from timeline.time_parsing import when
from timeline.times import When
from timeline.views.chronology import Chronology

A = Report("A", published="2022-09-16")
B = Report("B", published="2022-09-16")
FREED = TerritorialChange(when=when("2022-09-10"), place=Place("Izium"), to="Ukraine", id="freed")
ATTACK = Attack(when=when("2022-09-16T08:00"), place=Place("Kharkiv"), wounded=Count(12), id="hit")
FIRE = Incident(when=when("2022-09"), category="fire", id="fire")
TRIAL = Incident(when=When(lo=when("2022-09-17").lo), category="trial", id="trial")
SAID = (
    A.says(FREED),
    B.says(FIRE),
    A.says(ATTACK, according_to=["officials", "doctors"]),
    B.denies(ATTACK),
    A.expects(TRIAL),
)


def of(*said: Any, **question: Any) -> Chronology:
    with Log() as log:
        log.append(*said)
        return chronology(log, **question)


def test_the_text_shows_time_event_and_source() -> None:
    assert of(*SAID).to_text(width=72) == (
        "  2022-09             Fire\n"
        "                        B\n"
        "~ 2022-09-10          Izium passes to Ukraine\n"
        "                        A\n"
        ": 2022-09-16 08:00    Attack in Kharkiv: 12 wounded\n"
        "                        A (according to officials, doctors); denied by B\n"
        ": from 2022-09-17 on  Expected: Trial\n"
        "                        A\n"
        "\n"
        "~ the sources don't say whether this came after the line above\n"
        ": after the line above, but maybe not after others further up"
    )


def test_what_is_disputed_is_said_with_the_fields() -> None:
    other = Attack(when=when("2022-09-17"), place=Place("Kharkiv"), wounded=Count(14), id="hit")
    found = of(A.says(ATTACK), B.says(other), trust=["A"])
    told = " ".join(str(found).split())
    assert "; disputed: when (A: 2022-09-16 08:00, B: 2022-09-17)" in told
    assert "; disputed: wounded (A: 12, B: 14)" in told


def test_the_words_of_a_time_are_shown() -> None:
    spoken = A.undated("within three days")
    assert 'A: "within three days"' in str(of(A.says(Incident(when=spoken, category="fire"))))


def test_without_anything_unordered_there_is_nothing_to_explain() -> None:
    assert of(A.says(FREED)).to_text() == "  2022-09-10  Izium passes to Ukraine\n                A"


def test_nothing_stands_in_an_empty_chronology() -> None:
    empty = of()
    assert str(empty) == empty.to_text() == "nothing stands"
    assert (len(empty), list(empty), empty.ordered(0)) == (0, [], True)
    assert empty._repr_html_() == "<p>nothing stands</p>"


def test_a_chronology_is_a_sequence_of_accounts() -> None:
    found = of(*SAID)
    assert [one.event.id for one in found] == ["fire", "freed", "hit", "trial"]
    assert found[1].event == FREED
    assert found[1:3].accounts == found.accounts[1:3]
    assert found[0] in found
    assert [found.ordered(index) for index in range(4)] == [True, False, True, True]


def test_it_can_be_pickled_and_leaves_its_history_behind() -> None:
    stands = of(*SAID)
    again = pickle.loads(pickle.dumps(stands))  # noqa: S301 - our own
    assert again == stands
    assert (str(again), again.to_dicts()) == (str(stands), stands.to_dicts())
    assert again.history is None


def test_it_asks_as_the_log_does() -> None:
    assert [one.event.id for one in of(*SAID, at="2022-09-15")] == ["freed"]
    assert len(of(*SAID, at="2022-09-15", reading="possible")) == 2
    assert len(of(*SAID, known=0)) == 0
    assert len(of(*SAID, published="2022-09-15")) == 0


def test_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    found = of(*SAID)
    found.print()
    assert capsys.readouterr().out == found.to_text() + "\n"
    page = io.StringIO()
    found.print(file=page)
    assert page.getvalue() == found.to_text() + "\n"
    assert not capsys.readouterr().out


drawn = st.lists(times(), max_size=6).map(
    lambda some: [
        A.says(Incident(when=one, id=str(number), category="x")) for number, one in enumerate(some)
    ]
)


@given(drawn)
def test_the_order_never_contradicts_the_sources(said: list[Any]) -> None:
    found = of(*said)
    for index, later in enumerate(found):
        for earlier in found[:index]:
            assert later.when.before(earlier.when) is not Certainty.CERTAIN
    for index in range(1, len(found)):
        sure = found[index - 1].when.before(found[index].when) is Certainty.CERTAIN
        assert found.ordered(index) == sure


texts = st.text(min_size=1, max_size=120).filter(lambda text: bool(text.strip()))


@given(st.lists(texts, min_size=1, max_size=3), st.sampled_from([0, 39, 40, 41, 60, 72, 100, 200]))
def test_no_line_is_wider_than_asked_and_none_steers_the_terminal(
    told: list[str], width: int
) -> None:
    said = [
        Report(text, published="2022").says(
            PoliticalStatement(when=when("2022-09~"), speaker=text, text=text, summary=None),
            according_to=text,
        )
        for text in told
    ]
    text = of(*said).to_text(width=width)
    lines = text.split("\n")
    assert max(map(len, lines)) <= max(width, 40)
    assert text.splitlines() == lines  # no other line ends
    assert all(line.isprintable() or line.strip() for line in lines if line)
    assert not any(ord(one) < 32 or 127 <= ord(one) < 160 for one in text.replace("\n", ""))


class Tags(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


BAD = "<script>alert('x')</script>\"onload=\"y&lt;"


def test_nothing_breaks_out_of_a_notebook() -> None:
    source = Report(BAD, published="2022", title=BAD, url=BAD, text=BAD)
    denier = Report(BAD + "2", published="2022")
    events = [
        TerritorialChange(when=when("2022"), place=Place(BAD), to=BAD, from_=BAD, how=BAD),
        Attack(when=when("2022"), place=Place(BAD), by=BAD, against=BAD, weapon=BAD),
        PoliticalStatement(
            when=when("2022"), speaker=BAD, role=BAD, addressee=BAD, text=BAD, stance=BAD
        ),
        Incident(when=when("2022"), category=BAD, involved=(BAD,)),
        Incident(when=when("2022"), id=BAD, category="x", summary=BAD),
    ]
    said = [source.says(one, quote=BAD, according_to=BAD) for one in events]
    page = of(*said, *(denier.denies(one) for one in events))._repr_html_()
    read = Tags(page)
    assert read.tags == {
        "table", "caption", "thead", "tr", "th", "tbody", "td", "br", "small",
    }  # fmt: skip
    assert read.attributes == {"style"}
    assert read.text.count(BAD) > len(events)


def test_a_long_chronology_folds_in_a_notebook() -> None:
    said = [A.says(Attack(when=when("2022"), place=Place(f"P{n:02}"), id=f"{n:02}"))
            for n in range(61)]  # fmt: skip
    short, long = Tags(of(*said[:60])._repr_html_()), Tags(of(*said)._repr_html_())
    assert "more" not in short.text
    assert "… 21 more …" in long.text
    assert [f"P{n:02}" in long.text for n in (19, 20, 40, 41, 60)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert all(f"P{n:02}" in short.text for n in range(60))


def test_a_notebook_shows_times_events_sources_and_marks() -> None:
    read = Tags(of(*SAID)._repr_html_())
    for words in ("2022-09-10", "Izium passes to Ukraine", "~", "Expected: Trial", "denied by B"):
        assert words in read.text


def test_what_is_known_by_its_end_alone_stands_there() -> None:
    report = Report("Wire", published="2022-12-31")
    march, april = (Attack(when=f"2022-0{month}", place="Izium", id=str(month)) for month in (3, 4))
    by_april = Attack(when=When(hi=april.when.lo), place="Izium", id="z")
    never = Attack(when=When(), place="Izium", id="never")
    claims = [report.says(one) for one in (april, by_april, march, never)]
    log = Log()
    log.append(*claims)
    assert [one.event.id for one in chronology(log)] == ["never", "3", "z", "4"]
    assert [one.event.id for one in log.accounts()] == ["z", "never", "3", "4"]


def test_a_source_whose_last_word_nobody_knows_is_said_to_be_undecided() -> None:
    reports = [Report("Wire", published="2022-09-12", title=title) for title in ("one", "two")]
    attacks = [Attack(when="2022-09-11", place="Izium", killed=n, id="a") for n in (5, 7)]
    text = str(of(*(report.says(attack) for report, attack in zip(reports, attacks, strict=True))))
    assert "5 (5 to 7) killed" in text or "5 killed (5 to 7)" in text
    assert "Wire; Wire" not in text
    assert "undecided: which of its versions is the last word of Wire" in text
