"""Appends what an importer reads to a log: in batches, counted, and only what is new to it.

What a row says is compared with what its source has said of the event before. The rules:

* Equal to a claim that stands: nothing is added.
* Equal to a claim that the desk voided: it stays voided, and is counted as withheld.
* Otherwise it is said, and names in ``replaces`` every claim of its source about that event that
  isn't certainly published later, fallen and voided ones included, so that undoing a void brings no
  old version back; and every retraction of it by that source that isn't certainly published
  earlier. So it takes effect however its publication and theirs are ordered, and replaces nothing
  that is certainly newer.
* What rows of one file say of one event stands side by side: none of them replaces another.
* A retraction that was itself imported, such as a whole release's or a list of deletions, overrules
  what was certainly published before it, for ever: an older file brings nothing back.
"""

from __future__ import annotations

import csv
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any, Protocol

import attrs

from timeline.claims import Claim, LinkClaim, Report, Retraction, Said, Void, came_out_before
from timeline.errors import ClaimError, EventError, FutureEventWarning, ImporterError
from timeline.events import Event, earlier_ids
from timeline.importers.digest_map import DigestMap, digest
from timeline.importers.event_index import EventIndex
from timeline.importers.outcomes import (
    IMPORTED_REASONS,
    Accepted,
    Outcome,
    Outcomes,
    Refused,
    Skipped,
)
from timeline.importers.row_memory import RowDigest, RowMemory
from timeline.kinds import Clash
from timeline.log import Log
from timeline.progress import Progress
from timeline.query import Moment
from timeline.relations import Certainty
from timeline.resolution import resolve
from timeline.supersession import counting, named, standing_claims, standing_links
from timeline.text_safety import harmless

__all__ = ["ImportSummary", "import_into"]

_DERIVED = 32  # digits of a derived id
_SMALL = 300  # rows of a file after which it is worth looking what is known of it
_SHOWN = 5  # refused rows that a summary shows in full
_WORDS = {
    "again": "said again",
    "retracted": "retracted",
    "withheld": "withheld, as the log voids them",
}
_ORDER = ("new", "changed", "retracted", "again", "withheld")


class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...


@attrs.frozen(kw_only=True)
class ImportSummary:
    """What became of a file.

    Each row counts once. ``new``: an event that its source hadn't said before. ``changed``: one
    of which it says something else now; its earlier versions are replaced. ``again``: one of which
    it says the same in another publication, or after it had been taken back. ``retracted``: one
    that it takes back. ``withheld``: one equal to a claim that the desk voided. ``ignored``:
    nothing that the log lacks, or a row without an event. ``refused``: see the quarantine.

    Among the rows that were added, ``older`` were published certainly before a version that the
    log has, and take no effect now; ``clashes`` came in as a ``Clash``: a projection that handles
    ``Attack`` alone doesn't see them; ``early`` say that something happened which can't have by
    their publication. ``missing`` are events, not rows: those that a
    whole release no longer has, and that were retracted for it; ``renumbered`` is how many of these
    the file has under another id; ``unretracted`` says why none was. ``warnings`` say what to look
    at before relying on the import. ``examples`` are the first rows refused.
    """

    new: int = 0
    changed: int = 0
    again: int = 0
    retracted: int = 0
    withheld: int = 0
    ignored: int = 0
    refused: int = 0
    older: int = attrs.field(default=0, eq=False)  # of rows that are counted above
    clashes: int = attrs.field(default=0, eq=False)
    early: int = attrs.field(default=0, eq=False)
    missing: int = 0
    renumbered: int = 0
    unretracted: str | None = None
    dry_run: bool = False
    warnings: tuple[str, ...] = attrs.field(default=(), eq=False)
    examples: tuple[Refused, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were read."""
        added = self.new + self.changed + self.again + self.retracted
        return added + self.withheld + self.ignored + self.refused

    def __str__(self) -> str:
        counts = [
            f"{self.new:,} new",
            f"{self.changed:,} changed",
            *(f"{getattr(self, name):,} {words}" for name, words in _WORDS.items()
              if getattr(self, name)),
            f"{self.ignored:,} ignored",
            f"{self.refused:,} refused",
        ]  # fmt: skip
        summary = f"{_many(self.rows, 'row')}: {', '.join(counts)}"
        lines = [f"dry run, nothing was written: {summary}" if self.dry_run else summary]
        if self.older:
            lines.append(f"{_many(self.older, 'row')} older than what the log has: no effect now")
        if self.clashes:
            lines.append(
                f"{_many(self.clashes, 'row')} came in as clashes: handle them with @on(Clash)"
            )
        if self.early:
            lines.append(
                f"{_many(self.early, 'row')} came out before what they say can have happened: "
                "check the dates, or let them expect it"
            )
        if self.missing:
            lines.append(
                f"{_many(self.missing, 'event')} that the release no longer has: retracted"
            )
        if self.renumbered:
            lines.append(f"{self.renumbered:,} of them are in the release under another id")
        if self.unretracted:
            lines.append(f"what the release no longer has wasn't retracted: {self.unretracted}")
        lines += self.warnings
        lines += [f"  {one}" for one in self.examples]
        if self.refused > len(self.examples):
            lines.append(f"  … and {self.refused - len(self.examples):,} more refused")
        return "\n".join(lines)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def import_into(
    log: Log,
    outcomes: Iterable[Outcome],
    *,
    quarantine: _Writable | None = None,
    dry_run: bool = False,
    release: Report | None = None,
    covers: Callable[[Event], bool] | None = None,
    recorded: Moment | None = None,
    progress: Progress | None = None,
    total: int | None = None,
    batch: int = 500,
) -> ImportSummary:
    """Append what an importer reads to a log, and return what became of every row.

    A second import of the same file changes nothing; that of a mended one replaces what it mends.
    ``quarantine`` is a file open for writing text: refused rows go there as CSV, each with its
    number and what is wrong with it. With ``dry_run`` nothing is written and everything is counted.
    ``progress`` is called with the rows done and ``total``, as given. ``recorded`` goes to
    ``log.append``.

    ``release`` says that the file is all that its source stands by in that report: what the source
    said before and the file no longer has is retracted by it, of what ``covers`` is true where that
    is given; so are links, where the file says any. Nothing is retracted where a row couldn't be
    read so far that its event is known. Raises ``ImporterError`` where no row is by that source.
    ``batch`` is how many claims are appended at once.

    It reads the entries about the events of the file, found by an ``EventIndex``, and not the whole
    log; with ``release`` it also reads all that the source said.
    """
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise ImporterError(
            f"batch is how many claims are appended at once, 1 or more, not {batch!r}"
        )
    run = _Importing(log, quarantine, dry_run=dry_run, recorded=recorded, release=release)
    rows: list[Accepted] = []
    waiting = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureEventWarning)  # counted in the summary instead
        for done, outcome in enumerate(outcomes, 1):
            if isinstance(outcome, Accepted):
                rows.append(outcome)
                waiting += len(outcome.said)
            else:
                run.set_aside(outcome)
            if waiting >= batch:
                run.take(rows)
                rows, waiting = [], 0
            if done == _SMALL and release is None and isinstance(outcomes, Outcomes):
                run.remember(outcomes)
            if progress is not None and done % batch == 0:
                progress(done, total)
    run.take(rows)
    if release is not None:
        run.retract_missing(release, covers, batch)
    summary = run.finish()
    if progress is not None:
        progress(summary.rows, total)
    return summary


@attrs.frozen
class _Decision:
    """What is to be appended for one statement of a row, if anything, and what it is to the log."""

    status: str | None
    said: Said | None = None
    older: bool = False


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
        self._release = release
        self._source = None if release is None else release.source
        self._rows_of_source = self._rows_of_others = 0
        self._counts: Counter[str] = Counter()
        self._examples: list[Refused] = []
        self._unretracted: str | None = None
        self._index = EventIndex(log.store)
        self._begun = self._index.upto > 0
        self._said = DigestMap()  # what rows of this file say, without what it replaces
        self._added = DigestMap()  # other entries that say what rows of this file say
        self._versions = DigestMap()  # by source and event: the last version of this file
        self._contents = DigestMap()  # contents of new events, whatever their id
        self._retractions: list[Said] = []  # by the file itself
        self._links = False  # whether the file says any
        self._memory: RowMemory | None = None
        self._warnings: dict[str, None] = {}
        self._early_rows: list[str] = []  # the first of them

    def finish(self) -> ImportSummary:
        if not self._dry_run:
            self._index.save()
            if self._memory is not None:
                self._said, self._versions = DigestMap(), DigestMap()  # makes room
                self._memory.save()
        if self._early_rows:
            rows = ", ".join(self._early_rows)
            more = self._counts["early"] - len(self._early_rows)
            said = f"published before it can have happened: row {rows}"
            self._warnings[said + (f" and {more:,} more" if more else "")] = None
        return ImportSummary(
            **self._counts,
            unretracted=self._unretracted,
            dry_run=self._dry_run,
            warnings=tuple(self._warnings),
            examples=tuple(self._examples),
        )

    def remember(self, outcomes: Outcomes) -> None:
        """Pass over the rows that the log has, from now on, and learn those that it gets."""
        if not outcomes.way:
            return
        digest = RowDigest(outcomes.way, self._log.store.identity.encode())
        self._memory = RowMemory(self._log.store, self._index, digest.name)
        outcomes.pass_over(digest, self._knows)

    def _knows(self, digest: int) -> bool:
        assert self._memory is not None  # noqa: S101 - there is one since remember()
        return self._memory.find(digest)

    def set_aside(self, outcome: Skipped | Refused) -> None:
        """Count a row without a claim, and put a refused one into quarantine."""
        if isinstance(outcome, Skipped):
            self._counts["ignored"] += 1
            return
        self._counts["refused"] += 1
        if len(self._examples) < _SHOWN:
            self._examples.append(outcome)
        if self._source is not None:
            if outcome.event_id is not None:
                self._versions.put(digest(self._source, outcome.event_id))
            elif self._unretracted is None:
                self._unretracted = (
                    f"row {outcome.row} can't be read so far that its event is known"
                )
        if self._quarantine is not None:
            if not self._quarantine_opened:
                self._quarantine.writerow(["row", "column", "value", "expected", *outcome.header])
                self._quarantine_opened = True
            cells = (outcome.column, outcome.value, outcome.expected, *outcome.raw)
            self._quarantine.writerow([outcome.row, *map(_cell, cells)])

    def take(self, rows: list[Accepted]) -> None:
        """Append what rows say, one row at a time where they can't be appended together."""
        if not rows:
            return
        decided, in_log = self._decide(rows)
        new = [one.said for decisions in decided for one in decisions if one.said is not None]
        try:
            positions = self._append(new)
        except (ClaimError, EventError) as error:
            if len(rows) > 1:
                for row, decisions in zip(rows, decided, strict=True):
                    self._take_one(row, decisions)
                return
            self._refuse(rows[0], error)
            return
        for row, decisions in zip(rows, decided, strict=True):
            self._count(row, decisions)
            if row.digest and self._memory is not None:
                self._learn(row, in_log, positions)

    def _learn(self, row: Accepted, in_log: _Held, positions: dict[str, int]) -> None:
        """Remember a row of one claim that stands in the log as the row says it."""
        (claim, *more) = row.said
        if more or not isinstance(claim, Claim) or self._memory is None:
            return
        position = positions.get(claim.id) or in_log.alone_at(claim)
        if position:
            event = self._index.event_key(claim.event.id)
            self._memory.add(row.digest, int(claim.id[-16:], 16), event, position)

    def _take_one(self, row: Accepted, decisions: list[_Decision]) -> None:
        try:
            self._append([one.said for one in decisions if one.said is not None])
        except (ClaimError, EventError) as error:
            self._refuse(row, error)
        else:
            self._count(row, decisions)

    def _refuse(self, row: Accepted, error: Exception) -> None:
        claims = [one for one in row.said if isinstance(one, Claim)]
        event_id = claims[0].event.id if claims else None
        self.set_aside(Refused(row.row, "", "", str(error), event_id=event_id))

    def _count(self, row: Accepted, decisions: list[_Decision]) -> None:
        found = {one.status for one in decisions}
        status = next((one for one in _ORDER if one in found), "ignored")
        self._counts[status] += 1
        added = [one.said for one in decisions if one.status is not None]
        # Of a row's several claims the latest takes effect, whatever becomes of the earlier ones.
        self._counts["older"] += bool(added) and all(one.older for one in decisions if one.status)
        if any(isinstance(one, Claim) and isinstance(one.event, Clash) for one in added):
            self._counts["clashes"] += 1
        if any(_early(one) for one in added):
            self._counts["early"] += 1
            if len(self._early_rows) < _SHOWN:
                self._early_rows.append(str(row.row))
        self._warnings |= dict.fromkeys(row.warnings)

    def _append(self, said: list[Said]) -> dict[str, int]:
        """Append, and return the positions of entries by their ids."""
        if not said:
            return {}
        if self._dry_run:
            with Log() as scratch:  # what this log would refuse, that one refuses
                scratch.append(*said)
            return {}
        index = self._index
        entries = self._log.append(*said, recorded=self._recorded)
        for entry in sorted(entries, key=lambda entry: entry.position):
            if entry.position <= index.upto:
                continue
            if entry.position > index.upto + 1:  # somebody else appended meanwhile
                index.catch_up()
                continue
            one = entry.claim
            if isinstance(one, Claim):
                index.add(entry.position, one.event.id, one.replaces)
            elif isinstance(one, Retraction):
                index.add(entry.position, one.event_id)
            elif isinstance(one, Void):
                index.add(entry.position, "", (one.target,))
        return {entry.claim.id: entry.position for entry in entries}

    # -- what a row is to the log

    def _decide(self, rows: list[Accepted]) -> tuple[list[list[_Decision]], _Held]:
        """Return what is to be done for each statement of each row, and what the log holds."""
        said = [[self._under_its_old_id(one) for one in row.said] for row in rows]
        in_log = _Held(self._log, self._index, [one for some in said for one in some])
        return [[self._decision(one, in_log) for one in some] for some in said], in_log

    def _under_its_old_id(self, one: Said) -> Said:
        """Return a claim with the id that an earlier release derived, where the log has that."""
        if not self._begun or not isinstance(one, Claim):
            return one
        for name in earlier_ids(one.event) if _may_be_derived(one.event) else ():
            rows = self._log.store.get_by_position(self._index.about(name)).values()
            entries = self._log.find(*(row.id.hex() for row in rows if row.id)).values()
            if any(isinstance(e.claim, Claim) and e.claim.event.id == name for e in entries):
                event: Any = one.event
                return attrs.evolve(one, event=attrs.evolve(event, id=name), id="")
        return one

    def _decision(self, one: Said, in_log: _Held) -> _Decision:
        if not isinstance(one, Claim):
            if isinstance(one, LinkClaim):
                self._versions.put(digest(one.source, one.subject))
                self._links = True
            elif self._source is not None:
                self._retractions.append(one)
            self._count_source(one)
            seen = self._said.put(_number(one.id)) is not None or in_log.has(one.id)
            outcome = "new" if isinstance(one, LinkClaim) else "retracted"
            return _Decision(None) if seen else _Decision(outcome, one)
        claim = one
        self._count_source(claim)
        version = _version(claim)
        before = self._versions.put(digest(claim.source, claim.event.id), version)
        if self._said.put(_number(claim.id)) is not None:
            return _Decision(None)  # an equal row of this file
        decision = in_log.compare(claim, self._is_of_file, self._added, self._release)
        status = decision.status
        if status in ("new", "changed", "again") and before is not None:
            decision = attrs.evolve(decision, status="again" if before == version else "changed")
        elif status == "new" and self._source is not None:
            self._contents.put(_content(claim.event))
        if decision.said is not None and decision.said is not claim:
            self._added.put(_number(decision.said.id))
        return decision

    def _is_of_file(self, number: int) -> bool:
        """Whether an entry says what a row of this file says, which no other row replaces."""
        known = number in self._said or number in self._added
        return known or (self._memory is not None and number in self._memory)

    def _count_source(self, said: Said) -> None:
        self._rows_of_source += said.report.source == self._source
        self._rows_of_others += said.report.source != self._source

    # -- whole releases

    def retract_missing(
        self, release: Report, covers: Callable[[Event], bool] | None, batch: int
    ) -> None:
        """Retract what the source of a release stands by and the release no longer has."""
        if self._rows_of_others and not self._rows_of_source:
            raise ImporterError(
                f"release= is by {release.source!r}, and no row is: nothing was retracted; give "
                "the release the name of the source that the rows have"
            )
        if self._unretracted is not None:
            return
        gone = chain(self._gone(release, covers), self._gone_links(release))
        while some := list(islice(gone, batch)):
            there = self._log.find(*(one.id for one in some))
            new = [one for one in some if one.id not in there]
            self._counts["missing"] += len(new)
            self._append(list(new))

    def _gone(
        self, release: Report, covers: Callable[[Event], bool] | None
    ) -> Iterator[Retraction]:
        # Only what the file doesn't have, and whatever may bear on it, is resolved.
        said = [*self._retractions, *filter(self._bears, (entry.claim for entry in self._log))]
        for account in resolve(said):
            if digest(release.source, account.event.id) in self._versions:
                continue  # resolved because it replaces something
            if any(_later(one.report, release) for one in account.counted):
                continue  # a later release speaks of it
            if covers is None or covers(account.event):
                name = release.title or "this release"
                if _content(account.event) in self._contents:
                    self._counts["renumbered"] += 1
                yield release.retracts(account.event, because=f"no longer in {name}")

    def _gone_links(self, release: Report) -> Iterator[Retraction]:
        """Retract the links that the source said and the file doesn't, if it says any."""
        if not self._links:
            return
        bearing = filter(self._bears, (entry.claim for entry in self._log))
        name = release.title or "this release"
        for claims in standing_links(one for one in bearing if not isinstance(one, Claim)):
            away = digest(release.source, claims[0].subject) not in self._versions
            later = any(_later(one.report, release) for one in counting(claims))
            if away and not later:
                yield release.retracts(claims[0].link, because=f"no longer in {name}")

    def _bears(self, said: object) -> bool:
        if isinstance(said, Claim | LinkClaim):
            away = digest(said.source, said.subject) not in self._versions
            return said.source == self._source and (away or bool(said.replaces))
        if isinstance(said, Retraction):
            return said.report.source == self._source
        return isinstance(said, Void)


_MASK = (1 << 64) - 1


def _version(claim: Claim) -> int:
    """What a claim says, whatever its report."""
    return digest(claim.body().replace(claim.report.id.encode(), b""))


def _number(entry_id: str) -> int:
    """The last 64 bits of an entry's id, which are of its hash."""
    return int(entry_id[-16:], 16) or 1


def _early(said: object) -> bool:
    """Whether a claim says what its report can't know yet, for which ``report.says`` warns."""
    return (
        isinstance(said, Claim)
        and said.stance == "says"
        and came_out_before(said.report, said.event)
    )


def _later(report: Report, release: Report) -> bool:
    """Whether a report was certainly published after a release."""
    return release.published.before(report.published) is Certainty.CERTAIN


def _may_be_derived(event: Event) -> bool:
    kind, _, rest = event.id.rpartition(":")
    return kind == event.kind and len(rest) == _DERIVED


def _content(event: Event) -> int:
    cls: type[Any] = type(event)
    parts = [getattr(event, one.name) for one in attrs.fields(cls) if one.name != "id"]
    return hash((event.kind, *parts)) & _MASK or 1


class _Held:
    """What the log holds about the events of some statements, read at once."""

    def __init__(self, log: Log, index: EventIndex, said: list[Said]) -> None:
        self._log = log
        self._index = index
        ids = dict.fromkeys(one.id for one in said)
        rows = log.store.get_by_id(bytes.fromhex(one) for one in ids)
        self._positions = {name.hex(): row.position for name, row in rows.items()}
        self._entries: dict[int, Said] = {}
        self._about: dict[str, list[int]] = {}
        self._replaced: set[str] = set()  # by rows that were looked at already
        for claim in said:
            if isinstance(claim, Claim) and claim.event.id not in self._about:
                self._about[claim.event.id] = index.about(claim.event.id)
        slow = {
            position
            for claim in said
            if isinstance(claim, Claim) and not self._simple(claim)
            for position in self._about[claim.event.id]
        }
        self._read(slow)

    def has(self, entry_id: str) -> bool:
        """Whether the log holds an entry of this id."""
        return entry_id in self._positions

    def alone_at(self, claim: Claim) -> int | None:
        """The position of a claim that alone was said of its event, and that nobody names."""
        return self._positions.get(claim.id) if self._simple(claim) else None

    def _simple(self, claim: Claim) -> bool:
        """Whether nothing is known of the event, or this very claim alone, named by nobody."""
        about = self._about[claim.event.id]
        if not about:
            return True
        alone = about == [self._positions.get(claim.id)] and claim.id not in self._replaced
        return alone and not self._index.naming(claim.id)

    def _read(self, positions: Iterable[int]) -> list[Said]:
        new = [one for one in set(positions) if one not in self._entries]
        rows = self._log.store.get_by_position(new) if new else {}
        found = self._log.find(*(row.id.hex() for row in rows.values() if row.id))
        for entry in found.values():
            if isinstance(entry.claim, Claim | Retraction | Void):
                self._entries[entry.position] = entry.claim
        return [self._entries[one] for one in new if one in self._entries]

    def compare(  # noqa: C901 - one rule after the other
        self,
        claim: Claim,
        of_file: Callable[[int], bool],
        added: DigestMap,
        release: Report | None,
    ) -> _Decision:
        """Return what a claim is to the log, and the claim to append for it, by the rules above."""
        if not self._about[claim.event.id]:
            return _Decision("new", claim)
        if self._simple(claim):
            return _Decision(None)
        said = self._gathered(claim)
        mine = [one for one in said if isinstance(one, Claim) and _of_same(one, claim)]
        retractions = [
            one
            for one in said
            if isinstance(one, Retraction)
            and (one.report.source, one.event_id) == (claim.source, claim.event.id)
        ]
        later = {one.id for one in mine if _before(claim.report, one.report)}
        overruled = {one.id for one in retractions if _overrules(one, claim, release)}
        equal = [one for one in mine if _equal(one, claim)]
        if equal:
            still = self._still(said, claim, later | overruled)
            stands = [one for one in equal if one.id in still and one.id not in self._replaced]
            if stands:
                for one in stands:
                    if one.id != claim.id:
                        added.put(_number(one.id))
                return _Decision(None)
            voids = named({one.id: one.target for one in said if isinstance(one, Void)}, ())
            if any(one.id in voids.voided for one in equal):
                return _Decision("withheld")
            if overruled:
                return _Decision(None)
        replaced = [
            one.id
            for one in mine
            if one.id not in later and (one.id == claim.id or not of_file(_number(one.id)))
        ]
        replaced += [
            one.id
            for one in retractions
            if one.id not in overruled and not _before(one.report, claim.report)
        ]
        status = "new"
        if mine:
            same = (mine[-1].stance, mine[-1].event) == (claim.stance, claim.event)
            status = "again" if same else "changed"
        elif retractions:
            status = "again"
        if replaced:
            self._replaced |= set(replaced)
            names = tuple(sorted({*claim.replaces, *replaced}))
            claim = attrs.evolve(claim, replaces=names, id="")
        return _Decision(status, claim, bool(later))

    def _gathered(self, claim: Claim) -> list[Said]:
        """All that bears on an event: what is about it, and what replaces or voids any of that."""
        positions = set(self._about[claim.event.id])
        self._read(positions)
        fresh = positions
        while fresh:
            names = [self._entries[one].id for one in fresh if one in self._entries]
            fresh = {p for name in names for p in self._index.naming(name)} - positions
            self._read(fresh)
            positions |= fresh
        return [self._entries[one] for one in sorted(positions) if one in self._entries]

    @staticmethod
    def _still(said: list[Said], claim: Claim, without: set[str]) -> set[str]:
        """The ids of the source's claims about the event that stand, but for what is newer."""
        known = (one for one in said if one.id not in without and _source(one, claim))
        return {one.id for claims in standing_claims(known) for one in claims}


def _source(one: Said, claim: Claim) -> bool:
    return isinstance(one, Void) or one.report.source == claim.source


def _of_same(one: Claim, claim: Claim) -> bool:
    return one.source == claim.source and one.event.id == claim.event.id


def _before(first: Report, second: Report) -> bool:
    return first.published.before(second.published) is Certainty.CERTAIN


def _overrules(retraction: Retraction, claim: Claim, release: Report | None) -> bool:
    """Whether an imported retraction is newer than a claim and the release that it comes with."""
    if not retraction.because.startswith(IMPORTED_REASONS):
        return False
    newest = claim.report if release is None else release
    return _before(claim.report, retraction.report) and _before(newest, retraction.report)


def _equal(one: Claim, claim: Claim) -> bool:
    """Whether two claims say the same in one report, the names of zones aside."""
    if (one.stance, one.event) != (claim.stance, claim.event):
        return False
    said = ("quote", "according_to", "credibility", "media")
    if any(getattr(one, name) != getattr(claim, name) for name in said):
        return False
    names = [part.name for part in attrs.fields(Report) if part.name != "zone"]
    return all(getattr(one.report, name) == getattr(claim.report, name) for name in names)


def _cell(cell: str) -> str:
    """A cell that a spreadsheet takes for text or a number, and never for a formula."""
    try:
        float(cell)
    except ValueError:
        return harmless(cell)
    return cell
