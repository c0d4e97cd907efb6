"""Takes in what others wrote: data sets of the field, spreadsheets, calendars, a log's own lines.

Each format is a function from an open file to an iterator of outcomes, and ``import_into`` takes
them into a log: ``import_into(log, ucdp(file, ucdp_release("20.1", published="2020-06")))``.
"""

from timeline.formats.json_lines import import_jsonl, read_jsonl
from timeline.formats.segments import import_segments, read_segments
from timeline.imported_kinds import IMPORTED, GdeltEvent, UcdpClash, UcdpEvent, UcdpSource
from timeline.importers.acled import acled, acled_deletions
from timeline.importers.gazetteer import PlaceCheck, gazetteer
from timeline.importers.gdelt import gdelt, gdelt_mentions
from timeline.importers.icalendar import icalendar
from timeline.importers.importing import ImportSummary, import_into
from timeline.importers.infer_mapping import guess, guess_sheet
from timeline.importers.mapping import SheetMap, sheet_map
from timeline.importers.outcomes import Accepted, Outcome, Refused, Skipped
from timeline.importers.table import table
from timeline.importers.timelinejs import timelinejs
from timeline.importers.ucdp import ucdp, ucdp_release

__all__ = [
    "IMPORTED",
    "Accepted",
    "GdeltEvent",
    "ImportSummary",
    "Outcome",
    "PlaceCheck",
    "Refused",
    "SheetMap",
    "Skipped",
    "UcdpClash",
    "UcdpEvent",
    "UcdpSource",
    "acled",
    "acled_deletions",
    "gazetteer",
    "gdelt",
    "gdelt_mentions",
    "guess",
    "guess_sheet",
    "icalendar",
    "import_into",
    "import_jsonl",
    "import_segments",
    "read_jsonl",
    "read_segments",
    "sheet_map",
    "table",
    "timelinejs",
    "ucdp",
    "ucdp_release",
]
