"""A sheet of pairs to decide upon, and the links that a desk says once it has decided."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

import attrs

from timeline.claims import LinkClaim, Report, Retraction, Void
from timeline.errors import ImporterError
from timeline.links import SameActor, SameEvent, SamePlace
from timeline.log import Log
from timeline.matching.candidates import Candidate
from timeline.matching.names import NameCandidate
from timeline.supersession import counting, standing_links
from timeline.text_safety import harmless

__all__ = ["COLUMNS", "Decisions", "read_decisions", "write_decisions"]

COLUMNS = (
    "same", "link", "score", "reasons", "first", "second", "first_when", "second_when",
    "first_what", "second_what", "first_sources", "second_sources",
)  # fmt: skip
"""The columns of a sheet; ``same`` is to be filled: yes, no, or nothing yet."""

_LINKS: dict[str, Any] = {"event": SameEvent, "place": SamePlace, "actor": SameActor}
_NEEDED = ("same", "link", "first", "second")
_ANSWERS = {"yes": True, "y": True, "no": False, "n": False, "": None}


@attrs.frozen
class Decisions:
    """What a sheet of decisions comes to.

    ``claims`` are those that the log lacks; ``open`` is how many rows nobody has decided upon,
    ``again`` how many say what the source says already.
    """

    claims: tuple[LinkClaim, ...]
    open: int = 0
    again: int = 0

    def __str__(self) -> str:
        joined = sum(one.stance == "says" for one in self.claims)
        return (
            f"{joined:,} joined, {len(self.claims) - joined:,} kept apart, {self.again:,} decided "
            f"before, {self.open:,} open"
        )


def write_decisions(found: Iterable[Candidate | NameCandidate]) -> str:
    """Return candidates as CSV, side by side, with the column ``same`` to be filled in."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        row = _event_row(one) if isinstance(one, Candidate) else _name_row(one)
        writer.writerow(map(harmless, row))
    return out.getvalue()


def _event_row(one: Candidate) -> list[str]:
    pair = (one.first, one.second)
    cells = [
        [account.event.id for account in pair],
        [str(account.when) for account in pair],
        [str(account.event) for account in pair],
        [", ".join(sorted(account.sources)) for account in pair],
    ]
    beside = [cell for two in cells for cell in two]
    return ["", "event", f"{one.score:.2f}", "; ".join(one.reasons), *beside]


def _name_row(one: NameCandidate) -> list[str]:
    kind = "place" if isinstance(one.link, SamePlace) else "actor"
    empty = [""] * (len(COLUMNS) - 6)
    return ["", kind, f"{one.score:.2f}", "; ".join(one.reasons), *one.names, *empty]


def read_decisions(lines: Iterable[str], report: Report, log: Log) -> Decisions:
    """Return what a filled sheet says, in the name of a report's source.

    ``yes`` says that the two are one, ``no`` denies it, an empty cell leaves it open. What the
    source says already isn't said again, and where it decides otherwise than before, the new claim
    replaces the old ones. Raises ``ImporterError`` that names the row: for another answer, for a
    link that there isn't, for an event that the log doesn't have, and for one pair decided twice,
    differently.
    """
    reader = csv.DictReader(lines)
    missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise ImporterError(
            f"a sheet of decisions has the columns {', '.join(_NEEDED)}; this one lacks "
            f"{', '.join(missing)}: write one with timeline match"
        )
    known = {name for account in log.accounts() for name in account.ids}
    before = _said_before(log, report.source)
    claims: dict[str, LinkClaim] = {}
    undecided = again = 0
    for number, row in enumerate(reader, 2):
        same, link = _read(number, row, known)
        if same is None:
            undecided += 1
            continue
        stance = "says" if same else "denies"
        earlier = claims.get(link.id)
        if earlier is not None and earlier.stance != stance:
            raise ImporterError(f"row {number}: {link} is decided above, and otherwise")
        mine = before.get(link.id, ())
        if earlier is not None or (mine and all(one.stance == stance for one in mine)):
            again += 1
            continue
        say = report.says if same else report.denies
        claims[link.id] = say(link, replaces=mine or None)
    return Decisions(tuple(claims.values()), undecided, again)


def _read(number: int, row: dict[str, Any], known: set[str]) -> tuple[bool | None, Any]:
    answer = (row["same"] or "").strip().casefold()
    if answer not in _ANSWERS:
        raise ImporterError(
            f"row {number}, column 'same': {row['same']!r}: write yes, no, or nothing yet"
        )
    kind = (row["link"] or "").strip()
    if kind not in _LINKS:
        raise ImporterError(f"row {number}, column 'link': {kind!r}: one of {', '.join(_LINKS)}")
    if _ANSWERS[answer] is None:
        return None, None
    ids = [_id(row[name] or "") for name in ("first", "second")]
    for one in ids if kind == "event" else ():
        if one not in known:
            raise ImporterError(f"row {number}: no event {one!r} stands in this log")
    return _ANSWERS[answer], _LINKS[kind](*ids)


def _id(cell: str) -> str:
    """An id as it was before ``harmless`` kept a spreadsheet from running it."""
    bare = cell.removeprefix("'")
    return bare if harmless(bare) == cell else cell


def _said_before(log: Log, source: str) -> dict[str, Sequence[LinkClaim]]:
    said = (entry.claim for entry in log)
    bearing = (one for one in said if isinstance(one, LinkClaim | Retraction | Void))
    return {
        claims[0].link.id: mine
        for claims in standing_links(bearing)
        if (mine := [one for one in counting(claims) if one.source == source])
    }
