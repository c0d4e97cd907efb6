"""Records what is reported about a conflict, and answers what happened, when, and who says so."""

from importlib import import_module
from typing import Any

# Where each name lives. A name is loaded when it is first asked for, so that a command that needs
# none of them, such as ``timeline --help``, waits for none; ``__init__.pyi`` tells type checkers.
_HOMES = {
    "Account": "accounts",
    "Allen": "relations",
    "Attack": "kinds",
    "Breakdown": "counts",
    "Casualties": "views.casualties",
    "Certainty": "relations",
    "Chronology": "views.chronology",
    "Claim": "claims",
    "Control": "views.control",
    "Count": "counts",
    "Entry": "accounts",
    "Event": "events",
    "Holding": "views.control",
    "Incident": "kinds",
    "Kept": "folding.kept",
    "Log": "log",
    "Place": "places",
    "PoliticalStatement": "kinds",
    "Projection": "projection",
    "Redacted": "redactions",
    "Redaction": "redactions",
    "Report": "claims",
    "Retraction": "claims",
    "Statements": "views.statements",
    "Tally": "views.casualties",
    "TerritorialChange": "kinds",
    "Toll": "views.casualties",
    "UnknownEvent": "events",
    "Void": "claims",
    "When": "times",
    "between": "written",
    "chronology": "views.chronology",
    "event": "events",
    "lasted": "written",
    "on": "projection",
    "when": "written",
}

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


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
