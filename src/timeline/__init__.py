"""Records what is reported about a conflict, and answers what happened, when, and who says so."""

from timeline.claims import Account, Claim, Entry, Report, Retraction, Void
from timeline.counts import Breakdown, Count
from timeline.events import Event, UnknownEvent, event
from timeline.kinds import Attack, Incident, PoliticalStatement, TerritorialChange
from timeline.log import Log
from timeline.places import Place
from timeline.projection import Projection, on
from timeline.relations import Allen, Certainty
from timeline.times import When
from timeline.views.casualties import Casualties, Tally, Toll
from timeline.views.chronology import Chronology, chronology
from timeline.views.control import Control, Holding
from timeline.views.statements import Statements
from timeline.written import between, lasted, when

__all__ = [
    "Account",
    "Allen",
    "Attack",
    "Breakdown",
    "Casualties",
    "Certainty",
    "Chronology",
    "Claim",
    "Control",
    "Count",
    "Entry",
    "Event",
    "Holding",
    "Incident",
    "Log",
    "Place",
    "PoliticalStatement",
    "Projection",
    "Report",
    "Retraction",
    "Statements",
    "Tally",
    "TerritorialChange",
    "Toll",
    "UnknownEvent",
    "Void",
    "When",
    "between",
    "chronology",
    "event",
    "lasted",
    "on",
    "when",
]
