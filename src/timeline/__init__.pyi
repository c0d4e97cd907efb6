"""What `timeline` offers, for type checkers: the names of `__init__.py`, from where they live."""

from timeline.accounts import Account as Account
from timeline.accounts import Entry as Entry
from timeline.claims import Claim as Claim
from timeline.claims import Report as Report
from timeline.claims import Retraction as Retraction
from timeline.claims import Void as Void
from timeline.counts import Breakdown as Breakdown
from timeline.counts import Count as Count
from timeline.events import Event as Event
from timeline.events import UnknownEvent as UnknownEvent
from timeline.events import event as event
from timeline.folding.kept import Kept as Kept
from timeline.kinds import Attack as Attack
from timeline.kinds import Incident as Incident
from timeline.kinds import PoliticalStatement as PoliticalStatement
from timeline.kinds import TerritorialChange as TerritorialChange
from timeline.log import Log as Log
from timeline.places import Place as Place
from timeline.projection import Projection as Projection
from timeline.projection import on as on
from timeline.redaction_records import Redacted as Redacted
from timeline.redaction_records import Redaction as Redaction
from timeline.relations import Allen as Allen
from timeline.relations import Certainty as Certainty
from timeline.time_parsing import between as between
from timeline.time_parsing import lasted as lasted
from timeline.time_parsing import when as when
from timeline.times import When as When
from timeline.views.casualties import Casualties as Casualties
from timeline.views.casualties import Tally as Tally
from timeline.views.casualties import Toll as Toll
from timeline.views.chronology import Chronology as Chronology
from timeline.views.chronology import chronology as chronology
from timeline.views.control import Control as Control
from timeline.views.control import Holding as Holding
from timeline.views.statements import Statements as Statements

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
    "Kept",
    "Log",
    "Place",
    "PoliticalStatement",
    "Projection",
    "Redacted",
    "Redaction",
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
