"""Projections that break a law of projections each, and the same ones mended, for docs/laws.md."""

from __future__ import annotations

__all__ = ["EXAMPLES"]

_COUNT = """
class Count{n}(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + 1
"""

EXAMPLES: dict[str, tuple[str, str]] = {
    "same_events_same_answer": (
        '''
class Age(Projection[int]):
    """How many years ago the last attack was."""

    start = 0

    @on(Attack)
    def since(self, _: int, attack: Attack) -> int:
        return date.today().year - 2022
''',
        '''
class LastEnd(Projection[int]):
    """The end of the last attack, in microseconds; whoever asks knows what day it is."""

    start = 0

    @on(Attack)
    def since(self, last: int, attack: Attack) -> int:
        return max(last, attack.when.hi or 0)
''',
    ),
    "same_answer_in_every_process": (
        """
Path("sides.py").write_text('''
from timeline import Attack, Projection, on

class Sides(Projection[str]):
    start = ""

    @on(Attack)
    def join(self, told: str, attack: Attack) -> str:
        return ", ".join({*filter(None, told.split(", ")), attack.by or "nobody"})

class SortedSides(Sides):
    @on(Attack)
    def join(self, told: str, attack: Attack) -> str:
        return ", ".join(sorted({*filter(None, told.split(", ")), attack.by or "nobody"}))
''')
sys.path.insert(0, str(Path.cwd()))
from sides import Sides
""",
        """
from sides import SortedSides
""",
    ),
    "steps_are_pure": (
        """
class Ids(Projection[list[str]]):
    start: list[str] = []

    @on(Attack)
    def add(self, ids: list[str], attack: Attack) -> list[str]:
        ids.append(attack.id)
        return ids
""",
        """
class NewIds(Projection[tuple[str, ...]]):
    start = ()

    @on(Attack)
    def add(self, ids: tuple[str, ...], attack: Attack) -> tuple[str, ...]:
        return (*ids, attack.id)
""",
    ),
    "arrival_order_is_irrelevant": (
        '''
class Heard(Projection[int]):
    """Leaves out what it has heard before, so that the next question finds nothing new."""

    start = 0

    def __init__(self) -> None:
        self.heard: set[str] = set()

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        if attack.id in self.heard:
            return total
        self.heard.add(attack.id)
        return total + 1
''',
        "\n# The log folds every event once: nothing has to be remembered." + _COUNT.format(n=""),
    ),
    "duplicates_change_nothing": (
        """
class Tally(Projection[int]):
    start = 0

    def __init__(self) -> None:
        self.total = 0

    @on(Attack)
    def add(self, _: int, attack: Attack) -> int:
        self.total += 1
        return self.total
""",
        _COUNT.format(n="InState"),
    ),
    "kept_equals_replayed": (
        '''
class Repeats(Projection[int]):
    """How often one side attacked twice running."""

    start = 0

    def __init__(self) -> None:
        self.previous: str | None = "nobody yet"

    @on(Attack)
    def compare(self, repeats: int, attack: Attack) -> int:
        again = attack.by == self.previous
        self.previous = attack.by
        return repeats + again
''',
        '''
class RepeatsInState(Projection[tuple[int, str | None]]):
    """What the next step needs stands in the state too; result gives the number alone."""

    start = (0, "nobody yet")

    @on(Attack)
    def compare(self, state: tuple[int, str | None], attack: Attack) -> tuple[int, str | None]:
        repeats, previous = state
        return repeats + (attack.by == previous), attack.by

    def result(self, state: tuple[int, str | None]) -> int:
        return state[0]
''',
    ),
    "a_stored_state_resumes": (
        '''
class Places(Projection[tuple[str, ...]]):
    """Says that its state is a tuple, and keeps a set."""

    start = frozenset()

    @on(Attack)
    def add(self, places: frozenset[str], attack: Attack) -> frozenset[str]:
        return places | {str(attack.place)}
''',
        """
class DeclaredPlaces(Projection[frozenset[str]]):
    start = frozenset()

    @on(Attack)
    def add(self, places: frozenset[str], attack: Attack) -> frozenset[str]:
        return places | {str(attack.place)}
""",
    ),
    "kept_incrementally_equals_replayed": (
        '''
class Heard(Projection[int]):
    """Counts what it handles, which isn't what there is."""

    start = 0
    heard = 0

    @on(Attack)
    def add(self, total: int, _: Attack) -> int:
        self.heard += 1
        return total + 1

    def result(self, total: int) -> int:
        return self.heard
''',
        """
class Happened(Heard):
    def result(self, total: int) -> int:
        return total
""",
    ),
    "the_past_stays_as_it_was_known": (
        '''
class Ever(Projection[int]):
    """Counts in a set of its own, to which every question adds."""

    start = 0

    def __init__(self) -> None:
        self.ever: set[str] = set()

    @on(Attack)
    def add(self, _: int, attack: Attack) -> int:
        self.ever.add(attack.id)
        return len(self.ever)
''',
        _COUNT.format(n="OfTheKnown"),
    ),
    "what_was_voided_never_was": (
        '''
class Worst(Projection[int]):
    """Remembers the worst it ever saw, even if that was a typing error."""

    start = 0

    def __init__(self) -> None:
        self.worst = 0

    @on(Attack)
    def compare(self, _: int, attack: Attack) -> int:
        self.worst = max(self.worst, 1 + attack.killed.best)
        return self.worst
''',
        """
class WorstThatStands(Projection[int]):
    start = 0

    @on(Attack)
    def compare(self, worst: int, attack: Attack) -> int:
        return max(worst, 1 + attack.killed.best)
""",
    ),
    "what_was_retracted_is_gone": (
        '''
class Sources(Projection[frozenset[str]]):
    """Goes on naming a source that took everything back."""

    start = frozenset()

    def __init__(self) -> None:
        self.named: set[str] = set()

    @on(Attack)
    def name(self, _: frozenset[str], attack: Attack, account: Account) -> frozenset[str]:
        self.named |= account.sources
        return frozenset(self.named)
''',
        """
class SourcesThatStand(Projection[frozenset[str]]):
    start = frozenset()

    @on(Attack)
    def name(self, named: frozenset[str], attack: Attack, account: Account) -> frozenset[str]:
        return named | account.sources
""",
    ),
    "no_answer_from_an_order_nobody_knows": (
        '''
class LastAttacker(Projection[str | None]):
    """Believes the last line, although two lines may stand in either order."""

    start = None

    @on(Attack)
    def take(self, last: str | None, attack: Attack) -> str | None:
        return attack.by
''',
        '''
class PossiblyLast(Projection[tuple[Attack, ...]]):
    """Keeps every attack that no other one certainly followed, and names all their sides."""

    start = ()

    @on(Attack)
    def take(self, last: tuple[Attack, ...], attack: Attack) -> tuple[Attack, ...]:
        followed = [a for a in last if a.when.before(attack.when) is Certainty.CERTAIN]
        return (*(a for a in last if a not in followed), attack)

    def result(self, last: tuple[Attack, ...]) -> frozenset[str | None]:
        return frozenset(attack.by for attack in last)
''',
    ),
    "a_sharper_time_only_narrows": (
        '''
DAY = 86_400_000_000


class Days(Projection[frozenset[int]]):
    """On which days there were attacks: the middle one where several are possible."""

    start = frozenset()

    @on(Attack)
    def add(self, days: frozenset[int], attack: Attack) -> frozenset[int]:
        lo, hi = attack.when.lo, attack.when.hi
        return days if lo is None or hi is None else days | {(lo + hi) // 2 // DAY}

    def narrows(self, wide: frozenset[int], sharp: frozenset[int]) -> bool:
        return sharp <= wide
''',
        '''
class PossibleDays(Days):
    """On which days there may have been attacks."""

    @on(Attack)
    def add(self, days: frozenset[int], attack: Attack) -> frozenset[int]:
        lo, hi = attack.when.lo, attack.when.hi
        return days if lo is None or hi is None else days | {*range(lo // DAY, -(-hi // DAY))}
''',
    ),
    "keys_are_independent": (
        '''
class PerSide(Projection[int]):
    """Counts the attacks of each side with one counter for all."""

    start = 0

    def __init__(self) -> None:
        self.total = 0

    def key(self, attack: Attack) -> str | None:
        return attack.by

    @on(Attack)
    def add(self, _: int, attack: Attack) -> int:
        self.total += 1
        return self.total
''',
        """
class EachSide(Projection[int]):
    start = 0

    def key(self, attack: Attack) -> str | None:
        return attack.by

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + 1
""",
    ),
    "merging_is_folding": (
        """
class Merged(Projection[int]):
    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        return total + 1

    def merge(self, one: int, other: int) -> int:
        return max(one, other)
""",
        """
class Added(Merged):
    def merge(self, one: int, other: int) -> int:
        return one + other
""",
    ),
    "compaction_preserves_answers": (
        '''
class Busiest(Projection[dict[int, int]]):
    """The most attacks of one day; settles on the last day alone."""

    start: dict[int, int] = {}

    @on(Attack)
    def add(self, days: dict[int, int], attack: Attack) -> dict[int, int]:
        day = (attack.when.lo or 0) // 86_400_000_000
        return {**days, day: days.get(day, 0) + 1}

    def merge(self, one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
        return {day: one.get(day, 0) + other.get(day, 0) for day in {**one, **other}}

    def result(self, days: dict[int, int]) -> int:
        return max(days.values(), default=0)

    def compact(self, days: dict[int, int]) -> dict[int, int]:
        return dict(sorted(days.items())[-1:])
''',
        """
class BusiestOfAll(Busiest):
    def compact(self, days: dict[int, int]) -> dict[int, int]:
        last = max(days, default=0)  # more may happen on that day, and on no earlier one
        most = max(days, key=days.__getitem__, default=0)
        return {day: days[day] for day in {last, most} if day in days}
""",
    ),
    "unknown_kinds_are_ignored": (
        '''
class Everywhere(Projection[frozenset[str]]):
    """Hears every kind, and takes for given that each has a field of one of them."""

    start = frozenset()

    @on(Event)
    def add(self, places: frozenset[str], event: Event) -> frozenset[str]:
        return places | {str(event.place)}
''',
        """
class WhereKnown(Projection[frozenset[str]]):
    start = frozenset()

    @on(Event)
    def add(self, places: frozenset[str], event: Event) -> frozenset[str]:
        return places | {str(getattr(event, "place", None))}
""",
    ),
    "results_are_pure": (
        '''
class Latest(Projection[list[str]]):
    """Takes the latest out of the state when it is asked."""

    start: list[str] = []

    @on(Attack)
    def add(self, ids: list[str], attack: Attack) -> list[str]:
        return [*ids, attack.id]

    def result(self, ids: list[str]) -> str | None:
        return ids.pop() if ids else None
''',
        """
class LatestOf(Latest):
    def result(self, ids: list[str]) -> str | None:
        return ids[-1] if ids else None
""",
    ),
}
"""A faulty projection and the mended one for each law, as Python."""
