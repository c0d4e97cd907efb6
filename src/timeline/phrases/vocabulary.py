"""The words of English time phrases: names, numbers, units and zones, with one form for each."""

from __future__ import annotations

from functools import cache
from pkgutil import get_data

__all__ = [
    "ABOUT",
    "ANCHORED",
    "AT_LEAST",
    "AT_MOST",
    "BEYOND",
    "KNOWN",
    "MAYBE",
    "MONTHS",
    "MULTITUDES",
    "NEARLY",
    "ONES",
    "ORDINALS",
    "POSSESSIVE",
    "REPEATED",
    "SEASONS",
    "SYNONYMS",
    "TENS",
    "UNITS",
    "WEEKDAYS",
    "WITHIN",
    "ZONES",
    "city_zones",
]

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

ABOUT = {"about", "around", "approximately", "roughly", "circa", "c", "ca"}
MAYBE = {"probably", "possibly", "perhaps", "maybe"}

# What changes the bounds of "n units ago" or "n units later", by the words in front of it.
BEYOND = {("over",), ("more", "than"), ("well", "over")}
NEARLY = {("nearly",), ("almost",), ("just", "under"), ("a", "little", "under")}
WITHIN = {("under",), ("less", "than"), ("within",), ("fewer", "than")}
AT_LEAST = {("at", "least"), ("not", "less", "than"), ("no", "less", "than")}
AT_MOST = {("at", "most"), ("up", "to"), ("no", "more", "than"), ("not", "more", "than")}

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
TENS: dict[str, int] = dict(
    zip(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(),
        range(20, 100, 10),
        strict=True,
    )
)
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()

SYNONYMS = {
    **{name[:3]: name for name in (*MONTHS, *WEEKDAYS)},
    "sept": "september",
    "tues": "tuesday",
    "weds": "wednesday",
    "thur": "thursday",
    "thurs": "thursday",
    **{word: f"+{number}" for number, word in enumerate(ONES)},  # in words: no day of a month
    **{word: f"{number}." for number, word in enumerate(ORDINALS, 1)},
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
    "onwards": "onward",
    "commencing": "starting",
    **{f"q{n}": f"{n}. quarter" for n in range(1, 5)},
    "h1": "1. half",
    "h2": "2. half",
}

# Words whose possessive says no more than they do: "Sunday's attack", "in two weeks' time".
POSSESSIVE = {*MONTHS, *WEEKDAYS, *UNITS, *SEASONS, "today", "yesterday", "tomorrow", "night"}
POSSESSIVE |= {"weekend", "tonight", "morning", "evening", "afternoon"}

# The offset or IANA name that a clock's zone stands for. BST, IST and CST have several meanings.
ZONES = {
    "gmt": "UTC", "utc": "UTC", "z": "UTC", "zulu": "UTC",
    "cet": "+01:00", "cest": "+02:00", "eet": "+02:00", "eest": "+03:00", "msk": "+03:00",
    "est": "-05:00", "edt": "-04:00", "pst": "-08:00", "pdt": "-07:00", "et": "America/New_York",
}  # fmt: skip
_PEOPLES = {
    "ukrainian": "Europe/Kyiv", "ukraine": "Europe/Kyiv", "israeli": "Asia/Jerusalem",
    "israel": "Asia/Jerusalem", "syrian": "Asia/Damascus", "syria": "Asia/Damascus",
    "eastern": "America/New_York", "pacific": "America/Los_Angeles",
    "kiev": "Europe/Kyiv", "greenwich mean": "UTC",
}  # fmt: skip


@cache
def city_zones() -> dict[str, str]:
    """Return the zone of each city after which the IANA database names one, by its small name."""
    names = (get_data("tzdata", "zones") or b"").decode().split()
    cities = {
        name.rpartition("/")[2].replace("_", " ").lower(): name
        for name in names
        if name.split("/")[0] in {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe"}
    }
    return cities | _PEOPLES


# Words that only say something beside another event, or how often, or how many of what.
ANCHORED = {
    "afterwards", "before", "earlier", "following", "later", "meanwhile", "next", "previous",
    "same", "that", "then", "thereafter",
}  # fmt: skip
REPEATED = {"annually", "daily", "each", "every", "hourly", "monthly", "nightly", "weekly"}
REPEATED |= {f"{name}s" for name in WEEKDAYS}
MULTITUDES = {"#", "half", "hundreds", "million", "thousands"}
KNOWN = {
    *MONTHS, *WEEKDAYS, *SEASONS, *UNITS, *ABOUT, *MAYBE, *ANCHORED, *MULTITUDES,
    *("a after ago and almost as at between by coming couple current dawn day decade during dusk "
      "early end evening ending exactly few first for from half in into just last late least less "
      "lunchtime mid midnight more morning most nearly night no noon not of on onward or over "
      "overnight past predawn prior recent several shortly since sometime start starting than the "
      "this through throughout to today tomorrow tonight under until up weekend within yesterday "
      "- / now back any anytime anywhere").split(),
}  # fmt: skip
