"""A Chronology is what stands, in order, with what the sources leave unordered shown as such."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import zip_longest
from textwrap import wrap
from typing import TextIO, overload
from unicodedata import category

import attrs

from timeline.claims import Account
from timeline.log import Known, Log, Moment
from timeline.relations import Certainty
from timeline.standing import Reading, chronological

__all__ = ["Chronology", "chronology"]

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
_CONTROLS = {"Cc", "Zl", "Zp"}  # Unicode's controls, line and paragraph separators
_TURNS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_STYLE = "text-align:left;vertical-align:top"


def _in_order(accounts: Iterable[Account]) -> tuple[Account, ...]:
    return tuple(sorted(accounts, key=lambda account: chronological(account.event)))


@attrs.frozen
class Chronology(Sequence[Account]):
    """Accounts in chronological order: (earliest, latest, event id).

    The order never contradicts the sources, and it says more than they do wherever two times
    overlap: those lines are marked, and ``ordered(i)`` tells. Prints as text, shows itself in a
    notebook.
    """

    accounts: tuple[Account, ...] = attrs.field(converter=_in_order)

    @overload
    def __getitem__(self, index: int) -> Account: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Account, ...]: ...

    def __getitem__(self, index: int | slice) -> Account | tuple[Account, ...]:
        return self.accounts[index]

    def __len__(self) -> int:
        return len(self.accounts)

    def __iter__(self) -> Iterator[Account]:
        return iter(self.accounts)

    def ordered(self, index: int) -> bool:
        """Says whether the account certainly came after the one above it."""
        if index == 0:
            return True
        above = self.accounts[index - 1].when
        return above.before(self.accounts[index].when) is Certainty.CERTAIN

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
        """Writes the text form to standard output, or to the file given."""
        print(self.to_text(), file=sys.stdout if file is None else file)

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, *, width: int = _WIDTH) -> str:
        """Gives one block a line: its time, what happened, and who says so.

        ``width`` is in characters, at least 40. A ``~`` in front means that the sources don't say
        whether it came after the line above, a ``:`` that it did, but maybe not after others
        further up.
        """
        if not self.accounts:
            return "nothing stands"
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
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Shows itself in a notebook: a plain table, every text escaped."""
        if not self.accounts:
            return "<p>nothing stands</p>"
        rows = "".join(
            f'<tr><td style="{_STYLE}">{mark.strip()}</td>'
            f'<td style="{_STYLE}">{escape(str(account.when))}</td>'
            f'<td style="{_STYLE}">{escape(_told(account))}<br>'
            f"<small>{escape(_by(account))}</small></td></tr>"
            for mark, account in zip(self._marks(), self.accounts, strict=True)
        )
        return (
            "<table><caption>A chronology; ~ marks what the sources leave unordered to the line "
            "above, : to others further up.</caption><thead><tr><th>order</th><th>when</th>"
            f"<th>what, and who says so</th></tr></thead><tbody>{rows}</tbody></table>"
        )


def _told(account: Account) -> str:
    told = str(account.event)
    return _one_line(f"Expected: {told}" if account.expected else told)


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
    by = "; ".join(said)
    if account.denied_by:
        by += f"; denied by {', '.join(sorted(account.denied_by))}"
    for field in sorted(account.disputes):
        by += f"; disputed: {field} ({_told_by_each(account, field)})"
    return _one_line(by)


def _told_by_each(account: Account, field: str) -> str:
    """What each source that stands by an event has for a field, where it has something."""
    told = [
        f"{claim.source}: {value}"
        for claim in account.counted
        if claim.stance != "denies"
        and (value := getattr(claim.event, field, None)) is not None
        and value != 0
    ]
    return ", ".join(told)


def _one_line(text: str) -> str:
    """A text without what would break the line, turn it, or steer the terminal that shows it."""
    kept = "".join(" " if category(one) in _CONTROLS else one for one in text)
    return "".join(one for one in kept if one not in _TURNS)


def chronology(
    log: Log,
    *,
    at: Moment | None = None,
    known: Known | None = None,
    published: Moment | None = None,
    reading: Reading = "certain",
    trust: Sequence[str] = (),
) -> Chronology:
    """Gives the chronology of a log, of what is expected too; arguments as ``Log.accounts``."""
    stands = log.accounts(at=at, known=known, published=published, reading=reading, trust=trust)
    return Chronology(tuple(stands))
