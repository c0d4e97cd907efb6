"""What changed: for each key that differs between two states of knowledge, which entries did it.

Two questions are compared: the same one asked as known earlier and later, as published earlier and
later, or of an earlier and a later moment. What lies between the two are the entries that only the
later one knows (or counts). Of these a smallest set is named that, beside all that was there
before, gives the later answer; see ``timeline.why`` for how it is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs

from timeline.accounts import Account, Entry
from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.display import HtmlRepr
from timeline.folding.part_answers import ALL, MISSING, PartAnswers
from timeline.folding.part_folds import PartFolds
from timeline.links import Before, SplitInto
from timeline.projection import powers_of
from timeline.resolution import happened_by, may_have_happened_by
from timeline.serialization import Plain
from timeline.why import MOST, Bearing, PartTries, footnote, rests_on, said_of

__all__ = ["Axis", "Change", "Changes", "compare"]

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
    """The changes by key, those that differ alone; under None for a projection without keys."""

    by_key: Mapping[Any, Change]

    def __getitem__(self, key: Any) -> Change:
        return self.by_key[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.by_key)

    def __len__(self) -> int:
        return len(self.by_key)

    def __str__(self) -> str:
        return "\n".join(map(str, self.by_key.values())) or "Nothing changed."

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
            extra = [position for position in found_here if position in fresh]
            tries = _Added(PartFolds(other, found_here), other, now, set(found_here) - set(extra))
            part, smallest, minimal = rests_on(extra, tries, most=most)
            did = tuple(after[position] for position in sorted(part))
            found[None if key is ALL else key] = Change(
                key=None if key is ALL else key,
                before=None if was is MISSING else was,
                after=None if now is MISSING else now,
                entries=did,
                reasons=tuple(_reason(entry, before, was_said, one, other) for entry in did),
                smallest=smallest,
                minimal=minimal,
                gone=now is MISSING,
            )
    return Changes(found)


class _Added(PartTries):
    """Tries some entries beside all that was there before."""

    def __init__(
        self, folds: PartFolds, question: PartAnswers, answer: Any, base: Iterable[int]
    ) -> None:
        super().__init__(folds, question, answer)
        self._base = frozenset(base)

    def gives(self, part: Sequence[int]) -> bool:
        """See ``Tries``."""
        return super().gives([*self._base, *part])

    def begin(self, part: Sequence[int]) -> None:
        """See ``Tries``."""
        super().begin([*self._base, *part])


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


def _reason(
    entry: Entry,
    before: Mapping[int, Entry],
    was: Mapping[int, Said],
    one: PartAnswers,
    other: PartAnswers,
) -> Reason:
    """The word for why an entry changed an answer."""
    said = entry.statement
    if entry.position in before:  # it was known: time went on, or its publication
        return "published" if one.published != other.published else "happened"
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
        for one in was.values()
        if isinstance(one, Claim) and one.source == said.source and one.subject == said.subject
    ]
    if said.replaces or mine:
        return "corrected"
    last = max((one.recorded for one in before.values()), default=None)
    latest = said.event.when.latest
    return "late" if last is not None and latest is not None and latest <= last else "new"
