"""The laws of a fold in pieces: interrupted, stored, split by key or merged, it is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from timeline.claims import Account, Said
from timeline.codec import Codec
from timeline.errors import ProjectionError
from timeline.folding import replay
from timeline.folding.states import States, state_type
from timeline.kinds import KINDS
from timeline.testing.choices import Choices, cuts
from timeline.testing.laws.base import Finding, Law, Run, Subject, agree, law
from timeline.testing.laws.questions import question

__all__ = [
    "a_stored_state_resumes",
    "kept_equals_replayed",
    "keys_mind_their_own_business",
    "merging_is_folding",
]


def _by_pieces(
    law: Law[Subject],
    subject: Subject,
    choices: Choices,
    name: str,
    fold: Callable[[list[tuple[Account, ...]], Sequence[Said]], Any],
) -> None:
    """Compares each key's fold with that of its accounts cut in pieces, as ``fold`` takes them."""
    history = choices.history()
    asked = question(choices, history)
    whole: dict[Any, Any] = {}
    pieced: dict[Any, Any] = {}
    for key, group in subject.by_key(subject.counted(history, *asked), asked.at).items():
        whole[key] = subject.finish(subject.folded(group), asked.at)
        pieced[key] = subject.finish(fold(cuts(choices, group), history), asked.at)
    keyed = subject.has("key")
    agree(
        law,
        subject,
        Run("Run through", history, whole if keyed else whole[None]),
        Run(name, history, pieced if keyed else pieced[None]),
        asked=str(asked),
    )


@law(
    cause="something is kept on self, on the class or in the module, where a fresh runner lacks it",
    mend="keep everything in the state that the handlers give back",
)
def kept_equals_replayed(subject: Subject, choices: Choices) -> None:
    """A fold that fresh runners take up wherever it was interrupted answers as one run through."""

    def fold(pieces: list[tuple[Account, ...]], _: Sequence[Said]) -> Any:
        state = subject.make().start
        for piece in pieces:
            state = replay.fold(subject.make(), piece, state)
        return state

    _by_pieces(kept_equals_replayed, subject, choices, "Taken up by fresh runners", fold)


def _states(subject: Subject) -> States:
    heard = [kind for kind in subject.sample.handlers if kind.kind]
    return States(state_type(type(subject.sample)), Codec((*KINDS, *heard)))


def _storable(subject: Subject) -> str | None:
    try:
        _states(subject)
    except (ProjectionError, NameError) as error:
        return str(error)
    return None


@law(
    cause="the state holds something that its declared type doesn't say, or that has no JSON",
    mend="declare the state's true type in Projection[…], and keep plain and attrs values in it",
    applies=_storable,
)
def a_stored_state_resumes(subject: Subject, choices: Choices) -> None:
    """A state written down and read back in a fresh runner goes on as if nothing had happened."""
    states = _states(subject)

    def fold(pieces: list[tuple[Account, ...]], history: Sequence[Said]) -> Any:
        state = subject.make().start
        for piece in pieces:
            state = replay.fold(subject.make(), piece, state)
            try:
                stored = states.dump(state)
                state = states.load(stored)
            except ProjectionError as error:
                finding = Finding({"Said": history}, {"The state": state}, hint=str(error))
                raise a_stored_state_resumes.broken(subject.name, finding) from error
        return state

    _by_pieces(a_stored_state_resumes, subject, choices, "Written down and read back", fold)


@law(
    cause="what happens to one key is remembered where the next key finds it",
    mend="keep everything in the state of the key; share nothing on self or the class",
    applies=lambda subject: None if subject.has("key") else "it has no key(event)",
)
def keys_mind_their_own_business(subject: Subject, choices: Choices) -> None:
    """The answer of a key over everything equals that over its own events alone.

    It makes no difference whether other keys' events come before, after or in between.
    """
    history = choices.history()
    asked = question(choices, history)
    counted = subject.counted(history, *asked)
    together = replay.answer(subject.make(), counted, at=asked.at, reading=asked.reading)
    alone = {
        key: subject.finish(subject.folded(group), asked.at)
        for key, group in subject.by_key(counted, asked.at).items()
        if key in subject.by_key(group, asked.at)
    }
    runner: Any = subject.make()
    states: dict[Any, Any] = {}
    for account in counted:
        for key, group in replay.grouped(runner, [account], asked.at).items():
            states[key] = replay.fold(runner, group, states.get(key, runner.start))
    mixed = {key: replay.result(runner, state, asked.at) for key, state in states.items()}
    for name, answer in (("All keys, one by one", together), ("All keys, mixed", mixed)):
        agree(
            keys_mind_their_own_business,
            subject,
            Run("Each key alone", history, alone),
            Run(name, history, answer),
            asked=str(asked),
        )


@law(
    cause="merge isn't the fold of both stretches: it forgets, doubles or swaps, or start adds",
    mend="make merge(fold(xs), fold(ys)) equal fold(xs + ys), with start as what changes nothing",
    applies=lambda subject: None if subject.has("merge") else "it has no merge(a, b)",
)
def merging_is_folding(subject: Subject, choices: Choices) -> None:
    """Merging the folds of two stretches of time gives the fold of both.

    The start merged with anything changes nothing, and it is irrelevant which are merged first.
    """
    history = choices.history()
    asked = question(choices, history)
    for group in subject.by_key(subject.counted(history, *asked), asked.at).values():
        projection: Any = subject.make()
        folded = [subject.folded(piece) for piece in cuts(choices, group)]
        whole = subject.finish(subject.folded(group), asked.at)
        merged = {
            "Merged from the left": reduce(projection.merge, folded, projection.start),
            "Merged from the right": reduce(
                lambda right, left: projection.merge(left, right),
                reversed(folded),
                projection.start,
            ),
        }
        for name, state in merged.items():
            agree(
                merging_is_folding,
                subject,
                Run("Folded at once", history, whole),
                Run(name, history, subject.finish(state, asked.at)),
                asked=str(asked),
            )
