"""Every error the library raises: one root, each also the builtin a caller would expect.

Split by whose fault it is. What the caller said is a ``ValueError`` or ``TypeError``; what a
file, disk or server did is an ``OSError``; what somebody else wrote first is a ``ConflictError``.
A message names the value, says what was expected and what to do about it.
"""

from __future__ import annotations

__all__ = [
    "ClaimError",
    "ConflictError",
    "EngineError",
    "EventError",
    "FormatError",
    "FutureEventWarning",
    "ImporterError",
    "KindError",
    "LawError",
    "LogError",
    "MissingExtraError",
    "OrderError",
    "PhraseError",
    "ProjectionError",
    "ProofError",
    "QuoteError",
    "RecordedError",
    "StoreError",
    "TimelineError",
    "UnhandledKindWarning",
    "UnknownKindWarning",
    "WhenError",
    "ZoneError",
]


class TimelineError(Exception):
    """The root of all errors that this library raises on purpose."""


class WhenError(TimelineError, ValueError):
    """A text, date or bound that can't be read as a time."""


class ZoneError(WhenError):
    """A zone that is neither an IANA name nor an offset such as ``+03:00``."""


class PhraseError(WhenError):
    """A phrase that gives no date by itself: the reader abstains and says why.

    ``phrase`` is the phrase as it was given, ``reason`` the sentence that says what is missing.
    """

    def __init__(self, phrase: str, reason: str) -> None:
        super().__init__(f"cannot date {phrase!r}: {reason}")
        self.phrase = phrase
        self.reason = reason

    def __reduce__(self) -> tuple[type[PhraseError], tuple[str, str]]:
        return type(self), (self.phrase, self.reason)


class OrderError(TimelineError, TypeError):
    """An order or a truth value was asked of something that is known only roughly."""


class EventError(TimelineError, ValueError):
    """An event whose fields contradict each other or can't be kept."""


class KindError(TimelineError, ValueError):
    """A kind whose name is malformed, taken twice, or not known where it has to be."""


class ClaimError(TimelineError, ValueError):
    """A claim, retraction or void that doesn't fit what it speaks of."""


class QuoteError(ClaimError):
    """A quote that doesn't stand in the text of its report."""


class ProjectionError(TimelineError, TypeError):
    """A projection that is put together wrongly: its handlers, its start, its powers."""


class LawError(TimelineError, ValueError):
    """A trial of laws that was put wrongly: nothing to try, no such law, an unexplained skip."""


class LogError(TimelineError, ValueError):
    """A question or an append that this log can't take as it was put."""


class RecordedError(LogError):
    """An explicit ``recorded`` that lies before what the log already holds."""


class ImporterError(TimelineError, ValueError):
    """A file that can't be imported as a whole, or a mapping that doesn't fit it.

    What is wrong with one row alone is an outcome, not an error.
    """


class ConflictError(TimelineError, RuntimeError):
    """Somebody else wrote first."""


class EngineError(TimelineError, RuntimeError):
    """A distributed engine that is gone, or gave up on a part of its work; nothing was answered."""


class ProofError(TimelineError, ValueError):
    """A proof, a checkpoint or a key that doesn't hold, or that can't be read."""


class StoreError(TimelineError, OSError):
    """The disk, the file or the server refused; nothing was changed."""


class FormatError(StoreError):
    """A file or a database that isn't a log, or is one of a format this version can't read."""


class FutureEventWarning(UserWarning):
    """A report says that an event happened, and came out before it can have."""


class UnhandledKindWarning(UserWarning):
    """A projection handles attacks, and its answer leaves out the clashes of the log."""


class UnknownKindWarning(UserWarning):
    """An answer leaves out events of kinds, or of versions of kinds, that nothing here can read."""


class MissingExtraError(TimelineError, ImportError):
    """A power that needs an optional extra that isn't installed."""
