"""The public names of `timeline`, in one place: `__init__.py` loads each when it is first used."""

from .accounts import Account as Account
from .accounts import Entry as Entry
from .changes import Change as Change
from .changes import Changes as Changes
from .claims import Claim as Claim
from .claims import LinkClaim as LinkClaim
from .claims import Report as Report
from .claims import Retraction as Retraction
from .claims import Void as Void
from .counts import Breakdown as Breakdown
from .counts import Count as Count
from .errors import FutureEventWarning as FutureEventWarning
from .errors import UnhandledKindWarning as UnhandledKindWarning
from .errors import UnknownKindWarning as UnknownKindWarning
from .events import Event as Event
from .events import UnknownEvent as UnknownEvent
from .events import event as event
from .evidence import Media as Media
from .folding.kept_projection import Kept as Kept
from .kinds import Actor as Actor
from .kinds import Attack as Attack
from .kinds import Clash as Clash
from .kinds import CumulativeFigure as CumulativeFigure
from .kinds import Incident as Incident
from .kinds import PoliticalStatement as PoliticalStatement
from .kinds import TerritorialChange as TerritorialChange
from .links import Before as Before
from .links import PartOf as PartOf
from .links import SameActor as SameActor
from .links import SameEvent as SameEvent
from .links import SamePlace as SamePlace
from .links import SplitInto as SplitInto
from .links import Within as Within
from .log import Log as Log
from .log import chronology as chronology
from .phrases import Gap as Gap
from .places import Place as Place
from .projection import Projection as Projection
from .projection import on as on
from .redaction_records import Redacted as Redacted
from .redaction_records import Redaction as Redaction
from .relations import Allen as Allen
from .relations import Certainty as Certainty
from .time_parsing import between as between
from .time_parsing import lasted as lasted
from .time_parsing import when as when
from .times import When as When
from .views.casualties import Casualties as Casualties
from .views.casualties import Tally as Tally
from .views.casualties import Toll as Toll
from .views.chronology import Chronology as Chronology
from .views.control import Control as Control
from .views.control import Holding as Holding
from .views.latest import Latest as Latest
from .views.statements import Statements as Statements
from .why import Why as Why
from .worlds import Worlds as Worlds

__all__ = [
    "Account",
    "Actor",
    "Allen",
    "Attack",
    "Before",
    "Breakdown",
    "Casualties",
    "Certainty",
    "Change",
    "Changes",
    "Chronology",
    "Claim",
    "Clash",
    "Control",
    "Count",
    "CumulativeFigure",
    "Entry",
    "Event",
    "FutureEventWarning",
    "Gap",
    "Holding",
    "Incident",
    "Kept",
    "Latest",
    "LinkClaim",
    "Log",
    "Media",
    "PartOf",
    "Place",
    "PoliticalStatement",
    "Projection",
    "Redacted",
    "Redaction",
    "Report",
    "Retraction",
    "SameActor",
    "SameEvent",
    "SamePlace",
    "SplitInto",
    "Statements",
    "Tally",
    "TerritorialChange",
    "Toll",
    "UnhandledKindWarning",
    "UnknownEvent",
    "UnknownKindWarning",
    "Void",
    "When",
    "Why",
    "Within",
    "Worlds",
    "between",
    "chronology",
    "lasted",
    "on",
    "when",
]

__version__: str
