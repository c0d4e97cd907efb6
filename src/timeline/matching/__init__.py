"""Finds what may be one under several ids or names, and keeps what a person decides of it.

Nothing here judges: a candidate is a question, with a score and its reasons, and only what a desk
says in its own name becomes a link.
"""

from timeline.matching.candidates import Candidate, candidates, one_to_one
from timeline.matching.decision_sheet import Decisions, read_decisions, write_decisions
from timeline.matching.names import NameCandidate, actors, places, romanized
from timeline.matching.probabilities import Weighed, probabilities

__all__ = [
    "Candidate",
    "Decisions",
    "NameCandidate",
    "Weighed",
    "actors",
    "candidates",
    "one_to_one",
    "places",
    "probabilities",
    "read_decisions",
    "romanized",
    "write_decisions",
]
