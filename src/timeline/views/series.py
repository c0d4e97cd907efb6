"""Answers of one projection at several moments, such as at the end of each month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any, Literal, TypeVar

from timeline.accounts import Account
from timeline.calendar_math import DAY, civil, instants, wall, wall_of
from timeline.display import folded_rows
from timeline.errors import LogError
from timeline.extras import needed
from timeline.query import Moment
from timeline.serialization import Plain, to_dicts
from timeline.text_safety import without_controls
from timeline.times import When

__all__ = ["Every", "Series", "moments_of", "steps_of"]

A = TypeVar("A")
Every = Literal["day", "week", "month", "year"]
"""How far apart the moments of a series lie; weeks end on Sundays."""

_MOST = 10_000
_WEEK = 7


class Series(Mapping[str, A]):
    """Answers by the moments asked, in their order; each moment means by the end of it."""

    def __init__(self, answers: Mapping[str, A]) -> None:
        self._answers = dict(answers)

    def __getitem__(self, key: str) -> A:
        return self._answers[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        return repr(self._answers)

    def to_dicts(self) -> list[Plain]:
        """Return the rows of each answer as plain JSON, with the moment ``at`` in front."""
        return [{"at": moment, **row} for moment in self for row in to_dicts(self[moment])]

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame`` of these rows.

        Raises ``MissingExtraError`` without the extra ``pandas``.
        """
        return needed("pandas", extra="pandas", what="a pandas frame").DataFrame(self.to_dicts())

    def _repr_html_(self) -> str:
        """Show itself in a notebook: a moment a row, texts escaped, folded where it is long."""
        moments = list(self)

        def row(index: int) -> str:
            texts = (moments[index], str(self[moments[index]]))
            cells = "".join(f"<td>{escape(without_controls(text))}</td>" for text in texts)
            return f"<tr>{cells}</tr>"

        rows = folded_rows(len(moments), row, columns=2)
        head = "<thead><tr><th>at</th><th>answer</th></tr></thead>"
        return f"<table>{head}<tbody>{rows}</tbody></table>"


def moments_of(at: Sequence[Moment]) -> dict[str, Moment]:
    """Return the moments asked, as they are written. Raises ``LogError`` where there is none."""
    if isinstance(at, str) or not at:
        raise LogError(
            f"a series takes several moments, at=['2022-09', '2023'], or every='month'; not {at!r}"
        )
    return {
        moment.isoformat() if isinstance(moment, date | datetime) else str(moment): moment
        for moment in at
    }


def steps_of(every: str, accounts: Iterable[Account], zone: str = "UTC") -> dict[str, Moment]:
    """Return each day, week, month or year from the first known bound to the last, by its name.

    Those of what stands and is said to have happened; none where no time is known. Days are those
    of a zone. Raises ``LogError`` for another step, or for more than 10,000 of them.
    """
    if every not in ("day", "week", "month", "year"):
        raise LogError(f"every is 'day', 'week', 'month' or 'year', not {every!r}")
    times = [account.when for account in accounts if not account.expected]
    bounds = [bound for time in times for bound in (time.lo, time.hi) if bound is not None]
    if not bounds:
        return {}
    first, last = wall_of(min(bounds), zone) // DAY, (wall_of(max(bounds), zone) - 1) // DAY
    steps: dict[str, Moment] = {}
    day = first
    while day <= last:
        name, day = _step(every, day)
        steps[name] = When(hi=instants(None, day * DAY, zone)[1], zone=zone)
        if len(steps) > _MOST:
            raise LogError(
                f"every {every} from {_named(first)} to {_named(last)} is more than {_MOST:,} "
                "moments; ask a longer step, or give the moments as at=[…]"
            )
    return steps


def _step(every: str, day: int) -> tuple[str, int]:
    """The name of the step that a day lies in, and the day after its last one."""
    year, month, _ = civil(day)
    if every == "year":
        return f"{year:04}", wall(year + 1, 1) // DAY
    if every == "month":
        months = year * 12 + month
        return f"{year:04}-{month:02}", wall(months // 12, months % 12 + 1) // DAY
    # The first day of 1970 was a Thursday.
    end = day + 1 if every == "day" else day + _WEEK - (day + 3) % _WEEK
    return _named(end - 1), end


def _named(day: int) -> str:
    year, month, number = civil(day)
    return f"{year:04}-{month:02}-{number:02}"
