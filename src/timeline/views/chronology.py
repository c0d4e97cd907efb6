"""A Chronology is what stands, in order, with what the sources leave unordered shown as such."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import zip_longest
from math import inf
from textwrap import wrap
from typing import Any, TextIO, overload

import attrs

from timeline.accounts import Account, Entry
from timeline.counts import says_nothing
from timeline.display import folded_rows
from timeline.errors import LogError
from timeline.events import Event
from timeline.places import Place
from timeline.relations import Certainty
from timeline.resolution import Reading, Trust
from timeline.serialization import Plain
from timeline.text_safety import without_controls
from timeline.views.dataframes import arrow_table, pandas_frame, polars_frame
from timeline.views.gazetteer import Gazetteer

__all__ = ["Chronology", "History"]

UNORDERED = "~"
"""Marks a line whose order to the line above is not told by the sources."""

_WORDS = re.compile(r"[^\W\d_]{3}")  # a phrase, rather than a date in figures
SOME_UNORDERED = ":"
"""Marks a line that came after the line above, but maybe not after others further up."""

_LEGEND = (
    f"{UNORDERED} the sources don't say whether this came after the line above",
    f"{SOME_UNORDERED} after the line above, but maybe not after others further up",
)
_WIDTH = 100
_NARROWEST = 40
_STYLE = "text-align:left;vertical-align:top"


def _reading_order(account: Account) -> tuple[float, bool, int, float, str]:
    """Return the key by which readers find an account: at its earliest, or at its one known end.

    Where only its end is known, no later than what links put after it; see ``Network.order``.

    A linear extension of "certainly before" too: of two with one reading date, the one that has
    only an end is the one that may have ended by then.
    """
    lo, hi = account.when.lo, account.when.hi
    date = lo if lo is not None else hi
    order = None if account.linked is None else account.linked.order
    _, reading, depth = order or (0, -inf if date is None else date, 0)
    return reading, lo is not None, depth, inf if hi is None else hi, account.event.id


def _in_order(accounts: Iterable[Account]) -> tuple[Account, ...]:
    return tuple(sorted(accounts, key=_reading_order))


@attrs.frozen
class History:
    """How a chronology came to stand: the entries behind it, and what was asked of them.

    ``entries`` reads them from the log, which must be open then; what the log learns later isn't
    among them. ``at`` and ``published`` are moments, exclusive, in microseconds of UTC.
    """

    entries: Callable[[], Iterator[Entry]]
    at: int | None = None
    published: int | None = None
    reading: Reading = "certain"
    trust: Trust = ()


@attrs.frozen
class Chronology(Sequence[Account]):
    """Accounts in the order in which one reads them: by earliest, or by the end where that is all.

    The order never contradicts the sources, and it says more than they do wherever two times
    overlap: those lines are marked, and ``ordered(i)`` tells. Prints as text, shows itself in a
    notebook. ``history``, where a log made it, tells how it came to stand; it takes no part in
    equality. Pickled, it leaves its history and its gazetteer behind.
    """

    accounts: tuple[Account, ...] = attrs.field(converter=_in_order)
    history: History | None = attrs.field(default=None, eq=False, repr=False, kw_only=True)
    gazetteer: Gazetteer | None = attrs.field(default=None, eq=False, repr=False, kw_only=True)
    """What links and events say of places and actors, where a log made it."""
    redacted: int = attrs.field(default=0, kw_only=True)
    """How many entries of the log were erased, whatever they were about."""

    @overload
    def __getitem__(self, index: int) -> Account: ...
    @overload
    def __getitem__(self, index: str) -> Account: ...
    @overload
    def __getitem__(self, index: slice) -> Chronology: ...

    def __getitem__(self, index: int | str | slice) -> Account | Chronology:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the account at an index or of an event id, or the chronology of a slice."""
        if isinstance(index, slice):
            return attrs.evolve(self, accounts=self.accounts[index])
        if isinstance(index, str):
            for account in self.accounts:
                if account.event.id == index:
                    return account
            raise KeyError(f"no event {index!r} stands in this chronology")
        return self.accounts[index]

    def __len__(self) -> int:
        return len(self.accounts)

    def __reduce__(self) -> tuple[Any, ...]:
        # The history reads the log, which stays in the process that opened it.
        return _unpickled, (self.accounts, self.redacted)

    def __iter__(self) -> Iterator[Account]:
        return iter(self.accounts)

    def within(self, place: Place | str) -> Chronology:
        """Return what some version says happened in a place, or in one that lies in it.

        Any name or id of the place finds it, and so does what links say lies in it. Raises
        ``LogError`` for a chronology that no log made.
        """
        known = self._known_names()
        return self._only(lambda event: known.happened_in(event, place))

    def involving(self, actor: str) -> Chronology:
        """Return what some version says an actor, or a part of it, took part in.

        Any name of the actor finds it. Raises ``LogError`` for a chronology that no log made.
        """
        known = self._known_names()
        return self._only(lambda event: known.involves(event, actor))

    def _known_names(self) -> Gazetteer:
        if self.gazetteer is None:
            raise LogError(
                "only a chronology that a log made knows which names are one: ask chronology(log)"
            )
        return self.gazetteer

    def _only(self, wanted: Callable[[Event], bool]) -> Chronology:
        # What is believed may be another version's: where sources differ, each is looked at.
        found = (one for one in self.accounts if any(map(wanted, (one.event, *one.seen_versions))))
        return attrs.evolve(self, accounts=tuple(found))

    def ordered(self, index: int) -> bool:
        """Return whether the account certainly came after the one above it."""
        if index == 0:
            return True
        above = self.accounts[index - 1]
        return above.before(self.accounts[index]) is Certainty.CERTAIN

    def _marks(self) -> list[str]:
        """What stands in front of each line."""
        marks = []
        latest: int | None = None  # the end of whatever stands above
        for index, account in enumerate(self.accounts):
            if not self.ordered(index):
                marks.append(UNORDERED)
            else:
                lo = account.when.lo
                after_all = index == 0 or (latest is not None and lo is not None and latest <= lo)
                marks.append(" " if after_all else SOME_UNORDERED)
            hi = account.when.hi
            latest = None if hi is None or (index and latest is None) else max(latest or hi, hi)
        return marks

    def print(self, *, file: TextIO | None = None) -> None:
        """Write the text form to standard output, or to the file given."""
        print(self.to_text(), file=sys.stdout if file is None else file)

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, *, width: int = _WIDTH) -> str:
        """Return one block a line: its time, what happened, and who says so.

        ``width`` is in characters, at least 40. A ``~`` in front means that the sources don't say
        whether it came after the line above, a ``:`` that it did, but maybe not after others
        further up.
        """
        if not self.accounts:
            return "\n\n".join(["nothing stands", *self._missing()])
        width = max(width, _NARROWEST)
        times = [str(account.when) for account in self.accounts]
        column = min(max(map(len, times)), width // 3)
        room = width - column - 4
        lines = []
        marks = self._marks()
        for index, account in enumerate(self.accounts):
            left = wrap(times[index], column)
            right = wrap(_told(account), room)
            right += [f"  {line}" for line in wrap(_by(account), room - 2)]
            mark = marks[index]
            for time, text in zip_longest(left, right, fillvalue=""):
                lines.append(f"{mark} {time:<{column}}  {text}".rstrip())
                mark = " "
        legends = [legend for legend in _LEGEND if legend[0] in marks]
        if legends:
            lines += ["", *(line for legend in legends for line in wrap(legend, width))]
        for missing in self._missing():
            lines += ["", *wrap(missing, width)]
        return "\n".join(lines)

    def _missing(self) -> list[str]:
        """A sentence on what was erased, where something was."""
        if not self.redacted:
            return []
        entries = "1 entry" if self.redacted == 1 else f"{self.redacted} entries"
        return [f"{entries} redacted: what the log held there can't be told any more."]

    def to_dicts(self) -> list[Plain]:
        """Return a plain row for each account; see ``timeline.serialization``."""
        return [row for account in self.accounts for row in account.to_dicts()]

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Hand itself to any tool that reads Arrow: ``pyarrow.table(chronology)``.

        One row for each account, with the columns of ``timeline.views.tables``. Raises
        ``MissingExtraError`` without the extra ``arrow``.
        """
        return arrow_table(self.accounts).__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame``. Raises ``MissingExtraError`` without ``pandas``."""
        return pandas_frame(self.accounts)

    def to_polars(self) -> Any:
        """Return a ``polars.DataFrame``. Raises ``MissingExtraError`` without ``polars``."""
        return polars_frame(self.accounts)

    def _repr_html_(self) -> str:
        """Show itself in a notebook: a plain table, every text escaped, folded where it is long."""
        missing = "".join(f"<p>{line}</p>" for line in self._missing())
        if not self.accounts:
            return f"<p>nothing stands</p>{missing}"
        marks = self._marks()

        def row(index: int) -> str:
            account = self.accounts[index]
            return (
                f'<tr><td style="{_STYLE}">{marks[index].strip()}</td>'
                f'<td style="{_STYLE}">{escape(str(account.when))}</td>'
                f'<td style="{_STYLE}">{escape(_told(account))}<br>'
                f"<small>{escape(_by(account))}</small></td></tr>"
            )

        rows = folded_rows(len(self.accounts), row, columns=3)
        return (
            "<table><caption>A chronology; ~ marks what the sources leave unordered to the line "
            "above, : to others further up.</caption><thead><tr><th>order</th><th>when</th>"
            f"<th>what, and who says so</th></tr></thead><tbody>{rows}</tbody></table>{missing}"
        )


def _unpickled(accounts: tuple[Account, ...], redacted: int) -> Chronology:
    return Chronology(accounts, redacted=redacted)


def _told(account: Account) -> str:
    sentence = str(account.event)
    return without_controls(f"Expected: {sentence}" if account.expected else sentence)


def _by(account: Account) -> str:
    """Who stands by it, whom they name for it, and who disagrees."""
    said = []
    for claim in account.counted:
        if claim.stance == "denies":
            continue
        named = f" (according to {', '.join(claim.according_to)})" if claim.according_to else ""
        words = claim.event.when.text or ""
        named += f': "{words}"' if _WORDS.search(words) else ""
        said.append(claim.source + named)
    by = "; ".join(dict.fromkeys(said))
    for source in sorted({claim.source for claim in account.undecided}):
        by += f"; undecided: which of its versions is the last word of {source}"
    if account.denied_by:
        by += f"; denied by {', '.join(sorted(account.denied_by))}"
    if account.split_into:
        parts = ", ".join(account.split_into)
        by += f"; {'in parts' if account.folded else 'counted as its parts'}: {parts}"
    elif not account.folded:
        by += "; counted in what it is a part of"
    if account.maybe_same:
        by += f"; may be the same as {', '.join(sorted(account.maybe_same))}"
    for field in sorted(account.disputes):
        by += f"; disputed: {field} ({_told_by_each(account, field)})"
    return without_controls(by)


def _told_by_each(account: Account, field: str) -> str:
    """What each source that stands by an event has for a field, where it has something."""
    figures = [
        f"{claim.source}: {value}"
        for claim in account.counted
        if claim.stance != "denies" and not says_nothing(value := getattr(claim.event, field, None))
    ]
    return ", ".join(figures)
