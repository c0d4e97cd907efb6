"""What becomes of a row: something is said, it holds nothing to say, or it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version

import attrs

from timeline.claims import Said
from timeline.errors import ImporterError, TimelineError
from timeline.importers.table_reader import TableRow

__all__ = [
    "IMPORTED_REASONS", "Accepted", "CellError", "Outcome", "Outcomes", "Refused", "Skipped",
    "outcomes",
]  # fmt: skip

IMPORTED_REASONS = ("no longer in ", "deleted by ACLED", "cancelled")
"""How the reasons of retractions begin that importers make."""

_RULES = 1  # raised when a release of the same number reads rows otherwise
_SHOWN = 80  # characters of a value in a message


@attrs.frozen
class Accepted:
    """What a row says: one or several claims or retractions.

    ``warnings`` are about the file, such as a zone that nobody knows; each is shown once.
    """

    row: int
    said: tuple[Said, ...]
    warnings: tuple[str, ...] = ()
    digest: int = attrs.field(default=0, eq=False, repr=False)  # of its cells, for a RowMemory


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


class Outcomes(Iterator[Outcome]):
    """The outcomes of a table's rows, one after the other.

    ``way`` says how rows are read, so that two rows with the same cells that are read in one way
    say the same; empty where a row's meaning depends on more. Rows that ``pass_over`` knows, by
    the digest of their cells, aren't read.
    """

    def __init__(
        self,
        records: Iterable[TableRow],
        make: Callable[[TableRow], Accepted | Skipped],
        names: Callable[[TableRow], str | None],
        way: str,
    ) -> None:
        self._make = make
        self._names = names
        self._digest: Callable[[Sequence[str]], int] | None = None
        self._knows: Callable[[int], bool] = lambda _: False
        self._outcomes = map(self._outcome, records)
        self.way = f"{version('timeline-events')} {_RULES} {way}" if way else ""

    def __next__(self) -> Outcome:
        return next(self._outcomes)

    def pass_over(
        self, digest: Callable[[Sequence[str]], int], knows: Callable[[int], bool]
    ) -> None:
        """Skip rows that somebody knows by the digest of their cells, from the next one on."""
        self._digest, self._knows = digest, knows

    def _outcome(self, record: TableRow) -> Outcome:
        digest = 0
        if self._digest is not None and record.problem is None:
            digest = self._digest(record.cells)
            if digest and self._knows(digest):
                return Skipped(record.row, "as it was imported before")
        if record.problem is None and not any(map(str.strip, record.cells)):
            return Skipped(record.row, "an empty row")
        if record.repeats_header():
            return Skipped(record.row, "the header again")
        if record.is_tags():
            return Skipped(record.row, "the row of HXL tags")
        try:
            record.check()
            made = self._make(record)
        except CellError as error:
            return _refused(record, error.column, error.value, error.expected, self._names)
        except TimelineError as error:
            return _refused(record, "", "", str(error), self._names)
        if digest and isinstance(made, Accepted):
            return Accepted(made.row, made.said, made.warnings, digest)
        return made


def outcomes(
    records: Iterable[TableRow],
    make: Callable[[TableRow], Accepted | Skipped],
    *,
    names: Callable[[TableRow], str | None] = lambda _: None,
    way: str = "",
) -> Outcomes:
    """Make an outcome of each record; whatever of the library's errors it raises refuses the row.

    ``names`` gives the id of the event that a record speaks of, or None; it may raise as ``make``.
    ``way`` is as in ``Outcomes``.
    """
    return Outcomes(records, make, names, way)


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
