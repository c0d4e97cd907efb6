"""Reads numbers and counts as people write them in cells, by one rule for each column.

Where two signs could mean two things nothing is guessed: ``1.000`` is one or a thousand, and is
refused until the mapping says what the point is.
"""

from __future__ import annotations

import re
from functools import lru_cache

import attrs

from timeline.counts import Breakdown, Count
from timeline.errors import EventError, ImporterError

__all__ = ["UNREPORTED", "VAGUE", "Numbers", "Tally"]

UNREPORTED = frozenset(
    "unknown|unk|unk.|n/a|na|n.a.|not known|not reported|not available|unreported|unspecified|"
    "undetermined|?|null|none reported|nan|невідомо|неизвестно|н/д|desconocido|inconnu".split("|")
)
"""Words of a cell of counts that say that nobody gives a figure: as good as an empty cell."""

NONE = frozenset(
    "none|no|nil|zero|nobody|no one|no casualties|0|немає|нет|ninguno|aucun".split("|")
)
"""Words that say that there was none."""

VAGUE = {
    "tens": 20, "dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2000,
    "tens of thousands": 20_000, "hundreds of thousands": 200_000,
    "десятки": 20, "сотні": 200, "сотни": 200, "тисячі": 2000, "тысячи": 2000,
    "decenas": 20, "docenas": 24, "cientos": 200, "miles": 2000,
    "dizaines": 20, "douzaines": 24, "centaines": 200, "milliers": 2000,
}  # fmt: skip
"""What vague words mean, by the policy ``at least two of them``: "dozens" are 24 or more, without a
ceiling, and approximate."""

_SINGLE = {"a dozen": 12, "dozen": 12, "a hundred": 100, "a thousand": 1000, "a score": 20}
_SMALL = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty".split(),
        1,
    )
}
_ABOUT = re.compile(
    r"(?:~|≈|±|c\.|ca\.?|about|around|approx\.?|approximately|circa|roughly|some|"
    r"близько|около|environ|unos|etwa)\s*(.+)",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"(?:>=|≥|at least|no fewer than|no less than|min\.?|minimum|щонайменше|не менше|не менее|"
    r"al menos|au moins)\s*(.+)|(.+?)\s*(?:\+|or more|and more|plus)",
    re.IGNORECASE,
)
_MORE = re.compile(r"(?:>|more than|over|above|понад|более|más de|plus de)\s*(.+)", re.IGNORECASE)
_MOST = re.compile(
    r"(?:<=|≤|up to|at most|no more than|not more than|max\.?|maximum|до|hasta|jusqu'à)\s*(.+)|"
    r"(.+?)\s*or (?:fewer|less)",
    re.IGNORECASE,
)
_LESS = re.compile(r"(?:<|less than|fewer than|under|below|менше|менее)\s*(.+)", re.IGNORECASE)
_RANGE = re.compile(
    r"(?:between\s+)?([\d.,' \u00a0\u202f]+?)\s*(?:-|–|—|‒|/|\bto\b|\band\b|\bor\b|\.\.)\s*"
    r"([\d.,' \u00a0\u202f]+)",
    re.IGNORECASE,
)
_OF_WHOM = re.compile(
    r"(.+?)\s*[(\[,;]\s*(?:incl(?:\.|uding)?|of (?:them|whom|which)|among them)\s*:?\s*(.+?)[)\]]?",
    re.IGNORECASE,
)
_PART = re.compile(r"(.*\d\S*|\w+)\s+([^\W\d_][^\d]*)")
_POINTED = re.compile(r"[+-]?\d{1,15}(?:\.\d{0,40})?", re.ASCII)
_SPACES = " \u00a0\u202f\u2009'’"


@attrs.frozen
class Tally:
    """A count, and how many of it belong to named groups."""

    count: Count
    including: Breakdown | None = None


@attrs.frozen
class Numbers:
    """How the numbers of one column are written: its thousands and its decimal sign, if known."""

    thousands: str | None = None
    decimal: str | None = None

    def whole(self, text: str) -> int:
        """Read a whole number, 0 or more. Raises ``ImporterError``."""
        return _whole(text.strip(), self.thousands, self.decimal)

    def real(self, text: str) -> float:
        """Read a number such as -3.5. Raises ``ImporterError``."""
        return _real(text.strip(), self.thousands, self.decimal)

    def count(self, text: str) -> Count | None:
        """Read how many, without groups; see ``tally``."""
        tally = self.tally(text)
        if tally is None or tally.including is None:
            return None if tally is None else tally.count
        raise ImporterError(
            "a number alone, for it has no field for how many of them belong to a group"
        )

    def tally(self, text: str) -> Tally | None:
        """Read how many, and how many of them are of a group; None where nobody gives a figure.

        ``12``, ``1,200``, ``about 450``, ``400+``, ``>10`` (11 or more), ``up to 10``, ``3-5``,
        ``10/12`` (10 to 12), ``dozens`` (see ``VAGUE``), ``10 (incl. 2 children)``. Raises
        ``ImporterError`` for anything else.
        """
        return _tally(" ".join(text.split()), self.thousands, self.decimal)


def _whole(text: str, thousands: str | None, decimal: str | None) -> int:
    if text.casefold() in NONE:
        return 0
    number = _SMALL.get(text.casefold())
    if number is not None:
        return number
    if re.fullmatch(r"\d{1,15}", text, re.ASCII):
        return int(text)
    if thousands is not None:
        groups = _grouped(text, thousands)
        if groups is not None:
            return groups
    else:
        for sign in (",", *_SPACES):
            groups = None if sign == decimal else _grouped(text, sign)
            if groups is not None:
                return groups
    point = decimal or "."
    zeros = re.fullmatch(rf"(\d{{1,15}}){re.escape(point)}(0+)", text, re.ASCII)
    if zeros and thousands != point and (decimal is not None or len(zeros[2]) != 3):  # noqa: PLR2004 - a group
        return int(zeros[1])
    if re.fullmatch(r"\d{1,3}(\.\d{3})+", text, re.ASCII) and thousands is None and decimal is None:
        raise ImporterError(
            "a whole number, but its point may part thousands or decimals: say thousands = '.' or "
            "decimal = '.' in [numbers]"
        )
    raise ImporterError("a whole number")


def _grouped(text: str, sign: str) -> int | None:
    signs = f"[{re.escape(_SPACES)}]" if sign in _SPACES else re.escape(sign)
    if re.fullmatch(rf"\d{{1,3}}({signs}\d{{3}}){{1,4}}(?:[.,]0{{1,2}})?", text, re.ASCII) is None:
        return None
    head = re.sub(r"[.,]0{1,2}$", "", text)
    return int(re.sub(r"\D", "", head))


def _real(text: str, thousands: str | None, decimal: str | None) -> float:
    if decimal in (None, ".") and thousands != "." and _POINTED.fullmatch(text):
        return float(text)  # as most are written
    text = text.replace("−", "-")
    if thousands is not None:
        sign, _, rest = text.rpartition("-")
        head, point, tail = rest.partition(decimal or ("." if thousands != "." else ","))
        groups = [head] if not head else re.split(re.escape(thousands), head)
        if len(groups) > 1 and all(len(one) == 3 for one in groups[1:]):  # noqa: PLR2004 - a group
            text = ("-" if "-" in text else sign) + "".join(groups) + point + tail
    point = decimal or "."
    if decimal is None and thousands is None and re.fullmatch(r"[+-]?\d+,\d+", text, re.ASCII):
        if re.fullmatch(r"[+-]?\d{1,3},\d{3}", text, re.ASCII):
            raise ImporterError(
                "a number such as 48.15, but its comma may part thousands or decimals: say "
                "decimal = ',' or thousands = ',' in [numbers]"
            )
        point = ","
    sign = re.escape(point)
    digits = rf"\d{{1,15}}({sign}\d{{0,40}})?|{sign}\d{{1,40}}"
    pattern = rf"[+-]?({digits})([eE][+-]?\d{{1,2}})?"
    if re.fullmatch(pattern, text, re.ASCII) is None:
        raise ImporterError("a number such as 48.15")
    return float(text.replace(point, "."))


_EXPECTED = (
    "a number such as 12, 'about 450', '400+', 'more than 10', 'up to 10', '3-5', '10/12', or "
    "'10 (incl. 2 children)'"
)


@lru_cache(maxsize=4096)  # the same few numbers stand in most rows
def _tally(text: str, thousands: str | None, decimal: str | None) -> Tally | None:
    lower = text.casefold()
    if not text or lower in UNREPORTED:
        return None
    try:
        return Tally(_count(text, lower, thousands, decimal))
    except (ImporterError, EventError) as error:
        reason = str(error)
    match = _OF_WHOM.fullmatch(text)
    if match is not None:
        try:
            return Tally(
                _count(match[1], match[1].casefold(), thousands, decimal),
                _groups(match[2], thousands, decimal),
            )
        except (ImporterError, EventError) as error:
            reason = str(error)
    if "may part" in reason or "low <=" in reason:
        raise ImporterError(reason)
    raise ImporterError(_EXPECTED)


def _groups(text: str, thousands: str | None, decimal: str | None) -> Breakdown:
    parts: dict[str, Count] = {}
    for part in re.split(r"\s*(?:,|;|\band\b|&)\s*", text):
        match = _PART.fullmatch(part.strip())
        if match is None or match[2] in parts:
            raise ImporterError(_EXPECTED)
        parts[match[2]] = _count(match[1], match[1].casefold(), thousands, decimal)
    return Breakdown(parts)


def _count(text: str, lower: str, thousands: str | None, decimal: str | None) -> Count:
    def whole(part: str | None) -> int:
        return _whole((part or "").strip(), thousands, decimal)

    if lower in VAGUE or lower.removeprefix("several ") + "s" in VAGUE:
        low = VAGUE.get(lower) or VAGUE[lower.removeprefix("several ") + "s"]
        return Count.of_parts(low=low, best=low, high=None, approximate=True)
    if lower in _SINGLE:
        return Count(about=_SINGLE[lower])
    reason = ""
    try:
        return Count(whole(text))
    except ImporterError as error:
        reason = str(error)
    if match := _RANGE.fullmatch(text):
        return Count(low=whole(match[1]), high=whole(match[2]))
    for pattern, make in _FORMS:
        if match := pattern.fullmatch(text):
            number = next(part for part in match.groups() if part is not None)
            if number.casefold() in VAGUE and make is _least:
                return _count(number, number.casefold(), thousands, decimal)
            return make(whole(number))
    raise ImporterError(reason)


def _least(number: int) -> Count:
    return Count(low=number)


_FORMS = (
    (_LEAST, _least),
    (_MORE, lambda number: Count(low=number + 1)),
    (_MOST, lambda number: Count(low=0, high=number)),
    (_LESS, lambda number: Count(low=0, high=max(number - 1, 0))),
    (_ABOUT, lambda number: Count(about=number)),
)
