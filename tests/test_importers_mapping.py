"""Tests that a mapping says what is wrong with it, by the key of its TOML."""

from __future__ import annotations

import pytest

from tests.sheets import BASE, fails, outcome, said
from timeline import (
    Attack,
)
from timeline.importers import Refused, sheet_map


def test_only_some_values_are_taken() -> None:
    top = '[only]\nSide = ["Russia", "Ukraine"]\n[translate.Side]\nRU = "Russia"\n"?" = ""\n'
    mapping = BASE.format(columns='by = "Side"', defaults="") + top
    for text, by in (("RU", "Russia"), ("Ukraine", "Ukraine"), ("", None), ("?", None)):
        found = said({"Date": "2022", "Side": text}, mapping).event
        assert isinstance(found, Attack)
        assert found.by == by
    bad = outcome({"Date": "2022", "Side": "Uncontrolled"}, mapping)
    assert isinstance(bad, Refused)
    assert (bad.column, bad.value) == ("Side", "Uncontrolled")
    assert bad.expected == "columns.by: expected one of Russia, Ukraine"


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("kind = ", "the mapping isn't TOML"),
        (7, "a mapping is TOML text"),
        ('colour = "red"', "no key 'colour'; it has kind, otherwise, zone"),
        ("kind = 7", "kind is a text, not 7"),
        ('formats = "%d"', "formats is a list of texts, not '%d'"),
        ("formats = [1]", "formats is a list of texts such as"),
        ("columns = 3", "columns is a table, not 3"),
        ('span = "x"', "span is 'between' or 'lasted'"),
        ('delimiter = ";;"', "delimiter is one character"),
        ('kind = "attack"', r"needs a table \[columns\]"),
        ('[columns]\nwhen = "Date"\n[translate]\nx = 1', "translate.'x' is a table"),
        ('[columns]\nwhen = "Date"\n[only]\nx = 1', "only.'x' is a list"),
        ('[columns]\nwhen = "Day"', "columns.when: the sheet has no column 'Day'; it has 'Date'"),
        ('[columns]\nwhen = ["Date", "Day"]', "columns.when: the sheet has no column 'Day'"),
        ('[columns]\nwhen.from = "Day"', "columns.when.from: the sheet has no column 'Day'"),
        ("[columns]\nwhen = 3", "columns.when is the name of a column, or several in a list, not"),
        ('[columns]\nwhen = "Date"\n[translate.x]\na = "b"', "translate: the sheet has no column"),
        ('[columns]\nwhen = "Date"\n[only]\nx = []', "only: the sheet has no column 'x'"),
        ('kind = "attack"\n[columns]\nplace = "Town"', "needs columns.when: when it happened"),
        ('[columns]\nwhen = "Date"', "needs kind = 'attack', or columns.kind"),
        ('kind = "duel"\n[columns]\nwhen = "Date"', "kind: no kind is called 'duel'; there are"),
        ('kind = "attack"\n[columns]\nwhen = ""', "columns.when: the sheet has no column ''"),
        (
            'kind = "attack"\n[columns]\nwhen = {from = "Date", at = "Date"}',
            "when has no part 'at'; it has from, to",
        ),
        ('kind = "attack"\n[columns]\nwhen.from = "Date"', "say with span = 'lasted'"),
        (
            'kind = "attack"\n[columns]\nwhen = "Date"\nplaces = "Town"',
            "columns.places: no such field; there are according_to, against",
        ),
        (
            'kind = "attack"\n[columns]\nwhen = "Date"\n[defaults]\nplaces = "x"',
            "defaults.places: no such field",
        ),
        (
            'kind = "attack"\n[columns]\nwhen = "Date"\nplace.town = "Town"',
            "place has no part 'town'; it has name, id",
        ),
        (
            'kind = "attack"\n[columns]\nwhen = "Date"\nplace = "Town"\n[defaults.place]\nid = "x"',
            "place is given as a whole in one of columns and defaults",
        ),
        (
            'kind = "attack"\n[columns]\nwhen = "Date"\nby.name = "Town"',
            "by is given as a whole: columns.by = 'a column'",
        ),
        (
            'kind = "attack"\n[columns]\nwhen = "Date"\ntitle.name = "Town"',
            "columns.title is the name of a column, or several in a list, not",
        ),
        (
            'kind = "attack"\n[columns]\nwhen = "Date"\nincluding = "Dead"',
            "including is given in parts: columns.including.children",
        ),
        (
            'kind = "attack"\n[columns]\nwhen = "Date"\n[defaults]\nby = ["x"]',
            r"defaults.by is one value, not \['x'\]",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_names_its_key(mapping: object, message: str) -> None:
    told = mapping
    if isinstance(mapping, str) and "when" in mapping and "[defaults" not in mapping:
        told = f'{mapping}\n[defaults]\nsource = "our desk"'
    elif isinstance(mapping, str) and "[defaults]" in mapping:
        told = f'{mapping}\nsource = "our desk"'
    elif isinstance(mapping, str) and "[defaults.place]" in mapping:
        told = f'{mapping}\n[defaults]\nsource = "our desk"'
    fails(told, message)


def test_a_mapping_is_read_once() -> None:
    made = sheet_map(BASE.format(columns="", defaults=""))
    assert sheet_map(made) is made
    assert sheet_map({"columns": {"when": "Date"}}).columns == {"when": "Date"}
