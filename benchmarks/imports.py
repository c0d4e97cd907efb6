"""Measures imports of long files, rows a second and memory: python benchmarks/imports.py [rows].

Made-up rows, as many as asked for (a million unless given), go into a new log on disk: a sheet
through a mapping, and a release in UCDP's columns. Then the same file again. Seconds are of the
processor; memory is the most that the process had, Python itself included.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from timeline import Log
from timeline.importers import Outcome, import_into, table, ucdp, ucdp_release

MAPPING = """
kind = "attack"
zone = "Europe/Kyiv"
id_prefix = "made-up:"
[columns]
id = "Id"
when = "Date"
place.path = ["Oblast", "Town"]
place.latitude = "Lat"
place.longitude = "Lon"
killed = "Killed"
wounded = "Wounded"
by = "By"
summary = "What"
url = "Link"
[defaults]
source = "our desk"
published = 2026
"""
UCDP = (
    "id,year,type_of_violence,conflict_name,dyad_name,side_a,side_b,source_article,source_office,"
    "source_date,source_headline,where_prec,where_coordinates,adm_1,adm_2,latitude,longitude,"
    "country,event_clarity,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,"
    "deaths_unknown,low,best,high\r\n"
)
RELEASE = ucdp_release("26.1", published="2026-06")


def sheet(rows: int) -> Iterator[bytes]:
    """Give the lines of a made-up sheet."""
    yield b"Id,Date,Oblast,Town,Lat,Lon,Killed,Wounded,By,What,Link\r\n"
    for n in range(rows):
        day = f"{2014 + n % 12}-{n % 12 + 1:02}-{n % 28 + 1:02}"
        yield (
            f"{n},{day},Oblast {n % 25},Town {n % 900},{44 + n % 900 / 100:.2f},"
            f"{22 + n % 900 / 50:.2f},{n % 7},{n % 13},Side {n % 4},"
            f"Shelling number {n} of a residential area,https://wire.example/{n}\r\n"
        ).encode()


def release(rows: int) -> Iterator[bytes]:
    """Give the lines of a made-up release in UCDP's columns."""
    yield UCDP.encode()
    for n in range(rows):
        day = f"{2014 + n % 12}-{n % 12 + 1:02}-{n % 28 + 1:02}"
        killed = n % 5
        yield (
            f"{n},{2014 + n % 12},{n % 3 + 1},Conflict,A - B,Side {n % 9},Side {9 + n % 20},"
            f'"Wire,{day},Report {n}",Wire,{day},Report {n},{n % 4 + 1},Town {n % 900},'
            f"Oblast {n % 25},Raion {n % 100},{44 + n % 900 / 100:.2f},{22 + n % 900 / 50:.2f},"
            f"Ukraine,1,1,{day},{day},{killed},0,2,0,{killed + 2},{killed + 2},{killed + 4}\r\n"
        ).encode()


def outcomes(form: str, rows: int) -> Iterator[Outcome]:
    """Read the made-up file of a form."""
    return ucdp(release(rows), RELEASE) if form == "ucdp" else table(sheet(rows), MAPPING)


def measure(form: str, rows: int, path: str) -> None:
    """Import the file of a form, and print what it cost."""
    again = " again" if Path(path).exists() else ""
    with Log(path) as log:
        start = time.process_time()
        found = import_into(log, outcomes(form, rows))
        spent = time.process_time() - start
    if (found.rows, found.ignored if again else found.new) != (rows, rows):
        raise SystemExit(f"not every row came in: {found}")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {form}{again} | {rows:,} | {rows / spent:,.0f} | {most:,.0f} MB |", flush=True)


def main() -> None:
    """Measure each import in a process of its own, whose memory is that import's alone."""
    rows, *rest = [*sys.argv[1:], "1000000"] if len(sys.argv) == 1 else sys.argv[1:]
    if rest:
        measure(rest[0], int(rows), rest[1])
        return
    print("| file | rows | rows a second | memory |\n|---|--:|--:|--:|", flush=True)
    for form in ("table", "ucdp"):
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(2):
                command = [sys.executable, __file__, rows, form, f"{folder}/log.db"]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
