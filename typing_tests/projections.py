"""What a type checker says of projections and of their answers."""

from collections.abc import Mapping

from timeline import (
    Account,
    Attack,
    Control,
    Holding,
    Incident,
    Log,
    Projection,
    TerritorialChange,
    on,
)


class Wounded(Projection[int]):
    """A fold with a handler whose event is of the right kind, and one whose isn't."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        """Adds an attack."""
        return total + attack.wounded.best

    @on(TerritorialChange)  # error: incompatible type
    def wrong(self, total: int, incident: Incident) -> int:
        """Hears a change of control and expects an incident."""
        return total + incident.wounded.best


class Holders(Projection[frozenset[str]]):
    """A keyed fold that looks at the account."""

    start: frozenset[str] = frozenset()

    def key(self, event: TerritorialChange) -> str:
        """Keys by place."""
        return event.place.key

    @on(TerritorialChange)
    def add(
        self, state: frozenset[str], change: TerritorialChange, account: Account
    ) -> frozenset[str]:
        """Adds a holder."""
        return state | {change.to or "", *account.sources}


def answers_are_typed(log: Log) -> None:
    """What is asked gives what the projection says."""
    total: int = log.ask(Wounded())
    holders: Mapping[str, frozenset[str]] = log.ask(Holders())
    held: Mapping[str, Holding] = log.ask(Control(), at="2022-09-10")
    wrong: str = log.ask(Wounded())  # error: Incompatible types in assignment
    print(total, holders, held, wrong)
