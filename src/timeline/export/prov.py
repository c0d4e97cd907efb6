"""Writes where accounts come from as PROV-JSON, the W3C's model of provenance.

An account was derived from claims; a claim was quoted from a report or derived from it, and is
attributed to whom the report names for it; a report is attributed to its source. What happened in
the world is no activity of that provenance, so times of events are attributes and not PROV's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import attrs

from timeline.accounts import Account
from timeline.claims import Claim
from timeline.evidence import Media
from timeline.export.dropped_fields import UNLINKED, ExportText, left_out
from timeline.export.text import headline
from timeline.serialization import moment_text
from timeline.text_safety import one_line
from timeline.views.chronology import Chronology

__all__ = ["to_prov"]

LEAVES: Mapping[str, str] = {
    "links": UNLINKED["links"],
    "coordinates": "provenance tells who says it, not where it was",
    "fields": "what happened is described in words",
    "place_id": "provenance tells who says it, not where it was",
    "texts": "a report is cited by its title and address",
    "within": "provenance tells who says it, not where it was",
}
_PREFIXES = {
    "account": "urn:timeline:account:",
    "claim": "urn:timeline:claim:",
    "media": "urn:timeline:media:",
    "report": "urn:timeline:report:",
    "agent": "urn:timeline:agent:",
    "tl": "urn:timeline:terms:",
}


def _named(prefix: str, name: str) -> str:
    """A qualified name for any text: by its hash, for such names have an alphabet of their own."""
    return f"{prefix}:{sha256(name.encode()).hexdigest()[:32]}"


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [], ())}


class _Document:
    """Gathers entities, agents and the relations between them, each once."""

    def __init__(self) -> None:
        self.entities: dict[str, dict[str, Any]] = {}
        self.agents: dict[str, dict[str, Any]] = {}
        self.relations: dict[str, dict[str, dict[str, str]]] = {}

    def relate(self, relation: str, **ends: str) -> None:
        about = {f"prov:{role}": name for role, name in ends.items()}
        name = "_:" + sha256(f"{relation} {about}".encode()).hexdigest()[:24]
        self.relations.setdefault(relation, {})[name] = about

    def agent(self, name: str, kind: str | None) -> str:
        known = _named("agent", name)
        about = self.agents.setdefault(known, {"prov:label": one_line(name) or "?"})
        if kind is not None:
            about["prov:type"] = {"$": kind, "type": "prov:QUALIFIED_NAME"}
        return known

    def report(self, claim: Claim) -> str:
        report = claim.report
        name = f"report:{report.id}"
        if name not in self.entities:
            known = report.published.lo is not None or report.published.hi is not None
            self.entities[name] = _given(
                {
                    "prov:label": report.title,
                    "tl:source": report.source,
                    "tl:url": report.url,
                    "tl:published": str(report.published) if known else None,
                    "tl:archived": report.archived,
                    "tl:retrieved": None if report.retrieved is None else str(report.retrieved),
                    "tl:sha256": report.sha256,
                    "tl:language": report.language,
                    "tl:reliability": report.reliability,
                }
            )
            by = self.agent(report.source, "prov:Organization")
            self.relate("wasAttributedTo", entity=name, agent=by)
        return name

    def media(self, media: Media) -> str:
        name = _named("media", str(attrs.astuple(media)))
        self.entities[name] = _given(
            {"tl:url": media.url, "tl:sha256": media.sha256, "tl:archived": media.archived}
        )
        return name

    def claim(self, claim: Claim) -> str:
        name = f"claim:{claim.id}"
        about: dict[str, Any] = {
            "tl:stance": claim.stance,
            "tl:what": str(claim.event),
            "prov:value": claim.quote,
        }
        about |= {"tl:when": str(claim.event.when), "tl:grade": claim.grade}
        self.entities[name] = _given(about)
        for media in claim.media:
            self.relate("wasDerivedFrom", generatedEntity=name, usedEntity=self.media(media))
        relation = "wasDerivedFrom"
        self.relate(relation, generatedEntity=name, usedEntity=self.report(claim))
        for who in claim.according_to:
            self.relate("wasAttributedTo", entity=name, agent=self.agent(who, None))
        return name

    def event(self, event_id: str) -> str:
        """An account by the id of its event, which may be written elsewhere, or nowhere."""
        name = _named("account", event_id)
        self.entities.setdefault(name, {"tl:event": event_id})
        return name

    def account(self, account: Account) -> None:
        event, when = account.event, account.when
        name = _named("account", event.id)
        self.entities[name] = _given(
            {
                "prov:label": headline(account),
                "tl:event": event.id,
                "tl:kind": event.kind,
                "tl:when": str(when),
                "tl:earliest": moment_text(when.lo),
                "tl:latest": moment_text(when.hi),
                "tl:precision": when.precision,
                "tl:zone": when.zone,
                "tl:edtf": when.edtf,
                "tl:words": when.text,
                "tl:expected": account.expected,
                "tl:disputed": account.disputed,
                "tl:disputes": sorted(account.disputes),
            }
        )
        for other in sorted(account.ids - {event.id}):
            self.relate("alternateOf", alternate1=name, alternate2=self.event(other))
        for part in account.split_into:
            self.relate("specializationOf", specificEntity=self.event(part), generalEntity=name)
        counted = {claim.id for claim in account.counted}
        for claim in account.claims:
            known = self.claim(claim)
            if claim.stance == "denies" or claim.id not in counted:
                self.relate("wasInfluencedBy", influencee=name, influencer=known)
            else:
                self.relate("wasDerivedFrom", generatedEntity=name, usedEntity=known)


def to_prov(accounts: Chronology) -> ExportText:
    """Return PROV-JSON: an entity for each account, claim and report, an agent for each source.

    A denial, and a claim that a later one of its source overtook, influenced an account without the
    account being derived from it. Other ids of an event are alternates of its account, and the
    parts of an aggregate specializations. Names of the ``tl`` prefix are explained in
    ``docs/exports.md``.
    """
    document = _Document()
    for account in accounts:
        document.account(account)
    parts = {"entity": document.entities, "agent": document.agents, **document.relations}
    written: dict[str, Mapping[str, Any]] = {"prefix": _PREFIXES, **parts}
    body = ",\n".join(
        f"{json.dumps(name)}: {{\n"
        + ",\n".join(
            f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
            for key, value in part.items()
        )
        + "\n}"
        for name, part in written.items()
    )
    return ExportText(f"{{{body}}}\n", left_out(accounts, LEAVES))
