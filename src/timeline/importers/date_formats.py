"""Reads times written in a stated format, no finer than the format is, and refuses vague formats.

A format has the letters of ``strptime``, but isn't read by it: that gives a year of 1900 to what
has none, a first of January to what has no day, and depends on the locale of the process. Month
names are those of the languages in which the field's files are written.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

import attrs

from timeline.calendar_math import DAY, MINUTE, SECOND, instants, wall
from timeline.errors import ImporterError, WhenError
from timeline.time_parsing import between, when
from timeline.times import When

__all__ = ["EXCEL", "MONTHS", "DateFormat", "date_format", "excel"]

_NAMES = """
january jan janvier janv enero ene januar jän janeiro ocak январь января янв січень січня січ
    يناير كانون_الثاني
february feb février févr fevrier febrero februar fevereiro fev şubat февраль февраля фев февр
    лютий лютого лют فبراير شباط
march mar mars marzo märz maerz março marco mart март марта мар березень березня бер مارس آذار
april apr avril avr abril abr nisan апрель апреля апр квітень квітня кві квіт أبريل نيسان
may mai mayo maio mayıs май мая травень травня тра трав مايو أيار
june jun juin junio juni junho haziran июнь июня июн червень червня чер черв يونيو حزيران
july jul juillet juil julio juli julho temmuz июль июля июл липень липня лип يوليو تموز
august aug août aout agosto ago ağustos август августа авг серпень серпня сер серп أغسطس آب
september sep sept septembre septiembre setembro set eylül сентябрь сентября сен сент вересень
    вересня вер вер سبتمبر أيلول
october oct octobre octubre oktober okt outubro out ekim октябрь октября окт жовтень жовтня
    жов жовт أكتوبر تشرين_الأول
november nov novembre noviembre novembro kasım ноябрь ноября ноя нояб листопад листопада лис
    лист نوفمبر تشرين_الثاني
december dec décembre decembre déc diciembre dic dezember dez dezembro aralık декабрь декабря
    дек грудень грудня гру груд ديسمبر كانون_الأول
"""
MONTHS: dict[str, int] = {
    name.replace("_", " "): number
    for number, line in enumerate(re.sub(r"\n +", " ", _NAMES).strip().splitlines(), 1)
    for name in line.split()
}
"""Month names and their short forms in English, French, Spanish, German, Portuguese, Turkish,
Russian, Ukrainian and Arabic, by which month they are."""

_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_WORD = r"[^\W\d_]+(?: [^\W\d_]+)?"
_PATTERNS = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})",
    "B": rf"(?P<B>{_WORD})\.?", "H": r"(?P<H>\d{1,2})", "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})", "f": r"(?P<f>\d{1,6})",
    "p": r"(?P<p>[AaPp])\.?[Mm]\.?", "j": r"(?P<j>\d{1,3})", "G": r"(?P<G>\d{4})",
    "V": r"(?P<V>\d{1,2})", "u": r"(?P<u>[1-7])", "w": r"(?P<w>[0-6])", "U": r"(?P<U>\d{1,2})",
    "W": r"(?P<W>\d{1,2})", "z": r"(?P<z>[+-]\d{2}:?\d{2}|Z)", "A": rf"(?P<A>{_WORD})\.?",
    "Z": r"(?P<Z>UTC|GMT|Z)", "%": "%",
}  # fmt: skip
_SAME = {"b": "%B", "h": "%B", "e": "%d", "a": "%A", "F": "%Y-%m-%d", "T": "%H:%M:%S",
         "R": "%H:%M", "D": "%m/%d/%y", "X": "%H:%M:%S", "-d": "%d", "-m": "%m", "-H": "%H",
         "-I": "%I", "-y": "%y", "-j": "%j"}  # fmt: skip
_PIVOT = 69  # two-digit years from here on are of the last century, as POSIX has it
_WEEKS = 53
EXCEL = {"excel": date(1899, 12, 30), "excel1904": date(1904, 1, 1)}
"""The two epochs of Excel's serial dates; 1904 is that of old Macs. Day 60 of the first is the 29th
of February 1900, which never was: what lies before the first of March 1900 is refused."""
_LAST_SERIAL = 2_958_465  # 9999-12-31


@attrs.frozen
class DateFormat:
    """A format that was checked, and reads texts."""

    form: str
    pattern: re.Pattern[str]
    parts: frozenset[str]
    utc: bool

    def read(self, text: str, zone: str | None) -> When:
        """Read a text as a time of ``zone``. Raises ``WhenError`` for a text of another form."""
        match = self.pattern.fullmatch(text)
        if match is None:
            raise WhenError(f"{text!r:.80} isn't written as {self.form}")
        found = {name: part for name, part in match.groupdict().items() if part is not None}
        if self.utc or "Z" in found:
            zone = "UTC"
        if "z" in found:
            zone = _offset(found["z"])
        first, last = self._days(found)
        if "A" in found:
            _check_weekday(found["A"], first)
        if first != last:
            return attrs.evolve(between(first, last, zone=zone), text=text)
        if not self.parts & {"H", "I"}:
            return attrs.evolve(when(self._date(found, first), zone=zone), text=text)
        return attrs.evolve(self._clock(found, first, zone), text=text)

    def _date(self, found: dict[str, str], first: date) -> str:
        text = f"{first.year:04d}"
        if self.parts & {"d", "j", "u", "w"} or (self.parts & {"U", "W", "V"} and "A" in found):
            return f"{text}-{first.month:02d}-{first.day:02d}"
        return f"{text}-{first.month:02d}" if self.parts & {"m", "B"} else text

    def _days(self, found: dict[str, str]) -> tuple[date, date]:
        try:
            if "G" in found:
                first = date.fromisocalendar(
                    int(found["G"]), int(found["V"]), int(found.get("u", 1))
                )
                return first, first if "u" in found else first + timedelta(days=6)
            year = int(found.get("Y", 0)) if "Y" in found else _century(int(found["y"]))
            if "j" in found:
                first = date(year, 1, 1) + timedelta(days=int(found["j"]) - 1)
                if first.year != year:
                    raise WhenError(f"the year {year} has no day {found['j']}")
                return first, first
            if self.parts & {"U", "W"}:
                return _of_week(year, found)
            month = _month(found["B"]) if "B" in found else int(found.get("m", 1))
            first = date(year, month, int(found.get("d", 1)))
        except ValueError as error:
            raise WhenError(f"the calendar has no such day: {error}") from None
        return first, first

    def _clock(self, found: dict[str, str], first: date, zone: str | None) -> When:
        hour = int(found.get("H", 0) if "H" in found else found["I"])
        if "I" in found:
            if not 1 <= hour <= 12:  # noqa: PLR2004 - hours of a half day
                raise WhenError("an hour before AM or PM is 1 to 12")
            hour = hour % 12 + (12 if found["p"] in "Pp" else 0)
        minute, second = int(found.get("M", 0)), int(found.get("S", 0))
        if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004 - as clocks have them
            raise WhenError("a clock has hours 0 to 23, minutes and seconds 0 to 59")
        day = f"{first.year:04d}-{first.month:02d}-{first.day:02d}"
        if "f" in found:
            fraction = int(found["f"].ljust(6, "0"))
            moment = datetime(first.year, first.month, first.day, hour, minute, second, fraction)  # noqa: DTZ001 - wall time
            return when(moment, zone=zone)
        if "S" in found:
            return when(f"{day}T{hour:02d}:{minute:02d}:{second:02d}", zone=zone)
        if "M" in found:
            return when(f"{day}T{hour:02d}:{minute:02d}", zone=zone)
        start = wall(first.year, first.month, first.day, hour * 60 * MINUTE)
        lo, hi = instants(start, start + 60 * MINUTE, zone)
        return When(lo=lo, hi=hi, precision="hour", zone=zone)


def _century(year: int) -> int:
    return year + (1900 if year >= _PIVOT else 2000)


def _month(name: str) -> int:
    month = MONTHS.get(name.casefold())
    if month is None:
        raise WhenError(f"{name!r:.40} is no month's name that is known here")
    return month


def _offset(text: str) -> str:
    if text == "Z":
        return "UTC"
    found = f"{text[:3]}:{text[-2:]}"
    return "UTC" if found[1:] == "00:00" else found


def _check_weekday(name: str, first: date) -> None:
    names = [day for day in _WEEKDAYS if len(name) > 2 and day.startswith(name.casefold()[:3])]  # noqa: PLR2004 - letters
    if names and names[0] != _WEEKDAYS[first.weekday()]:
        raise WhenError(f"{first} is a {_WEEKDAYS[first.weekday()].capitalize()}, not a {name}")


def _of_week(year: int, found: dict[str, str]) -> tuple[date, date]:
    """Weeks of strftime: week 1 begins with the first Sunday (%U) or Monday (%W) of the year."""
    sunday = "U" in found
    number = int(found["U"] if sunday else found["W"])
    if number > _WEEKS:
        raise WhenError(f"a year has no week {number}")
    new_year = date(year, 1, 1)
    weekday = (new_year.weekday() + 1) % 7 if sunday else new_year.weekday()
    start = new_year + timedelta(days=(7 - weekday) % 7 + 7 * (number - 1))
    if "w" in found or "u" in found:
        day = int(found["w"]) if "w" in found else int(found["u"]) % 7
        first = start + timedelta(days=day if sunday else (day - 1) % 7)
        return first, first
    return start, start + timedelta(days=6)


@lru_cache(maxsize=256)
def date_format(form: str) -> DateFormat:
    """Return what reads a format. Raises ``ImporterError`` for one that leaves a part open."""
    pattern, parts, literal = _compiled(form)
    _check(form, parts)
    utc = re.search(r"(?<![A-Za-z])(?:Z|UTC|GMT)(?![A-Za-z])", literal) is not None
    return DateFormat(form, re.compile(pattern), frozenset(parts), utc)


def _compiled(form: str) -> tuple[str, list[str], str]:
    pattern, literal = "", ""
    parts: list[str] = []
    at = 0
    while at < len(form):
        if form[at] != "%":
            pattern += r"\s+" if form[at].isspace() else re.escape(form[at])
            literal += form[at]
            at += 1
            continue
        size = 3 if form[at + 1 : at + 2] == "-" else 2
        letter = form[at + 1 : at + size]
        at += size
        if letter in _SAME:
            inner, more, _ = _compiled(_SAME[letter])
            pattern, parts = pattern + inner, parts + more
        elif letter in _PATTERNS:
            pattern += _PATTERNS[letter]
            parts += [letter] if letter != "%" else []
        else:
            raise ImporterError(
                f"formats: {form!r} has {'%' + letter!r}, which isn't known here; write %Y %m %d "
                "%B %H %M %S %p %y %j %z and what stands between them"
            )
        literal += "\0"
    if len(parts) != len(set(parts)):
        raise ImporterError(f"formats: {form!r} has a part twice")
    return pattern, parts, literal


def _check(form: str, given: list[str]) -> None:
    parts = set(given)
    month, day = parts & {"m", "B"}, parts & {"d"}
    of_year = parts & {"j"} or (parts & {"U", "W", "V"})
    clock = parts & {"H", "I", "M", "S", "f", "p"}
    whole_day = bool(day or "j" in parts or (parts & {"U", "W"} and parts & {"w", "u"})
                     or ("V" in parts and "u" in parts))  # fmt: skip
    rules: list[tuple[bool, str]] = [
        (not parts & {"Y", "y", "G"}, "it lacks a year, %Y"),
        (len(parts & {"Y", "y", "G"}) > 1, "it has two years"),
        (bool(day) and not month, "it has a day, %d, and lacks the month, %m or %B"),
        (len(month) > 1 or (bool(of_year) and bool(month or day)), "it has two days of the year"),
        (bool(parts & {"G"}) != bool(parts & {"V"}), "%G and %V go together"),
        (bool(parts & {"w", "u"}) and not parts & {"U", "W", "V"}, "it lacks a week, %V, %W or %U"),
        (bool(clock) and not whole_day, "it has a time of day and lacks the day"),
        (bool(parts & {"M", "S", "f"}) and not parts & {"H", "I"}, "it lacks the hour, %H"),
        ("S" in parts and "M" not in parts, "it lacks the minute, %M"),
        ("f" in parts and "S" not in parts, "it lacks the second, %S"),
        (("I" in parts) != ("p" in parts), "%I, an hour up to 12, and %p, AM or PM, go together"),
        ("H" in parts and "I" in parts, "it has two hours"),
    ]  # fmt: skip
    for broken, why in rules:
        if broken:
            raise ImporterError(f"formats: {form!r} can't be used: {why}")


def excel(text: str, form: str, zone: str | None) -> When:
    """Read a serial date of a spreadsheet: the day, and to the second where it has a fraction."""
    match = re.fullmatch(r"(\d{1,7})(?:\.(\d{1,15}))?", text, re.ASCII)
    serial = int(match[1]) if match else -1
    if match is None or not (60 if form == "excel" else 0) < serial <= _LAST_SERIAL:
        raise WhenError(f"{text!r:.40} isn't a serial date of a spreadsheet")
    day = EXCEL[form] + timedelta(days=serial)
    seconds = round(float(f"0.{match[2] or 0}") * DAY / SECOND)
    if not int(match[2] or 0):
        return attrs.evolve(when(day, zone=zone), text=text)
    moment = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001 - wall time
    return attrs.evolve(when(f"{moment:%Y-%m-%dT%H:%M:%S}", zone=zone), text=text)
