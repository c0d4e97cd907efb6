"""Goes through a log once, for a process of its own: python walks.py replay|ask PATH."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from timeline import Attack, Event, Log, Projection, on

__all__ = ["Wounded", "most_held", "walk"]


class Wounded(Projection[int]):
    """How many people were wounded, and one for everything else that happened."""

    start = 0

    @on(Attack)
    def add(self, total: int, attack: Attack) -> int:
        """Add those of an attack."""
        return total + attack.wounded.best

    @on(Event)
    def count(self, total: int, _: Event) -> int:
        """Hears the rest too."""
        return total + 1


def walk(what: str, path: str) -> int:
    """Go through a log and return the most memory that the process held, in megabytes."""
    with Log(path) as log:
        if what == "replay":
            for _ in log:
                pass
        else:
            log.ask(Wounded())
    return most_held()


def most_held() -> int:
    """Return the most memory that this process held so far, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count the process that this one was forked from
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) >> 10
    unit = 20 if sys.platform == "darwin" else 10  # bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> unit


if __name__ == "__main__":
    print(walk(*sys.argv[1:]))
