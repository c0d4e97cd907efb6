"""The model of a store names each way in which a store can differ from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from timeline.errors import ConflictError, RecordedError
from timeline.stores import Record
from timeline.testing.model import NOON, REPORTS, Anomaly, Model, differences, draft, parting

Rows = list[Record]


class Dressed(Record):
    """Equal to a row, and none: what it is given may not come back as something else."""

    __slots__ = ()


def kept(*numbers: int) -> Rows:
    model = Model()
    model.append([draft(number) for number in numbers], REPORTS, NOON)
    return model.rows


def moved(rows: Rows, by: int) -> Rows:
    return [row._replace(position=row.position + by) for row in rows]


ROWS = kept(0, 1, 2)
LATER = [*ROWS[:2], ROWS[2]._replace(recorded=NOON + 5)]


@pytest.mark.parametrize(
    ("seen", "name", "options"),
    [
        ([*ROWS, ROWS[0]], "duplicate", {}),
        (kept(0, 1, 2, 3), "phantom", {}),
        (kept(0, 1, 2, 3), "shared state", {"elsewhere": [draft(3).id]}),
        (kept(0, 1, 2, 3), "torn batch", {"batch": [draft(3).id]}),
        (
            kept(0, 1, 2, 3),
            "stale conditional write",
            {"batch": [draft(3).id], "refused": [ConflictError]},
        ),
        (
            kept(0, 1, 2, 3),
            "recorded goes back",
            {"batch": [draft(3).id], "refused": [RecordedError]},
        ),
        (ROWS[:2], "lost write", {}),
        (ROWS[:2], "torn batch", {"batch": [draft(1).id, draft(2).id]}),
        ([ROWS[1], ROWS[0], ROWS[2]], "reorder", {}),
        (moved(ROWS, 1), "poll skip", {}),
        (LATER, "changed time", {}),
        ([ROWS[0]._replace(recorded=NOON + 9), *ROWS[1:]], "recorded goes back", {}),
        ([ROWS[0]._replace(body=b"{}"), *ROWS[1:]], "changed bytes", {}),
        ([Dressed(*ROWS[0]), *ROWS[1:]], "changed bytes", {}),
    ],
)
def test_each_difference_has_its_name(seen: Rows, name: str, options: dict[str, list[Any]]) -> None:
    found = raised(lambda: differences(ROWS, seen, **options))
    assert found.name == name
    assert found.why


def raised(judged: Callable[[], None]) -> Anomaly:
    with pytest.raises(Anomaly) as found:
        judged()
    return found.value


def test_the_same_rows_are_no_difference() -> None:
    differences(ROWS, kept(0, 1, 2))
    differences([], [])


def test_long_values_are_shown_where_they_part() -> None:
    assert parting(1, "1") == ("1", "'1'")
    one, other = parting(b"a" * 100 + b"b", b"a" * 100 + b"c")
    assert "b'" + "a" * 20 + "b'" in one
    assert "c'" in other
    assert "of 101 bytes" in one
