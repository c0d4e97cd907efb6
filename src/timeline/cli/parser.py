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

SOURCES = ("acled", "acled-deletions", "gazetteer", "gdelt", "gdelt-mentions", "ical", "jsonl",
           "segments", "table", "timelinejs", "ucdp")  # fmt: skip
"""The formats that ``timeline import`` reads."""

_LOG = "a SQLite file, or postgresql://host/database?schema=name"


class _AnyOrder(argparse.ArgumentParser):
    """Takes options before, after and between what is named without one."""

    _mixing = False

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        """Parse options first and the rest after them."""
        if self._mixing:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False


_PROJECTION = "control, casualties, chronology, statements, or module:Name, a Projection of yours"


class _Commands:
    """Adds commands to a parser, each with the function that runs it."""

    def __init__(self, commands: Any) -> None:
        self._commands = commands

    def add(self, name: str, run: str, summary: str, *, more: str = "") -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = self._commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.{' ' if more else ''}{more}",
            allow_abbrev=False,
        )
        parser.set_defaults(run=run)
        return parser


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="timeline",
        description="Records what is reported about a conflict, and answers what happened, when, "
        "and who says so.",
        epilog="Every command explains itself: timeline show --help",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"timeline {version('timeline-events')}"
    )
    commands = _Commands(
        parser.add_subparsers(
            dest="command", metavar="command", required=True, parser_class=_AnyOrder
        )
    )
    for add in (_ingest, _correcting, _joining, _query, _reasons, _export, _integrity, _dev):
        add(commands)
    return parser


def _log(parser: argparse.ArgumentParser, *, kinds: bool = True) -> None:
    parser.add_argument("log", metavar="LOG", help=_LOG)
    if kinds:
        parser.add_argument(
            "--events",
            action="append",
            default=[],
            metavar="module:Kind",
            help="a kind of event of your own; may be repeated",
        )


def _moments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("when", "a date such as 2022-09-10 means by the end of it")
    group.add_argument("--at", metavar="TIME", help="what happened by then")
    group.add_argument("--known", metavar="TIME", help="as the log knew by then, or at #41")
    group.add_argument("--published", metavar="TIME", help="from what was published by then")
    group.add_argument(
        "--possible", action="store_true", help="count what possibly happened by --at, too"
    )
    group.add_argument(
        "--trust", action="append", default=[], metavar="SOURCE", help="whom to believe first"
    )


def _said_by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kind", action="append", default=[], help="such as attack; may be repeated"
    )
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME",
        help="what it says or denies; may be repeated",
    )


def _about(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", metavar="TIME", help="what may have happened then or later")
    parser.add_argument("--until", metavar="TIME", help="what may have happened by the end of it")
    _said_by(parser)
    parser.add_argument(
        "--place",
        "--within",
        dest="within",
        metavar="PLACE",
        help="in a place, by any of its names, or what lies in it",
    )
    parser.add_argument(
        "--actor", metavar="NAME", help="by or against an actor, by any of its names, or a part"
    )


def _shape(parser: argparse.ArgumentParser) -> None:
    shape = parser.add_mutually_exclusive_group()
    for name, text in (
        ("json", "print JSON, one list of rows"),
        ("csv", "print CSV"),
        ("table", "print a table"),
    ):
        shape.add_argument(f"--{name}", dest="shape", action="store_const", const=name, help=text)


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
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
    command = commands.add("new", "ingest:new", "make an empty log")
    _log(command, kinds=False)

    command = commands.add(
        "add",
        "ingest:add",
        "record what one report says of one event",
        more="Fields of the event are given as name=value: place=Izium to=Ukraine, or "
        "killed='about 450', place.id=geonames:702569, including.children=2.",
    )
    _log(command)
    command.add_argument("kind", metavar="KIND", help="attack, territorial-change, incident, …")
    command.add_argument("fields", nargs="*", metavar="name=value", help="the event's fields")
    command.add_argument("--source", required=True, help="who publishes")
    command.add_argument("--when", required=True, metavar="TIME", help="when it happened")
    command.add_argument("--published", metavar="TIME", help="when the report was published")
    command.add_argument("--zone", default="UTC", help="the report's time zone (default: UTC)")
    command.add_argument("--id", metavar="ID", help="the event's id; by default from its content")
    command.add_argument("--summary", metavar="TEXT", help="the event in a few words")
    command.add_argument("--title", metavar="TEXT", help="the report's title")
    command.add_argument("--url", metavar="URL", help="where the report is")
    command.add_argument("--text", metavar="FILE", help="a file with the report's text; - reads it")
    command.add_argument("--quote", metavar="TEXT", help="the report's words that carry it")
    command.add_argument(
        "--according-to", action="append", default=[], metavar="NAME", help="whom it names for it"
    )
    stance = command.add_mutually_exclusive_group()
    for name, text in (("denies", "it denies the event"), ("expects", "it expects the event")):
        stance.add_argument(
            f"--{name}", dest="stance", action="store_const", const=name, default="says", help=text
        )

    command = commands.add(
        "import",
        "ingest:import_",
        "take in a file of another format",
        more="Refused rows go to a quarantine file, never silently away; importing a file again "
        "changes nothing.",
    )
    _log(command)
    command.add_argument("file", metavar="FILE", help="the file to read; - reads standard input")
    command.add_argument("--as", dest="source_format", choices=SOURCES, help="its format")
    command.add_argument("--map", metavar="TOML", help="what the columns of a sheet mean")
    command.add_argument("--source", help="who says it, where the file doesn't")
    command.add_argument("--published", metavar="TIME", help="when it was published")
    command.add_argument("--release", metavar="VERSION", help="the UCDP release, such as 20.1")
    command.add_argument("--title", help="what a whole file is called, where it retracts")
    command.add_argument(
        "--whole", action="store_true", help="the file is whole: retract what it leaves out"
    )
    command.add_argument(
        "--disorder",
        choices=("refuse", "widen"),
        default="refuse",
        help="what to do with UCDP's estimates that are out of order (default: refuse the row)",
    )
    command.add_argument("--zone", default="UTC", help="the time zone of times without one")
    command.add_argument(
        "--encoding", type=_encoding, help="the file's encoding (default: the mapping's, or utf-8)"
    )
    command.add_argument(
        "--layout",
        choices=("csv", "geonames", "katottg"),
        default="csv",
        help="how a gazetteer is laid out (default: csv)",
    )
    command.add_argument(
        "--places", action="store_true", help="say which places no gazetteer in the log knows"
    )
    command.add_argument("--quarantine", metavar="FILE", help="where refused rows go, as CSV")
    command.add_argument("--dry-run", action="store_true", help="write nothing, count everything")

    command = commands.add(
        "guess", "ingest:guess", "propose a mapping from the first rows of a spreadsheet"
    )
    command.add_argument(
        "file", metavar="FILE", help="CSV, a workbook, JSON; - reads standard input"
    )
    command.add_argument(
        "--encoding", type=_encoding, help="its encoding (default: found among utf-8 and others)"
    )
    command.add_argument("--sheet", help="which sheet of a workbook (default: the one with times)")


def _report(command: argparse.ArgumentParser, who: str) -> None:
    command.add_argument("--source", required=True, metavar="NAME", help=who)
    command.add_argument("--published", metavar="TIME", help="when the report was published")
    command.add_argument("--zone", default="UTC", help="the report's time zone (default: UTC)")


def _correcting(commands: _Commands) -> None:
    command = commands.add(
        "fields", "ingest:fields", "list the fields of a kind of event, and what each takes"
    )
    command.add_argument("kind", nargs="?", metavar="KIND", help="such as attack; all without")
    command.add_argument(
        "--events", action="append", default=[], metavar="module:Kind", help="a kind of your own"
    )
    _shape(command)

    which = "an event's id, a claim's id, or a position such as '#2'"
    command = commands.add(
        "correct",
        "corrections:correct",
        "record that a source says something else now of an event",
        more="Only the fields that are given change, as name=value; the former claim falls, and "
        "stays in the log.",
    )
    _log(command)
    command.add_argument("id", metavar="ID", help=which)
    command.add_argument("fields", nargs="*", metavar="name=value", help="the fields that change")
    _report(command, "who corrects itself")
    command.add_argument("--when", metavar="TIME", help="when it happened, if that changes")
    command.add_argument("--title", metavar="TEXT", help="the correction's title")
    command.add_argument("--url", metavar="URL", help="where the correction is")
    command.add_argument("--text", metavar="FILE", help="a file with its text; - reads it")
    command.add_argument("--quote", metavar="TEXT", help="its words that carry it")

    command = commands.add(
        "retract",
        "corrections:retract",
        "record that a source takes back what it said of an event or a link",
        more="Another source doesn't retract, it denies: timeline add --denies.",
    )
    _log(command)
    command.add_argument("id", metavar="ID", help=which)
    _report(command, "who takes it back")
    command.add_argument("--because", required=True, metavar="TEXT", help="why; stays in the log")
    command.add_argument("--title", metavar="TEXT", help="the report's title")
    command.add_argument("--url", metavar="URL", help="where the report is")

    command = commands.add(
        "void",
        "corrections:void",
        "record that an entry should never have been made, such as a typing error",
        more="What was known before stays as it was known; a void can be voided.",
    )
    _log(command)
    command.add_argument("entry", metavar="ENTRY", help="its position, or the id of its claim")
    _report(command, "who takes the entry back")
    command.add_argument("--because", required=True, metavar="TEXT", help="why; stays in the log")


def _joining(commands: _Commands) -> None:
    command = commands.add(
        "match",
        "match_and_merge:match",
        "write a sheet of events that may be one, for somebody to decide",
        more="Fill the column 'same' with yes or no, and give the sheet to timeline link. What was "
        "decided isn't asked again.",
    )
    _log(command)
    _output(command)
    command.add_argument(
        "--kilometres", type=float, default=25, metavar="KM", help="at most apart (default: 25)"
    )
    command.add_argument(
        "--days", type=float, default=1, metavar="DAYS", help="at most apart (default: 1)"
    )
    command.add_argument(
        "--least", type=float, default=0.6, metavar="SCORE", help="from 0 to 1 (default: 0.6)"
    )
    command.add_argument(
        "--names",
        action="store_true",
        help="names of places and actors, too; needs the extra: pip install "
        "'timeline-events[matching]'",
    )
    command.add_argument(
        "--one-to-one", action="store_true", help="the best partner of each event alone"
    )
    command.add_argument("--known", metavar="TIME", help="as the log knew by then, or at #41")
    command.add_argument("--published", metavar="TIME", help="from what was published by then")
    command = commands.add(
        "link",
        "match_and_merge:link",
        "record what was decided in a sheet that timeline match wrote",
    )
    _log(command)
    command.add_argument("file", metavar="FILE", help="the sheet, its column 'same' filled in")
    command.add_argument("--source", required=True, metavar="NAME", help="who decided")
    command.add_argument("--published", metavar="TIME", help="when they did")
    command.add_argument("--zone", default="UTC", help="the time zone of that (default: UTC)")
    command.add_argument("--title", metavar="TEXT", help="what the decisions are called")

    command = commands.add(
        "merge",
        "match_and_merge:merge",
        "take over what another log holds, such as another desk's",
        more="What both have is one; the other log stays as it is.",
    )
    _log(command)
    command.add_argument("other", metavar="OTHER", help="the log to take from")


def _query(commands: _Commands) -> None:
    command = commands.add("show", "query:show", "print what happened, in order")
    _log(command)
    _about(command)
    _moments(command)
    _shape(command)
    command = commands.add(
        "accounts", "query:accounts", "print what stands about each event, in rows"
    )
    _log(command)
    _about(command)
    _moments(command)
    _shape(command)
    command = commands.add("entries", "query:entries", "print what was recorded, as it arrived")
    _log(command)
    command.add_argument("--known", metavar="TIME", help="what the log knew by then")
    _said_by(command)
    command.add_argument("--follow", action="store_true", help="go on with what comes")
    _shape(command)
    command = commands.add("control", "query:control", "print who holds which place")
    _log(command)
    command.add_argument("place", nargs="?", metavar="PLACE", help="one place, by its id or name")
    command.add_argument("--within", metavar="PLACE", help="what lies in a larger place")
    _moments(command)
    _shape(command)
    command = commands.add("ask", "query:ask", "print the answer of a projection")
    _log(command)
    command.add_argument("projection", metavar="PROJECTION", help=_PROJECTION)
    command.add_argument(
        "--worlds", action="store_true", help="every answer that what is left open may give"
    )
    _moments(command)
    _shape(command)


def _reasons(commands: _Commands) -> None:
    command = commands.add("why", "query:why", "print what an answer rests on")
    _log(command)
    command.add_argument("projection", metavar="PROJECTION", help=_PROJECTION)
    command.add_argument("key", nargs="?", metavar="KEY", help="of which key, such as a place")
    command.add_argument(
        "--bundle", metavar="FILE", help="write the answer with proofs, for timeline check-why"
    )
    command.add_argument("--checkpoint", metavar="FILE", help="the signed one to prove against")
    command.add_argument(
        "--page", metavar="FILE", help="write a page on which every answer opens its reasons"
    )
    _moments(command)
    _shape(command)
    command = commands.add("changes", "query:changes", "print what changed, and what did it")
    _log(command)
    command.add_argument("projection", metavar="PROJECTION", help=_PROJECTION)
    command.add_argument(
        "--between",
        nargs=2,
        required=True,
        metavar=("EARLIER", "LATER"),
        help="two times, or positions such as '#2'; the last is 'now'",
    )
    command.add_argument(
        "--along",
        choices=("known", "at", "published"),
        default="known",
        help="what the two are moments of",
    )
    command.add_argument("--page", metavar="FILE", help="write a page that marks what changed")
    _moments(command)
    _shape(command)
    command = commands.add(
        "check-why",
        "query:check_why",
        "check an answer and its reasons, offline, from a bundle alone",
        more="It shows that the entries are in the log and give the answer, not that no other "
        "entry changes it: only the log can.",
    )
    command.add_argument("bundle", metavar="FILE", help="what timeline why --bundle wrote")
    command.add_argument("projection", metavar="PROJECTION", help=_PROJECTION)
    command.add_argument("--key", action="append", required=True, help="the log's public key")


def _export(commands: _Commands) -> None:
    command = commands.add("export", "export:export", "write what stands in another format")
    _log(command)
    command.add_argument("--as", dest="target_format", choices=FORMATS, help="the format")
    _output(command)
    _moments(command)
    for name, text in (
        ("page", "write a page of one file that works offline"),
        ("map", "write a map of events and of who held which place"),
    ):
        command = commands.add(name, f"export:{name}", text)
        _log(command)
        _output(command)
        command.add_argument("--title", metavar="TEXT", help="the page's title")
        command.add_argument("--zone", metavar="ZONE", help="the zone in which times are shown")
        if name == "page":
            command.add_argument(
                "--lanes", choices=("places", "actors", "kinds"), default="places", help="by what"
            )
        else:
            command.add_argument("--outlines", metavar="GEOJSON", help="outlines of regions")
            command.add_argument(
                "--weights", metavar="CSV", help="places and their weight, such as populations"
            )
        command.add_argument("--theme", metavar="TOML", help="credit, logo, colours")
        _moments(command)
    command = commands.add("copy", "export:copy", "copy a log to another store, and go on with it")
    _log(command, kinds=False)
    command.add_argument("target", metavar="TARGET", help=_LOG)


def _integrity(commands: _Commands) -> None:
    command = commands.add(
        "upgrade-report",
        "integrity:upgrade_report",
        "list the accounts whose answers differ from those of release 0.1, rule by rule",
    )
    _log(command)
    _shape(command)
    command = commands.add(
        "verify", "integrity:verify", "read all of a log and say what is damaged"
    )
    _log(command, kinds=False)
    command = commands.add("rescue", "integrity:rescue", "save what can be read of a damaged file")
    command.add_argument("file", metavar="FILE", help="the damaged file; it stays as it is")
    command.add_argument("target", metavar="TARGET", help="the log to make of it")
    command = commands.add("redact", "integrity:redact", "erase what entries say, for good")
    _log(command, kinds=False)
    command.add_argument("entries", nargs="+", metavar="ENTRY", help="ids or positions")
    command.add_argument("--because", required=True, help="why; stays in the log")
    command.add_argument("--basis", required=True, help="on what legal basis; stays in the log")
    command.add_argument("--by", help="who orders it (default: the user of this machine)")
    command.add_argument(
        "--naming", action="store_true", help="erase entries that hold its derived ids as well"
    )
    command.add_argument("--no-mark", action="store_true", help="let no merge recognise it")
    command = commands.add("key", "integrity:key", "make a key that signs checkpoints")
    command.add_argument("name", metavar="NAME", help="whose log it is, such as example.org/war")
    command.add_argument("file", metavar="FILE", help="where to put the secret key; it must be new")
    command = commands.add("checkpoint", "integrity:checkpoint", "sign the log as it stands")
    _log(command, kinds=False)
    command.add_argument("--key", metavar="FILE", help="the secret key; unsigned without")
    command.add_argument(
        "--verify", action="store_true", help="read all of the log first, and sign none damaged"
    )
    _output(command)
    command = commands.add(
        "prove", "integrity:prove", "prove that an entry stands in the log, or growth"
    )
    _log(command, kinds=False)
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--entry", metavar="ENTRY", help="an id or position")
    what.add_argument("--since", metavar="FILE", help="an older checkpoint that it grew from")
    command.add_argument(
        "--checkpoint", metavar="FILE", help="the signed checkpoint to prove against"
    )
    _output(command)
    command = commands.add(
        "check-proof", "integrity:check_proof", "check a proof, offline, from the proof alone"
    )
    command.add_argument("proof", metavar="FILE", help="what timeline prove wrote")
    command.add_argument("--key", action="append", required=True, help="the log's public key")
    command.add_argument("--witness", action="append", default=[], help="a witness's public key")
    command.add_argument(
        "--since", metavar="FILE", help="the older checkpoint, for a proof of growth"
    )
    command.add_argument(
        "--checkpoint", metavar="FILE", help="the checkpoint, where it isn't in it"
    )


def _above(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise ValueError
        return value

    number.__name__ = f"number from {least}"  # what argparse says of a wrong one
    return number


def _dev(commands: _Commands) -> None:
    command = commands.add(
        "laws",
        "dev:laws",
        "try the laws of projections on one",
        more="Prints what became of each and ends with 1 if a law is broken. Needs the extra: pip "
        "install 'timeline-events[testing]'",
    )
    command.add_argument(
        "projection",
        metavar="package.module:P",
        help="a class derived from Projection, or a function that makes one",
    )
    command.add_argument(
        "--examples", type=_above(1), metavar="N", help="histories to draw (default: 100)"
    )
    command.add_argument(
        "--seed", type=_above(0), metavar="S", help="repeat the search that had this seed"
    )
    command.add_argument(
        "--only", action="append", metavar="LAW", help="try this law alone; may be repeated"
    )
    command.add_argument("--smoke", action="store_true", help="a quick look, of about two seconds")
    command.add_argument(
        "--write",
        metavar="FILE",
        help="try nothing, and write the laws as a test module of plain Hypothesis; - prints it",
    )
    command = commands.add(
        "completion",
        "dev:completion",
        "print what makes a shell complete commands",
        more='For bash: eval "$(timeline completion bash)"',
    )
    command.add_argument("shell", choices=("bash", "zsh", "fish"), help="which shell")
    commands.add(
        "man",
        "dev:man",
        "print a manual page of all commands",
        more="Read it with: timeline man | man -l -",
    )
