"""Takes in two releases of a data set, and says what changed between them and what did it.

Run it with ``python examples/releases.py``.
"""

from __future__ import annotations

from timeline import Casualties, Log, Report
from timeline.importers import import_into, table

FIRST = """\
id,date,place,killed
1,2022-03-01,Kharkiv,4
2,2022-03-02,Chuhuiv,1
3,2022-03-05,Izium,10
"""
SECOND = """\
id,date,place,killed
1,2022-03-01,Kharkiv,6
3,2022-03-05,Izium,10
4,2022-03-06,Izium,2
"""
MAPPING = """\
kind = "attack"
id_prefix = "example-set:"

[columns]
id = "id"
when = "date"
place = "place"
killed = "killed"
"""


def take_in(log: Log, sheet: str, *, version: str, published: str) -> None:
    """Import a release, and retract what it no longer has."""
    release = Report("Example set", title=version, published=published)
    rows = table(
        sheet.splitlines(keepends=True), MAPPING, source="Example set", published=published
    )
    print(f"{version}: {import_into(log, rows, release=release)}")


def main() -> None:
    """Compare what was counted after the first release with what was counted after the second."""
    log = Log()
    take_in(log, FIRST, version="1.0", published="2023-01")
    first = log.head
    take_in(log, SECOND, version="2.0", published="2024-01")

    print(f"\nCounted by 1.0: {log.ask(Casualties(), known=first).total}")
    print(f"Counted by 2.0: {log.ask(Casualties()).total}\n")
    print(log.changes(Casualties(), between=(first, log.head)))
    # A release that was imported later is still what was published then.
    assert log.ask(Casualties(), published="2023-06") == log.ask(Casualties(), known=first)


if __name__ == "__main__":
    main()
