"""What becomes of a row: something is said, it holds nothing to say, or it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs

from timeline.claims import Said
from timeline.errors import ImporterError, TimelineError
from timeline.importers.table_reader import TableRow

__all__ = [
    "IMPORTED_REASONS", "Accepted", "CellError", "Outcome", "Refused", "Skipped", "outcomes",
]  # fmt: skip

IMPORTED_REASONS = ("no longer in ", "deleted by ACLED", "cancelled")
"""How the reasons of retractions begin that importers make."""

_SHOWN = 80  # characters of a value in a message


@attrs.frozen
class Accepted:
    """What a row says: one or several claims or retractions.

    ``warnings`` are about the file, such as a zone that nobody knows; each is shown once.
    """

    row: int
    said: tuple[Said, ...]
    warnings: tuple[str, ...] = ()


@attrs.frozen
class Skipped:
    """A row that says nothing of an event, such as an empty one or a title; ``reason`` says why."""

    row: int
    reason: str


@attrs.frozen
class Refused:
    """A row that can't be taken as it stands.

    ``row`` counts as a spreadsheet does: the header is row 1. ``column`` and ``value`` say what
    is wrong, empty where it is the row as a whole; ``expected`` says what would be right. ``raw``
    are its cells as they were read, ``header`` their names. ``event_id`` is the event that it
    speaks of, where that much could be read.
    """

    row: int
    column: str
    value: str
    expected: str
    raw: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    event_id: str | None = None

    def __str__(self) -> str:
        value = self.value if len(self.value) <= _SHOWN else f"{self.value[:_SHOWN]}…"
        where = f"row {self.row}" + (f", column {self.column!r}" if self.column else "")
        return f"{where}: {value!r}: {self.expected}" if self.value else f"{where}: {self.expected}"


Outcome = Accepted | Skipped | Refused
"""What an importer gives for each row."""


class CellError(ImporterError):
    """A cell that can't be read; it ends up in a ``Refused`` and nowhere else."""

    def __init__(self, column: str, value: str, expected: str) -> None:
        super().__init__(f"{column}: {value!r}: {expected}")
        self.column = column
        self.value = value
        self.expected = expected


def outcomes(
    records: Iterable[TableRow],
    make: Callable[[TableRow], Accepted | Skipped],
    *,
    names: Callable[[TableRow], str | None] = lambda _: None,
) -> Iterator[Outcome]:
    """Make an outcome of each record; whatever of the library's errors it raises refuses the row.

    ``names`` gives the id of the event that a record speaks of, or None; it may raise as ``make``.
    """
    for record in records:
        if record.problem is None and not any(map(str.strip, record.cells)):
            yield Skipped(record.row, "an empty row")
            continue
        if record.repeats_header():
            yield Skipped(record.row, "the header again")
            continue
        if record.is_tags():
            yield Skipped(record.row, "the row of HXL tags")
            continue
        try:
            record.check()
            yield make(record)
        except CellError as error:
            yield _refused(record, error.column, error.value, error.expected, names)
        except TimelineError as error:
            yield _refused(record, "", "", str(error), names)


def _refused(
    record: TableRow,
    column: str,
    value: str,
    expected: str,
    names: Callable[[TableRow], str | None],
) -> Refused:
    try:
        record.check()
        event_id = names(record)
    except TimelineError:
        event_id = None
    return Refused(
        record.row, column, value, expected, tuple(record.cells), record.header, event_id
    )
