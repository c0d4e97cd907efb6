"""Commands that take back what was recorded: correct, retract, void."""

from __future__ import annotations

from argparse import Namespace

from timeline.claims import Claim, LinkClaim, Retraction, Void, make_claim
from timeline.cli.common import OK, note, opened, position, report_of
from timeline.cli.event_fields import changed, read_time
from timeline.errors import LogError
from timeline.log import Log

__all__ = ["correct", "retract", "void"]

_DIGITS = 64  # hexadecimal, of a claim's id


def correct(options: Namespace) -> int:
    """Record a source's claim anew with some fields changed; its former claim falls."""
    report = report_of(options)
    with opened(options.log, options) as log:
        former = _standing(log, options.id, options.source)
        claim = former[0]
        if any((one.event, one.stance) != (claim.event, claim.stance) for one in former[1:]):
            raise LogError(
                f"{options.source} says {len(former)} different things of {options.id!r}, and "
                f"which came last isn't known; name the one to correct by its claim: "
                f"{', '.join(one.id for one in former)}"
            )
        time = None if options.when is None else read_time(options.when, report)
        event = changed(claim.event, options.fields, options.zone, time=time)
        if event == claim.event:
            raise LogError(f"{options.source} says just that of {claim.event.id!r} already")
        said = make_claim(
            report,
            claim.stance,
            event,
            quote=options.quote,
            according_to=claim.according_to,
            replaces=former,
            credibility=claim.credibility,
            media=claim.media,
        )
        (entry,) = log.append(said)
        print(entry.position, said.id)
    return OK


def _standing(log: Log, name: str, source: str) -> list[Claim]:
    """The claims of a source that count about an event, or the one that an entry records."""
    said = _said(log, name)
    if said is not None:
        if not isinstance(said, Claim) or said.source != source:
            raise LogError(f"{name} is no claim of {source} about an event: {said}")
        name = said.event.id
    about = [claim for one in log.accounts() if name in one.ids for claim in one.counted]
    mine = [claim for claim in about if claim.source == source]
    # Of joined events the id as said counts, wherever the source uses it.
    mine = [claim for claim in mine if claim.subject == name] or mine
    if said is not None:
        if said not in mine:
            raise LogError(f"claim {said.id} doesn't stand any more; correct what replaced it")
        return [said]
    if not mine:
        others = ", ".join(sorted({claim.source for claim in about}))
        raise LogError(
            f"{source} says nothing of {name!r} that stands; {others} do: record what {source} "
            "says with timeline add --id"
            if others
            else f"nothing stands of {name!r}; timeline accounts lists ids"
        )
    return mine


def _said(log: Log, name: str) -> Claim | LinkClaim | Retraction | Void | None:
    """What the entry of a position, ``#2``, or of a claim's id says; None for other names."""
    if name.startswith("#"):
        number = position(name[1:])
        if number is None or not 1 <= number <= log.head:
            raise LogError(f"there is no entry {name}; the last one is #{log.head}")
        said = next(entry.claim for entry in log.entries(known=number) if entry.position == number)
        if not isinstance(said, Claim | LinkClaim | Retraction | Void):
            raise LogError(f"entry {name} says nothing that could be taken back: {said}")
        return said
    if len(name) != _DIGITS or any(one not in "0123456789abcdef" for one in name):
        return None
    entry = log.find(name).get(name)
    if entry is None:
        raise LogError(f"there is no entry {name}; timeline entries lists them")
    found = entry.claim
    return found if isinstance(found, Claim | LinkClaim | Retraction | Void) else None


def retract(options: Namespace) -> int:
    """Record that a source retracts an event or a link, and say what of it still stands."""
    report = report_of(options)
    with opened(options.log, options) as log:
        said = _said(log, options.id)
        if said is None:
            target = _subject(log, options.id, options.source)
            retraction = report.retracts(target, because=options.because)
        elif isinstance(said, Claim | LinkClaim):
            retraction = report.retracts(said, because=options.because)
        else:
            raise LogError(f"{options.id} is no claim: {said}; timeline void takes it back")
        (entry,) = log.append(retraction)
        print(entry.position, retraction.id)
        left = _left(log, retraction.event_id, options.source)
    if left:
        note(
            f"{left} of what {options.source} says of {retraction.event_id!r} still stands: it was "
            "published later, or nobody knows that it was earlier; date the retraction with "
            "--published"
        )
    return OK


def _left(log: Log, subject: str, source: str) -> int:
    claims: list[Claim | LinkClaim] = [one for account in log.accounts() for one in account.claims]
    claims += (one for link in log.links() for one in link.claims)
    return sum(one.source == source and one.subject == subject for one in claims)


def _subject(log: Log, name: str, source: str) -> str:
    """The id by which a source speaks of an event or a link, which other sources may call else."""
    names = {name} | {one for account in log.accounts() if name in account.ids
                      for one in account.ids}  # fmt: skip
    said = {
        entry.claim.subject
        for entry in log
        if isinstance(entry.claim, Claim | LinkClaim)
        and entry.claim.source == source
        and entry.claim.subject in names
    }
    if not said:
        raise LogError(
            f"{source} says nothing of {name!r}; timeline accounts lists events and who says so"
        )
    if name in said:
        return name
    if len(said) > 1:
        raise LogError(
            f"{source} calls {name!r} by several ids: {', '.join(sorted(said))}; retract each"
        )
    return said.pop()


def void(options: Namespace) -> int:
    """Record that an entry should never have been made."""
    report = report_of(options)
    with opened(options.log, options) as log:
        name = f"#{options.entry}" if position(options.entry) is not None else options.entry
        said = _said(log, name)
        if said is None:
            raise LogError(
                f"an entry is named by its position, such as 41, or by its claim's id, not "
                f"{options.entry!r}; timeline entries lists both"
            )
        voided = report.voids(said, because=options.because)
        (entry,) = log.append(voided)
        print(entry.position, voided.id)
    return OK
