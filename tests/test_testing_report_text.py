"""What a failure tells: histories as tables, answers in brief, and where two of them part."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from timeline import Attack, Count, Place, Report, between, when
from timeline.claims import Said
from timeline.testing.report_text import (
    PAGE,
    Worded,
    apart,
    difference,
    numbered,
    paragraph,
    shortened,
    table,
    text,
)

ONE = Report("One", published="2022-09-03")
TWO = Report("Two", published="2022-09-04")
DAY = when("2022-09-01")


@attrs.frozen
class Held:
    by: str
    since: Any = None


class Plain:
    """No attrs, no repr, no equality."""

    def __init__(self, inner: object) -> None:
        self.inner = inner


class Unequal(Plain):
    """Recording alike, and never equal."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


# --- a value as text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"b": {3, 1}, "a": (2,)}, "{'a': (2,), 'b': {1, 3}}"),
        ((1, 2), "(1, 2)"),
        ([], "[]"),
        (Worded("as it is"), "as it is"),
        (ValueError("too many"), "ValueError: too many"),
        (Held("Russia"), "Held(by='Russia', since=None)"),
        (Plain({"x"}), "Plain(inner={'x'})"),
        (text, "<function text>"),
        (Count(2), "Count(low=2, high=2)"),
    ],
)
def test_a_value_is_told_by_its_content(value: object, told: str) -> None:
    assert text(value) == told.replace("Count(low=2, high=2)", repr(Count(2)))


def test_a_claim_is_told_by_its_id_and_its_number() -> None:
    claim, other = ONE.says(Attack(when=DAY)), TWO.says(Attack(when=DAY))
    told = text([claim, other])
    assert told == f"[<claim {claim.id}>, <claim {other.id}>]"
    assert numbered(told, [claim]) == f"[<claim no. 1>, <claim {other.id[:12]}>]"


def test_what_is_too_deep_ends_in_dots() -> None:
    assert "…" not in text(nested(39))
    assert text(nested(60)) == "[" * 41 + "…" + "]" * 41


def test_in_brief_days_are_days_and_nothing_is_left_out_but_nothing() -> None:
    value = Held("Russia", (DAY, Count(2), Place("Izium"), None))
    assert text(value, brief=True) == "Held(by='Russia', since=(2022-09-01, 2, Izium, None))"
    assert text(Held("Russia"), brief=True) == "Held(by='Russia')"


def test_answers_are_told_in_brief_only_where_that_tells_them_apart() -> None:
    assert apart({"One": DAY, "Two": None}) == {"One": "2022-09-01", "Two": "None"}
    both = apart({"One": Held("a"), "Two": Held("a", ""), "Three": Held("a"), "Four": DAY})
    assert both["One"] == "Held(by='a', since=None)"
    assert both["Four"] == repr(DAY)


# --- where two part


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (2, 1, "the answer: 2 against 1"),
        ([1, 2], [1, 3], "answer[1]: 2 against 3"),
        ([1], [1, 3], "the answer: [1] against [1, 3]"),
        ([1], (1,), "the answer: [1] against (1,)"),
        ({"a": {"b": 1}}, {"a": {}}, "answer['a']['b']: 1 against nothing"),
        (Held("a", DAY), Held("b", DAY), "answer.by: 'a' against 'b'"),
        (Held("a", DAY), Held("a", None), "answer.since: 2022-09-01 against None"),
        (Plain([1]), Plain([2]), "answer.inner[0]: 1 against 2"),
        ("x" * 9, "x" * 8, "the answer: 'xxxxxxxxx' against 'xxxxxxxx'"),
        (Attack(when=DAY, id="a"), Attack(when=DAY, id="b"), "answer.id: 'a' against 'b'"),
        (
            {"a": Attack(when=DAY, id="a", by="Russia")},
            {},
            "answer['a']: Attack by Russia against nothing",
        ),
    ],
)
def test_the_first_part_that_differs_is_named(one: object, other: object, told: str) -> None:
    assert difference(one, other) == told


def test_a_long_text_is_cut_to_where_it_parts() -> None:
    same = "<p>the same</p>" * 20
    told = difference(f"{same}one{same}", f"{same}two{same}")
    assert told.startswith("answer[280:]: '")
    assert "</p>one<p>" in told
    assert "</p>two<p>" in told
    assert len(told) < 200
    assert difference(same, same + "!").endswith("</p>!'")
    assert difference(Worded("a" * 70), Worded("b" * 70)).startswith("the answer: aaa")


def test_what_looks_alike_and_is_not_equal_is_found_all_the_same() -> None:
    told = difference([1, Unequal(2)], [1, Unequal(2)])
    assert told == "answer[1]: the two look alike, Unequal(inner=2), and aren't equal"


# --- a page


def test_a_history_is_a_table_of_who_said_what() -> None:
    attack = Attack(when=DAY, by="Russia", id="attack:1")
    first = ONE.says(attack)
    again = ONE.says(Attack(when=DAY, by="Ukraine", id="attack:1"), replaces=[first])
    stray = TWO.voids(ONE.says(Attack(when=DAY)), because="typed twice")
    history: list[Said] = [
        first,
        TWO.says(Attack(when=DAY, by="Russia")),
        again,
        ONE.retracts(attack, because="it was wrong"),
        TWO.voids(again, because="typed twice"),
        stray,
    ]
    lines = [" ".join(line.split()) for line in table(history).splitlines()]
    assert lines[0] == "no. source published happened what"
    assert lines[1] == "1 One 2022-09-03 2022-09-01 says: Attack by Russia [attack:1]"
    assert lines[2].startswith("2 Two 2022-09-04 2022-09-01 says: Attack by Russia […")
    whole = " ".join(lines)
    assert "replacing no. 1" in whole
    assert "takes back [attack:1]" in whole
    assert "voids no. 3" in whole
    assert f"voids {stray.target[:12]}" in whole


def test_when_each_arrived_is_told_where_it_matters() -> None:
    told = table([ONE.says(Attack(when=DAY))], ["2022-09-05 07:00"])
    assert "recorded" in told
    assert "2022-09-05" in told
    assert "07:00" in told
    assert table([]) == "  (nothing was said)"


@pytest.mark.parametrize("recorded", [(), ["2022-09-05 07:00"]])
def test_a_table_fits_the_page_whatever_stands_in_it(recorded: list[str]) -> None:
    long = Report("The Institute for the Study of War " * 3, published="2022-09-03")
    event = Attack(
        when=between("2022-09-01T08:00", "2022-09-03T09:30"), by="Group " * 20, summary="x" * 200
    )
    told = table([long.says(event)], recorded)
    assert max(map(len, told.splitlines())) <= PAGE
    assert "".join(told.split()).count("Institute") == 3


def test_a_paragraph_hangs_and_a_long_answer_keeps_its_ends() -> None:
    lines = paragraph("In this order:    ", "word " * 40)
    assert lines[0].startswith("In this order:     word")
    assert all(line.startswith("  ") for line in lines[1:])
    assert max(map(len, lines)) <= PAGE
    assert shortened("a" * 500 + "z") == "a" * 266 + " … " + "a" * 133 + "z"
