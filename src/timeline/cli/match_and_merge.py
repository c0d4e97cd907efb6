"""Commands that join what several sources or logs say: match, link, merge."""

from __future__ import annotations

from argparse import Namespace
from itertools import chain
from pathlib import Path

from timeline import matching
from timeline.cli.common import OK, known, note, opened, progress, report_of, writing

__all__ = ["link", "match", "merge"]


def match(options: Namespace) -> int:
    """Write what may be one under several ids or names, for somebody to decide."""
    cut = {"known": known(options), "published": options.published}
    with opened(options.log, options) as log:
        places = matching.places(log, **cut) if options.names else []
        actors = matching.actors(log, **cut) if options.names else []
        events = matching.candidates(
            log, kilometres=options.kilometres, days=options.days, least=options.least, **cut
        )
        if options.one_to_one:
            events = matching.one_to_one(events)
        sheet = matching.write_decisions(chain(places, actors, events))
        writing(options.output, sheet, what="a sheet")
    note(
        f"{len(events):,} pairs of events, {len(places):,} of places and {len(actors):,} of actors "
        "to decide: write yes or no under 'same', then: timeline link LOG FILE --source NAME"
    )
    return OK


def link(options: Namespace) -> int:
    """Record what somebody decided in a sheet that ``match`` wrote."""
    report = report_of(options)
    with opened(options.log, options) as log:
        with Path(options.file).open(encoding="utf-8-sig", newline="") as sheet:
            decisions = matching.read_decisions(sheet, report, log)
        log.append(*decisions.claims)
    print(decisions)
    return OK


def merge(options: Namespace) -> int:
    """Take over what another log holds."""
    with opened(options.log, options) as log, opened(options.other, options) as other:
        print(log.merge(other, progress=progress(f"merging {options.other}")))
    return OK
