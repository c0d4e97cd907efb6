"""Tests what stands in a log where something was erased."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.claims import Report
from timeline.codec import Codec
from timeline.errors import ClaimError, FormatError
from timeline.redaction_records import Redacted, Redaction
from timeline.stores.base import REDACTION, Record

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)


@given(st.sets(st.integers(1, 1 << 62), min_size=1), TEXTS, TEXTS, st.none() | TEXTS)
def test_a_redaction_comes_back_from_its_bytes(
    positions: set[int], because: str, basis: str, by: str | None
) -> None:
    made = Redaction(positions=tuple(sorted(positions)), because=because, basis=basis, by=by)
    draft = Codec.redaction_draft(made)
    assert (draft.record_type, draft.report) == (REDACTION, b"")
    assert Codec.redaction(Record(9, 0, *draft)) == made
    assert draft.id.hex() == made.id
    again = Redaction(positions=tuple(sorted(positions)), because=because, basis=basis, by=by)
    assert again == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"positions": ()},
        {"positions": (2, 1)},
        {"positions": (1, 1)},
        {"positions": (0,)},
        {"positions": (True,)},
        {"positions": [1]},
        {"because": ""},
        {"because": " "},
        {"basis": None},
        {"by": ""},
        {"by": 7},
    ],
)
def test_a_redaction_says_what_why_and_on_what_basis(wrong: dict[str, Any]) -> None:
    told: dict[str, Any] = {"positions": (1,), "because": "a court", "basis": "GDPR 17"}
    with pytest.raises(ClaimError, match="a redaction's"):
        Redaction(**(told | wrong))


def test_what_was_redacted_says_why_where_that_is_known() -> None:
    why = Redaction(positions=(3,), because="a court", basis="GDPR 17", by="A. Editor")
    gone = Redacted(position=3, commitment="00" * 32, redaction=why)
    assert str(gone) == str(why) == "redacted by A. Editor: a court (GDPR 17)"
    assert str(Redacted(position=3, commitment="00" * 32)) == "redacted"
    assert gone.id == ""
    assert len({gone, why, gone}) == 2


DEEP = b'{"positions":[1],"because":"a","basis":"b","c":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"positions":[],"because":"a","basis":"b"}', DEEP])
def test_a_redaction_that_cannot_be_read_is_named(body: bytes) -> None:
    with pytest.raises(FormatError, match=r"entry 9 \(redaction aa\) can't be read"):
        Codec.redaction(Record(9, 0, b"\xaa", REDACTION, "", b"", body))


def test_no_report_says_it() -> None:
    with pytest.raises(FormatError, match="can't be read"):
        Codec().said(Record(9, 0, b"\xaa", REDACTION, "", b"", b"{}"), Report("Desk"))
