"""Every word that pages, maps and pictures say of their own, in one catalogue; English is here.

What sources say and what an event is called are no part of it: they are shown as they were given.
A text may have gaps, ``{n}``, and forms by number, as Unicode's plural rules name them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from timeline.errors import LogError

__all__ = ["ENGLISH", "Catalogue", "Text"]

Text = str | Mapping[str, str]
"""A text, or one for each number form: ``{"one": "{n} event", "other": "{n} events"}``."""


def _english(number: int) -> str:
    return "one" if number == 1 else "other"


@attrs.frozen
class Catalogue:
    """The words of one language: texts by key, names of kinds and fields, months, and numbers.

    ``lang`` is a language as HTML has it (BCP 47) and ``direction`` how it is written. ``months``
    are twelve names in full, ``short_months`` twelve for axes. ``form`` gives the plural category
    of a number, such as ``one``; ``thousands`` parts its digits. A field without a name here is
    called by its own name, a kind by its name on disk, unless the kind gives its own.
    """

    lang: str
    texts: Mapping[str, Text]
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    kinds: Mapping[str, str] = attrs.field(factory=dict[str, str])
    fields: Mapping[str, str] = attrs.field(factory=dict[str, str])
    direction: str = "ltr"
    thousands: str = ","
    form: Callable[[int], str] = _english

    def __call__(self, key: str, /, **parts: Any) -> str:
        """Return a text with its gaps filled; ``n`` chooses the number form.

        Raises ``LogError`` for a key that the catalogue lacks.
        """
        text = self.texts.get(key)
        if text is None:
            raise LogError(f"the catalogue {self.lang!r} has no text {key!r}; add it")
        if not isinstance(text, str):
            text = text.get(self.form(int(parts["n"]))) or text["other"]
        # Gaps are filled in one pass, so that braces in what fills them stay as they are.
        return text.format_map({name: self.number(part) for name, part in parts.items()})

    def number(self, value: object) -> str:
        """Return a whole number with its digits parted; any other value as a text."""
        if type(value) is int:
            return f"{value:,}".replace(",", self.thousands)
        return str(value)

    def date(self, year: int, month: int | None = None) -> str:
        """Return a year, or a month of it, as a heading has it."""
        era = str(year) if year > 0 else self("bce", year=str(1 - year))
        return era if month is None else self("month", month=self.months[month - 1], year=era)


ENGLISH = Catalogue(
    lang="en",
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    short_months=(
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ),
    kinds={"ucdp event": "UCDP event", "ucdp clash": "UCDP clash", "gdelt event": "GDELT event"},
    fields={
        "from_": "from",
        "recorded_kind": "kind",
        "according_to": "according to",
        "adm1": "first-level division",
        "date_prec": "precision of the date (1 the day to 5 the year)",
        "where_prec": "precision of the place (1 the spot to 7)",
        "deaths_a": "deaths, side A",
        "deaths_b": "deaths, side B",
        "deaths_civilians": "deaths, civilians",
        "deaths_unknown": "deaths, side unknown",
        "clarity": "clarity (1 by itself, 2 part of a total)",
        "low": "low estimate",
        "best": "best estimate",
        "high": "high estimate",
    },
    texts={
        "bce": "{year} BCE",
        "month": "{month} {year}",
        "yes": "yes",
        "no": "no",
        "colon": "{name}: {value}",
        "of_part": "{count} {part}",
        "in_place": "{name}, in {larger}",
        "no_figure": "no figure given",
        "nothing_stands": "Nothing stands.",
        "expected": "Expected: {what}",
        "events": {"one": "{n} event", "other": "{n} events"},
        "entries": {"one": "{n} entry", "other": "{n} entries"},
        "places": {"one": "{n} place", "other": "{n} places"},
        "lanes": {"one": "{n} lane", "other": "{n} lanes"},
        "sources": {"one": "{n} source", "other": "{n} sources"},
        "claims": {"one": "{n} claim", "other": "{n} claims"},
        "redacted": {
            "one": "{n} entry redacted: what the log held there can’t be read any more.",
            "other": "{n} entries redacted: what the log held there can’t be read any more.",
        },
        # Reasons and changes
        "reasons": "What the answers rest on",
        "needed": "without it, another answer",
        "without": "Without one source",
        "no_answer": "no answer",
        "entry_number": "entry {n}",
        "changes": "What changed",
        "nothing_changed": "Nothing changed.",
        # The page
        "chronology": "Chronology",
        "a_chronology": "A chronology",
        "skip_list": "Skip to what happened, in order",
        "filter": "Filter",
        "words": "Words",
        "words_hint": "in headlines, quotes, names",
        "place": "Place",
        "source": "Source",
        "kind": "Kind",
        "show_all": "Show everything again",
        "times": "Times",
        "happened": "Happened",
        "as_known": "As known",
        "through_time": "Through time",
        "lanes_by": "Lanes by",
        "by_places": "By places",
        "by_actors": "By actors",
        "by_kinds": "By kinds",
        "zoom": "Zoom",
        "zoom_in": "Zoom in",
        "zoom_out": "Zoom out",
        "fit": "Fit",
        "lanes_help": "Lanes: plus and minus zoom, left and right arrow move, 0 shows all. "
        "The list below holds the same.",
        "how_to_read": "How to read this",
        "in_order": "In order",
        "page_foot": "Times are those of clocks in {zone} unless they say otherwise. No order is "
        "read out of times that overlap. This page works offline and asks for nothing.",
        "nothing_fits": "Nothing that stands fits. Widen the filter or the times.",
        "all_places": "All places",
        "all_sources": "All sources",
        "option": "{name} ({n})",
        "lede": "{events} from {sources}.",
        "lede_times": "{events} from {sources}, with times from {first} to {last}.",
        "some_of": "{n} of {all}",
        "some_perhaps": "{count}, {n} of them perhaps not yet",
        "at_any_time": "at any time",
        "by_moment": "by {moment}",
        "after_moment": "after {moment}",
        "now_all": "now: all {entries}",
        "by_entry": "{recorded}, by entry {position}",
        "denied_by": "Denied by {names}",
        "disputed_fields": "Disputed: {names}",
        "is_expected": "Expected",
        "perhaps_not_yet": "Perhaps not yet",
        "by_with_origin": "{sources} (according to {names})",
        "order_loose": "Order to the line above unknown",
        "order_partly": "After the line above, but maybe not after others further up",
        "order_linked": "After the line above, as a source says",
        "order_linked_partly": "After the line above, as a source says, but maybe not after others "
        "further up",
        "order_after": "After {names}, a source says",
        "kind_and_order": " ({kind}; {order})",
        "kind_alone": " ({kind})",
        "cannot_all_be_right": "Where the sources can’t all be right",
        "who_says_so": "Who says so: {claims}",
        "says_so": "says so",
        "denies_so": "denies it",
        "expects_so": "expects it",
        "says_otherwise": "says otherwise",
        "expects_otherwise": "expects otherwise",
        "published": "published {time}",
        "unpublished": "date of publication unknown",
        "language": "language {name}",
        "retrieved": "retrieved {time}",
        "sha256": "SHA-256 {hash}",
        "archived_at": "archived at ",
        "version": "Its version: {what}",
        "version_then": "Its version: {what} ({time})",
        "graded": "graded {grade} (AJP-2.1: source A to F, claim 1 to 6)",
        "according_to": "according to {names}",
        "entry_recorded": "entry {position}, recorded {time}",
        "superseded": "Superseded by a later claim of the same source",
        "voided": "Taken out of the log: {because}",
        "report_text": "The report’s text",
        "report_marked": "The report’s text, with these words marked",
        "no_place": "No place given",
        "nobody_named": "Nobody named",
        "lanes_label": "{events} in {lanes}. The list below says the same, in order.",
        "first_lanes": "Show the first {n} lanes",
        "all_lanes": "Show all {n} lanes",
        "at_once": "up to {n} at once",
        "bin": "{n} may have happened here; zoom in to tell them apart",
        "not_certain": "{name} (not certain)",
        "read_moment": "Happened at the time of its symbol",
        "read_between": "Happened at some moment between the two ends, nobody says which",
        "read_by": "Happened by then; how long before, nobody says",
        "read_dashed": "Dashed: the sources don’t say whether it came after the one before",
        "read_arrow": "Arrow: a source says that it came after the one before",
        "read_hatched": "Hatched: disputed or denied",
        "read_hollow": "Hollow: only expected",
        "read_held": "Held by {name}",
        "read_held_again": "Held by {name} (patterns repeat)",
        "read_open": "Dashed edge: the sources leave open who held it",
        "as_published": "As published",
        "all_published": "everything, dated or not",
        "from_month": "From {month}",
        "joined": "Joined with {names}",
        "maybe_same": "Perhaps the same as {names}",
        "in_parts": "In parts: {names}",
        "as_parts": "Counted as its parts: {names}",
        "as_whole": "Counted in what it is a part of",
        "undecided": "Which version is the last word of {names}, nobody knows",
        "said_time": "As said: {time}; what is known of the order narrows it",
        "link_here": "Link to this event",
        "save_rows": "Save the events shown (CSV)",
        "save_data": "Save all data (JSON)",
        "as_of": "As of {time}, entry {position}.",
        "licence": "Licence: ",
        # Pictures
        "picture": "{events} in {lanes}",
        "at_some_moment": "at some moment between the ends",
        "order_unknown": "order to the one before unknown",
        "is_disputed": "disputed",
        "only_expected": "only expected",
        # Maps
        "who_holds": "What happened, and who holds which place",
        "skip_places": "Skip to the table of places",
        "at": "At",
        "all_places_title": "Places",
        "map_hint": "a place or who holds it",
        "held_by": "Held by",
        "map_foot": "Where the sources leave open who holds a place, all who may are shown, and "
        "the edge is dashed. Times are those of clocks in {zone}. This page works offline and "
        "asks for nothing.",
        "nobody_says": "nobody says",
        "nothing_on_map": "No place here has coordinates or lies in an outline.",
        "circles": "A circle is as large as the number of events.",
        "outlines_of": "Coasts and borders: {source}, public domain, as they are controlled.",
        "open_holder": "the sources leave open who holds it",
        "open_short": "left open by the sources",
        "map_lede": "{events}, {places}.",
        "some_changed": "{places}, {n} changed",
        "map_said": "{when}: {events} and {places}{open}. {here}",
        "map_open": ", {n} of them left open",
        "map_help": "Map: plus and minus zoom, arrows move, 0 shows all. The table has all places.",
        "cluster": {"one": "{n} place: {names}", "other": "{n} places: {names}"},
        "events_head": "Events",
        "unplaced": {
            "one": "{n} has neither coordinates nor an outline",
            "other": "{n} have neither coordinates nor an outline",
        },
        "kilometres": "{n} km",
        "north": "{n}° N",
        "south": "{n}° S",
        "east": "{n}° E",
        "west": "{n}° W",
        "degrees": "{n}°",
    },
)  # fmt: skip
"""The words in English."""
