"""Commands that ask a log: show, accounts, entries, control, ask, why, changes."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import msgspec

from timeline import export as formats
from timeline.accounts import Entry
from timeline.claims import Claim
from timeline.cli.common import (
    BROKEN,
    OK,
    import_name,
    kinds,
    known,
    note,
    nothing_known,
    opened,
    question,
    reading,
    writing,
)
from timeline.cli.event_fields import kind_named
from timeline.cli.rows import show as show_rows
from timeline.cli.rows import shown
from timeline.errors import LogError, ProofError
from timeline.log import Log, chronology
from timeline.projection import Projection
from timeline.relations import Certainty
from timeline.serialization import to_dicts
from timeline.time_parsing import when
from timeline.views.casualties import Casualties
from timeline.views.chronology import Chronology
from timeline.views.control import Control
from timeline.views.each_event import EachEvent
from timeline.views.statements import Statements
from timeline.why import Reasons, footnote
from timeline.why_bundle import Bundle

__all__ = [
    "accounts",
    "ask",
    "changes",
    "check_why",
    "control",
    "entries",
    "show",
    "why",
]

_OWN: dict[str, type[Projection[Any]]] = {
    "casualties": Casualties,
    "chronology": EachEvent,
    "control": Control,
    "statements": Statements,
}

_ACCOUNT = ("when", "what", "sources", "disputes", "denied_by", "id")
_ENTRY = ("position", "recorded", "form", "source", "stance", "event_id", "what", "id")


def show(options: Namespace) -> int:
    """Print the chronology, as text unless rows are asked for."""
    with opened(options.log, options) as log:
        narrowed = _about(chronology(log, **question(options)), options)
        if options.shape is None:
            print(narrowed)
        else:
            show_rows(to_dicts(narrowed), options.shape, columns=_ACCOUNT)
    return OK


def accounts(options: Namespace) -> int:
    """Print what stands, in rows."""
    with opened(options.log, options) as log:
        rows = to_dicts(_about(chronology(log, **question(options)), options))
        show_rows(rows, options.shape, columns=_ACCOUNT)
    return OK


def _about(found: Chronology, options: Namespace) -> Chronology:
    """What of a chronology is about the times, kinds, sources, region and actor asked for."""
    if not found:
        nothing_known(options)
    wanted = _wanted_kinds(options)
    sources = set(options.source)
    since = None if options.since is None else when(options.since)
    until = None if options.until is None else when(options.until)
    accounts = tuple(
        account
        for account in found
        if (since is None or account.when.before(since) is not Certainty.CERTAIN)
        and (until is None or until.before(account.when) is not Certainty.CERTAIN)
        and (
            not wanted
            or any(
                event.kind.partition("/")[0] in wanted
                for event in (account.event, *account.versions)
            )
        )
        and (not sources or sources & (account.sources | account.denied_by))
    )
    found = attrs.evolve(found, accounts=accounts)
    if options.within is not None:
        found = found.within(options.within)
    return found if options.actor is None else found.involving(options.actor)


def _wanted_kinds(options: Namespace) -> set[str]:
    """The kinds of ``--kind``, without versions; raise for one that there isn't."""
    for name in options.kind:
        kind_named(name, kinds(options))
    return {name.partition("/")[0] for name in options.kind}


def _is_about(entry: Entry, options: Namespace, wanted: set[str]) -> bool:
    """Whether an entry is of a kind and a source that are asked for."""
    event = getattr(entry.claim, "event", None)
    report = getattr(entry.claim, "report", None)
    return (not wanted or (event is not None and event.kind.partition("/")[0] in wanted)) and (
        not options.source or (report is not None and report.source in options.source)
    )


def entries(options: Namespace) -> int:
    """Print what was recorded, in the order of arrival."""
    with opened(options.log, options) as log:
        asked = known(options)
        last = log.position(asked)
        wanted = _wanted_kinds(options)
        rows = (_entry(one) for one in log.entries(known=last) if _is_about(one, options, wanted))
        show_rows(rows, options.shape, columns=_ENTRY)
        if options.follow:
            sys.stdout.flush()
            for entry in log.follow(after=last):
                if not _is_about(entry, options, wanted):
                    continue
                line = msgspec.json.encode(_entry(entry)).decode()
                print(line, flush=True)
    return OK


def _entry(entry: Entry) -> dict[str, Any]:
    said = entry.claim
    row: dict[str, Any] = {
        "position": entry.position,
        "recorded": entry.recorded.isoformat(timespec="seconds"),
        "form": said.form,
    }
    if isinstance(said, Claim):
        row |= {
            "source": said.source,
            "stance": said.stance,
            "event_id": said.event.id,
            "what": str(said.event),
        }
    else:
        for name in ("event_id", "target", "because", "basis", "by"):
            if hasattr(said, name):
                row[name] = getattr(said, name)
        row["what"] = row.get("because") or str(said)
    row["id"] = getattr(said, "id", "")
    return row


def control(options: Namespace) -> int:
    """Print who holds which place."""
    with opened(options.log, options) as log:
        answers: Any = log.ask(Control(), **question(options))
        holdings = dict(answers if options.within is None else answers.within(options.within))
        if options.place is not None:
            # Any name of the place finds it.
            found = answers.get(options.place)
            holdings = {key: one for key, one in holdings.items() if one is found}
        if not holdings:
            nothing_known(options)
            note(f"nothing is said of who holds {options.place or 'any place'}")
        rows = [
            {"place": key, "held_by": str(one), "since": str(one.since), "claims": len(one.claims)}
            | {"certain": one.certain, "holders": sorted(one.holders)}
            for key, one in sorted(holdings.items())
        ]
        show_rows(rows, options.shape, columns=("place", "held_by", "since", "claims"))
    return OK


def ask(options: Namespace) -> int:
    """Print the answer of a projection, or all that it may have been."""
    projection = _projection_named(options.projection)
    with opened(options.log, options) as log:
        if options.worlds:
            return _print(log.worlds(projection, **question(options)), options)
        return _print(log.ask(projection, **question(options)), options)


def why(options: Namespace) -> int:
    """Print what an answer rests on."""
    projection = _projection_named(options.projection)
    with opened(options.log, options) as log:
        if options.bundle is not None:
            signed = None
            if options.checkpoint is not None:
                with reading(options.checkpoint) as file:
                    signed = file.read()
            made = log.bundle(projection, options.key, checkpoint=signed, **question(options))
            writing(options.bundle, str(made), what="a bundle")
            return OK
        if options.page is not None:
            content = formats.to_reasons_html(_reasons(log, projection, options))
            writing(options.page, content, what="a page")
            return OK
        return _print(log.why(projection, options.key, **question(options)), options, text=True)


def _reasons(log: Log, projection: Any, options: Namespace) -> Reasons:
    """The reasons of all answers, or of the one that is asked for."""
    asked: Any = question(options)
    if options.key is None:
        return log.reasons(projection, **asked)
    without = log.depends_on(projection, options.key, **asked)
    found = log.why(projection, options.key, **asked)
    return Reasons({found.key: found}, {found.key: without})


def check_why(options: Namespace) -> int:
    """Check an answer and its reasons from a bundle alone; ends with 1 if it doesn't hold."""
    with reading(options.bundle) as file:
        text = file.read()
    try:
        checked = Bundle.read(text).check(_projection_named(options.projection), key=options.key)
    except (ProofError, LogError) as error:
        note(f"the bundle doesn't hold: {error}")
        return BROKEN
    print(f"{checked.answer}: {len(checked.entries)} entries of {checked.origin} give this answer")
    for entry in checked.entries:
        print(f"  {footnote(entry)}")
    print("Whether another entry of the log changes it, only the log can show.")
    return OK


def changes(options: Namespace) -> int:
    """Print what changed between two questions, and what did it."""
    projection = _projection_named(options.projection)
    with opened(options.log, options) as log:
        earlier, later = (_moment(text, log.head) for text in options.between)
        between = earlier, later
        found = log.changes(projection, between=between, along=options.along, **question(options))
        if options.page is not None:
            writing(options.page, formats.to_changes_html(found), what="a page")
            return OK
        return _print(found, options, text=True)


def _moment(text: str, head: int) -> str | int:
    """A time, or a position: that of ``#2``, or the last."""
    if text == "now":
        return head
    return int(text[1:]) if text.startswith("#") and text[1:].isdecimal() else text


def _projection_named(name: str) -> Any:
    """One of the library's projections by its short name, or anybody's by module and name."""
    if name in _OWN:
        return _OWN[name]()
    named: Any = import_name(name, "Name")
    return named() if isinstance(named, type) and issubclass(named, Projection) else named


def _print(answer: Any, options: Namespace, *, text: bool = False) -> int:
    if options.shape is None and (text or not isinstance(answer, Mapping)):
        print("\n".join(map(shown, str(answer).splitlines())))
    else:
        rows = list(_answers(answer))
        columns = list(dict.fromkeys(name for row in rows for name in row))
        show_rows(rows, options.shape, columns=columns)
    return OK


def _answers(answer: Any) -> Iterator[dict[str, Any]]:
    for row in to_dicts(answer):
        yield dict(row)
