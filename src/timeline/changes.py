"""What changed: for each key that differs between two states of knowledge, which entries did it.

Two questions are compared: the same one asked as known earlier and later, as published earlier and
later, or of an earlier and a later moment. What lies between the two are the entries that only the
later one knows (or counts). Of these a smallest set is named that, beside all that was there
before, gives the later answer; see ``timeline.why`` for how it is found.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import attrs

from timeline.accounts import Account, Entry
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.display import HtmlRepr
from timeline.folding.kept_between import KeptBetween
from timeline.folding.part_answers import ALL, MISSING, PartAnswers
from timeline.folding.part_folds import PartFolds
from timeline.links import Before, SplitInto
from timeline.projection import powers_of
from timeline.resolution import happened_by, may_have_happened_by
from timeline.serialization import Plain
from timeline.why import MOST, Bearing, PartTries, footnote, rests_on, said_of

__all__ = ["Axis", "Change", "Changes", "compare", "compare_kept"]

Axis = Literal["known", "at", "published"]
"""What two questions differ in."""

Reason = Literal[
    "new", "late", "corrected", "denied", "retracted", "voided", "joined", "split", "ordered",
    "happened", "published",
]  # fmt: skip
"""Why an entry changed an answer."""


@attrs.frozen(repr=False)
class Change(HtmlRepr, shows="key before after entries reasons", short="{words}"):
    """One answer that differs: before and after, None where there was none.

    ``entries`` are those that did it, beside what was there before; none where time or trust alone
    did. ``minimal`` says that none of them can be left out, ``smallest`` that fewer wouldn't have
    done it. ``reasons`` has a word for each entry. ``gone`` says that there is no answer any more,
    where None after might be one.
    """

    key: Any
    before: Any
    after: Any
    entries: tuple[Entry, ...]
    reasons: tuple[Reason, ...]
    smallest: bool
    minimal: bool
    gone: bool = False

    def __str__(self) -> str:
        was = "nothing" if self.before is None else self.before
        now = "nothing" if self.after is None else self.after
        subject = "" if self.key is None else f"{self.key}: "
        lines = [f"{subject}{was} → {now}"]
        lines += [
            f"  {reason}: {footnote(entry)}"
            for entry, reason in zip(self.entries, self.reasons, strict=True)
        ]
        return "\n".join(lines)

    def to_dicts(self) -> list[Plain]:
        """Return the one row of plain JSON that it is, entries by their positions."""
        return [
            {
                "key": None if self.key is None else str(self.key),
                "before": None if self.before is None else str(self.before),
                "after": None if self.after is None else str(self.after),
                "entries": [entry.position for entry in self.entries],
                "reasons": list(self.reasons),
            }
        ]


@attrs.frozen(repr=False)
class Changes(Mapping[Any, Change], HtmlRepr, shows="words", short="{words}"):
    """The changes by key, those that differ alone; under None for a projection without keys.

    ``redacted`` are the positions of what was erased between the two: it is in neither answer.
    """

    by_key: Mapping[Any, Change]
    redacted: tuple[int, ...] = ()

    def __getitem__(self, key: Any) -> Change:
        return self.by_key[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.by_key)

    def __len__(self) -> int:
        return len(self.by_key)

    def __str__(self) -> str:
        lines = [*map(str, self.by_key.values())] or ["Nothing changed."]
        if self.redacted:
            numbers = ", ".join(map(str, self.redacted))
            lines.append(f"redacted since: entries {numbers}, which are in neither answer")
        return "\n".join(lines)

    def apply(self, answer: Any) -> Any:
        """Return what an earlier answer has become: that of the later question."""
        if None in self.by_key:
            return self.by_key[None].after
        if not isinstance(answer, Mapping):
            return answer
        changed = dict(answer)
        for key, change in self.by_key.items():
            if change.gone:
                changed.pop(key, None)
            else:
                changed[key] = change.after
        return changed

    def to_dicts(self) -> list[Plain]:
        """Return a row of plain JSON for each key that differs."""
        return [row for change in self.by_key.values() for row in change.to_dicts()]


def compare(
    earlier: PartAnswers,
    later: PartAnswers,
    before: Mapping[int, Entry],
    after: Mapping[int, Entry],
    *,
    most: int = MOST,
) -> Changes:
    """Return what differs between two questions, each asked of entries by position.

    The two differ in entries, in ``published`` or in ``at``.
    """
    said, was_said = said_of(after.values()), said_of(before.values())
    accounts = later.accounts(said.values())
    old, new = earlier.whole(was_said.values()), later.answered(accounts)
    keyed = powers_of(later.projection).key is not None
    keys: list[Any] = [*dict.fromkeys((*old, *new))] if keyed else [ALL]
    found: dict[Any, Change] = {}
    bearing: Bearing | None = None
    for key in keys:
        one, other = attrs.evolve(earlier, key=key), attrs.evolve(later, key=key)
        was, now = one.of(old), other.of(new)
        if not other.same(was, now):
            bearing = Bearing(said, accounts) if bearing is None else bearing
            fresh = _between(one, other, was_said, said, accounts)
            found_here = bearing.on(other, now)
            tries = _Added(other, now, found_here, fresh)
            last = max((one.recorded for one in before.values()), default=None)
            known = _Known(was_said, last, one.published != other.published)
            found[None if key is ALL else key] = _change(
                other,
                (was, now),
                rests_on(tries.added, tries, most=most),
                lambda positions: [after[position] for position in positions],
                known,
            )
    return Changes(found)


def compare_kept(
    question: PartAnswers,
    kept: KeptBetween,
    entries: Callable[[Iterable[int]], Iterable[Entry]],
    position: int,
    *,
    most: int = MOST,
) -> Changes:
    """Return what ``compare`` does of a kept projection with keys, as known at two positions.

    ``entries`` gives the entries at some positions; ``position`` is the earlier one.
    """
    found: dict[Any, Change] = {}
    last: datetime | None = None
    for key in kept.differing():
        other = attrs.evolve(question, key=key)
        was, now = kept.answers(other)
        if other.same(was, now):
            continue
        if last is None and position:
            last = next(iter(entries([position]))).recorded
        settled = kept.settled(other)
        said = kept.said_of(key) if settled is None else settled[0]
        fresh = {one for one in said if one > position}
        tries: _Added | _AddedToTree
        if settled is None:
            tries = _Added(other, now, said, fresh)
        else:
            tries = _AddedToTree(other, now, PartFolds(other, *settled), said, position)
        known = _Known({p: one for p, one in said.items() if p <= position}, last, cut=False)
        result = rests_on(tries.added, tries, most=most)
        found[key] = _change(other, (was, now), result, entries, known)
    return Changes(found)


@attrs.frozen
class _Known:
    """What was known of a key before: what was said, and when the last entry came."""

    said: Mapping[int, Said]
    last: datetime | None
    cut: bool
    """Whether what differs is the moment of publication."""


def _change(
    question: PartAnswers,
    answers: tuple[Any, Any],
    found: tuple[list[int], bool, bool],
    entries: Callable[[Iterable[int]], Iterable[Entry]],
    known: _Known,
) -> Change:
    part, smallest, minimal = found
    was, now = answers
    did = tuple(sorted(entries(part), key=lambda entry: entry.position))
    return Change(
        key=None if question.key is ALL else question.key,
        before=None if was is MISSING else was,
        after=None if now is MISSING else now,
        entries=did,
        reasons=tuple(_reason(entry, known) for entry in did),
        smallest=smallest,
        minimal=minimal,
        gone=now is MISSING,
    )


def _added(said: Iterable[int], fresh: Container[int]) -> list[int]:
    """What came, the last first: of two that would do alike, what is later is left out."""
    return sorted((position for position in said if position in fresh), reverse=True)


class _Added(PartTries):
    """Tries some entries beside all that was there before."""

    def __init__(
        self, question: PartAnswers, answer: Any, said: Mapping[int, Said], fresh: Container[int]
    ) -> None:
        super().__init__(PartFolds(question, said), question, answer)
        self.added = _added(said, fresh)
        self._base = [position for position in said if position not in fresh]

    def gives(self, part: Sequence[int]) -> bool:
        """See ``Tries``."""
        return super().gives([*self._base, *part])

    def begin(self, part: Sequence[int]) -> None:
        """See ``Tries``."""
        super().begin([*self._base, *part])


class _AddedToTree:
    """Tries some entries beside a tree of all that was there before."""

    def __init__(
        self,
        question: PartAnswers,
        answer: Any,
        folds: PartFolds,
        said: Mapping[int, Said],
        position: int,
    ) -> None:
        self._question = question
        self._answer = answer
        self._folds = folds
        self._whole: set[int] = set()
        self.added = _added(said, {one for one in said if one > position})
        folds.begin_before(position)

    @property
    def cost(self) -> int:
        """See ``Tries``."""
        return self._folds.cost

    def gives(self, part: Iterable[int]) -> bool:
        """See ``Tries``."""
        return self._question.same(self._folds.with_more(part), self._answer)

    def begin(self, part: Sequence[int]) -> None:
        """See ``Tries``."""
        self._whole = set(part)

    def needs(self, item: int) -> bool:
        """See ``Tries``."""
        return not self.gives(self._whole - {item})

    def drop(self, item: int) -> None:
        """See ``Tries``."""
        self._whole.remove(item)


def _between(
    one: PartAnswers,
    other: PartAnswers,
    was: Mapping[int, Said],
    now: Mapping[int, Said],
    accounts: Sequence[Account],
) -> set[int]:
    """The positions that only the later question knows or counts."""
    new = now.keys() - was.keys()
    if one.published != other.published:
        return new | {p for p, said in now.items() if not _in_cut(said, one.published)}
    if one.at == other.at:
        return set(new)
    # Of a projection that decides by itself, what had only possibly happened may have changed too.
    reading = "certain" if other.projection.takes_query_time else other.reading
    later = {
        claim.id
        for account in accounts
        for version in (account.event, *account.seen_versions)
        if not happened_by(version.when, one.at, reading)
        and may_have_happened_by(version.when, other.at)
        for claim in account.claims
    }
    return set(new) | {p for p, said in now.items() if said.id in later}


def _in_cut(said: Said, published: int | None) -> bool:
    """Whether it was certainly published by a moment."""
    if published is None or isinstance(said, Void):
        return True
    hi = said.report.published.hi
    return hi is not None and hi <= published


def _reason(entry: Entry, known: _Known) -> Reason:
    """The word for why an entry changed an answer."""
    said = entry.statement
    if entry.position in known.said:  # it was known: time went on, or its publication
        return "published" if known.cut else "happened"
    if isinstance(said, Retraction):
        return "retracted"
    if isinstance(said, Void):
        return "voided"
    if isinstance(said, LinkClaim):
        if said.stance == "denies":
            return "denied"
        return (
            "ordered"
            if isinstance(said.link, Before)
            else "split"
            if isinstance(said.link, SplitInto)
            else "joined"
        )
    assert isinstance(said, Claim)  # noqa: S101 - what else may change an answer
    if said.stance == "denies":
        return "denied"
    mine = [
        one
        for one in known.said.values()
        if isinstance(one, Claim) and one.source == said.source and one.subject == said.subject
    ]
    if said.replaces or mine:
        return "corrected"
    last, latest = known.last, said.event.when.latest
    return "late" if last is not None and latest is not None and latest <= last else "new"
