"""Says what commands there are and what each takes, without loading what any of them needs."""

from __future__ import annotations

import argparse
import codecs
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

__all__ = ["FORMATS", "SOURCES", "command_parser"]

FORMATS = (
    "cloudevents", "csv", "geojson", "ical", "json", "jsonl", "jsonld", "markdown", "parquet",
    "prov", "segments", "timelinejs", "timemap",
)  # fmt: skip
"""The formats that ``timeline export`` writes."""

SOURCES = ("acled", "acled-deletions", "gdelt", "gdelt-mentions", "ical", "jsonl", "segments",
           "table", "timelinejs", "ucdp")  # fmt: skip
"""The formats that ``timeline import`` reads."""

_LOG = "a SQLite file, or postgresql://host/database?schema=name"


class _Commands:
    """Adds commands to a parser, each with the function that runs it."""

    def __init__(self, commands: Any) -> None:
        self._commands = commands

    def add(self, name: str, run: str, told: str, *, more: str = "") -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = self._commands.add_parser(
            name,
            help=told,
            description=f"{told[0].upper()}{told[1:]}.{' ' if more else ''}{more}",
            allow_abbrev=False,
        )
        made.set_defaults(run=run)
        return made


def command_parser() -> argparse.ArgumentParser:
    """Gives the parser of all commands."""
    made = argparse.ArgumentParser(
        prog="timeline",
        description="Records what is reported about a conflict, and answers what happened, when, "
        "and who says so.",
        epilog="Every command explains itself: timeline show --help",
        allow_abbrev=False,
    )
    made.add_argument(
        "--version", action="version", version=f"timeline {version('timeline-events')}"
    )
    commands = _Commands(made.add_subparsers(dest="command", metavar="command", required=True))
    for add in (_ingest, _query, _export, _integrity, _dev):
        add(commands)
    return made


def _log(made: argparse.ArgumentParser, *, kinds: bool = True) -> None:
    made.add_argument("log", metavar="LOG", help=_LOG)
    if kinds:
        made.add_argument(
            "--events",
            action="append",
            default=[],
            metavar="module:Kind",
            help="a kind of event of your own; may be repeated",
        )


def _moments(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("when", "a date such as 2022-09-10 means by the end of it")
    group.add_argument("--at", metavar="TIME", help="what happened by then")
    group.add_argument("--known", metavar="TIME", help="as the log knew by then, or at #41")
    group.add_argument("--published", metavar="TIME", help="from what was published by then")
    group.add_argument(
        "--possible", action="store_true", help="count what possibly happened by --at, too"
    )
    group.add_argument(
        "--trust", action="append", default=[], metavar="SOURCE", help="whom to believe first"
    )


def _shape(made: argparse.ArgumentParser) -> None:
    shape = made.add_mutually_exclusive_group()
    for name, told in (
        ("json", "print JSON, one list of rows"),
        ("csv", "print CSV"),
        ("table", "print a table"),
    ):
        shape.add_argument(f"--{name}", dest="shape", action="store_const", const=name, help=told)


def _output(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="where to write; - prints (default)"
    )


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise argparse.ArgumentTypeError(
            f"no encoding is called {name!r}; there are utf-8, cp1252, latin-1 and others"
        ) from None
    return name


def _ingest(commands: _Commands) -> None:
    made = commands.add("new", "ingest:new", "make an empty log")
    _log(made, kinds=False)

    made = commands.add(
        "add",
        "ingest:add",
        "record what one report says of one event",
        more="Fields of the event are given as name=value: place=Izium to=Ukraine, or "
        "killed='about 450', place.id=geonames:702569, including.children=2.",
    )
    _log(made)
    made.add_argument("kind", metavar="KIND", help="attack, territorial-change, incident, …")
    made.add_argument("fields", nargs="*", metavar="name=value", help="the event's fields")
    made.add_argument("--source", required=True, help="who publishes")
    made.add_argument("--when", required=True, metavar="TIME", help="when it happened")
    made.add_argument("--published", metavar="TIME", help="when the report was published")
    made.add_argument("--zone", default="UTC", help="the report's time zone (default: UTC)")
    made.add_argument("--id", metavar="ID", help="the event's id; by default from its content")
    made.add_argument("--summary", metavar="TEXT", help="the event in a few words")
    made.add_argument("--title", metavar="TEXT", help="the report's title")
    made.add_argument("--url", metavar="URL", help="where the report is")
    made.add_argument("--text", metavar="FILE", help="a file with the report's text; - reads it")
    made.add_argument("--quote", metavar="TEXT", help="the report's words that carry it")
    made.add_argument(
        "--according-to", action="append", default=[], metavar="NAME", help="whom it names for it"
    )
    stance = made.add_mutually_exclusive_group()
    for name, told in (("denies", "it denies the event"), ("expects", "it expects the event")):
        stance.add_argument(
            f"--{name}", dest="stance", action="store_const", const=name, default="says", help=told
        )

    made = commands.add(
        "import",
        "ingest:import_",
        "take in a file of another format",
        more="Refused rows go to a quarantine file, never silently away; importing a file again "
        "changes nothing.",
    )
    _log(made)
    made.add_argument("file", metavar="FILE", help="the file to read; - reads standard input")
    made.add_argument("--as", dest="source_format", choices=SOURCES, help="its format")
    made.add_argument("--map", metavar="TOML", help="what the columns of a sheet mean")
    made.add_argument("--source", help="who says it, where the file doesn't")
    made.add_argument("--published", metavar="TIME", help="when it was published")
    made.add_argument("--release", metavar="VERSION", help="the UCDP release, such as 20.1")
    made.add_argument(
        "--whole", action="store_true", help="the release is whole: retract what it leaves out"
    )
    made.add_argument(
        "--disorder",
        choices=("refuse", "widen"),
        default="refuse",
        help="what to do with UCDP's estimates that are out of order (default: refuse the row)",
    )
    made.add_argument("--zone", default="UTC", help="the time zone of times without one")
    made.add_argument(
        "--encoding", type=_encoding, default="utf-8", help="the file's encoding (default: utf-8)"
    )
    made.add_argument("--quarantine", metavar="FILE", help="where refused rows go, as CSV")
    made.add_argument("--dry-run", action="store_true", help="write nothing, count everything")

    made = commands.add(
        "guess", "ingest:guess", "propose a mapping from the head row of a spreadsheet"
    )
    made.add_argument("file", metavar="FILE", help="a CSV file; - reads standard input")
    made.add_argument(
        "--encoding", type=_encoding, default="utf-8", help="its encoding (default: utf-8)"
    )


def _query(commands: _Commands) -> None:
    made = commands.add("show", "query:show", "print what happened, in order")
    _log(made)
    _moments(made)
    _shape(made)
    made = commands.add("accounts", "query:accounts", "print what stands about each event, in rows")
    _log(made)
    _moments(made)
    _shape(made)
    made = commands.add("entries", "query:entries", "print what was recorded, as it arrived")
    _log(made)
    made.add_argument("--known", metavar="TIME", help="what the log knew by then")
    made.add_argument("--follow", action="store_true", help="go on with what comes")
    _shape(made)
    made = commands.add("control", "query:control", "print who holds which place")
    _log(made)
    made.add_argument("place", nargs="?", metavar="PLACE", help="one place, by its id or name")
    _moments(made)
    _shape(made)
    made = commands.add("ask", "query:ask", "print the answer of a projection of your own")
    _log(made)
    made.add_argument("projection", metavar="module:Name", help="a class derived from Projection")
    _moments(made)
    _shape(made)


def _export(commands: _Commands) -> None:
    made = commands.add("export", "export:export", "write what stands in another format")
    _log(made)
    made.add_argument("--as", dest="target_format", choices=FORMATS, help="the format")
    _output(made)
    _moments(made)
    for name, told in (
        ("page", "write a page of one file that works offline"),
        ("map", "write a map of who held which place, with a slider through time"),
    ):
        made = commands.add(name, f"export:{name}", told)
        _log(made)
        _output(made)
        made.add_argument("--title", metavar="TEXT", help="the page's title")
        made.add_argument("--zone", metavar="ZONE", help="the zone in which times are shown")
        if name == "page":
            made.add_argument(
                "--lanes", choices=("places", "actors", "kinds"), default="places", help="by what"
            )
        else:
            made.add_argument("--outlines", metavar="GEOJSON", help="outlines of regions")
        _moments(made)
    made = commands.add("copy", "export:copy", "copy a log to another store, and go on with it")
    _log(made, kinds=False)
    made.add_argument("target", metavar="TARGET", help=_LOG)


def _integrity(commands: _Commands) -> None:
    made = commands.add("verify", "integrity:verify", "read all of a log and say what is damaged")
    _log(made, kinds=False)
    made = commands.add("rescue", "integrity:rescue", "save what can be read of a damaged file")
    made.add_argument("file", metavar="FILE", help="the damaged file; it stays as it is")
    made.add_argument("target", metavar="TARGET", help="the log to make of it")
    made = commands.add("redact", "integrity:redact", "erase what entries say, for good")
    _log(made, kinds=False)
    made.add_argument("entries", nargs="+", metavar="ENTRY", help="ids or positions")
    made.add_argument("--because", required=True, help="why; stays in the log")
    made.add_argument("--basis", required=True, help="on what legal basis; stays in the log")
    made.add_argument("--by", help="who orders it (default: the user of this machine)")
    made = commands.add("key", "integrity:key", "make a key that signs checkpoints")
    made.add_argument("name", metavar="NAME", help="whose log it is, such as example.org/war")
    made.add_argument("file", metavar="FILE", help="where to put the secret key; it must be new")
    made = commands.add("checkpoint", "integrity:checkpoint", "sign the log as it stands")
    _log(made, kinds=False)
    made.add_argument("--key", metavar="FILE", help="the secret key; unsigned without")
    _output(made)
    made = commands.add(
        "prove", "integrity:prove", "prove that an entry stands in the log, or growth"
    )
    _log(made, kinds=False)
    what = made.add_mutually_exclusive_group(required=True)
    what.add_argument("--entry", metavar="ENTRY", help="an id or position")
    what.add_argument("--since", metavar="FILE", help="an older checkpoint that it grew from")
    made.add_argument("--checkpoint", metavar="FILE", help="the signed checkpoint to prove against")
    _output(made)
    made = commands.add(
        "check-proof", "integrity:check_proof", "check a proof, offline, from the proof alone"
    )
    made.add_argument("proof", metavar="FILE", help="what timeline prove wrote")
    made.add_argument("--key", action="append", required=True, help="the log's public key")
    made.add_argument("--witness", action="append", default=[], help="a witness's public key")
    made.add_argument("--since", metavar="FILE", help="the older checkpoint, for a proof of growth")
    made.add_argument("--checkpoint", metavar="FILE", help="the checkpoint, where it isn't in it")


def _above(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise ValueError
        return value

    number.__name__ = f"number from {least}"  # what argparse says of a wrong one
    return number


def _dev(commands: _Commands) -> None:
    made = commands.add(
        "laws",
        "dev:laws",
        "try the laws of projections on one",
        more="Prints what became of each and ends with 1 if a law is broken. Needs the extra: pip "
        "install 'timeline-events[testing]'",
    )
    made.add_argument(
        "projection",
        metavar="package.module:P",
        help="a class derived from Projection, or a function that makes one",
    )
    made.add_argument(
        "--examples", type=_above(1), metavar="N", help="histories to draw (default: 100)"
    )
    made.add_argument(
        "--seed", type=_above(0), metavar="S", help="repeat the search that had this seed"
    )
    made.add_argument(
        "--only", action="append", metavar="LAW", help="try this law alone; may be repeated"
    )
    made.add_argument("--smoke", action="store_true", help="a quick look, of about two seconds")
    made.add_argument(
        "--write",
        metavar="FILE",
        help="try nothing, and write the laws as a test module of plain Hypothesis; - prints it",
    )
    made = commands.add(
        "completion",
        "dev:completion",
        "print what makes a shell complete commands",
        more='For bash: eval "$(timeline completion bash)"',
    )
    made.add_argument("shell", choices=("bash", "zsh", "fish"), help="which shell")
