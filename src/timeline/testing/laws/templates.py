"""The laws of projections as the text of plain tests, and the functions that these call."""

from __future__ import annotations

__all__ = [
    "ASK",
    "CONTENTS",
    "NARROWS",
    "OPENING",
    "ORDERS",
    "SAME",
    "STRANGER",
    "TESTS",
    "alike",
    "fold",
]

OPENING = '''
"""Tests that late, doubled, corrected or unordered news can't fool PROJECTION.

Written by `python -m timeline laws --write`; it is yours now, to change as you like.
"""

IMPORTS

# What is drawn: histories of news about the kinds of event that it handles.
HISTORIES = strategies.histories(KINDS)
MOMENTS = st.sampled_from([None, "2022-09-01", "2022-09-02", "2022-09-03", "2022-09-05"])
READINGS = st.sampled_from(["certain", "possible"])
QUESTIONS = st.fixed_dictionaries({"at": MOMENTS, "reading": READINGS})
'''.strip()

ASK = '''
def answer(history, question):
    """Asks a fresh projection of a log that learned this, one after the other."""
    log = Log()
    for said in history:
        log.append(said)
    return log.ask(PROJECTION(), **question)
'''

SAME = (
    '''
def same(one, other):
    """Says whether two answers are the same."""
    return one == other
''',
    '''
def same(one, other):
    """Says whether two answers are the same, in the projection's own eyes."""
    return PROJECTION().equal(one, other)
''',
    '''
def same(one, other):
    """Says whether two answers are the same, key by key, in the projection's own eyes."""
    equal = PROJECTION().equal
    return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
''',
    '''
def same(one, other):
    """Says whether two answers are the same by what they hold: their class has no ==."""
    return contents(one) == contents(other)
''',
)

CONTENTS = '''
def contents(value):
    """Gives what a value holds, where its class has no == of its own."""
    if isinstance(value, dict):
        return {key: contents(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [contents(part) for part in value]
    if type(value).__eq__ is object.__eq__ and hasattr(value, "__dict__"):
        return type(value), contents(vars(value))
    return value
'''

_COUNTED = '''def counted(history):
    """Gives the accounts that the projection folds, in chronological order, HOW."""
    log = Log()
    log.append(*history)
    projection = PROJECTION()
    groups = {}
    for account in log.accounts():
        handled = projection.handler(type(account.event)) is not None
        if handled and not account.expected:
LISTED
    return groups'''
_LISTED = (
    (
        "under one key",
        """            groups.setdefault("all", []).append(account)""",
    ),
    (
        "by their key",
        """            key = projection.key(account.event)
            if key is not None:
                groups.setdefault(key, []).append(account)""",
    ),
    (
        "by their key, whichever source has it right",
        """            seen = {}
            for version in (account.event, *account.versions):
                if projection.handler(type(version)) is not None:
                    seen.setdefault(projection.key(version), version)
            for key, version in seen.items():
                if key is not None:
                    groups.setdefault(key, []).append(attrs.evolve(account, event=version))""",
    ),
)

_FOLD = '''
COUNTED


def step(projection, state, account):
    """Takes a state over one account."""
    handler, with_account = projection.handler(type(account.event))
    arguments = (account.event, account) if with_account else (account.event,)
    return handler(projection, state, *arguments)


def folded(accounts):
    """Folds accounts from the start."""
    projection = PROJECTION()
    state = projection.start
    for account in accounts:
        state = step(projection, state, account)
    return state


def finish(state):
    """Makes the answer from a state."""
    return RESULT


def alike(one, other):
    """Says whether two answers about one key are the same."""
    return ALIKE
'''


def alike(*, equal: bool, contents: bool) -> str:
    """Return the expression that compares two answers about one key."""
    if equal:
        return "PROJECTION().equal(one, other)"
    return "contents(one) == contents(other)" if contents else "one == other"


def fold(*, key: bool, result: bool, at: bool, compared: str) -> str:
    """Return the functions that fold and compare, for a projection with these powers."""
    how, listed = _LISTED[key + (key and at)]
    made = f"PROJECTION().result(state{', None' if at else ''})" if result else "state"
    counted = _COUNTED.replace("HOW", how).replace("LISTED", listed)
    whole = _FOLD.replace("COUNTED", counted).replace("RESULT", made)
    return whole.replace("ALIKE", compared)


ORDERS = '''
def ordered(one, other):
    """Says whether the sources are certain that one came before the other."""
    return one.when.before(other.when) is Certainty.CERTAIN


def other_orders(draw, accounts):
    """Gives orders that contradict no source: with two neighbours swapped, and one by lot."""
    for at, (one, other) in enumerate(zip(accounts, accounts[1:], strict=False)):
        if not ordered(one, other):
            yield [*accounts[:at], other, one, *accounts[at + 2 :]]
    left, taken = list(accounts), []
    while left:
        first = [one for one in left if not any(ordered(other, one) for other in left)]
        taken.append(draw(st.sampled_from(first)))
        left.remove(taken[-1])
    yield taken
'''

STRANGER = '''
@event("stranger/1")
class Stranger(Event):
    """A kind that the projection has never heard of."""
'''

NARROWS = '''
def sharper(history, claim, later):
    """Gives the history with the time of one event cut to its first or its second half."""
    when = claim.event.when
    middle = (when.lo + when.hi) // 2
    lo, hi = (middle, when.hi) if later else (when.lo, middle)
    time = When(lo=lo, hi=hi, zone=when.zone)
    event = attrs.evolve(claim.event, when=time)
    return [claim.report.says(event) if one is claim else one for one in history]
'''

_SHARPER = '''
@given(st.data())
def test_a_sharper_time_only_narrows(data):
    """STATEMENT"""
    said = [one for one in data.draw(HISTORIES) if isinstance(one, Claim)]
    # One claim for each event, and each by itself: a sharper claim has another id.
    events = {one.event.id: one for one in said if one.stance == "says"}
    history = [one.report.says(one.event) for one in events.values()]
    blunt = [
        one
        for one in history
        if one.event.when.shape == "moment"
        and one.event.when.lo is not None
        and one.event.when.hi is not None
        and one.event.when.hi - one.event.when.lo > 1
    ]
    if blunt:
        claim = data.draw(st.sampled_from(blunt))
        sharp = answer(sharper(history, claim, data.draw(st.booleans())), {})
        wide = answer(history, {})
        NARROWED
'''

_STRANGE = '''
@given(st.data(), QUESTIONS)
def test_unknown_kinds_are_ignored(data, question):
    """STATEMENT"""
    history = data.draw(HISTORIES)
    place = data.draw(st.integers(0, len(history)))
    stranger = Report("the desk", published="2022-01-01").says(Stranger(when="2022-01-01"))
    mixed = [*history[:place], stranger, *history[place:]]
'''

TESTS: dict[str, str | tuple[str, str]] = {
    "same_events_same_answer": '''
@given(HISTORIES, QUESTIONS)
def test_same_events_same_answer(history, question):
    """STATEMENT"""
    here = answer(history, question)
    far = datetime(1999, 12, 31, 23, 59, 58, tzinfo=ZoneInfo("Pacific/Kiritimati"))
    with time_machine.travel(far):
        random.seed(1)
        there = answer(history, question)
    assert same(here, there)
''',
    "steps_are_pure": '''
@given(HISTORIES)
def test_steps_are_pure(history):
    """STATEMENT"""
    start = copy.deepcopy(PROJECTION().start)
    for accounts in counted(history).values():
        projection = PROJECTION()
        state = projection.start
        for account in accounts:
            before = copy.deepcopy(state)
            comparable = before == state
            event = copy.deepcopy(account.event)
            after = step(projection, state, account)
            assert state == before or not comparable
            assert account.event == event
            state = after
    assert PROJECTION().start == start or start != copy.deepcopy(start)
''',
    "arrival_order_is_irrelevant": '''
@given(st.data(), QUESTIONS)
def test_arrival_order_is_irrelevant(data, question):
    """STATEMENT"""
    history = data.draw(HISTORIES)
    projection, log = PROJECTION(), Log()
    late = log.ask(projection, **question)
    for said in data.draw(st.permutations(history)):
        log.append(said)
        late = log.ask(projection, **question)
    assert same(answer(history, question), late)
''',
    "duplicates_change_nothing": '''
@given(st.data(), QUESTIONS)
def test_duplicates_change_nothing(data, question):
    """STATEMENT"""
    history = data.draw(HISTORIES)
    again = data.draw(st.lists(st.sampled_from(history))) if history else []
    projection, log = PROJECTION(), Log()
    log.append(*history)
    log.ask(projection, **question)
    log.append(*again)
    assert same(answer(history, question), log.ask(projection, **question))
''',
    "kept_equals_replayed": '''
@given(HISTORIES)
def test_kept_equals_replayed(history):
    """STATEMENT"""
    for accounts in counted(history).values():
        state = PROJECTION().start
        for account in accounts:
            state = step(PROJECTION(), state, account)
        assert alike(finish(folded(accounts)), finish(state))
''',
    "kept_incrementally_equals_replayed": '''
@given(st.data(), QUESTIONS)
def test_kept_incrementally_equals_replayed(data, question):
    """STATEMENT"""
    log = Log()
    kept = log.keep(PROJECTION())
    for said in data.draw(HISTORIES):
        log.append(said)
        kept.answer(**question)
        if data.draw(st.booleans()):
            kept.save()
            kept = log.keep(PROJECTION())
    assert same(log.ask(PROJECTION(), **question), kept.answer(**question))
''',
    "the_past_stays_as_it_was_known": '''
@given(st.data(), QUESTIONS)
def test_the_past_stays_as_it_was_known(data, question):
    """STATEMENT"""
    history = data.draw(HISTORIES)
    first = data.draw(st.integers(0, len(history)))
    projection, log = PROJECTION(), Log()
    log.append(*history[:first])
    known = log.head
    before = log.ask(projection, known=known, **question)
    log.append(*history[first:])
    log.ask(projection, **question)
    assert same(before, log.ask(projection, known=known, **question))
''',
    "what_was_voided_never_was": '''
@given(st.data(), QUESTIONS)
def test_what_was_voided_never_was(data, question):
    """STATEMENT"""
    history = data.draw(HISTORIES.filter(bool))
    target = data.draw(st.sampled_from(history))
    if any(isinstance(one, Void) and one.target == target.id for one in history):
        return  # it is voided already
    desk = Report("the desk", published="2022-01-01")
    void = desk.voids(target, because="typed twice")
    place = data.draw(st.integers(0, len(history)))
    voided = [*history[:place], void, *history[place:]]
    never = [one for one in history if one.id != target.id]
    assert same(answer(never, question), answer(voided, question))
    restored = [*voided, desk.voids(void, because="it was right after all")]
    assert same(answer(history, question), answer(restored, question))
''',
    "what_was_retracted_is_gone": '''
@given(st.data(), QUESTIONS)
def test_what_was_retracted_is_gone(data, question):
    """STATEMENT"""
    history = data.draw(HISTORIES)
    claims = [one for one in history if isinstance(one, Claim)]
    if not claims:
        return
    target = data.draw(st.sampled_from(claims))
    until = target.published.hi
    if until is None:
        return  # an undated retraction has rules of its own
    taken = [
        one
        for one in claims
        if (one.source, one.event.id) == (target.source, target.event.id)
        and (one.published.lo is None or one.published.lo < until)
    ]
    if any(one.replaces for one in taken):
        return  # what a claim replaced doesn't come back when it falls
    report = Report(target.source, published=When(hi=until))
    retraction = report.retracts(target.event.id, because="it didn't happen")
    place = data.draw(st.integers(0, len(history)))
    retracted = [*history[:place], retraction, *history[place:]]
    never = [one for one in history if one not in taken]
    assert same(answer(never, question), answer(retracted, question))
''',
    "no_answer_from_an_order_nobody_knows": '''
@given(st.data())
def test_no_answer_from_an_order_nobody_knows(data):
    """STATEMENT"""
    # Claims that all stand, so that many events do.
    events = strategies.claims(strategies.events(KINDS), stances=("says",))
    history = data.draw(st.lists(events, min_size=2, max_size=5))
    for accounts in counted(history).values():
        answered = finish(folded(accounts))
        for other in other_orders(data.draw, accounts):
            assert alike(answered, finish(folded(other)))
''',
    "a_sharper_time_only_narrows": (
        _SHARPER.replace("NARROWED", "assert PROJECTION().narrows(wide, sharp)"),
        _SHARPER.replace(
            "NARROWED",
            "assert sharp.keys() <= wide.keys()\n"
            "        assert all(PROJECTION().narrows(wide[key], sharp[key]) for key in sharp)",
        ),
    ),
    "keys_are_independent": '''
@given(HISTORIES)
def test_keys_are_independent(history):
    """STATEMENT"""
    together = answer(history, {})
    for key, accounts in counted(history).items():
        assert alike(finish(folded(accounts)), together[key])
''',
    "merging_is_folding": '''
@given(st.data())
def test_merging_is_folding(data):
    """STATEMENT"""
    for accounts in counted(data.draw(HISTORIES)).values():
        first, second = sorted(data.draw(st.integers(0, len(accounts))) for _ in range(2))
        pieces = accounts[:first], accounts[first:second], accounts[second:]
        parts = [folded(piece) for piece in pieces]
        merge, start = PROJECTION().merge, PROJECTION().start
        whole = finish(folded(accounts))
        assert alike(whole, finish(reduce(merge, parts, start)))
        assert alike(whole, finish(merge(parts[0], merge(parts[1], merge(parts[2], start)))))
''',
    "compaction_preserves_answers": '''
@given(st.data())
def test_compaction_preserves_answers(data):
    """STATEMENT"""
    for accounts in counted(data.draw(HISTORIES)).values():
        if any(len(one.versions) > 1 or one.denied_by for one in accounts):
            continue  # sources differ
        place = data.draw(st.integers(0, len(accounts)))
        settled = PROJECTION().compact(folded(accounts[:place]))
        merged = PROJECTION().merge(settled, folded(accounts[place:]))
        assert alike(finish(folded(accounts)), finish(merged))
''',
    "unknown_kinds_are_ignored": (
        _STRANGE + "    assert same(answer(history, question), answer(mixed, question))\n",
        _STRANGE
        + "    answer(mixed, question)  # it handles every kind, and takes it as it comes\n",
    ),
    "results_are_pure": '''
@given(HISTORIES)
def test_results_are_pure(history):
    """STATEMENT"""
    finish(PROJECTION().start)
    for accounts in counted(history).values():
        projection = PROJECTION()
        state = projection.start
        for account in accounts:
            state = step(projection, state, account)
            finish(state)
        assert alike(finish(folded(accounts)), finish(state))
''',
}
