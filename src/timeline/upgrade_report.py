"""List the accounts of an older log whose answers this release changes, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import Any

import attrs

from timeline.accounts import Account
from timeline.claims import Claim, Retraction, Said, Void
from timeline.counts import Breakdown, Count
from timeline.events import Event, UnknownEvent
from timeline.imported_kinds import UcdpEvent
from timeline.kinds import Attack, Clash
from timeline.log import Log
from timeline.serialization import Plain
from timeline.supersession import latest, named, published_bounds

__all__ = ["RULES", "ChangedAccount", "UpgradeReport", "upgrade_report"]

RULES = {
    "publication order": "several claims that differ, and nobody knows which is the latest: all "
    "that may be are believed, where a hash decided before",
    "unreported counts": "a count that isn't given is unreported; it was read as none",
    "fights have sides": "a battle stored as an attack: Casualties and headlines read whose dead "
    "they are, where each was the other's victim",
    "retractions": "a retraction reaches less: claims that it felled stand now",
    "unknown kinds": "the kind can't be read here: answers leave the event out, and say so now",
}
"""What changed, by the name of its rule."""


@attrs.frozen
class ChangedAccount:
    """An account that a rule touches."""

    rule: str
    event_id: str
    claims: tuple[Claim, ...]
    """The claims that it is about."""
    detail: str
    """What of the account the rule touches, in a few words."""

    def to_dict(self) -> Plain:
        """Return it as one plain row."""
        return {
            "rule": self.rule,
            "event_id": self.event_id,
            "detail": self.detail,
            "sources": sorted({claim.source for claim in self.claims}),
            "claims": [claim.id for claim in self.claims],
        }


@attrs.frozen
class UpgradeReport:
    """The accounts that each rule touches; ``str`` reads as a page, ``to_dicts`` gives rows."""

    changed: tuple[ChangedAccount, ...]

    def of_rule(self, rule: str) -> tuple[ChangedAccount, ...]:
        """Return the accounts that one rule of ``RULES`` touches, by their event ids."""
        return tuple(one for one in self.changed if one.rule == rule)

    def to_dicts(self) -> list[Plain]:
        """Return a plain row for each account and rule."""
        return [one.to_dict() for one in self.changed]

    def __str__(self) -> str:
        lines = []
        for rule, meaning in RULES.items():
            found = self.of_rule(rule)
            lines.append(f"{rule}: {len(found)} accounts; {meaning}")
            for one in found:
                lines.append(f"  {one.event_id}: {one.detail}")
                lines += [f"    {claim.source}, claim {claim.id[:12]}" for claim in one.claims]
        return "\n".join(lines)


def upgrade_report(log: Log) -> UpgradeReport:
    """Return the accounts of a log whose answers differ from those of release 0.1, and why.

    The log is read and not changed. A claim that is about an unknown kind is listed as such, and
    under no other rule.
    """
    accounts = log.accounts()
    found = [
        *_by_account(accounts),
        *_retractions([entry.statement for entry in log], accounts),
    ]
    order = {rule: number for number, rule in enumerate(RULES)}
    return UpgradeReport(tuple(sorted(found, key=lambda one: (order[one.rule], one.event_id))))


def _by_account(accounts: Iterable[Account]) -> Iterator[ChangedAccount]:
    for account in accounts:
        name = account.event.id
        if isinstance(account.event, UnknownEvent):
            detail = f"kind {(account.event.as_recorded or (account.event.kind,))[0]}"
            yield ChangedAccount("unknown kinds", name, account.claims, detail)
            continue
        unordered = _unordered(account)
        if unordered:
            detail = f"{len(unordered)} claims count"
            yield ChangedAccount("publication order", name, unordered, detail)
        silent = sorted({field for version in account.versions for field in _silent(version)})
        if silent:
            claims = tuple(claim for claim in account.counted if _silent(claim.event))
            detail = f"no figure for {', '.join(silent)}"
            yield ChangedAccount("unreported counts", name, claims, detail)
        battles = tuple(claim for claim in account.counted if _battle(claim.event))
        if battles:
            detail = str(battles[0].event)
            yield ChangedAccount("fights have sides", name, battles, detail)


def _unordered(account: Account) -> tuple[Claim, ...]:
    """The claims of one source, or the last ones of several, that nobody knows the order of.

    Only those that differ: of others it never mattered which one was believed.
    """
    stance = "expects" if account.expected else "says"
    believed = latest(claim for claim in account.counted if claim.stance == stance)
    if len({claim.event for claim in believed}) == 1:
        believed = []
    return tuple(
        claim for claim in account.counted if claim in account.undecided or claim in believed
    )


def _silent(event: Event) -> tuple[str, ...]:
    """The counts of an event, of a kind that the older release knew, that nobody gave."""
    if isinstance(event, Clash):
        return ()
    return tuple(
        name
        for name, value in ((field.name, getattr(event, field.name)) for field in _fields(event))
        if (isinstance(value, Count) and not value.reported)
        or (isinstance(value, Breakdown) and any(not one.reported for one in value.values()))
    )


def _fields(event: Event) -> Sequence[attrs.Attribute[object]]:
    kind: Any = type(event)
    fields: Sequence[attrs.Attribute[object]] = attrs.fields(kind)
    return fields


def _battle(event: Event) -> bool:
    """Whether an attack is, or may be, a fight of two sides that an importer made an attack."""
    if isinstance(event, UcdpEvent):
        return event.violence in ("state-based", "non-state")
    if not isinstance(event, Attack) or not event.id.startswith("acled:"):
        return False
    # ACLED's explosions have a weapon; of its attacks and battles nothing else tells them apart.
    return event.weapon is None and None not in (event.by, event.against)


def _retractions(
    statements: Sequence[object], accounts: Sequence[Account]
) -> Iterator[ChangedAccount]:
    """The claims that stand now and fell by release 0.1's rule.

    That was: all claims of the source about the event fall that aren't certainly published later,
    by an undated retraction or an undated claim in any case; nothing replaces a retraction.
    """
    said = [one for one in statements if isinstance(one, Said)]
    voids = {one.id: one.target for one in said if isinstance(one, Void)}
    voided = named(voids, ()).voided
    until: dict[tuple[str, str], float] = {}
    for one in said:
        if isinstance(one, Retraction) and one.id not in voided:
            end = published_bounds(one)[1]
            about = one.report.source, one.event_id
            until[about] = max(end, until.get(about, -inf))
    for account in accounts:
        risen = tuple(
            claim
            for claim in account.claims
            if (claim.source, claim.event.id) in until
            and _fell(claim, until[claim.source, claim.event.id])
        )
        if risen:
            detail = f"{len(risen)} retracted before and standing now"
            yield ChangedAccount("retractions", account.event.id, risen, detail)


def _fell(claim: Claim, until: float) -> bool:
    start = published_bounds(claim)[0]
    return start == -inf or until == inf or start < until
