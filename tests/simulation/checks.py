"""What must hold after every step, and what every answer is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

from tests.naive import Stands, naive_answer, naive_standing
from tests.simulation.media import Medium, Truth
from tests.simulation.schedule import Broken
from timeline import Attack, Entry, Event
from timeline.claims import Said
from timeline.codec import Codec
from timeline.merkle import Frontier
from timeline.stores.base import REDACTED, REDACTION, Record, commitment, leaf

__all__ = ["Ledger", "Spoken", "counted", "naive_wounded"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 8  # erased at once, of which any may still have been seen by an answer that was under way


class Spoken:
    """All that anybody tried to say in a world, by id, with the words that would give it away."""

    def __init__(self) -> None:
        self.codec = Codec(())
        self.said: dict[bytes, Said] = {}
        self.drafts: dict[bytes, tuple[Any, ...]] = {}
        self.reports: dict[bytes, bytes] = {}
        self.secrets: dict[bytes, bytes] = {}
        """What is only in the body of a claim or report, by its id."""
        self.reasons: set[str] = set()
        """Those that erasures were asked for with."""
        self.salts: dict[bytes, bytes] = {}
        self._standing: dict[tuple[bytes, ...], list[Stands]] = {}

    def add(self, said: Said, secret: str, of_report: str) -> None:
        """Note what is about to be appended."""
        name, report = bytes.fromhex(said.id), bytes.fromhex(said.report.id)
        if name not in self.said:
            self.said[name] = said
            draft = self.codec.draft(said)
            self.drafts[name] = (draft.record_type, draft.kind, draft.report, draft.body)
            self.secrets[name] = secret.encode()
            self.reports[report] = said.report.body
            self.secrets[report] = of_report.encode()

    def standing(self, rows: Iterable[tuple[int, int, bytes]]) -> list[Stands]:
        """What stands by the definitions, of rows that give position, time and id."""
        key = tuple(name for _, _, name in rows)
        if key not in self._standing:
            entries = [
                Entry(position, _EPOCH + timedelta(microseconds=recorded), self.said[name])
                for position, recorded, name in rows
                if name in self.said
            ]
            self._standing[key] = naive_standing(entries)
        return self._standing[key]


def naive_wounded(stands: Iterable[Stands]) -> int:
    """How many were wounded, by a fold in plain lines."""

    def step(total: int, event: Event) -> int:
        return total + event.wounded.best if isinstance(event, Attack) else total

    return int(naive_answer(step, 0, stands))


class Ledger:
    """What is known of one log: what was acknowledged, what was there, what must be gone."""

    def __init__(self, medium: Medium, spoken: Spoken) -> None:
        self.medium = medium
        self.name = medium.name
        self._spoken = spoken
        self.rows: list[Record] = []
        self.leaves: list[bytes] = []
        self._tree = Frontier()
        self.versions: list[list[Record]] = [[]]
        """The rows after each change."""
        self._content: dict[int, Record] = {}  # also of what was erased since
        self.acknowledged: dict[bytes, int] = {}
        self.erased: set[int] = set()
        """Positions whose erasure was acknowledged."""
        self.source: Ledger | None = None
        """The log that it is a copy of."""

    # -- what is written

    def acknowledge(self, entries: Iterable[Entry], begun: int) -> None:
        """Note what an append returned, which must be there then, as it says.

        ``begun`` is the number of versions when it was called.
        """
        self.look()
        for entry in entries:
            name = bytes.fromhex(entry.statement.id)
            row = self._at(entry.position)
            if row is None:
                raise Broken(f"{self.name}: {entry} was acknowledged and isn't there")
            seen = (row, *(one[entry.position - 1] for one in self.versions[begun:]
                           if len(one) >= entry.position))  # fmt: skip
            if name not in {one.id for one in seen}:
                raise Broken(f"{self.name}: {entry} was acknowledged, at its position is {row}")
            if _EPOCH + timedelta(microseconds=row.recorded) != entry.recorded:
                raise Broken(f"{self.name}: {entry} was acknowledged with another time than {row}")
            there = self.acknowledged.get(name, entry.position)
            if there != entry.position and self._says(there):
                raise Broken(f"{self.name}: {entry} is at {there} and at {entry.position}")
            self.acknowledged[name] = entry.position

    def acknowledge_erasure(self, positions: Iterable[int]) -> None:
        """Note what was said to be erased, which nothing may give away then."""
        self.erased |= set(positions)
        self.look()
        left = [place for place in sorted(self.erased) if self._says(place)]
        if left:
            raise Broken(f"{self.name}: the entries {left} were said to be erased and are there")
        self.search()

    def _says(self, position: int) -> bool:
        row = self._at(position)
        return row is not None and row.record_type != REDACTED

    def _at(self, position: int) -> Record | None:
        return self.rows[position - 1] if 0 < position <= len(self.rows) else None

    # -- what is there

    def look(self) -> None:
        """Hold what is there now against all that was known."""
        if self.medium.changed():
            self.examine(self.medium.truth())

    def examine(self, truth: Truth) -> None:
        """Raise ``Broken`` where something doesn't hold of what is there."""
        rows = truth.rows
        if rows == self.rows:
            return
        self._check_order(truth)
        self._check_grown(truth)
        self._check_erased(rows)
        for row in rows[len(self.rows) :]:
            self._check_new(row, truth)
        for name, position in self.acknowledged.items():
            if rows[position - 1].id not in (name, b""):
                raise Broken(f"{self.name}: position {position} was acknowledged for another entry")
        ids = [row.id for row in rows if row.id]
        if len(set(ids)) != len(ids):
            raise Broken(f"{self.name}: something is there twice")
        self.rows = rows
        self._content |= {row.position: row for row in rows if row.id}
        self.versions.append(rows)
        if self.source is not None:
            self._check_prefix(self.source)
        if self.erased:
            self.search()

    def _check_grown(self, truth: Truth) -> None:
        rows = truth.rows
        leaves = list(map(leaf, rows))
        if leaves[: len(self.leaves)] != self.leaves:
            raise Broken(f"{self.name}: what was there before is no prefix of what is there")
        self._tree.extend(leaves[len(self.leaves) :])
        if truth.root is not None and truth.root != self._tree.root():
            raise Broken(f"{self.name}: the head's root isn't that of the {len(rows)} entries")
        for before, row in zip(self.rows, rows, strict=False):
            if row != before and (row.record_type, row.body) != (REDACTED, commitment(before)):
                raise Broken(f"{self.name}: {before} became {row}")
        self.leaves = leaves

    def _check_order(self, truth: Truth) -> None:
        rows = truth.rows
        if [row.position for row in rows] != list(range(1, truth.head + 1)):
            raise Broken(
                f"{self.name}: the head is at {truth.head} and the entries are at "
                f"{[row.position for row in rows]}"
            )
        if len(rows) < len(self.rows):
            raise Broken(f"{self.name}: of {len(self.rows)} entries {len(rows)} are left")
        times = [row.recorded for row in rows]
        if times != sorted(times):
            raise Broken(f"{self.name}: recorded times go back: {times}")

    def _check_new(self, row: Record, truth: Truth) -> None:
        spoken = self._spoken
        if row.record_type == REDACTED:
            return
        if row.record_type == REDACTION:
            because = spoken.codec.redaction(row).because
            if because not in spoken.reasons:
                raise Broken(f"{self.name}: nobody asked for the redaction {row}")
        elif spoken.drafts.get(row.id) != tuple(row[3:7]):
            raise Broken(f"{self.name}: nobody said what stands in {row}")
        elif truth.reports.get(row.report) != spoken.reports[row.report]:
            raise Broken(
                f"{self.name}: the report of entry {row.position} isn't what was handed in"
            )
        if spoken.salts.setdefault(row.salt, row.id) != row.id:
            raise Broken(f"{self.name}: the salt of entry {row.position} is another's too")

    def _check_erased(self, rows: Sequence[Record]) -> None:
        """What is erased is so by a redaction that names it, in the same transaction."""
        named: set[int] = set()
        for log in (rows, self.source.rows if self.source else ()):
            for row in log:
                if row.record_type == REDACTION:
                    named |= set(self._spoken.codec.redaction(row).positions)
        stray = [
            row.position
            for row in rows
            if row.record_type == REDACTED and row.position not in named
        ]
        if stray:
            raise Broken(f"{self.name}: no redaction says why the entries {stray} are erased")

    def _check_prefix(self, source: Ledger) -> None:
        source.look()
        if source.leaves[: len(self.leaves)] != self.leaves:
            raise Broken(f"{self.name} is no prefix of {source.name}, which it is a copy of")

    def search(self) -> None:
        """Look for what was erased in all bytes that the log's medium holds."""
        places: dict[bytes, set[int]] = {}
        for row in self._content.values():
            places.setdefault(row.id, set()).add(row.position)
            places.setdefault(row.report, set()).add(row.position)
        # What was said again since has two positions.
        gone = [name for name, those in places.items() if name and those <= self.erased]
        parts = self.medium.bytes()
        for name in gone:
            secret = self._spoken.secrets.get(name)
            if secret and any(secret in part for part in parts):
                raise Broken(f"{self.name}: what was erased can still be read: {secret.decode()}")

    def to_scrub(self, begun: int) -> bool:
        """Whether something was erased since the version ``begun``, or isn't said to be done."""
        self.look()
        gone = [{row.position for row in rows if not row.id} for rows in self.versions[begun - 1 :]]
        return gone[0] != gone[-1] or not gone[-1] <= self.erased

    def once(self, position: int) -> bytes:
        """Return the id of what was appended at a position, erased or not."""
        row = self._content.get(position)
        return b"" if row is None else row.id

    def is_whole(self) -> None:
        """Hold a copy to this: each redaction that says why something is erased has come along."""
        source, self.source = self.source, None
        try:
            self._check_erased(self.rows)
        finally:
            self.source = source

    # -- what is answered

    def candidates(self, begun: int, known: int | None) -> Iterator[list[tuple[int, int, bytes]]]:
        """Yield what an answer may rest on that was under way since the version ``begun``.

        It is of some head that there was meanwhile. What was erased meanwhile it may have seen or
        not, each entry for itself.
        """
        window = self.versions[begun - 1 :]
        content = {row.position: row for rows in reversed(window) for row in rows if row.id}
        heads = {len(rows) for rows in window} if known is None else {known}
        last = {row.position for row in window[-1] if row.id}
        for head in sorted(heads):
            within = [content[place] for place in sorted(content) if place <= head]
            maybe = [row.position for row in within if row.position not in last][:_MOST]
            for count in range(len(maybe) + 1):
                for gone in combinations(maybe, count):
                    yield [row[:3] for row in within if row.position not in gone]

    def check_answer(
        self,
        answer: Any,
        fold: Callable[[list[Stands]], Any],
        what: str,
        begun: int,
        known: int | None = None,
    ) -> None:
        """Raise ``Broken`` unless an answer is that of the naive fold of what it may rest on."""
        possible = []
        for rows in self.candidates(begun, known):
            expected = fold(self._spoken.standing(rows))
            if expected == answer:
                return
            possible.append(expected)
        raise Broken(
            f"{self.name}: {what} answered {answer!r:.300}, the naive fold {possible[:4]!r:.600}"
        )


def counted(stands: Iterable[Stands]) -> Counter[Stands]:
    """What stands, in no order."""
    return Counter(stands)
