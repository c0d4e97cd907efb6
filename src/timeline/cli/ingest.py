"""Commands that write to a log: new, add, import, guess."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from timeline.canonical import MOST_BYTES
from timeline.claims import Report
from timeline.cli.common import BROKEN, OK, kinds, note, opened, progress, reading, report_of, spare
from timeline.cli.event_fields import field_rows, kind_named, make_event, read_time
from timeline.cli.rows import show
from timeline.errors import ImporterError
from timeline.events import Event
from timeline.formats.segments import MANIFEST, manifest_of
from timeline.importers import (
    ImportSummary,
    Outcome,
    PlaceCheck,
    acled,
    acled_deletions,
    gazetteer,
    gdelt,
    gdelt_mentions,
    guess_sheet,
    icalendar,
    import_into,
    import_jsonl,
    import_segments,
    table,
    timelinejs,
    ucdp,
    ucdp_release,
)
from timeline.importers.acled import ACLED
from timeline.kinds import KINDS
from timeline.log import Log
from timeline.stores.directories import Folder

__all__ = ["add", "fields", "guess", "import_", "new"]


def new(options: Namespace) -> int:
    """Make an empty log."""
    opened(options.log, options, new=True).close()
    note(f"made {options.log}")
    return OK


def add(options: Namespace) -> int:
    """Record one claim, whose fields are read as cells of a sheet would be."""
    report = report_of(options)
    with opened(options.log, options) as log:
        event = make_event(
            kind_named(options.kind, kinds(options)),
            options.fields,
            read_time(options.when, report),
            options.zone,
            {"id": options.id, "summary": options.summary},
        )
        say = getattr(report, options.stance)
        claim = say(event, quote=options.quote, according_to=options.according_to)
        (entry,) = log.append(claim)
        print(entry.position, claim.id)
        return OK


def import_(options: Namespace) -> int:
    """Take in a file; ends with 1 if rows were refused."""
    form = options.source_format or _guessed(options)
    with ExitStack() as stack:
        log = stack.enter_context(opened(options.log, options))
        if form == "segments":
            folder = Folder(options.file)
            manifest = folder.read(MANIFEST, most=MOST_BYTES)
            sizes = {one.name: one.bytes for one in manifest_of(manifest).segments}
            count = import_segments(log, manifest, lambda name: folder.read(name, size=sizes[name]))
            print(f"{count:,} new entries")
            return OK
        file = stack.enter_context(reading(options.file, binary=True))
        if form == "jsonl":
            if options.dry_run:
                raise ImporterError(
                    "--dry-run counts rows of sheets; JSON Lines are taken as they are"
                )
            print(f"{import_jsonl(log, file):,} new entries")
            return OK
        release = _release(options, form)
        outcomes = _READERS[form](options, file, log, release)
        places = PlaceCheck(log) if options.places else None
        if places is not None:
            outcomes = places.over(outcomes)
        intake = _taken(options, log, outcomes, release if options.whole else None)
    print(intake)
    if places is not None:
        print(places)
    return BROKEN if intake.refused else OK


def _release(options: Namespace, form: str) -> Report | None:
    """The report that a file is; with --whole, the one that retracts what the file leaves out."""
    if form == "ucdp":
        return ucdp_release(
            _needed(options, "release", form), published=_needed(options, "published", form)
        )
    if not options.whole:
        return None
    if form not in ("acled", "gazetteer", "ical", "table", "timelinejs"):
        raise ImporterError(
            f"--whole: a file of --as {form} is never all that its source stands by, so "
            "nothing can be retracted for it"
        )
    source = ACLED if form == "acled" else _needed(options, "source", f"{form} --whole")
    return Report(source, published=options.published, zone=options.zone, title=options.title)


def _taken(
    options: Namespace, log: Log, outcomes: Iterator[Outcome], release: Report | None
) -> ImportSummary:
    name = options.quarantine
    if name is None and not options.dry_run:
        name = "refused.csv" if options.file == "-" else f"{options.file}.refused.csv"
    if name is not None and Path(name).exists() and Path(options.file).exists():
        if Path(name).samefile(options.file):
            raise ImporterError(f"{name} is what is read; name another file with --quarantine")
    with ExitStack() as stack:
        quarantine = None if name is None else _Late(name, stack)
        on_progress = progress(f"importing {options.file}")
        intake = import_into(
            log,
            outcomes,
            quarantine=quarantine,
            dry_run=options.dry_run,
            release=release,
            progress=on_progress,
        )
        if on_progress is not None:
            note("")
        if quarantine is not None and quarantine.opened:
            note(f"refused rows are in {name}")
    return intake


class _Late:
    """A file that is made when the first text is written to it."""

    def __init__(self, name: str, stack: ExitStack) -> None:
        self._name = name
        self._stack = stack
        self._file: IO[str] | None = None

    @property
    def opened(self) -> bool:
        return self._file is not None

    def write(self, text: str, /) -> int:
        if self._file is None:
            path = Path(self._name)
            spare(path)
            self._file = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        return self._file.write(text)


def _guessed(options: Namespace) -> str:
    if options.map is not None:
        return "table"
    if options.release is not None:
        return "ucdp"
    endings = {".jsonl": "jsonl", ".ics": "ical"}
    form = endings.get(Path(options.file).suffix.lower())
    if form is None:
        raise ImporterError(
            f"say what {options.file} is: --as ucdp, acled, gdelt, timelinejs, ical or jsonl, or "
            "--map sheet.toml for a spreadsheet (timeline guess proposes one)"
        )
    return form


def _needed(options: Namespace, name: str, form: str) -> str:
    value = getattr(options, name)
    if value is None:
        raise ImporterError(f"--as {form} needs --{name}")
    return str(value)


def _sheet(options: Namespace, file: IO[bytes]) -> Iterator[Outcome]:
    with reading(_needed(options, "map", "table")) as mapping:
        mapped = mapping.read()
    return table(
        file,
        mapped,
        source=options.source,
        published=options.published,
        kinds=kinds(options),
        encoding=options.encoding,
    )


def _encoding(options: Namespace) -> str:
    return options.encoding or "utf-8"


def _mentioned(log: Log) -> Mapping[str, Event]:
    return {account.event.id: account.event for account in log.accounts()}


_Reader = Callable[[Namespace, IO[bytes], Log, Any], Iterator[Outcome]]
_READERS: dict[str, _Reader] = {
    "ucdp": lambda o, file, _, release: ucdp(
        file, release, disorder=o.disorder, encoding=_encoding(o)
    ),
    "acled": lambda o, file, _, __: acled(file, published=o.published, encoding=_encoding(o)),
    "acled-deletions": lambda o, file, _, __: acled_deletions(file, encoding=_encoding(o)),
    "gazetteer": lambda o, file, _, __: gazetteer(
        file,
        Report(
            _needed(o, "source", "gazetteer"), published=o.published, zone=o.zone, title=o.title
        ),
        layout=o.layout,
        encoding=_encoding(o),
    ),
    "gdelt": lambda o, file, _, __: gdelt(file, encoding=_encoding(o)),
    "gdelt-mentions": lambda o, file, log, _: gdelt_mentions(
        file, _mentioned(log), encoding=_encoding(o)
    ),
    "timelinejs": lambda o, file, _, __: timelinejs(
        file,
        Report(_needed(o, "source", "timelinejs"), published=o.published, zone=o.zone),
        zone=o.zone,
        encoding=_encoding(o),
    ),
    "ical": lambda o, file, _, __: icalendar(
        file,
        _needed(o, "source", "ical"),
        published=o.published,
        zone=o.zone,
        encoding=_encoding(o),
    ),
    "table": lambda o, file, _, __: _sheet(o, file),
}


def guess(options: Namespace) -> int:
    """Print a mapping for a sheet, and what it would bring in of the first rows."""
    name = "" if options.file == "-" else options.file
    with reading(options.file, binary=True) as file:
        print(guess_sheet(file, name=name, encoding=options.encoding, sheet=options.sheet), end="")
    return OK


def fields(options: Namespace) -> int:
    """Print what kinds there are, or the fields of one and what each takes."""
    own = kinds(options)
    named = (*KINDS, *own) if options.kind is None else (kind_named(options.kind, own),)
    rows = [row for kind in named for row in field_rows(kind)]
    show(rows, options.shape, columns=("kind", "field", "needed", "takes"))
    return OK
