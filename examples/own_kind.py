"""Adds a kind of event and a projection of one's own, and holds the projection to the laws.

Run it with ``python examples/own_kind.py``.
"""

from __future__ import annotations

from timeline import Count, Event, Log, Place, Projection, Report, event, on, when
from timeline.testing import laws


@event("power-cut/1")
class PowerCut(Event):
    """A place is left without electricity."""

    place: Place
    homes: Count = Count()


class HomesWithoutPower(Projection[Count]):
    """How many homes were cut off, over all events."""

    start = Count.sum(())

    @on(PowerCut)
    def add(self, total: Count, cut: PowerCut) -> Count:
        """Add what an event gives; a cut without a figure leaves the sum open."""
        return total + cut.homes


def main() -> None:
    """Append two cuts, ask, and try the laws."""
    wire = Report("Wire", published="2022-10-11", zone="Europe/Kyiv")
    log = Log(events=[PowerCut])
    log.append(
        wire.says(
            PowerCut(when=when("2022-10-10"), place=Place("Lviv"), homes=Count(about=90_000))
        ),
        wire.says(PowerCut(when=when("2022-10-10"), place=Place("Kharkiv"))),
    )
    print(f"Homes cut off: {log.ask(HomesWithoutPower())}")

    report = laws.verify(HomesWithoutPower, examples=10)
    print(report)
    assert report.ok, report


if __name__ == "__main__":
    main()
