"""Takes in what others wrote: data sets of the field, spreadsheets, calendars, a log's own lines.

Each format is a function from an open file to an iterator of outcomes, and ``import_into`` takes
them into a log: ``import_into(log, ucdp(file, ucdp_release("20.1", published="2020-06")))``.
"""

from timeline.events import Event
from timeline.intake.acled import acled, acled_deletions
from timeline.intake.gdelt import GdeltEvent, gdelt, gdelt_mentions
from timeline.intake.guess import guess
from timeline.intake.icalendar import icalendar
from timeline.intake.importing import Intake, import_into
from timeline.intake.jsonl import import_jsonl, read_jsonl
from timeline.intake.mapping import SheetMap, sheet_map
from timeline.intake.outcomes import Outcome, Refused, Skipped, Told
from timeline.intake.segments import import_segments, read_segments
from timeline.intake.table import table
from timeline.intake.timelinejs import timelinejs
from timeline.intake.ucdp import UcdpEvent, UcdpSource, ucdp, ucdp_release

__all__ = [
    "IMPORTED",
    "GdeltEvent",
    "Intake",
    "Outcome",
    "Refused",
    "SheetMap",
    "Skipped",
    "Told",
    "UcdpEvent",
    "UcdpSource",
    "acled",
    "acled_deletions",
    "gdelt",
    "gdelt_mentions",
    "guess",
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

IMPORTED: tuple[type[Event], ...] = (UcdpEvent, GdeltEvent)
"""The kinds that importers bring beside the four: ``Log("war.db", events=IMPORTED)``."""
