"""The laws of links: what a source joins is one, and a link that is voided never was."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import attrs

from timeline.claims import Claim, LinkClaim, Retraction, Said, Void
from timeline.linking import actors_of, places_of
from timeline.links import Before, Link, SameActor, SameEvent, SamePlace
from timeline.testing.choices import Choices, order, pick
from timeline.testing.laws import sabotage
from timeline.testing.laws.base import Run, Subject, agree, law
from timeline.testing.laws.question_choices import DESK, question
from timeline.testing.laws.uncertainty_laws import without_ids

__all__ = ["a_void_undoes_a_link", "links_are_honoured"]

_OTHER, _THIRD = "~2", "~2~2"  # after the id they are added to, so that the class keeps that one


@law(
    cause="what is counted or kept goes by the ids of claims, not by the account",
    mend="go by event.id, and count an account once: links have joined its ids already",
)
def links_are_honoured(subject: Subject, choices: Choices) -> None:
    """Events that a source joins are one: a joined log answers as if one id had been written.

    So it does in whatever order and grouping they are joined, and joined again. Both logs have
    links, since answers may show them.
    """
    history = choices.history()
    claims = [one for one in history if isinstance(one, Claim)]
    if not claims or any(_names_an_entry(one) for one in history):
        return  # what is referred to by a hash of its content would have another name
    name = pick(choices, claims).event.id
    other = name + _OTHER
    about = [one for one in history if isinstance(one, Claim | Retraction) and one.subject == name]
    sources = sorted({one.report.source for one in about})
    # No source speaks of both ids, and one goes on with the first.
    moved = {one for one in sources[:-1] if not choices.number(2)}
    apart = [
        _renamed(one, other) if one in about and one.report.source in moved else one
        for one in history
    ]
    place = len(apart) - choices.number(len(apart) + 1)
    third = name + _THIRD
    pairs = order(choices, ((name, other), (other, third), (third, name)))
    links = [DESK.says(SameEvent(*pair)) for pair in pairs[: 2 + choices.number(2)]]
    whole = [*history, DESK.says(SameEvent(name, other, third))]
    joined = [*apart[:place], *links, *apart[place:]]
    asked = question(choices, history)
    one, two = subject.answer(whole, *asked), subject.answer(joined, *asked)
    if without_ids(one, _OTHER) == without_ids(two, _OTHER):
        return  # claims have other ids, and nothing else is another
    agree(
        links_are_honoured,
        subject,
        Run("Under one id", whole, one),
        Run("Under two ids that are joined", joined, two),
        asked=str(asked),
    )


def _names_an_entry(one: Said) -> bool:
    """Whether something names an entry by its id."""
    return (
        isinstance(one, Void | LinkClaim)
        or (isinstance(one, Claim) and bool(one.replaces))
        or (isinstance(one, Retraction) and one.target is not None)
    )


def _renamed(one: Any, name: str) -> Said:
    """What was said, of another id."""
    if isinstance(one, Retraction):
        return attrs.evolve(one, event_id=name, id="")
    event: Any = attrs.evolve(one.event, id=name)
    renamed: Said = attrs.evolve(one, event=event, id="")
    return renamed


@law(
    cause="what a link made of the events left something behind outside the state",
    mend="keep everything in the state, and undo nothing yourself: the log folds what stands",
    twin=sabotage.remembers,
)
def a_void_undoes_a_link(subject: Subject, choices: Choices) -> None:
    """With a link and its void the answer is that without it, whichever came first."""
    history = choices.history()
    links = _links(history)
    if not links:
        return
    asked = question(choices, history)
    said = DESK.says(pick(choices, links))
    void = DESK.voids(said, because="they aren't one after all")
    if any(one.id in (said.id, void.id) for one in history):
        return
    place = len(history) - choices.number(len(history) + 1)
    before, after = history[:place], history[place:]
    batches: list[tuple[Said, ...]] = (
        [(*before, void), (said, *after)]
        if choices.number(2)
        else [before, (said, *after), (void,)]
    )
    agree(
        a_void_undoes_a_link,
        subject,
        Run("Never linked", history, subject.answer(history, *asked)),
        Run("Linked and voided", sum(batches, ()), subject.followed(batches, *asked)),
        asked=str(asked),
    )


def _links(history: Sequence[Said]) -> list[Link]:
    """Links between what a history names: two events, two places, two actors."""
    events = {one.event.id: one.event for one in history if isinstance(one, Claim)}
    places = {place.key: None for event in events.values() for place in places_of(event)}
    actors = {name: None for event in events.values() for name in actors_of(event)}
    pairs = [*combinations(sorted(events), 2)]
    return [
        *(link(*pair) for pair in pairs for link in (SameEvent, Before)),
        *(SamePlace(*pair) for pair in combinations(sorted(places), 2)),
        *(SameActor(*pair) for pair in combinations(sorted(actors), 2)),
    ]
