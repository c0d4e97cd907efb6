"""What a merge records is one value with one id, whoever makes it."""

from __future__ import annotations

from typing import Any

import pytest

from timeline.errors import ClaimError
from timeline.merge_provenance import Merge


def _merge(**parts: Any) -> Merge:
    given: dict[str, Any] = {
        "log": "a",
        "after": 0,
        "upto": 2,
        "root": "00",
        "entries": ((1, 5, 7), (2, 6, 8)),
    }
    return Merge(**given | parts)


def test_it_has_the_id_of_its_content() -> None:
    assert _merge() == _merge()
    assert _merge().id == _merge().id
    assert _merge().id != _merge(entries=((1, 5, 7),)).id
    assert str(_merge(after=1)) == "merged entries 2 to 2 of the log a"
    assert b"records" in _merge(records=((3, 9, "redaction", "{}"),)).body()


@pytest.mark.parametrize("entries", [[(1, 5, 7)], ((1, 5),), ((0, 5, 7),), ((1, "5", 7),)])
def test_what_is_no_place_in_two_logs_is_refused(entries: Any) -> None:
    with pytest.raises(ClaimError, match="triples"):
        _merge(entries=entries)
