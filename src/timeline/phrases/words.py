"""Cuts an English time phrase into words, one form for each, and knows words from words."""

from __future__ import annotations

import re
from typing import Literal, get_args

from timeline.calendar_math import month_length
from timeline.phrases.rules import AMOUNTS, Unreadable
from timeline.phrases.vocabulary import (
    ANCHORED,
    KNOWN,
    MONTHS,
    MULTITUDES,
    ONES,
    ORDINALS,
    POSSESSIVE,
    REPEATED,
    SYNONYMS,
    TENS,
    UNITS,
    ZONES,
    city_zones,
)

__all__ = [
    "LONGEST",
    "DateOrder",
    "Words",
    "amount",
    "clock_readings",
    "is_clock",
    "is_date",
    "is_day",
    "is_number",
    "is_ordinal",
    "is_year",
    "is_zone",
    "number",
    "why_not",
    "words_of",
]

Words = tuple[str, ...]
"""Each in its one form: ``6.`` an ordinal (``06.`` in figures), ``+6`` a number in words, ``17h``
an hour and ``5h?`` one of either half of the day, ``17:30`` a minute (``5:30`` of either half),
``2022-09-06`` a date, with ``|`` between the two that figures may mean, ``@Europe/Kyiv`` the zone
of the clock before it, ``#`` a quantity."""

DateOrder = Literal["dmy", "mdy"]
"""How a source writes dates in figures: day, month, year, or month, day, year."""

LONGEST = 200  # characters; the longest time phrase of a page of news has 60
_MOST_WORDS = 24
_MOST_COUNTED = 1_000  # units; news counts no further back

_TOKEN = re.compile(
    r"""
    (?P<space>[ ,()"]+)
  | (?P<iso>\d{4}[-/.]\d\d[-/.]\d\d)(?![-\d/t])
  | (?P<numeric>\d{1,2}([./-])\d{1,2}\4\d{4})(?![\d/])
  | (?P<hyphened>\d{1,2}-[a-z]{3,9}-\d{4})(?![-\da-z])
  | (?P<clock>\d{1,2}(?:[:.]\d\d)?\ ?[ap]\.?\ ?m\b\.?|\d{1,2}:\d\d)(?![:\d.]\d)
  | (?P<hundreds>\d{4})(?:\ ?(?:h|hrs?|hours)\b|(?=z\b))
  | (?P<quantity>\d{1,3}(?:,\d{3})+|\d+\.\d+)(?![\d.])
  | (?P<ordinal>\d{1,2})(?:st|nd|rd|th)\b
  | (?P<decade>\d{3}0)'?s\b
  | '(?P<short>\d\d)(?!\d|'?[a-z])
  | (?P<number>\d{1,9})(?![\da-z])
  | (?P<oclock>o'?clock)\b
  | (?P<possessed>[a-z]+)(?:'s|(?<=s)')(?![\da-z])
  | (?P<word>[a-z]+\d?)(?![\da-z'])
  | (?P<quote>'(?=[\ ]|$)|(?:(?<=\ )|^)')
  | (?P<dash>-)
  | (?P<slash>/)
  | (?P<stop>\.)
    """,
    re.VERBOSE | re.ASCII,
)
_PLAIN = str.maketrans(
    dict.fromkeys("\u2013\u2014\u2212", "-")
    | dict.fromkeys("\u2019\u2018\u02bc", "'")
    | {"&": " and "}
)
_JOINED = {"mid", "early", "late", "pre", "post"} | set(TENS)
_BEFORE_CLOCK = {
    "at", "by", "until", "from", "to", "-", "before", "after", "since", "and", "about", "around",
    "between",
}  # fmt: skip
_HALVES = {"morning": 0, "afternoon": 12, "evening": 12}
_EARLIEST_EVENING = 4  # o'clock


def is_ordinal(word: str) -> bool:
    """Whether a word is an ordinal, in its form ``6.``."""
    return word[-1] == "."


def is_clock(word: str) -> bool:
    """Whether a word is a time of the clock."""
    return ":" in word or bool(re.fullmatch(r"\d+h\??", word))


def is_zone(word: str) -> bool:
    """Whether a word is the zone of a clock, in its form ``@Europe/Kyiv``; ``@`` is local time."""
    return word[0] == "@"


def clock_readings(word: str) -> tuple[list[tuple[int, int]], bool]:
    """Return the hours and minutes that a clock's word may mean, and whether minutes were said."""
    hours, colon, minutes = word.strip("h?").partition(":")
    first = int(hours), int(minutes or 0)
    either = word[-1] == "?" or (colon and len(hours) == 1 and hours != "0")
    readings = [first, (first[0] % 12 + 12, first[1])] if either else [first]
    if either and first[0] == 12:  # noqa: PLR2004 - noon or midnight
        readings = [(0, first[1]), (12, first[1])]
    return readings, bool(colon)


def is_date(word: str) -> bool:
    """Whether a word is a whole date, in its form ``2022-09-06``."""
    return word.count("-") == 2  # noqa: PLR2004 - year, month, day


def is_year(word: str) -> bool:
    """Whether a word can be a year of the news: four digits, 1000 to 2199."""
    return word.isdigit() and len(word) == 4 and "1000" <= word < "2200"  # noqa: PLR2004


def is_number(word: str) -> bool:
    """Whether a word is a number in figures that isn't a year."""
    return word.removeprefix("+").isdigit() and not is_year(word)


def is_day(word: str) -> bool:
    """Whether a word can be a day of a month."""
    digits = word.strip(".").removeprefix("0")
    return digits.isdigit() and len(digits) <= 2 and 1 <= int(digits) <= 31  # noqa: PLR2004


def number(word: str) -> int:
    """Return the number of a word that is one, ordinal or not."""
    return int(word.strip("."))


def words_of(phrase: str, date_order: DateOrder | None = None) -> Words:
    """Return the words of a phrase, each in its one form; ``Unreadable`` for what has none."""
    if date_order not in (None, *get_args(DateOrder)):
        raise ValueError(f"a date order is 'dmy', 'mdy' or None, not {date_order!r}")
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
        if (
            kind == "stop"
            and token.start()
            and text[token.start() - 1].isdigit()
            and at < len(text)
        ):
            raise Unreadable(f"nothing here that gives a date: {text[token.start() - 1 :][:20]!r}")
        if kind not in {"space", "stop", "quote"}:
            _add(words, kind, token[kind], date_order)
        if len(words) > _MOST_WORDS:
            raise Unreadable(f"{_MOST_WORDS} words are the most that a time phrase has")
    return _with_clocks(tuple(f"+{TENS[word]}" if word in TENS else word for word in words))


def _add(  # noqa: C901, PLR0912 - one case a kind of token
    words: list[str], kind: str, text: str, order: DateOrder | None
) -> None:
    """Add one token, in its one form, to the words before it."""
    match kind:
        case "iso":
            words.append(_date(*re.split("[-/.]", text)))
        case "numeric":
            words.append(_in_figures(text, order))
        case "hyphened":
            day, month, year = text.split("-")
            words.extend((day, SYNONYMS.get(month, month), year))
        case "clock":
            words.append(_clock(text))
        case "hundreds":
            clock = None if words and words[-1] in {*MONTHS, "#"} else _hundreds(text)
            clock = None if words and is_day(words[-1]) else clock
            words.append(clock or "#")
        case "ordinal":
            words.append(f"0{int(text)}.")
        case "decade":
            words.append(f"{text}s")
        case "short":
            words.append(f"{'20' if text < '50' else '19'}{text}")
        case "quantity":
            words.append("#")
        case "number" | "oclock":
            words.append(text.replace("'", ""))
        case "dash":
            if not words or words[-1] not in _JOINED:
                words.append("-")
        case "slash":
            words.append("/")
        case "possessed":
            if SYNONYMS.get(text, text) not in POSSESSIVE:
                raise Unreadable(f"nothing here that gives a date: {text!r}")
            _add_word(words, text)
        case _:
            _add_word(words, text)


def _add_word(words: list[str], text: str) -> None:
    same = SYNONYMS.get(text, text)
    before = words[-1] if words else ""
    if before in TENS and text in ONES[1:10]:
        words[-1] = f"+{TENS[before] + ONES.index(text)}"
    elif before in TENS and text in ORDINALS[:9]:
        words[-1] = f"{TENS[before] + 1 + ORDINALS.index(text)}."
    elif before == "a" and same in {"couple", "few"}:
        words[-1] = same
    elif before == "couple" and same == "of":
        pass
    elif words[-2:] in (["on", "or"], ["in", "or"]) and same == "around":
        words.append("about")
    elif before == "pre" and same == "dawn":
        words[-1] = "predawn"
    else:
        words.extend(same.split())


def _date(year: str, month: str, day: str) -> str:
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= month_length(int(year), int(month)):  # noqa: PLR2004
        raise Unreadable(f"there is no day {int(day)} of month {int(month)} in {year}")
    return f"{year}-{int(month):02d}-{int(day):02d}"


def _in_figures(text: str, order: DateOrder | None) -> str:
    """A date such as 03/04/2022: by the order stated, else both readings where there are two."""
    first, second, year = re.split(r"[./-]", text)
    if order is None and "." in text:
        order = "dmy"  # with full stops, nobody writes the month first
    if order is None and first != second:
        if int(first) > 12 or int(second) > 12:  # noqa: PLR2004 - months
            order = "mdy" if int(second) > 12 else "dmy"  # noqa: PLR2004 - 2/24/2022 has one reading
        else:
            return "|".join(sorted((_date(year, first, second), _date(year, second, first))))
    return _date(year, first, second) if order == "mdy" else _date(year, second, first)


def _clock(text: str) -> str:
    half = text.replace(".", "").replace(" ", "")[-2:]
    digits = re.findall(r"\d+", text)
    hour, minute = int(digits[0]), int(digits[1]) if digits[1:] else None
    if half in {"am", "pm"}:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the hours of half a day
            raise Unreadable(f"a clock shows no {text!r}")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or (minute or 0) > 59:  # noqa: PLR2004 - the hours of a day
        raise Unreadable(f"a clock shows no {text!r}")
    if minute is None:
        return f"{hour}h"
    either = half not in {"am", "pm"} and len(digits[0]) == 1
    return f"{hour}:{minute:02d}" if either else f"{hour:02d}:{minute:02d}"


def _hundreds(text: str) -> str | None:
    """A clock written 0730, as soldiers and wire services do; None for no time of the clock."""
    hour, minute = int(text[:2]), int(text[2:])
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None  # noqa: PLR2004


def _with_clocks(words: Words) -> Words:
    """The words with each clock, and its zone, in its one form: "0300 GMT", "3 in the morning"."""
    made: list[str] = []
    at = 0
    while at < len(words):
        word, rest = words[at], words[at + 1 :]
        zone, taken = _zone(rest)
        before = made[-1] if made else ""
        if word.isdigit() and len(word) == 4 and _hundreds(word):  # noqa: PLR2004
            by_name = zone is not None or before == "at" or word[0] == "0"
            made.append(
                _hundreds(word) or word if by_name and before in {*_BEFORE_CLOCK, ""} else word
            )
        elif word == "12" and rest[:1] == ("noon",):
            made.append("12:00")
            at += 1
        elif is_number(word) and 1 <= int(word) <= 12 and rest[:1] == ("oclock",):  # noqa: PLR2004
            made.append(f"{int(word)}h?")
            at += 1
            zone, taken = _zone(words[at + 1 :])
        elif (
            is_number(word)
            and 1 <= int(word) <= 12  # noqa: PLR2004
            and before in {"at", "about", "around"}
            and rest
            and rest[0] not in MONTHS
            and rest[0] not in UNITS
            and rest[0] in {"in", "on", "this", "yesterday", "tomorrow", "last", "today"}
        ):
            made.append(f"{int(word)}h?")
        else:
            made.append(word)
        at += 1
        if is_clock(made[-1]):
            half = words[at + 2 : at + 3]
            if words[at : at + 2] == ("in", "the") and half and half[0] in _HALVES:
                made[-1] = _in_half(made[-1], half[0])
                at += 3
                zone, taken = _zone(words[at:])
            if zone is not None:
                made.append(zone)
                at += taken
    return tuple(made)


def _in_half(clock: str, half: str) -> str:
    """What a clock of 24 hours shows at "3 in the afternoon"."""
    readings, minutes = clock_readings(clock)
    hour, minute = readings[0]
    if len(readings) == 1:
        fits = hour < 12 if half == "morning" else hour >= 12  # noqa: PLR2004
    else:
        fits = hour < 12 if half == "morning" else hour < 7 or half == "evening"  # noqa: PLR2004
        fits = fits and (half != "evening" or hour >= _EARLIEST_EVENING)
        hour += _HALVES[half]
    if not fits or hour > 23:  # noqa: PLR2004
        raise Unreadable("the time of the clock doesn't fit the part of the day")
    return f"{hour:02d}:{minute:02d}" if minutes else f"{hour}h"


def _zone(words: Words) -> tuple[str | None, int]:
    """The zone at the head of the words after a clock, and how many words name it."""
    if words[:2] == ("local", "time"):
        return "@", 2
    if words[:1] and words[0] in ZONES:
        return f"@{ZONES[words[0]]}", 1
    for size in (1, 2, 3):
        name = " ".join(words[:size])
        if words[size : size + 1] == ("time",) and name in city_zones():
            return f"@{city_zones()[name]}", size + 1
    return None, 0


def why_not(words: Words) -> str:
    """Return the reason why words that the grammar doesn't read give no date."""
    odd = next(
        (w for w in words if w not in KNOWN and not w[0].isdigit() and not is_number(w)), None
    )
    counted = any(is_number(word) for word in words)
    if not REPEATED.isdisjoint(words):
        return "it says how often, not when"
    if not ANCHORED.isdisjoint(words) and not (odd and counted):
        return "it counts from something else that happened, and needs that as an anchor"
    if not MULTITUDES.isdisjoint(words) or (words and odd and counted):
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
        case (first, "or" | "to" | "-", second, unit) if unit in UNITS:
            low, high = _counted(first), _counted(second)
            if low and high and low[0] < high[1]:
                return (low[0], high[1]), UNITS[unit]
        case (number, unit) if unit in UNITS:
            if number == "a":
                return (1, 1), UNITS[unit]
            counted = _counted(number)
            return counted and (counted, UNITS[unit])
    return None


def _counted(word: str) -> tuple[int, int] | None:
    if word in AMOUNTS:
        return AMOUNTS[word]
    if is_number(word) and 0 < int(word) < _MOST_COUNTED:
        return int(word), int(word)
    return None
