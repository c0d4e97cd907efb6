"""Tests the mapping that is proposed for a header."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline import Attack, Log
from timeline.errors import ImporterError
from timeline.importers import guess, import_into, sheet_map, table
from timeline.importers.table_reader import TableReader

NAMES = st.text(max_size=8) | st.sampled_from(
    [
        "Date",
        "start",
        "End",
        "Place",
        "lat",
        "Killed",
        "killed_low",
        "Source",
        "Type",
        "Town",
        "No.",
    ]
)


@given(st.lists(NAMES, max_size=8))
def test_any_header_gets_a_mapping(header: list[str]) -> None:
    text = guess(header)
    plan = sheet_map(text)
    names = [name.encode("utf-8", "replace").decode().strip() for name in header]
    plan.check(TableReader([], columns=list(dict.fromkeys(["", *names]))))
    mapped = [key for key in plan.columns if key in ("when", "place", "killed", "source")]
    assert all(plan.has(key) for key in mapped)


def test_a_common_sheet_is_ready() -> None:
    header = ["No.", "Date", "Town", "Lat", "Lon", "Killed", "Injured", "Source", "Link", "Mood"]
    text = guess(header)
    assert tomllib.loads(text)["columns"] == {
        "id": "No.",
        "when": "Date",
        "place": {"name": "Town", "latitude": "Lat", "longitude": "Lon"},
        "killed": "Killed",
        "wounded": "Injured",
        "source": "Source",
        "url": "Link",
    }
    assert '# … = "Mood"' in text
    row = "1,2022-09-16,Kharkiv,50,36.25,2,12,Wire,https://wire.example,grim\n"
    with Log() as log:
        import_into(log, table([",".join(header) + "\n", row], text))
        (account,) = log.accounts()
    assert isinstance(account.event, Attack)
    assert (account.event.killed, account.event.wounded, account.sources) == (2, 12, {"Wire"})


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["Start", "End"], {"when": {"from": "Start", "to": "End"}}),
        (["Date", "Start", "End"], {"when": "Date"}),
        (["End"], {"when": "End"}),
        (["low", "high"], {"killed": {"low": "low", "high": "high"}}),
        (["Date", "dead", "low"], {"when": "Date", "killed": "dead"}),
        (["event-date", "Type"], {"when": "event-date", "kind": "Type"}),
    ],
)  # fmt: skip
def test_what_is_told_in_parts(header: list[str], columns: dict[str, object]) -> None:
    assert tomllib.loads(guess(header))["columns"] == columns


def test_it_says_what_is_left_to_do() -> None:
    text = guess(["Wann", 'Wo "genau"', "a\tb\x7f"])
    assert '# when = "…"  # needed: when it happened' in text
    assert '# … = "Wo \\"genau\\""' in text
    assert '# … = "a\\U00000009b\\U0000007f"' in text
    assert 'source = "our desk"' in text
    assert '[translate."Type"]' in guess(["Type"])
    assert 'span = "lasted"' in guess(["Start", "End"])
    with pytest.raises(ImporterError, match="names of columns in a list, not one text"):
        guess("Date,Town")
