"""Proposes a mapping for a sheet from its header and first rows, for its owner to read and mend.

What two hundred rows show is written down: how dates are ordered, what signs numbers have, which
column is an id. What they leave open is asked in the file: a key has the value ``"?"``, and a
mapping with one is refused until somebody says what it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

import attrs

from timeline.claims import Claim
from timeline.errors import ImporterError, TimelineError
from timeline.importers.column_names import ENDS, HARMED, KINDS, NAMES, OF_ALL
from timeline.importers.date_formats import date_format, excel
from timeline.importers.numbers_in_cells import UNREPORTED, Numbers
from timeline.importers.outcomes import Accepted, Refused
from timeline.importers.ready_mappings import READY
from timeline.importers.table import table
from timeline.importers.table_reader import Lines, TableReader, TableRow
from timeline.importers.workbooks import is_packed, sheet_names
from timeline.time_parsing import when

__all__ = ["guess", "guess_sheet"]

_CATEGORY = "category"
# What has an importer of its own, by columns that nothing else has.
_OWN = {
    "acled": ("an export of ACLED", "event id cnty|event date|event type|actor1|fatalities"),
    "ucdp": ("a release of UCDP GED", "type of violence|side a|side b|date prec|where prec"),
    "timelinejs": ("a sheet of TimelineJS", "year|month|day|headline|text|media caption"),
}
_EXPORTED = frozenset("id kind when earliest latest edtf words expected sources titles".split())
_WORDS = re.compile(r"[\W_]+")
_BLANK = re.compile(r"[-–—.*x?]{1,3}|n/?a\.?|nan|null|none|unknown|unk|tbd|tbc", re.IGNORECASE)
_NUMERIC = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})\b(.*)", re.ASCII | re.DOTALL)
_SPOT = re.compile(
    r"\s*[(\[]?-?\d{1,3}(?:\.\d+)?°?\s*[NSns]?\s*[,; ]\s*-?\d{1,3}(?:\.\d+)?.*", re.ASCII
)
_GLOBAL = re.compile(r"[A-Za-z]+[-_:/]?\d{3,}.*|[0-9a-f]{8}-[0-9a-f-]{20,}|\d{9,}", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?", re.ASCII)
_CLOCKS = ("", " %H:%M:%S", " %H:%M", ", %H:%M", " %I:%M %p", " %I:%M:%S %p", " %H")
_DAYS = (
    "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%d-%B-%Y", "%d-%B-%y", "%d %B, %Y", "%d. %B %Y",
    "%A, %B %d, %Y", "%A, %d %B %Y", "%A %d %B %Y", "%d.%B.%Y", "%B-%y", "%B %Y", "%B-%Y",
    "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%m/%Y", "%m.%Y", "%Y/%m", "%Y %B %d",
)  # fmt: skip
_ROWS = 200
_LOOKED_AT = 20_000  # rows that are read to take some of them, and to see which are alike
_TRIED = 1000
_ENCODINGS = ("utf-8", "cp1251", "cp1252")
_SIGNS = ".,"
_CONSTANT = "our desk"


@attrs.frozen
class _Column:
    """A column: what the mapping calls it, its plain name, and its values that aren't blank."""

    name: str
    plain: str
    values: tuple[str, ...]
    blanks: tuple[str, ...]


def guess(header: Iterable[str], rows: Iterable[Sequence[str]] = (), *, name: str = "") -> str:
    """Return TOML text for ``table`` from the names of columns and the first rows under them.

    ``name`` is that of the sheet, which makes ids its own. What can't be placed is a comment; what
    the rows leave open is asked: such a mapping is refused until it is said. Without rows it goes
    by names alone, in English and some other languages of the field, and is a start, not an answer.
    """
    if isinstance(header, str):
        raise ImporterError(f"a header is the names of columns in a list, not one text, {header!r}")
    first = list(islice(rows, _ROWS))
    return _proposed(header, first, name, first)


def _proposed(
    header: Iterable[str], first: list[Sequence[str]], name: str, seen: list[Sequence[str]]
) -> str:
    """The mapping that some rows show, and more of them where rows are to be told apart."""
    names = [str(one).encode("utf-8", "replace").decode().strip() for one in header]
    columns = _columns(names, first)
    broken = {
        one.plain for one in columns
        if one.plain in ("latitude", "longitude") and one.values and not _degrees(180)(one.values)
    }  # fmt: skip
    ready = READY.fitting({one.plain: one.name for one in columns}, without=broken)
    if ready is not None:
        return ready
    if {one.name for one in columns} >= _EXPORTED:
        return _of_export(columns)
    plain = {one.plain for one in columns}
    notes = [
        f"# this looks like {what}: timeline import LOG FILE --as {form} reads more of it\n"
        for form, (what, needed) in _OWN.items()
        if plain >= set(needed.split("|"))
    ]
    return "".join(notes) + _Proposal(columns, name, names, seen).text()


def _of_export(columns: list[_Column]) -> str:
    """The mapping for the CSV that a log was exported to: the same ids, kinds and times."""
    values = {one.name: one.values for one in columns}
    zones = sorted(set(values.get("zone", ()))) or ["UTC"]
    zone = _text(zones[0]) if len(zones) == 1 else f'"?"  # times have {", ".join(zones):.80}'
    lines = [
        "# accounts that timeline export wrote", f"zone = {zone}", "each_source = true", "",
        "[columns]", 'id = "id"', 'kind = "kind"', 'when = "edtf"', 'stance = "expected"',
        'source = "sources"', 'published = "published"', 'title = "titles"', 'url = "urls"',
        'quote = "quotes"', 'summary = "summary"',
    ]  # fmt: skip
    if "place_latitude" in values:
        parts = ("id", "latitude", "longitude", "precision")
        lines += ['place.name = "place"', *(f'place.{part} = "place_{part}"' for part in parts)]
    for name in ("killed", "wounded"):
        if f"{name}_best" in values:
            ends = ("low", "best", "high")
            lines += [f'{name}.{part} = "{name}_{part}"' for part in ends]
    texts = ("by", "against", "weapon", "to", "how", "category")
    lines += [f"{name} = {_text(name)}" for name in texts if values.get(name)]
    lines += ["", "[translate.expected]", 'true = "expects"', 'false = "says"']
    return "\n".join(lines) + "\n"


def _columns(names: list[str], rows: list[Sequence[str]]) -> list[_Column]:
    counts = Counter(names)
    seen: Counter[str] = Counter()
    columns = []
    for place, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1 and not rows:
            continue
        called = name if counts[name] == 1 or not rows else f"{name}#{seen[name]}"
        cells = [row[place].strip() for row in rows if len(row) > place]
        values = tuple(cell for cell in cells if cell and not _BLANK.fullmatch(cell))
        blanks = tuple(dict.fromkeys(cell for cell in cells if cell and _BLANK.fullmatch(cell)))
        if name:
            plain = _WORDS.sub(" ", name.casefold()).strip()
            columns.append(_Column(called, plain, values, blanks))
    return columns


class _Proposal:
    """The mapping that is being put together."""

    def __init__(
        self, columns: list[_Column], name: str, header: list[str], first: list[Sequence[str]]
    ) -> None:
        self._columns = columns
        self._cells = [row for row in first if len(row) == len(header)]
        self._at = {one.name: place for place, one in _placed(columns, header)}
        self._name = _WORDS.sub("-", name.rpartition("/")[2].partition(".")[0].casefold()).strip(
            "-"
        )
        self._found: dict[str, str | list[str]] = {}
        self._defaults: dict[str, str] = {}
        self._top: list[str] = []
        self._tables: list[str] = []
        self._taken: set[str] = set()
        self._rows = any(one.values for one in columns)

    def text(self) -> str:
        """Return the TOML text."""
        self._names()
        self._times()
        self._places()
        self._ids()
        self._numbers()
        self._kind()
        self._tell_apart()
        name = self._found.get("source")
        if not isinstance(name, str) or any(not row[self._at[name]].strip() for row in self._cells):
            self._defaults["source"] = _CONSTANT
        return self._written()

    # -- what columns are

    def _take(self, key: str, column: _Column) -> None:
        self._found[key] = column.name
        self._taken.add(column.name)

    def _named(self, key: str) -> Iterator[_Column]:
        for word in NAMES[key].split("|"):
            yield from (one for one in self._columns if one.plain == word)

    def _names(self) -> None:  # noqa: C901 - one rule after the other
        for key in NAMES:
            fits = _FITS.get(key, _any)
            for column in self._named(key):
                if column.name not in self._taken and (not column.values or fits(column.values)):
                    self._take(key, column)
                    break
        self._harmed()
        # What is given as a whole isn't given in parts as well.
        parts = self._parts_of_date()
        for whole in ("when", "killed", "wounded"):
            if whole in self._found:
                for key in [key for key in self._found if key.startswith(f"{whole}.")]:
                    self._free(key)
        if "when.to" in self._found and "when.from" not in self._found:
            self._found["when"] = self._found.pop("when.to")
        if "when.from" in self._found and "when.to" not in self._found:
            self._found["when"] = self._found.pop("when.from")
        if parts and "when" not in self._found and "when.from" not in self._found:
            for key, column in parts.items():
                self._take(f"when.{key}", column)

    def _harmed(self) -> None:
        """Take columns such as "Total Died Min": they count people harmed, and all of them."""
        for field, words in HARMED.items():
            if any(key.split(".")[0] == field for key in self._found):
                continue
            for column in self._columns:
                said = set(column.plain.split()) - OF_ALL
                if column.name in self._taken or not said & words or not _counted(column.values):
                    continue
                ends = [end for end, names in ENDS.items() if said & names]
                if said - words - frozenset().union(*(ENDS[end] for end in ends)):
                    continue
                key = f"{field}.{ends[0]}" if ends else field
                if key not in self._found and len(ends) < 2 and column.values:  # noqa: PLR2004 - both
                    self._take(key, column)

    def _tell_apart(self) -> None:
        """Let a summary have what tells rows apart that would otherwise be one event."""
        times = [self._at[name] for key, name in self._found.items()
                 if key.split(".")[0] == "when" and isinstance(name, str)]  # fmt: skip
        rows = [row for row in self._cells if any(row[place].strip() for place in times)]
        if "id" in self._found or not rows:
            return
        used = [self._at[one] for name in self._found.values()
                for one in ([name] if isinstance(name, str) else name)]  # fmt: skip
        free = [one for one in self._columns if one.name not in self._taken and one.values
                and self._at[one.name] not in used
                and _lettered(one.values) and not _addressed(one.values)]  # fmt: skip
        added: list[str] = []

        def kinds_of(*more: int) -> int:
            places = [*used, *(self._at[one] for one in added), *more]
            return len({tuple(row[place] for place in places) for row in rows})

        while free and len(added) < 3 and (now := kinds_of()) < len(rows):  # noqa: PLR2004 - enough
            best = max(free, key=lambda one: kinds_of(self._at[one.name]))
            if kinds_of(self._at[best.name]) == now:
                break
            free.remove(best)
            added.append(best.name)
        if added:
            summary = self._found.get("summary")
            summaries = [summary] if isinstance(summary, str) else []
            names = [*summaries, *added]
            self._found["summary"] = names if len(names) > 1 else names[0]
            self._taken |= set(added)

    def _free(self, key: str) -> None:
        name = self._found.pop(key)
        self._taken -= {name} if isinstance(name, str) else set(name)

    def _parts_of_date(self) -> dict[str, _Column]:
        words = {
            "year": ("year", "iyear", "yr", "año", "jahr", "рік"),
            "month": ("month", "imonth", "mon", "mes", "monat", "місяць"),
            "day": ("day", "iday", "день"),
            "hour": ("hour",),
            "circa": ("approxdate flag", "circa"),
        }
        parts = {}
        for key, names in words.items():
            found = next((one for one in self._columns if one.plain in names), None)
            if found is not None:
                parts[key] = found
        if "year" not in parts:
            return {}
        return {key: one for key, one in parts.items() if key != "day" or "month" in parts}

    def _column(self, name: str) -> _Column:
        return next(one for one in self._columns if one.name == name)

    def _times(self) -> None:
        keys = [key for key in ("when", "when.from", "when.to") if key in self._found]
        if not keys and not any(key.startswith("when.") for key in self._found):
            free = [one for one in self._columns if one.name not in self._taken and one.values]
            dated = [one for one in free if _formats(one.values)[0]]
            if len(dated) == 1:
                self._take("when", dated[0])
                keys = ["when"]
        named = [self._found[key] for key in keys]
        values = [value for name in named if isinstance(name, str)
                  for value in self._column(name).values]  # fmt: skip
        if "published" in self._found and isinstance(self._found["published"], str):
            published = self._column(self._found["published"]).values
            if published and _formats((*values, *published))[0] != _formats(values)[0]:
                self._free("published")
        formats, question = _formats(values) if values else ([], "")
        if question:
            self._top.append(f'formats = ["?"]  # {question}')
        elif formats and formats != ["edtf"]:
            self._top.append(f"formats = [{', '.join(map(_text, formats))}]")
        elif not values:
            self._top.append(
                '# formats = ["%d.%m.%Y", "edtf"]  # how times are written; edtf reads 2022-09-16'
            )
        if "when.to" in self._found:
            self._top.append(
                'span = "lasted"  # or "between": at some one moment from one to the other'
            )
        times = [
            one
            for one in self._columns
            if one.plain in ("time", "event time", "hour", "час")
            and one.values
            and one.name not in self._taken
            and all(map(_CLOCK.fullmatch, one.values))
        ]
        if "when" in self._found and times:
            self._found["when.date"] = self._found.pop("when")
            self._take("when.time", times[0])

    def _places(self) -> None:
        found = self._found
        if "place.latitude" in found and "place.longitude" in found:
            found.pop("place.coordinates", None)
        elif "place.latitude" in found or "place.longitude" in found:
            for key in ("place.latitude", "place.longitude"):
                if key in found:
                    self._free(key)
        self._site()
        levels = ("country", "region", "state", "district", "name", "site")
        path = [found.pop(f"place.{key}") for key in levels if f"place.{key}" in found]
        names = [one for one in path if isinstance(one, str)]
        for column in self._columns:
            pairs = column.name not in self._taken and column.values
            if pairs and "place.latitude" not in found and "place.coordinates" not in found:
                if _coordinates(column.values):
                    self._take("place.coordinates", column)
        if len(names) == 1:
            found["place.name"] = names[0]
        elif names:
            found["place.path"] = names

    def _site(self) -> None:
        """Leave out a place that only names its town again, as "Austin, Texas" does."""
        town, site = self._found.get("place.name"), self._found.get("place.site")
        if not isinstance(town, str) or not isinstance(site, str):
            return
        pairs = [(row[self._at[town]].strip(), row[self._at[site]].strip()) for row in self._cells]
        again = sum(bool(one) and one in other for one, other in pairs)
        if not pairs or again * 2 > len(pairs):
            self._free("place.site")

    def _ids(self) -> None:
        name = self._found.get("id")
        if not isinstance(name, str):
            return
        values = self._column(name).values
        if values and (len(set(values)) < len(values)):
            self._free("id")
            self._top.append(
                f"# id: {_text(name)} repeats, so it isn't the id of an event; rows are known by "
                "what they say"
            )
        elif values and all(map(_GLOBAL.fullmatch, values)):
            self._top.append(f"# ids such as {_text(values[0])} are taken as they are")
        else:
            prefix = f"{self._name or 'sheet'}:"
            self._top.append(
                f"id_prefix = {_text(prefix)}  # ids are this sheet's own: no other has the prefix"
            )

    def _numbers(self) -> None:
        blanks: dict[str, None] = {}
        for key, name in self._found.items():
            if not isinstance(name, str):
                continue
            column = self._column(name)
            if key.startswith(("killed", "wounded", "place.l", "when", "published")):
                blanks |= dict.fromkeys(one for one in column.blanks)
            if key.startswith(("killed", "wounded")):
                self._thousands(name, column.values)
            elif key in ("place.latitude", "place.longitude") and any(
                re.fullmatch(r"-?\d{1,3},\d+", value) for value in column.values
            ):
                # As thousands these would be no degrees.
                self._tables.append(f'[numbers.{_text(name)}]\ndecimal = ","')
        known = {one for one in blanks if one.casefold() in UNREPORTED}
        if blanks.keys() - known or (known and any(key.startswith("when") for key in self._found)):
            self._top.append(
                f"blank = [{', '.join(map(_text, blanks))}]  # what stands for an empty cell"
            )

    def _thousands(self, name: str, values: tuple[str, ...]) -> None:
        asked = [value for value in values if re.search(r"(?<!\d)\d{1,3}\.\d{3}(?!\d)", value)]
        if asked:
            self._tables.append(
                f'[numbers.{_text(name)}]\nthousands = "?"  # {asked[0]}: "." if that is '
                'thousands; or decimal = "."'
            )

    def _kind(self) -> None:
        name = self._found.pop("kind", None)
        column = self._column(name) if isinstance(name, str) else None
        if column is not None and not column.values:
            if self._rows or column.plain not in ("kind", "type", "event type"):
                column = None
            else:
                self._found["kind"] = column.name
                self._tables.append(f'[translate.{_text(column.name)}]\n# shelling = "attack"')
                return
        if column is not None and self._of_kinds(column):
            return
        harm = any(key.split(".")[0] in ("killed", "wounded", "weapon", "by", "against")
                   for key in self._found)  # fmt: skip
        if column is not None and harm and not self._names_attacks(column):
            harm = False
            if "weapon" in self._found:
                self._taken.discard(str(self._found.pop("weapon")))
        if harm or not self._rows:
            self._top.insert(0, 'kind = "attack"  # or "incident": what the rows are')
            if column is not None:
                self._taken.discard(column.name)
        else:
            self._top.insert(0, 'kind = "incident"')
            if column is not None:
                self._found[_CATEGORY] = column.name
            self._defaults[_CATEGORY] = "event"

    def _names_attacks(self, column: _Column) -> bool:
        """Whether somebody did it, or a value in the column of kinds may be one of an attack.

        People die in floods and crashes, too: a figure of the dead doesn't make an attack.
        """
        if any(key.split(".")[0] in ("by", "against") for key in self._found):
            return True
        texts = [f" {_WORDS.sub(' ', value.casefold())} " for value in column.values]
        names = [f" {name} " for name in KINDS["attack"].split("|")]
        return any(name in text for text in texts for name in names)

    def _of_kinds(self, column: _Column) -> bool:
        """Take a column as that of kinds where its values say what the kinds mean."""
        words = {word: kind for kind, names in KINDS.items() for word in names.split("|")}
        meanings = {value: words.get(_WORDS.sub(" ", value.casefold()).strip())
                    for value in dict.fromkeys(column.values)}  # fmt: skip
        known = sum(meanings[value] is not None for value in column.values)
        # A clash needs sides, a statement a speaker, a change of territory who gained it: the
        # columns for these can't be told from names alone.
        usable = {value: kind for value, kind in meanings.items() if kind in ("attack", "incident")}
        if not known or len(usable) < len(meanings) / 2:
            return False
        self._found["kind"] = column.name
        self._top.insert(0, 'otherwise = "incident"  # what a row is whose kind isn\'t translated')
        lines = [f"{_text(value)} = {_text(kind)}" for value, kind in usable.items()
                 if kind == "attack"]  # fmt: skip
        self._tables.append("\n".join([f"[translate.{_text(column.name)}]", *lines]))
        return True

    # -- written

    def _written(self) -> str:
        zone = ['zone = "UTC"  # whose days and times these are, such as "Europe/Kyiv"']
        lines = [*self._top[:1], *zone, *self._top[1:]] if self._top else zone
        if self._top and not self._top[0].startswith(("kind", "otherwise")):
            lines = [*zone, *self._top]
        lines += ["", "[columns]"]
        order = {key: number for number, key in enumerate(NAMES)}
        for key, name in sorted(
            self._found.items(),
            key=lambda one: order.get(one[0], order.get(one[0].split(".")[0], 99)),
        ):
            value = _text(name) if isinstance(name, str) else f"[{', '.join(map(_text, name))}]"
            lines.append(f"{key} = {value}")
        if not any(key.split(".")[0] == "when" for key in self._found):
            lines.append('# when = "…"  # needed: when it happened')
        used = {one for name in self._found.values()
                for one in ([name] if isinstance(name, str) else name)}  # fmt: skip
        lines += [f"# … = {_text(one.name)}" for one in self._columns if one.name not in used]
        if self._defaults:
            lines += ["", "[defaults]"]
            notes = {"source": "  # who says it"}
            lines += [f"{key} = {_text(value)}{notes.get(key, '')}"
                      for key, value in self._defaults.items()]  # fmt: skip
        for one in self._tables:
            lines += ["", one]
        return "\n".join(lines) + "\n"


def _placed(columns: list[_Column], header: list[str]) -> Iterator[tuple[int, _Column]]:
    """Columns with their places in a row."""
    places = [place for place, name in enumerate(header) if name]
    seen: set[str] = set()
    unique = [place for place in places if not (header[place] in seen or seen.add(header[place]))]  # type: ignore[func-returns-value]
    yield from zip(places if len(places) == len(columns) else unique, columns, strict=False)


def _any(_: Sequence[str]) -> bool:
    return True


def _mostly(
    fits: Callable[[str], object], *, share: float = 0.9
) -> Callable[[Sequence[str]], bool]:
    """Whether nine in ten of some values can be read, or another share of them."""

    def check(values: Sequence[str]) -> bool:
        good = 0
        for value in values:
            try:
                good += fits(value) is not False
            except (TimelineError, ValueError):
                continue
        return good >= len(values) * share

    return check


def _degrees(limit: int) -> Callable[[Sequence[str]], bool]:
    return _mostly(lambda value: abs(float(value.replace(",", "."))) <= limit)


def _coordinates(values: Sequence[str]) -> bool:
    return _mostly(lambda value: _SPOT.fullmatch(value) is not None)(values)


def _dated(values: Sequence[str]) -> bool:
    formats, question = _formats(values)
    return bool(formats or question)


_lettered = _mostly(lambda value: re.search(r"[^\W\d]", value) is not None)
_addressed = _mostly(lambda value: value.startswith(("http://", "https://", "www.")))
_counted = _mostly(
    lambda value: Numbers(thousands="." if re.search(r"\.\d{3}", value) else None).tally(value),
    share=0.5,
)
_FITS: Mapping[str, Callable[[Sequence[str]], bool]] = {
    "when": _dated,
    "when.from": _dated,
    "when.to": _dated,
    "published": _dated,
    **dict.fromkeys(
        (
            "place.name",
            "place.site",
            "place.district",
            "place.state",
            "place.region",
            "place.country",
        ),
        _lettered,
    ),
    "place.latitude": _degrees(90),
    "place.longitude": _degrees(180),
    "place.coordinates": _coordinates,
    **dict.fromkeys(
        (
            "killed",
            "killed.low",
            "killed.best",
            "killed.high",
            "wounded",
            "wounded.low",
            "wounded.high",
        ),
        _counted,
    ),
    "by": _lettered,
    "against": _lettered,
    "url": _addressed,
    "kind": lambda values: len(set(values)) <= max(_ROWS // 4, 3),
}


def _formats(values: Sequence[str]) -> tuple[list[str], str]:
    """How some texts are written as times: formats for half of them or more, or a question."""
    if not values:
        return [], ""
    left = list(values)
    formats: list[str] = []
    while left and len(formats) < 3:  # noqa: PLR2004 - more than three ways are none
        read = {form: {n for n, value in enumerate(left) if _reads(value, form)}
                for form in _candidates(left)}  # fmt: skip
        best = max(read, key=lambda form: len(read[form]), default=None)
        if best is None or not read[best]:
            break
        other = _other_order(best)
        if other is not None and read.get(other, set()) == read[best]:
            sample = left[min(read[best])]
            return [], (
                f"{sample}: {_text(best)} or {_text(other)}? Rows fit both orders of day and month"
            )
        formats.append(best)
        left = [value for n, value in enumerate(left) if n not in read[best]]
    if len(left) * 2 > len(values):
        return [], ""
    return formats, ""


def _other_order(form: str) -> str | None:
    if "%d" in form and "%m" in form and form.index("%d") != 0 and form.index("%m") != 0:
        return None
    swapped = form.translate(str.maketrans({})).replace("%d", "\0").replace("%m", "%d")
    swapped = swapped.replace("\0", "%m")
    return swapped if swapped != form and "%m" in form and "%d" in form else None


def _candidates(values: Sequence[str]) -> list[str]:
    sample = values[0]
    forms = ["edtf"]
    match = _NUMERIC.fullmatch(sample)
    if match is not None:
        sign, year = match[2], "%Y" if len(match[4]) == 4 else "%y"  # noqa: PLR2004 - digits
        forms += [f"{order}{sign}{year}{clock}" for order in (f"%d{sign}%m", f"%m{sign}%d")
                  for clock in _CLOCKS]  # fmt: skip
    forms += [f"{day}{clock}" for day in _DAYS for clock in _CLOCKS if _whole_day(day) or not clock]
    return ["excel", *forms] if re.fullmatch(r"[345]\d{4}(\.\d+)?", sample, re.ASCII) else forms


def _whole_day(form: str) -> bool:
    return "%d" in form


def _reads(value: str, form: str) -> bool:
    try:
        if form == "edtf":
            when(value)
        elif form == "excel":
            excel(value, "excel", "UTC")
        else:
            date_format(form).read(value, "UTC")
    except (TimelineError, ValueError):
        return False
    return True


def guess_sheet(
    file: Lines, *, name: str = "", encoding: str | None = None, sheet: str | None = None
) -> str:
    """Return a mapping for a file, with what its own dry run over a thousand rows gave.

    The file is read as a whole where it is bytes. Its encoding, unless given, is found among UTF-8,
    UTF-16, cp1251 and cp1252 and written into the mapping. Raises ``ImporterError`` for what is no
    table.
    """
    content = _content(file)
    found = encoding or _encoding(content)
    if content.lstrip(b"\xef\xbb\xbf").upper().startswith(b"BEGIN:VCALENDAR"):
        raise ImporterError("this is a calendar: timeline import LOG FILE --as ical reads it")
    notes = []
    if sheet is None and len(names := _filled_sheets(content)) > 1:
        sheet = _dated_sheet(content, names, found)
        notes = [f"sheet = {_text(sheet)}  # of {', '.join(map(_text, names)):.200}"]
    elif sheet is not None:
        notes = [f"sheet = {_text(sheet)}"]
    header = _header_row(content, found, sheet)
    reader = TableReader(
        _lines(content), encoding=found, delimiter=None, sheet=sheet, doubled=True, header=header
    )
    seen = [row for row in islice(reader, _LOOKED_AT) if not row.is_tags()]
    rows = _spread(seen)
    if _is_row(reader.header, rows):
        notes.append(
            f'header = "?"  # {", ".join(reader.header):.60}: is this a row like the others? Then '
            "0, and columns are called by their numbers; else the number of the row with names"
        )
        reader = TableReader(_lines(content), encoding=found, delimiter=None, sheet=sheet, header=0)
        seen = list(islice(reader, _LOOKED_AT))
        rows = _spread(seen)
    cells = [[row.cells for row in some] for some in (rows, seen)]
    text = _proposed(reader.header, cells[0], name, cells[1])
    extra = [*([] if found == "utf-8" else [f"encoding = {_text(found)}"]), *notes]
    short = [row for row in rows if 1 < len(row.cells) < len(reader.header)]
    if short:
        extra.append(
            f"ragged = true  # rows such as {short[0].row} end before the last column: the rest is "
            "taken as empty"
        )
    text = "\n".join([*extra, text]) if extra else text
    return text + _dry_run(text, content)


def _spread(rows: list[TableRow]) -> list[TableRow]:
    """The first hundred rows, and a hundred of those behind them: sheets change as they grow."""
    first, behind = rows[: _ROWS // 2], rows[_ROWS // 2 :]
    step = max(2 * len(behind) // _ROWS, 1)
    return first + behind[::step][: _ROWS // 2]


def _filled_sheets(content: bytes) -> list[str]:
    """The sheets of a workbook that have something in them; none of what is no workbook."""
    return sheet_names(content) if is_packed(content[:8]) else []


def _dated_sheet(content: bytes, names: list[str], encoding: str) -> str:
    """The only sheet of several that has a column of times. Raises ``ImporterError``."""
    dated = []
    for name in names:
        try:
            text = guess_sheet([content], encoding=encoding, sheet=name)
        except ImporterError:
            continue
        if re.search(r"^when", text, re.MULTILINE):
            dated.append(name)
    if len(dated) != 1:
        raise ImporterError(
            f"the workbook has {len(names)} sheets ({', '.join(names):.300}), and "
            + (f"{' and '.join(dated)} have times" if dated else "none of them has times")
            + "; say which with --sheet"
        )
    return dated[0]


def _is_row(header: Sequence[str], rows: Sequence[TableRow]) -> bool:
    """Whether a header has values as the rows under it have them, and so may be no header."""
    cells = [(name, place) for place, name in enumerate(header) if name]
    alike = 0
    for name, place in cells:
        under = [row.cells[place].strip() for row in rows if len(row.cells) > place]
        given = [one for one in under if one]
        dates = any(reads(name) and given and all(map(reads, given))
                    for reads in (_NUMERIC.fullmatch, _ISO.fullmatch))  # fmt: skip
        if dates:
            return True
        alike += bool(_NUMBER.fullmatch(name) and given and all(map(_NUMBER.fullmatch, given)))
    return bool(rows) and alike * 2 >= max(len(cells), 1)


def _content(file: Any) -> bytes:
    if hasattr(file, "read"):
        content = file.read()
        return content if isinstance(content, bytes) else content.encode()
    return b"".join(one if isinstance(one, bytes) else one.encode() for one in file)


def _lines(content: bytes) -> list[bytes]:
    if content[:2] in (b"PK", b"\xff\xfe", b"\xfe\xff", b"\xd0\xcf"):
        return [content]
    return content.splitlines(keepends=True)


def _encoding(content: bytes) -> str:
    """UTF-8 if it can be that; else what has more letters of its own: Cyrillic, or Latin."""
    if content[:2] in (b"PK", b"\xff\xfe", b"\xfe\xff", b"\xd0\xcf"):
        return "utf-8"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        high = [byte for byte in content if byte > 0x7F]  # noqa: PLR2004 - ASCII ends
        runs = re.findall(rb"[\x80-\xff]{3,}", content)
        # Words of Cyrillic are runs of high bytes; those of Latin have one or two among letters.
        cyrillic = sum(map(len, runs)) * 2 > len(high)
        return "cp1251" if cyrillic else "cp1252"
    return "utf-8"


def _header_row(content: bytes, encoding: str, sheet: str | None) -> int | None:
    """The first of thirty rows that has as many names as most rows have cells."""
    reader = TableReader(
        _lines(content), encoding=encoding, delimiter=None, sheet=sheet, doubled=True, ragged=True,
        columns=("",),
    )  # fmt: skip
    rows = [(one.row, [cell.strip() for cell in one.cells]) for one in islice(reader, 60)]
    sizes = Counter(sum(map(bool, cells)) for _, cells in rows[1:] if sum(map(bool, cells)) > 1)
    if not sizes:
        return None
    usual = max(sizes, key=lambda size: (sizes[size], size))
    for number, cells in rows[:30]:
        names = [cell for cell in cells if cell]
        words = [cell for cell in names if re.search(r"[^\W\d]", cell)]
        if len(names) >= max(2, usual * 0.6) and len(words) >= len(names) * 0.8:
            return number
    return None


def _dry_run(text: str, content: bytes) -> str:
    """What became of the rows, as comments at the end of the mapping."""
    try:
        outcomes = list(islice(table(_lines(content), text), _TRIED))
    except ImporterError as error:
        return f"\n# tried on the file: {_comment(str(error))}\n"
    came = sum(isinstance(one, Accepted) for one in outcomes)
    first: dict[tuple[str, str], Refused] = {}
    for one in outcomes:
        if isinstance(one, Refused):
            first.setdefault((one.column, one.expected), one)
    lines = [f"# tried on the first {len(outcomes)} rows: {came} would come in"]
    ids = {one.event.id for row in outcomes if isinstance(row, Accepted)
           for one in row.said if isinstance(one, Claim)}  # fmt: skip
    if len(ids) < came:
        lines.append(
            f"# they are {len(ids)} events: rows that say the same are one; map an id, or say with "
            "[group] that rows are counted"
        )
    lines += [f"#   {_comment(str(one))}" for one in chain(islice(first.values(), 8))]
    return "\n" + "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)[:300]


def _text(name: str) -> str:
    """A name as a basic string of TOML, which has control characters escaped."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    shown = (one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped)
    return f'"{"".join(shown)}"'
