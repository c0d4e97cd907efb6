"""The laws of a fold in pieces: stored, kept, split by key, merged or settled, it is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import takewhile
from typing import Any

from timeline.accounts import Account
from timeline.claims import Said
from timeline.codec import Codec
from timeline.errors import ProjectionError
from timeline.folding import replay
from timeline.folding.persistent_tree import small_leaves
from timeline.folding.state_codec import StateCodec, state_type
from timeline.kinds import KINDS
from timeline.log import Log
from timeline.resolution import happened_by
from timeline.stores import MemoryStore
from timeline.testing.choices import Choices, cuts, order
from timeline.testing.laws import sabotage
from timeline.testing.laws.base import Finding, Law, Run, Subject, agree, law
from timeline.testing.laws.question_choices import Question, question

__all__ = [
    "a_stored_state_resumes",
    "compaction_preserves_answers",
    "kept_equals_replayed",
    "kept_incrementally_equals_replayed",
    "keys_are_independent",
    "merging_is_folding",
]


_FIRST = datetime(2022, 9, 1, tzinfo=UTC)
_MOST_KEPT = 24  # things said, which are many leaves of so small a tree


def _by_pieces(
    law: Law[Subject],
    subject: Subject,
    choices: Choices,
    name: str,
    fold: Callable[[list[tuple[Account, ...]], Sequence[Said]], Any],
) -> None:
    """Compare each key's fold with that of its accounts cut in pieces, as ``fold`` takes them."""
    history = choices.history()
    asked = question(choices, history)
    whole: dict[Any, Any] = {}
    pieced: dict[Any, Any] = {}
    for key, group in subject.by_key(subject.counted(history, *asked), asked.at).items():
        whole[key] = subject.finish(subject.folded(group), asked.at)
        pieced[key] = subject.finish(fold(cuts(choices, group), history), asked.at)
    keyed = subject.powers.key is not None
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
    twin=sabotage.remembers,
)
def kept_equals_replayed(subject: Subject, choices: Choices) -> None:
    """A fold that fresh runners take up wherever it was interrupted answers as one run through."""

    def fold(pieces: list[tuple[Account, ...]], _: Sequence[Said]) -> Any:
        state = subject.make().start
        for piece in pieces:
            state = replay.fold(subject.make(), piece, state)
        return state

    _by_pieces(kept_equals_replayed, subject, choices, "Taken up by fresh runners", fold)


def _states(subject: Subject) -> StateCodec:
    kinds = [kind for kind in subject.sample.handlers if kind.kind]
    return StateCodec(state_type(type(subject.sample)), Codec((*KINDS, *kinds)))


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
    twin=sabotage.forgets_what_was_stored,
)
def a_stored_state_resumes(subject: Subject, choices: Choices) -> None:
    """A state written down and read back in a fresh runner goes on as if nothing had happened."""
    states = _states(subject)

    def fold(pieces: list[tuple[Account, ...]], history: Sequence[Said]) -> Any:
        state = subject.make().start
        merged = False
        for piece in pieces:
            state = replay.fold(subject.make(), piece, state)
            merged = merged or any(one.event not in one.versions for one in piece)
            if merged:
                continue  # an event merged of versions isn't always one that can be read
            try:
                stored = states.dump(state)
                state = subject.restored(states.load(stored))
            except ProjectionError as error:
                finding = Finding({"Said": history}, {"The state": state}, hint=str(error))
                raise a_stored_state_resumes.broken(subject.name, finding) from error
        return state

    _by_pieces(a_stored_state_resumes, subject, choices, "Written down and read back", fold)


@law(
    cause="the state holds on to something outside it, or merge or compact isn't the fold",
    mend="keep everything in the state; try merging_is_folding and compaction by themselves",
    twin=sabotage.remembers,
)
def kept_incrementally_equals_replayed(subject: Subject, choices: Choices) -> None:
    """Kept up to date by ``log.keep``, it answers as a replay of the log does.

    Whatever comes late, is corrected or taken back, in whatever batches, and whenever the process
    that keeps it begins again.
    """
    history = choices.history()
    if choices.number(4) and len(history) > 1:
        return  # one history in four: to keep a projection takes a hundred times as long as to ask
    asked = question(choices, history)
    arriving = order(choices, history)[:_MOST_KEPT]
    # It begins again in the middle for the simplest choices, anywhere for others.
    again = (len(history) // 2 + choices.number(len(history) + 1)) % (len(history) + 1)
    store = MemoryStore()
    log = Log(store)
    with small_leaves():
        _keep(subject, choices, log, arriving, asked, again)


def _keep(  # noqa: PLR0917 - the parts of one law
    subject: Subject,
    choices: Choices,
    log: Log,
    arriving: Sequence[Said],
    asked: Question,
    again: int,
) -> None:
    kept = log.keep(subject.make())
    recorded: list[str] = []
    for turn, said in enumerate(arriving):
        if turn == again:
            kept.save()
            kept = log.keep(subject.make())
        now = _FIRST + timedelta(hours=turn)
        log.append(said, recorded=now)
        recorded.append(f"{now:%Y-%m-%d %H:%M}")
        if not choices.number(1 + len(arriving) // 4):
            kept.answer(**asked.arguments)
    answer, replayed = (
        dict(one) if subject.powers.key is not None else one
        for one in (kept.answer(**asked.arguments), log.ask(subject.make(), **asked.arguments))
    )
    agree(
        kept_incrementally_equals_replayed,
        subject,
        Run("Replayed", arriving, replayed, recorded),
        Run("Kept", arriving, answer, recorded),
        asked=str(asked),
    )


@law(
    cause="what happens to one key is remembered where the next key finds it",
    mend="keep everything in the state of the key; share nothing on self or the class",
    applies=lambda subject: "it has no key(event)" if subject.powers.key is None else None,
    twin=sabotage.leaks,
    needs="give events= with several keys",
)
def keys_are_independent(subject: Subject, choices: Choices) -> None:
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
            keys_are_independent,
            subject,
            Run("Each key alone", history, alone),
            Run(name, history, answer),
            asked=str(asked),
        )


@law(
    cause="merge isn't the fold of both stretches: it forgets, doubles or swaps, or start adds",
    mend="make merge(fold(xs), fold(ys)) equal fold(xs + ys), with start as what changes nothing",
    applies=lambda subject: "it has no merge(a, b)" if subject.powers.merge is None else None,
    twin=sabotage.keeps_the_second,
    needs="give events= of which several bear on one state",
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


@law(
    cause="compact leaves out what a later event, or the answer at a later moment, still needs",
    mend="let compact keep whatever any later merge, and any later result, can tell apart",
    applies=lambda subject: "it has no compact(state)" if subject.powers.compact is None else None,
    twin=sabotage.compacts_to_nothing,
)
def compaction_preserves_answers(subject: Subject, choices: Choices) -> None:
    """Settling a stretch, once all of it has certainly happened, changes no answer given later.

    So it is with whatever comes after it, merged or folded, in stretches of which sources agree.
    """
    history = choices.history()
    asked = question(choices, history)
    for group in subject.by_key(subject.counted(history, *asked), asked.at).values():
        if any(len(one.versions) > 1 or one.denied_by for one in group):
            continue
        happened = list(takewhile(lambda one: happened_by(one.when, asked.at, "certain"), group))
        settled = happened[: len(happened) - choices.number(len(happened) + 1)]
        rest = group[len(settled) :]
        projection: Any = subject.make()
        state = projection.start
        for piece in cuts(choices, settled):
            state = projection.compact(projection.merge(state, subject.folded(piece)))
        states = {
            "Settled, the rest merged": projection.merge(state, subject.folded(rest)),
            "Settled, the rest folded": replay.fold(projection, rest, state),
        }
        for name, pieced in states.items():
            agree(
                compaction_preserves_answers,
                subject,
                Run("Folded", history, subject.finish(subject.folded(group), asked.at)),
                Run(name, history, subject.finish(pieced, asked.at)),
                asked=str(asked),
            )
