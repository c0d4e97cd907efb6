"""What laws ask a projection: at which moment, and under which reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from timeline.calendar_math import as_datetime
from timeline.claims import Report, Said
from timeline.resolution import Reading
from timeline.testing.choices import Choices, moment, pick
from timeline.times import When

__all__ = ["DESK", "Question", "question"]

DESK = Report("the desk", published="2022-01-01")
"""Who voids, and who speaks of strangers."""

_READINGS: tuple[Reading, ...] = ("certain", "possible")


class Question(NamedTuple):
    """A moment to ask at, exclusive, in microseconds of UTC, None for the end; and a reading."""

    at: int | None
    reading: Reading

    def __str__(self) -> str:
        if self.at is None:
            return ""
        moment = as_datetime(self.at)
        shown = When(hi=self.at) if moment is None else f"{moment:%Y-%m-%d %H:%M:%S.%f}"
        return f"at {str(shown).removesuffix('.000000')} UTC, reading={self.reading!r}"

    @property
    def arguments(self) -> dict[str, Any]:
        """The question as ``Log.ask`` takes it."""
        at = {} if self.at is None else {"at": When(hi=self.at)}
        return {**at, "reading": self.reading}


def question(choices: Choices, history: Sequence[Said]) -> Question:
    """Choose a question about a history, the plain one for the simplest choices."""
    at = moment(choices, history)
    return Question(at, "certain" if at is None else pick(choices, _READINGS))
