"""Takes what an importer reads into a log: in batches, counted, with nothing lost on the way."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Protocol

import attrs

from timeline.claims import Claim, Report, Retraction, Said, Void
from timeline.codec import Codec
from timeline.errors import ClaimError, EventError, ImporterError
from timeline.events import Event
from timeline.importers.digest_map import DigestMap, digest
from timeline.importers.outcomes import Accepted, Outcome, Refused, Skipped
from timeline.log import Log
from timeline.query import Moment
from timeline.relations import Certainty
from timeline.resolution import resolve
from timeline.text_safety import harmless

__all__ = ["ImportSummary", "import_into"]

_SHOWN = 5  # refused rows that a summary tells in full


class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...


@attrs.frozen(kw_only=True)
class ImportSummary:
    """What became of a file.

    Each row counts once. ``new``: an event that its source hadn't told before. ``changed``: one
    that it tells otherwise now. ``again``: one that it tells as before, in a later publication.
    ``retracted``: one that it takes back. ``ignored``: nothing that the log doesn't hold already,
    or a row that holds no event. ``refused``: see the quarantine. ``missing`` are events, not
    rows: those that a whole release no longer has, and that were retracted for it; ``withheld``
    says why that wasn't done. ``examples`` are the first rows refused.
    """

    new: int = 0
    changed: int = 0
    again: int = 0
    retracted: int = 0
    ignored: int = 0
    refused: int = 0
    missing: int = 0
    withheld: str | None = None
    dry_run: bool = False
    examples: tuple[Refused, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were read."""
        told = self.new + self.changed + self.again + self.retracted
        return told + self.ignored + self.refused

    def __str__(self) -> str:
        counts = [
            f"{self.new:,} new",
            f"{self.changed:,} changed",
            *([f"{self.again:,} said again"] if self.again else []),
            *([f"{self.retracted:,} retracted"] if self.retracted else []),
            f"{self.ignored:,} ignored",
            f"{self.refused:,} refused",
        ]
        told = f"{self.rows:,} row{'s' * (self.rows != 1)}: {', '.join(counts)}"
        lines = [f"dry run, nothing was written: {told}" if self.dry_run else told]
        if self.missing:
            events = f"{self.missing:,} event{'s' * (self.missing != 1)}"
            lines.append(f"{events} that the release no longer has: retracted")
        if self.withheld:
            lines.append(f"what the release no longer has wasn't retracted: {self.withheld}")
        lines += [f"  {one}" for one in self.examples]
        if self.refused > len(self.examples):
            lines.append(f"  … and {self.refused - len(self.examples):,} more refused")
        return "\n".join(lines)


def import_into(
    log: Log,
    outcomes: Iterable[Outcome],
    *,
    quarantine: _Writable | None = None,
    dry_run: bool = False,
    release: Report | None = None,
    covers: Callable[[Event], bool] | None = None,
    recorded: Moment | None = None,
    progress: Callable[[int, int | None], object] | None = None,
    total: int | None = None,
    batch: int = 500,
) -> ImportSummary:
    """Appends what an importer reads to a log, and says what became of every row.

    A second import of the same file changes nothing. ``quarantine`` is a file open for writing
    text: refused rows go there as CSV, each with its number and what is wrong with it. With
    ``dry_run`` nothing is written to the log and everything is counted. ``progress`` is called
    with the rows done and ``total``, as given. ``recorded`` goes to ``log.append``.

    ``release`` says that the file is all that its source stands by in that report: what the
    source told before and the file no longer has is retracted by it, of what ``covers`` is true
    where that is given. Nothing is retracted where a row couldn't be read so far that its event
    is known. ``batch`` is how many claims are appended at once.

    Memory grows by some 50 bytes for each event of log and file, and by nothing else.
    """
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise ImporterError(
            f"batch is how many claims are appended at once, 1 or more, not {batch!r}"
        )
    intake = _Importing(log, quarantine, dry_run=dry_run, recorded=recorded, release=release)
    rows: list[Accepted] = []
    waiting = 0
    for done, outcome in enumerate(outcomes, 1):
        if isinstance(outcome, Accepted):
            rows.append(outcome)
            waiting += len(outcome.said)
        else:
            intake.set_aside(outcome)
        if waiting >= batch:
            intake.take(rows)
            rows, waiting = [], 0
        if progress is not None and done % batch == 0:
            progress(done, total)
    intake.take(rows)
    if release is not None:
        intake.retract_missing(release, covers, batch)
    found = intake.found()
    if progress is not None:
        progress(found.rows, total)
    return found


class _Importing:
    """One import under way: what was counted, and what has to be remembered."""

    def __init__(
        self,
        log: Log,
        quarantine: _Writable | None,
        *,
        dry_run: bool,
        recorded: Moment | None,
        release: Report | None,
    ) -> None:
        self._log = log
        self._quarantine = None if quarantine is None else csv.writer(quarantine)
        self._quarantine_opened = False
        self._dry_run = dry_run
        self._recorded = recorded
        self._source = None if release is None else release.source
        self._counts: Counter[str] = Counter()
        self._examples: list[Refused] = []
        self._withheld: str | None = None
        self._written = DigestMap()  # ids of what a dry run would have written
        self._there = DigestMap()  # events that the file speaks of
        self._taken_back: list[Said] = []  # by the file itself
        self._versions = DigestMap()
        for entry in log if log.head else ():
            if isinstance(entry.claim, Claim):
                self._version(entry.claim)

    def found(self) -> ImportSummary:
        return ImportSummary(
            **self._counts,
            withheld=self._withheld,
            dry_run=self._dry_run,
            examples=tuple(self._examples),
        )

    def set_aside(self, outcome: Skipped | Refused) -> None:
        """Counts a row that says nothing, and puts a refused one into quarantine."""
        if isinstance(outcome, Skipped):
            self._counts["ignored"] += 1
            return
        self._counts["refused"] += 1
        if len(self._examples) < _SHOWN:
            self._examples.append(outcome)
        if outcome.event_id is not None:
            self._there.put(digest(outcome.event_id))
        elif self._source is not None and self._withheld is None:
            self._withheld = f"row {outcome.row} can't be read so far that its event is known"
        if self._quarantine is not None:
            if not self._quarantine_opened:
                self._quarantine.writerow(["row", "column", "value", "expected", *outcome.header])
                self._quarantine_opened = True
            told = (outcome.column, outcome.value, outcome.expected, *outcome.raw)
            self._quarantine.writerow([outcome.row, *map(_cell, told)])

    def take(self, rows: list[Accepted]) -> None:
        """Appends what rows say, one row at a time where they can't be appended together."""
        if not rows:
            return
        there = self._log.find(*(one.id for row in rows for one in row.said))
        known = set(there)
        try:
            self._append(rows)
        except (ClaimError, EventError) as error:
            if len(rows) > 1:
                for row in rows:
                    self.take([row])
                return
            (row,) = rows
            claims = [one for one in row.said if isinstance(one, Claim)]
            event_id = claims[0].event.id if claims else None
            self.set_aside(Refused(row.row, "", "", str(error), event_id=event_id))
            return
        for row in rows:
            self._counts[self._what(row, known)] += 1

    def _append(self, rows: Iterable[Accepted]) -> None:
        said = [one for row in rows for one in row.said]
        if self._dry_run:
            with Log() as scratch:  # what this log would refuse, that one refuses
                scratch.append(*said)
        else:
            self._log.append(*said, recorded=self._recorded)

    def _what(self, row: Accepted, known: set[str]) -> str:
        """What a row is to the log: the most that any of its claims is."""
        found = set()
        for one in row.said:
            if isinstance(one, Claim):
                if one.source == self._source:
                    self._there.put(digest(one.event.id))
            elif self._source is not None:
                self._taken_back.append(one)
            if one.id in known or (self._dry_run and self._written.put(digest(one.id))):
                continue
            known.add(one.id)
            found.add(self._version(one) if isinstance(one, Claim) else "retracted")
        order = ("new", "changed", "retracted", "again")
        return next((what for what in order if what in found), "ignored")

    def _version(self, claim: Claim) -> str:
        """Remembers what a source tells of an event; how that compares with what it told last."""
        version = digest(claim.stance, *Codec.event_body(claim.event))
        before = self._versions.put(digest(claim.source, claim.event.id), version)
        return "new" if before is None else "again" if before == version else "changed"

    def retract_missing(
        self, release: Report, covers: Callable[[Event], bool] | None, batch: int
    ) -> None:
        """Retracts what the source of a release stands by and the release no longer has."""
        if self._withheld is not None:
            return
        gone = iter(self._gone(release, covers))
        while some := list(islice(gone, batch)):
            there = self._log.find(*(one.id for one in some))
            new = [one for one in some if one.id not in there]
            self._counts["missing"] += len(new)
            if not self._dry_run:
                self._log.append(*new, recorded=self._recorded)

    def _gone(
        self, release: Report, covers: Callable[[Event], bool] | None
    ) -> Iterator[Retraction]:
        # Standing is weighed for what the file doesn't have, and whatever may bear on it, alone.
        said = [*self._taken_back, *filter(self._bears, (entry.claim for entry in self._log))]
        for account in resolve(said):
            if digest(account.event.id) in self._there:
                continue  # weighed because it replaces something
            if any(
                release.published.before(claim.published) is Certainty.CERTAIN
                for claim in account.counted
            ):
                continue  # a later release speaks of it
            if covers is None or covers(account.event):
                name = release.title or "this release"
                yield release.retracts(account.event, because=f"no longer in {name}")

    def _bears(self, said: object) -> bool:
        if isinstance(said, Claim):
            away = digest(said.event.id) not in self._there
            return said.source == self._source and (away or bool(said.replaces))
        if isinstance(said, Retraction):
            return said.report.source == self._source
        return isinstance(said, Void)


def _cell(cell: str) -> str:
    """A cell that a spreadsheet takes for text or a number, and never for a formula."""
    try:
        float(cell)
    except ValueError:
        return harmless(cell)
    return cell
