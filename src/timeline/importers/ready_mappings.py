"""Mappings for tables that everybody in the field has, found by the names of their columns.

Each is by the codebook or the header that its publisher gives; zones are left to whoever imports.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import attrs

__all__ = ["READY", "Ready", "ReadyMappings"]

_WORDS = re.compile(r"[\W_]+")
_DEGREES = re.compile(r"^(place\.l(?:at|ong)itude = .*)$", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]+)"')


@attrs.frozen
class Ready:
    """A mapping, and the columns by which its table is known, in small letters."""

    name: str
    columns: frozenset[str]
    text: str


class ReadyMappings:
    """The mappings that are ready."""

    def __init__(self, ready: tuple[Ready, ...]) -> None:
        self._ready = ready

    def fitting(self, columns: Mapping[str, str], *, without: Collection[str] = ()) -> str | None:
        """Return the mapping for a table, given its columns' names by themselves in small letters.

        A mapping fits where the table has every column that it names. Where latitudes or
        longitudes are ``without`` degrees, as spreadsheets spoil them, both are left out.
        """
        for one in self._ready:
            if one.columns <= columns.keys():
                head, _, rest = one.text.partition("[columns]")
                body, _, tail = rest.partition("[defaults]")
                names = {_plain(name) for name in _QUOTED.findall(body)}
                if names <= columns.keys():
                    body = _QUOTED.sub(lambda found: f'"{columns[_plain(found[1])]}"', body)
                    if without:
                        body = _DEGREES.sub(
                            r"# \1  # many are no degrees: a spreadsheet spoilt them", body
                        )
                    text = f"{head}[columns]{body}[defaults]{tail}"
                    return f"# {one.name}\n{text.strip()}\n"
        return None


def _plain(name: str) -> str:
    return _WORDS.sub(" ", name.casefold()).strip()


def _ready(name: str, columns: str, text: str) -> Ready:
    return Ready(name, frozenset(map(_plain, columns.split("|"))), text)


READY = ReadyMappings((
    _ready(
        "Global Terrorism Database, START: 0 is an unknown month or day, -9 an unknown figure",
        "eventid|iyear|imonth|iday|gname|nkill|nwound|attacktype1_txt",
        """
kind = "attack"
zone = "unknown"  # GTD gives local days
id_prefix = "gtd:"
blank = ["-9", "-99", "Unknown"]

[columns]
id = "eventid"
when = { year = "iyear", month = "imonth", day = "iday" }
place.path = ["country_txt", "provstate", "city"]
place.latitude = "latitude"
place.longitude = "longitude"
by = "gname"
against = "target1"
weapon = "weaptype1_txt"
killed = "nkill"
wounded = "nwound"
summary = "summary"

[defaults]
source = "Global Terrorism Database"
""",
    ),
    _ready(
        "Aid Worker Security Database, Humanitarian Outcomes",
        "Incident ID|Year|Month|Day|Country|Total killed|Total wounded|Means of attack",
        """
kind = "attack"
zone = "unknown"
id_prefix = "awsd:"

[columns]
id = "Incident ID"
when = { year = "Year", month = "Month", day = "Day" }
place.path = ["Country", "Region", "District", "City"]
place.latitude = "Latitude"
place.longitude = "Longitude"
by = "Actor type"
weapon = "Means of attack"
killed = "Total killed"
wounded = "Total wounded"
summary = "Details"

[defaults]
source = "Aid Worker Security Database"
against = "aid workers"
""",
    ),
    _ready(
        "Iraq Body Count: a total lies between what was reported least and most",
        "IBC code|Start Date|End Date|Location|Reported Minimum|Reported Maximum",
        """
kind = "attack"
zone = "Asia/Baghdad"
span = "between"
formats = ["%d %b %Y", "%d-%b-%y", "edtf"]

[columns]
id = "IBC code"
when = { from = "Start Date", to = "End Date" }
place = "Location"
killed = { low = "Reported Minimum", high = "Reported Maximum" }
according_to = "Sources"

[defaults]
source = "Iraq Body Count"
""",
    ),
    _ready(
        "The Washington Post, fatal police shootings: each row is one person killed",
        "id|name|date|manner_of_death|armed|city|state",
        """
kind = "incident"
zone = "unknown"
id_prefix = "wapo-shooting:"

[columns]
id = "id"
when = "date"
place.path = ["state", "city"]
place.latitude = "latitude"
place.longitude = "longitude"
involved = "name"

[defaults]
source = "The Washington Post"
category = "fatal police shooting"
killed = 1
""",
    ),
    _ready(
        "The Washington Post, fatal police shootings since 2023: each row is one person killed",
        "id|date|threat_type|flee_status|armed_with|city|county|state|name",
        """
kind = "incident"
zone = "unknown"
id_prefix = "wapo-shooting:"

[columns]
id = "id"
when = "date"
place.path = ["state", "county", "city"]
place.latitude = "latitude"
place.longitude = "longitude"
involved = "name"

[defaults]
source = "The Washington Post"
category = "fatal police shooting"
killed = 1
""",
    ),
    _ready(
        "Massive missile attacks on Ukraine, by reports of the Air Force",
        "time_start|time_end|model|launch_place|target|launched|destroyed|source",
        """
kind = "attack"
zone = "Europe/Kyiv"
formats = ["edtf", "%Y-%m-%d %H:%M"]
span = "lasted"

[columns]
when = { from = "time_start", to = "time_end" }
place = "target"
weapon = "model"
url = "source"

[defaults]
source = "Air Force of Ukraine"
by = "Russia"
""",
    ),
    _ready(
        "Committee to Protect Journalists: each row is one person",
        "fullName|startDisplay|primaryNationality|locations|country|typeOfDeath",
        """
kind = "incident"
zone = "unknown"
formats = ["%B %d, %Y", "%B %Y", "%Y", "edtf"]

[columns]
when = "startDisplay"
place.path = ["country", "locations"]
involved = "fullName"

[defaults]
source = "Committee to Protect Journalists"
category = "journalist killed"
killed = 1
""",
    ),
    _ready(
        "Airwars: a claim of civilian harm, with the least and the most killed",
        "Unique Reference Code|Incident Date|Civilians killed min|Civilians killed max",
        """
kind = "attack"
zone = "unknown"

[columns]
id = "Unique Reference Code"
when = "Incident Date"
place.path = ["Country", "Location"]
place.latitude = "Latitude"
place.longitude = "Longitude"
killed = { low = "Civilians killed min", high = "Civilians killed max" }

[defaults]
source = "Airwars"
""",
    ),
    _ready(
        "VIINA, events in Ukraine from the news: what a machine read there",
        "viina_version|event_id|date|geonameid|longitude|latitude",
        """
kind = "incident"
zone = "Europe/Kyiv"
id_prefix = "viina:"
formats = ["%Y%m%d", "edtf"]

[columns]
id = "event_id"
when = "date"
place = { name = "asciiname", id = "geonameid", latitude = "latitude", longitude = "longitude" }
summary = "text"
url = "url"

[defaults]
source = "VIINA"
category = "event in the news"
""",
    ),
    _ready(
        "Bellingcat's sheet for timemap",
        "id|description|date|location|latitude|longitude|association1|source1",
        """
kind = "incident"
zone = "Europe/Kyiv"
id_prefix = "timemap:"
formats = ["%m/%d/%Y", "edtf"]  # timemap's template has the month first

[columns]
id = "id"
when = "date"
place = { name = "location", latitude = "latitude", longitude = "longitude" }
summary = "description"
category = "association1"
url = "source1"

[defaults]
source = "Bellingcat"
category = "incident"
""",
    ),
    _ready(
        "Oryx, losses of equipment as tables of single pieces, each with its id",
        "country|origin|system|status|url|date_recorded|matID",
        """
kind = "incident"
zone = "UTC"
id_prefix = "oryx:"

[columns]
id = "matID"
when = "date_recorded"
category = "status"
involved = "country"
summary = "system"
url = "url"

[defaults]
source = "Oryx"
""",
    ),
    _ready(
        "Oryx, losses of equipment, a row for each piece",
        "country|equipment_type|model|status|url|date_recorded",
        """
kind = "incident"
zone = "UTC"

[columns]
when = "date_recorded"
category = "status"
involved = "country"
summary = "model"
url = "url"

[defaults]
source = "Oryx"
""",
    ),
))  # fmt: skip
