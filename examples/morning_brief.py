"""Writes what an editor reads in the morning: what changed overnight, why, and a page of it all.

Run it with ``python examples/morning_brief.py [page.html]``; without a file, no page is kept.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from timeline import (
    Attack,
    Casualties,
    Control,
    Log,
    Report,
    TerritorialChange,
    between,
    chronology,
)
from timeline.export import to_html


def brief(log: Log, *, since: str, page: Path) -> None:
    """Print what the log learned since a moment, and write the page."""
    print("WHO HOLDS WHAT\n")
    print(log.changes(Control(), between=(since, log.head)))
    print("\nTHE TOLL\n")
    print(log.changes(Casualties(), between=(since, log.head)))
    print("\nWHY\n")
    print(log.why(Control(), "Izium"))
    page.write_text(to_html(chronology(log), title="As of this morning"), encoding="utf-8")
    print(f"\nThe page has {page.stat().st_size:,} bytes.")


def main(page: Path) -> None:
    """Fill a log as of two days, and write the brief of the second."""
    ministry = Report("Ministry", published="2022-09-09", zone="Europe/Kyiv")
    wire = Report("Wire", published="2022-09-11", zone="Europe/Kyiv", text="Izium is free again.")
    fell = TerritorialChange(when="2022-04-01", place="Izium", to="Russia", id="izium-fell")
    freed = TerritorialChange(
        when=between("2022-09-08", "2022-09-10"), place="Izium", to="Ukraine", id="izium-freed"
    )
    log = Log()
    log.append(
        ministry.says(fell),
        ministry.says(Attack(when="2022-09-08", place="Kharkiv", killed=3, id="kharkiv-8")),
        recorded="2022-09-10T18:00",
    )
    log.append(
        wire.says(freed, quote="Izium is free again"),
        wire.says(Attack(when="2022-09-08", place="Kharkiv", killed=5, id="kharkiv-8")),
        recorded="2022-09-11T05:00",
    )
    brief(log, since="2022-09-10", page=page)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder) / "brief.html")
