"""Cuts an English time phrase into words, one form for each, and knows words from words."""

from __future__ import annotations

import re

from timeline.calendar_math import month_length
from timeline.phrases.rules import AMOUNTS, Unreadable

__all__ = [
    "ABOUT",
    "LONGEST",
    "MAYBE",
    "MONTHS",
    "SEASONS",
    "UNITS",
    "WEEKDAYS",
    "Words",
    "amount",
    "carried",
    "day_of_year",
    "has_year",
    "is_clock",
    "is_date",
    "is_day",
    "is_ordinal",
    "is_year",
    "needs_year",
    "number",
    "why_not",
    "words_of",
]

Words = tuple[str, ...]

LONGEST = 200  # characters; the longest time phrase of a page of news has 60
_MOST_WORDS = 24

MONTHS = {
    name: number
    for number, name in enumerate(
        "january february march april may june july august september october november "
        "december".split(),
        1,
    )
}
WEEKDAYS = {
    name: number
    for number, name in enumerate(
        "monday tuesday wednesday thursday friday saturday sunday".split()
    )
}
SEASONS = {"spring", "summer", "autumn", "winter"}
UNITS = {
    name + end: name
    for name in "minute hour day week fortnight month quarter year decade century".split()
    for end in ("", "s")
} | {"centuries": "century"}
ABOUT = {"about", "around", "approximately", "roughly", "circa", "c", "ca", "nearly", "almost"}
MAYBE = {"probably", "possibly", "perhaps", "maybe"}

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS: dict[str, int] = dict(
    zip(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        range(20, 100, 10),
        strict=True,
    )
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()

_SAME = {
    **{name[:3]: name for name in (*MONTHS, *WEEKDAYS)},
    "sept": "september",
    "tues": "tuesday",
    "weds": "wednesday",
    "thur": "thursday",
    "thurs": "thursday",
    **{word: str(number) for number, word in enumerate(_ONES)},
    **{word: f"{number}." for number, word in enumerate(_ORDINALS, 1)},
    "an": "a",
    "fall": "autumn",
    "till": "until",
    "til": "until",
    "thru": "through",
    "midday": "noon",
    "lunch": "lunchtime",
    "daybreak": "dawn",
    "sunrise": "dawn",
    "sunset": "dusk",
    "nightfall": "dusk",
    "hrs": "hours",
    "mins": "minutes",
    "middle": "mid",
    "beginning": "start",
    "aug": "august",
    **{f"q{n}": f"{n}. quarter" for n in range(1, 5)},
}

_TOKEN = re.compile(
    r"""
    (?P<space>[ ,()"']+)
  | (?P<iso>\d{4}-\d\d-\d\d)(?![-\dt])
  | (?P<numeric>\d{1,2}([./-])\d{1,2}\4\d{4})(?!\d)
  | (?P<clock>\d{1,2}(?:[:.]\d\d)?\ ?[ap]\.?\ ?m\b\.?|\d{1,2}:\d\d)(?![:\d])
  | (?P<quantity>\d{1,3}(?:,\d{3})+|\d+\.\d+)(?![\d.])
  | (?P<ordinal>\d{1,2})(?:st|nd|rd|th)\b
  | (?P<decade>\d{3}0)'?s\b
  | (?P<number>\d{1,9})(?![\da-z])
  | (?P<word>[a-z]+\d?)(?:'s?)?(?![\da-z])
  | (?P<dash>-)
  | (?P<stop>\.)
    """,
    re.VERBOSE | re.ASCII,
)
_PLAIN = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2019": "'", "\u2018": "'"})
_JOINED = {"mid", "early", "late", "pre"} | set(_TENS)


def is_ordinal(word: str) -> bool:
    """Whether a word is an ordinal, in its form ``6.``."""
    return word[-1] == "."


def is_clock(word: str) -> bool:
    """Whether a word is a time of the clock, in its form ``17:30`` or ``17h``."""
    return ":" in word or (word[-1] == "h" and word[:-1].isdigit())


def is_date(word: str) -> bool:
    """Whether a word is a whole date, in its form ``2022-09-06``."""
    return word.count("-") == 2  # noqa: PLR2004 - year, month, day


def is_year(word: str) -> bool:
    """Whether a word can be a year of the news: four digits, 1000 to 2199."""
    return word.isdigit() and len(word) == 4 and word < "2200"  # noqa: PLR2004


_MOST_COUNTED = 1_000  # units; news counts no further back


def words_of(phrase: str) -> Words:
    """Gives the words of a phrase, each in its one form; ``Unreadable`` for what has none."""
    if len(phrase) > LONGEST:
        raise Unreadable(f"{LONGEST} characters are the most that a time phrase has")
    text = " ".join(phrase.translate(_PLAIN).split())
    if not text.isascii():
        odd = next(character for character in text if not character.isascii())
        raise Unreadable(f"{odd!r} is no letter or digit of an English time phrase")
    text = text.lower()
    words: list[str] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise Unreadable(f"nothing here that gives a date: {text[at:][:20]!r}")
        at = token.end()
        kind = token.lastgroup
        assert kind is not None, "every branch has a name"  # noqa: S101
        if kind in {"space", "stop"}:
            continue
        _add(words, kind, token[kind])
        if len(words) > _MOST_WORDS:
            raise Unreadable(f"{_MOST_WORDS} words are the most that a time phrase has")
    return tuple(str(_TENS.get(word, word)) for word in words)


def _add(words: list[str], kind: str, found: str) -> None:
    """Adds one token, in its one form, to the words before it."""
    if kind == "iso":
        words.append(_date(*found.split("-")))
    elif kind == "numeric":
        first, second, year = re.split(r"[./-]", found)
        # Day first, as everywhere but in the United States; 2/24/2022 can only be month first.
        day, month = (first, second) if int(second) <= 12 else (second, first)  # noqa: PLR2004
        words.append(_date(year, month, day))
    elif kind == "clock":
        words.append(_clock(found))
    elif kind == "ordinal":
        words.append(f"{int(found)}.")
    elif kind == "decade":
        words.append(f"{found}s")
    elif kind == "quantity":
        words.append("#")
    elif kind == "number":
        words.append(found)
    elif kind == "dash":
        if not words or words[-1] not in _JOINED:
            words.append("-")
    else:
        _add_word(words, found)


def _add_word(words: list[str], found: str) -> None:
    same = _SAME.get(found, found)
    before = words[-1] if words else ""
    if before in _TENS and found in _ONES[1:10]:
        words[-1] = str(_TENS[before] + _ONES.index(found))
    elif before in _TENS and found in _ORDINALS[:9]:
        words[-1] = f"{_TENS[before] + 1 + _ORDINALS.index(found)}."
    elif before == "a" and same in {"couple", "few"}:
        words[-1] = same
    elif before == "couple" and same == "of":
        pass
    elif words[-2:] == ["on", "or"] and same == "around":
        words.append("about")
    elif before == "pre" and same == "dawn":
        words[-1] = "predawn"
    else:
        words.extend(same.split())


def _date(year: str, month: str, day: str) -> str:
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= month_length(int(year), int(month)):  # noqa: PLR2004
        raise Unreadable(f"there is no day {int(day)} of month {int(month)} in {year}")
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _clock(found: str) -> str:
    half = found.replace(".", "").replace(" ", "")[-2:]
    digits = re.findall(r"\d+", found)
    hour, minute = int(digits[0]), int(digits[1]) if digits[1:] else None
    if half in {"am", "pm"}:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the hours of half a day
            raise Unreadable(f"a clock shows no {found!r}")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or (minute or 0) > 59:  # noqa: PLR2004 - the hours of a day
        raise Unreadable(f"a clock shows no {found!r}")
    return f"{hour}h" if minute is None else f"{hour:02d}:{minute:02d}"


# Words that only say something beside another event, or how often, or how many of what.
_ANCHORED = {
    "afterwards", "before", "earlier", "following", "later", "meanwhile", "next", "previous",
    "same", "that", "then", "thereafter",
}  # fmt: skip
_REPEATED = {"annually", "daily", "each", "every", "hourly", "monthly", "nightly", "weekly"}
_REPEATED |= {f"{name}s" for name in WEEKDAYS}
_OF_A_MULTITUDE = {"#", "half", "hundreds", "million", "thousands"}
_KNOWN = {
    *MONTHS, *WEEKDAYS, *SEASONS, *UNITS, *ABOUT, *MAYBE, *_ANCHORED, *_OF_A_MULTITUDE,
    *("a after ago and as at between by coming couple current dawn day decade during dusk early "
      "end evening few first for from half in into last late lunchtime mid midnight morning night "
      "noon of on or over overnight past predawn recent several since sometime start the this "
      "through throughout to today tomorrow tonight until weekend within yesterday - now").split(),
}  # fmt: skip


def why_not(words: Words) -> str:
    """Gives the reason why words that the grammar doesn't read give no date."""
    odd = next((w for w in words if w not in _KNOWN and not w[0].isdigit()), None)
    counted = any(word.isdigit() and not is_year(word) for word in words)
    if not _REPEATED.isdisjoint(words):
        return "it says how often, not when"
    if not _ANCHORED.isdisjoint(words) and not (odd and counted):
        return "it counts from something else that happened, and needs that as an anchor"
    if not _OF_A_MULTITUDE.isdisjoint(words) or (words and odd and counted):
        return "a quantity or a count, not a date"
    if odd:
        return f"nothing here that gives a date: {odd!r}"
    if any(word in UNITS for word in words):
        return "a length of time without an anchor: it says how long, not when"
    if any(word.isdigit() for word in words):
        return "a number alone is a quantity or a count, not a date"
    if not words:
        return "there is nothing to read"
    return "these words give no date together; write a date such as '6 September 2022'"


def amount(words: Words) -> tuple[tuple[int, int], str] | None:
    """The least and the most that "three days" and the like may be, and the unit."""
    match words:
        case ("half", "a", "hour"):
            return (30, 30), "minute"
        case (number, unit) if unit in UNITS:
            if number == "a":
                return (1, 1), UNITS[unit]
            if number in AMOUNTS:
                return AMOUNTS[number], UNITS[unit]
            if number.isdigit() and 0 < int(number) < _MOST_COUNTED:
                return (int(number), int(number)), UNITS[unit]
    return None


def is_day(word: str) -> bool:
    """Whether a word can be a day of a month."""
    return len(word.strip(".")) <= 2 and word.strip(".").isdigit()  # noqa: PLR2004 - 1 to 31


def number(word: str) -> int:
    """Gives the number of a word that is one, ordinal or not."""
    return int(word.strip("."))


def has_year(words: Words) -> bool:
    """Whether a year is among the words."""
    return any(is_year(word) or is_date(word) for word in words)


def needs_year(words: Words) -> bool:
    """Whether words name something that a year completes."""
    return any(word in MONTHS or word in SEASONS or word in {"half", "quarter"} for word in words)


def day_of_year(words: Words) -> tuple[int, int] | None:
    """The month and day that words name without their year; the first day for a month alone."""
    months = [at for at, word in enumerate(words) if word in MONTHS]
    if len(months) != 1:
        return None
    numbers = [number(word) for word in words if is_day(word)]
    return MONTHS[words[months[0]]], numbers[0] if len(numbers) == 1 else 1


def carried(left: Words, right: Words) -> tuple[Words, Words]:
    """Both ends of a range, each with the month, year, day or half of the day said only once."""
    last = left[-1]
    if is_clock(right[0]) and is_day(last) and not is_ordinal(last):
        # "5 and 6 pm": the first hour lies in the same half of the day.
        hour = number(last) % 12 + _clock_hour(right[0]) // 12 * 12
        left = (*left[:-1], f"{hour}h")
    if is_clock(left[-1]) and is_clock(right[0]):
        if len(left) == 1:
            return (*left, *right[1:]), right
        return left, (*left[:-1], *right) if len(right) == 1 else right
    if is_year(last) and len(left) == 1 and len(right) == 1 and len(right[0]) == 2:  # noqa: PLR2004 - 2014-15
        return left, (last[:2] + right[0],)
    here, there = (
        next((word for word in words if word in MONTHS), None) for words in (left, right)
    )
    if there and not here and is_day(last):
        left = (*left, there)
    elif here and not there and is_day(last) and is_day(right[0]):
        right = (here, *right)
    starts, ends = day_of_year(left), day_of_year(right)
    if starts and ends and has_year(right) and not has_year(left) and is_year(right[-1]):
        left = (*left, str(int(right[-1]) - (starts > ends)))
    elif starts and ends and is_year(left[-1]) and not has_year(right):
        right = (*right, str(int(left[-1]) + (starts > ends)))
    return left, right


def _clock_hour(clock: str) -> int:
    return int(clock[:-1]) if clock[-1] == "h" else int(clock[:2])
