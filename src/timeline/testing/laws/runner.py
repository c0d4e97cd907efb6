"""Tries the laws of projections on one: what is drawn for it, and how it came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from timeline.claims import Claim, Said
from timeline.errors import LawError, ProjectionError
from timeline.events import Event
from timeline.kinds import KINDS
from timeline.projection import Projection
from timeline.testing import strategies
from timeline.testing.corpus import small_histories
from timeline.testing.laws import law_suite
from timeline.testing.laws.base import LawReport, Subject
from timeline.testing.laws.projections import LAWS

__all__ = ["trial", "verify"]

Histories = st.SearchStrategy[Sequence[Said]]


def _claimed(histories: Histories) -> st.SearchStrategy[Event]:
    """The events that histories are about."""
    claims = histories.map(lambda history: [one for one in history if isinstance(one, Claim)])
    return claims.filter(bool).map(lambda found: found[0].event)


def trial(
    make: Callable[[], Projection[Any]],
    *,
    histories: Histories | None = None,
    events: Sequence[st.SearchStrategy[Event]] | None = None,
    equal: Callable[[Any, Any], bool] | None = None,
    skip: Mapping[str, str] | None = None,
) -> law_suite.LawSuite[Subject]:
    """Gives a projection with its laws and what they are tried on; arguments as for ``verify``."""
    if isinstance(make, Projection):
        name = type(make).__name__
        raise ProjectionError(
            f"a law needs fresh projections: give {name}, or a function such as "
            f"lambda: {name}(…), not one that is made already"
        )
    subject = Subject(make, equal)
    # Where it handles every kind, the library's.
    kinds = [kind for kind in subject.sample.handlers if kind.kind] or list(KINDS)
    if events is not None:
        drawn: Sequence[st.SearchStrategy[Any]] = events
    elif histories is not None:
        drawn = [_claimed(histories)]
    else:
        drawn = [strategies.events(kind) for kind in kinds]
    if histories is None and events is None:
        histories = strategies.histories(*kinds)
    elif histories is None:
        histories = strategies.histories(events=st.one_of(drawn))

    def small() -> list[tuple[Said, ...]]:
        corpus = small_histories(drawn)
        if not any(subject.counted(history) for history in corpus):
            raise LawError(
                f"no events could be drawn that {subject.name} handles, so nothing was tried; "
                "give histories= and events= strategies of your own"
            )
        return corpus

    home = f"{make.__module__}_{getattr(make, '__qualname__', '')}_{subject.name}"
    return law_suite.LawSuite(
        name=subject.name,
        home=home,
        subject=subject,
        laws=LAWS,
        histories=histories,
        small=small,
        does="on a history that is possible, the projection raises",
        skip=skip or {},
    )


def verify(
    make: Callable[[], Projection[Any]],
    *,
    histories: Histories | None = None,
    events: Sequence[st.SearchStrategy[Event]] | None = None,
    equal: Callable[[Any, Any], bool] | None = None,
    skip: Mapping[str, str] | None = None,
    examples: int | None = None,
    seed: int | None = None,
    only: Iterable[str] | None = None,
    smoke: bool = False,
) -> LawReport:
    """Tries every law on a projection and reports; runs without pytest.

    ``make`` is the projection's class, or a function that makes a fresh one. ``histories`` are
    drawn from ``events``, and these from the kinds that it handles, unless given. ``equal``
    compares two answers where ``==`` isn't meant. ``skip`` maps a law's name to the reason for
    leaving it out; ``only`` names the laws to try. ``examples`` histories are drawn, as many as the
    Hypothesis profile says unless given, and every law is tried on each; ``smoke=True`` is the
    quick profile of about two seconds. The same ``seed`` draws the same. Raises ``ProjectionError``
    for a projection that can't be tried, and ``LawError`` where nothing can be drawn for it, for a
    skip without a reason and for a law that there isn't.
    """
    tried = trial(make, histories=histories, events=events, equal=equal, skip=skip)
    return law_suite.verify(tried, examples=examples, seed=seed, only=only, smoke=smoke)
