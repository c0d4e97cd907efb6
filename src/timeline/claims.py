"""What sources say: a Report says events and links between them, and each saying is a claim."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Literal, TypedDict, Unpack, cast, get_args, overload

import attrs
import msgspec

from timeline.calendar_math import zone_info
from timeline.canonical import encode, id_in, id_of, packed, plain_with_zones
from timeline.display import HtmlRepr
from timeline.errors import ClaimError, FutureEventWarning, QuoteError
from timeline.events import Event
from timeline.evidence import (
    Credibility,
    Media,
    Reliability,
    a_text,
    credibility_or_none,
    language_or_none,
    lowered,
    media_of,
    only_media,
    reliability_or_none,
    sha256_or_none,
    text_or_none,
)
from timeline.links import Link, SameActor, SameEvent, SamePlace
from timeline.phrases import DateOrder, Gap, gap, resolve
from timeline.quote_matching import normalized
from timeline.relations import Certainty
from timeline.time_parsing import Written, when
from timeline.times import When

__all__ = [
    "Claim",
    "LinkClaim",
    "Replaced",
    "Report",
    "Retraction",
    "Said",
    "Saying",
    "Stance",
    "Void",
    "bare_claim",
    "came_out_before",
    "make_claim",
]

Stance = Literal["says", "denies", "expects"]
"""How a source stands to an event: it says that it happened, denies it, or expects it."""

_STANCES = get_args(Stance)


def _source(_: object, __: object, value: Any) -> None:
    if not isinstance(value, str) or not value.strip():
        raise ClaimError(f"a Report needs the name of its source, such as 'ISW', not {value!r}")


def _zone(_: object, __: object, value: str | None) -> None:
    if value is not None:
        zone_info(value)


def _date_order(_: object, __: object, value: object) -> None:
    if value is not None and value not in get_args(DateOrder):
        raise ClaimError(
            f"a Report's date_order is 'dmy', 'mdy' or None, where nobody says how it writes "
            f"03/04/2022, not {value!r}"
        )


def _published(value: Written | None, report: Any) -> When:
    return When(zone=report.zone) if value is None else when(value, zone=report.zone)


def _as_given(value: Written | None) -> When | None:
    # Read once the zone is known: a converter that takes self would have None written down.
    return cast("When | None", value)


def _as_stored(time: When | None) -> tuple[When, str | None, str | None] | None:
    """A time as the report's body has it: the name of its zone is a part of that."""
    return None if time is None else (time, time.zone, time.edtf)


# As a type checker is to see it: whatever when() takes.
_READ = cast("Callable[[Written | None], When]", attrs.Converter(_published, takes_self=True))


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Iterable):
        raise ClaimError(f"according_to takes a name or several in a list, not {value!r}")
    return tuple(value)


def _ids(source: str, replaced: Replaced | None) -> tuple[str, ...]:
    """The ids of what a source replaces of its own, each once, in an order of their own."""
    if replaced is None:
        return ()
    several = replaced if isinstance(replaced, Iterable) and not isinstance(replaced, str) else None
    ids = set()
    for one in (replaced,) if several is None else several:
        if isinstance(one, Claim | LinkClaim | Retraction) and one.report.source != source:
            raise ClaimError(
                f"{source!r} can't replace a {one.form} of {one.report.source!r}; a source "
                "replaces its own claims and denies those of others"
            )
        if not isinstance(one, Claim | LinkClaim | Retraction | str):
            raise ClaimError(
                f"replaces= takes claims and retractions of {source!r} or their ids, not {one!r}"
            )
        ids.add(one if isinstance(one, str) else one.id)
    return tuple(sorted(ids))


class Saying(TypedDict, total=False):
    """How a report says something; see ``Report.says``."""

    quote: str | None
    according_to: str | Iterable[str]
    replaces: Replaced | None
    credibility: Credibility | None
    media: Media | Iterable[Media]


@attrs.frozen(slots=False)
class Report(
    HtmlRepr,
    shows="source published title url archived retrieved sha256 language reliability text",
    short="{source}, {published}",
):
    """One publication of one source: an article, a briefing, a release of a data set, a post.

    ``source`` names who publishes, the same way every time: claims of one source supersede each
    other, claims of two corroborate or dispute. ``published`` takes what ``when()`` takes, read in
    ``zone``; left out, nobody knows when. ``text`` is what it says in words, against which quotes
    are checked. ``date_order`` says how it writes dates in figures, ``"dmy"`` or ``"mdy"``; without
    it, 03/04/2022 is one of two days. The log keeps each report once, by content, however many
    claims cite it.

    What the Berkeley Protocol (OHCHR 2022) asks to be kept of an online item: ``archived`` is the
    address of a copy that stays, ``retrieved`` when it was collected (whatever ``when()`` takes, in
    ``zone``), ``sha256`` that of the file as it was collected, ``language`` a tag of BCP 47.
    ``reliability`` grades the source from A to F, see ``Reliability``. Raises ``ClaimError``.
    """

    source: str = attrs.field(validator=_source)
    zone: str | None = attrs.field(default="UTC", kw_only=True, validator=_zone)
    published: When = attrs.field(default=None, kw_only=True, converter=_READ, eq=_as_stored)  # type: ignore[misc] # mypy knows no converter that takes self
    title: str | None = attrs.field(default=None, kw_only=True, validator=text_or_none)
    url: str | None = attrs.field(default=None, kw_only=True, validator=text_or_none)
    text: str | None = attrs.field(default=None, kw_only=True, validator=text_or_none, repr=False)
    archived: str | None = attrs.field(default=None, kw_only=True, validator=text_or_none)
    retrieved: When | None = attrs.field(
        default=None, kw_only=True, converter=_as_given, eq=_as_stored
    )
    sha256: str | None = attrs.field(
        default=None, kw_only=True, converter=lowered, validator=sha256_or_none
    )
    language: str | None = attrs.field(default=None, kw_only=True, validator=language_or_none)
    reliability: Reliability | None = attrs.field(
        default=None, kw_only=True, validator=reliability_or_none
    )
    date_order: DateOrder | None = attrs.field(
        default=None, kw_only=True, validator=_date_order, repr=False
    )

    def __attrs_post_init__(self) -> None:
        if self.retrieved is not None:
            object.__setattr__(self, "retrieved", when(self.retrieved, zone=self.zone))

    @cached_property
    def _folded_text(self) -> str:
        return normalized(self.text or "")

    def holds(self, quote: str) -> bool:
        """Say whether a quote, normalized, may stand in the text; it may where none is kept."""
        return self.text is None or normalized(quote) in self._folded_text

    @cached_property
    def body(self) -> bytes:
        """The canonical bytes, from which the id follows."""
        # By what takes part in equality, so that equal reports have one id.
        return encode(plain_with_zones(self))

    @cached_property
    def id(self) -> str:
        """Identifies the report by its content: 64 hexadecimal digits that sort by publication."""
        return id_of("report", self.body, self.published.lo).hex()

    def when(self, phrase: str, *, direction: Literal["past", "future"] = "past") -> When:
        """Read an English news phrase ("this Friday") against the report's own date and zone.

        Never asks the clock. ``direction`` says which way a bare weekday or month points. Raises
        ``PhraseError`` with a reason where the phrase gives no date.
        """
        _check_direction(direction)
        return resolve(
            phrase,
            published=self.published,
            zone=self.zone,
            direction=direction,
            date_order=self.date_order,
        )

    def gap(self, phrase: str) -> Gap:
        """Read how much later something was than another ("two days later"), for a ``Before`` link.

        Days of a phrase are calendar days: two days later is more than one day and less than three.
        Raises ``PhraseError`` with a reason where the phrase gives no such length.
        """
        return gap(phrase)

    def undated(
        self, words: str | None = None, *, direction: Literal["past", "future"] = "past"
    ) -> When:
        """Return the time of something that the report doesn't date: before its publication ended.

        With ``direction="future"``, for what it expects: after its publication began. ``words``
        are those it has instead of a date ("within three days"), kept as the time's text.
        """
        _check_direction(direction)
        if direction == "past":
            return When(hi=self.published.hi, zone=self.zone, text=words)
        return When(lo=self.published.lo, zone=self.zone, text=words)

    @overload
    def says(self, event: Event, **how: Unpack[Saying]) -> Claim: ...
    @overload
    def says(self, event: Link, **how: Unpack[Saying]) -> LinkClaim: ...

    def says(self, event: Event | Link, **how: Unpack[Saying]) -> Claim | LinkClaim:
        """Claims that an event happened, or that a link holds.

        ``quote`` are the report's words that carry it, ``according_to`` those whom the report
        names for it, ``replaces`` claims and retractions of this source, or their ids, that fall.
        ``credibility`` grades what is said from 1 to 6, see ``Credibility``; ``media`` are the
        pictures, films and documents it rests on.
        Raises ``QuoteError`` for a quote not in the text, ``ClaimError`` for another's claim. An
        event that can't have happened by the publication gives a ``FutureEventWarning``: use
        ``expects``.
        """
        claim = make_claim(self, "says", event, **how)
        if isinstance(event, Event) and came_out_before(self, event):
            warnings.warn(
                f"{self.source!r} says that {event.id!r} happened {event.when} and published "
                f"that {self.published}, before it can have; use report.expects(event) for what is "
                "still to come, or check the two dates",
                FutureEventWarning,
                stacklevel=2,
            )
        return claim

    @overload
    def denies(self, event: Event, **how: Unpack[Saying]) -> Claim: ...
    @overload
    def denies(self, event: Link, **how: Unpack[Saying]) -> LinkClaim: ...

    def denies(self, event: Event | Link, **how: Unpack[Saying]) -> Claim | LinkClaim:
        """Dispute that an event happened, or that a link holds, without asserting another.

        Arguments as ``says``. A denial that several are one names exactly two.
        """
        return make_claim(self, "denies", event, **how)

    @overload
    def expects(self, event: Event, **how: Unpack[Saying]) -> Claim: ...
    @overload
    def expects(self, event: Link, **how: Unpack[Saying]) -> LinkClaim: ...

    def expects(self, event: Event | Link, **how: Unpack[Saying]) -> Claim | LinkClaim:
        """Predict an event: it stands in chronologies as expected. Arguments as ``says``."""
        return make_claim(self, "expects", event, **how)

    def retracts(
        self, target: Claim | LinkClaim | Event | Link | str, *, because: str
    ) -> Retraction:
        """Retract an event or a link: each claim of this source not certainly later falls.

        ``target`` is one of the claims, the event or link, or its id. The source may say it again
        in a later report. A report without a date reaches less: given a claim, that one, those
        certainly published before it and undated ones; given anything else, undated ones alone.
        Raises ``ClaimError`` for a claim of another source (which denies instead) and for one
        that was certainly published later.
        """
        if isinstance(target, Claim | LinkClaim):
            if target.report.source != self.source:
                raise ClaimError(
                    f"{self.source!r} can't retract a claim of {target.report.source!r}; another "
                    "source denies: report.denies(event)"
                )
            if self.published.before(target.report.published) is Certainty.CERTAIN:
                raise ClaimError(
                    f"a retraction published {self.published} can't reach a claim published later,"
                    f" {target.report.published}; date the retracting report"
                )
            # A date says which claims a retraction reaches; without one the claim does.
            dated = self.published.lo is not None or self.published.hi is not None
            named = None if dated else target.id
            return Retraction(report=self, event_id=target.subject, because=because, target=named)
        event_id = target.id if isinstance(target, Event | Link) else target
        return Retraction(report=self, event_id=event_id, because=because)

    def voids(self, target: Claim | LinkClaim | Retraction | Void | str, *, because: str) -> Void:
        """Take back an entry of our own that should never have been made.

        For every question known after it, it is as if the entry had never been appended. A void
        can be voided in turn. ``target`` is what the entry says, or its id.
        """
        if not isinstance(target, Claim | LinkClaim | Retraction | Void | str):
            raise ClaimError(
                f"a report voids what an entry says, a claim, retraction or void, or its id, not "
                f"{target!r}; of an entry, give entry.claim"
            )
        named = target if isinstance(target, str) else target.id
        return Void(report=self, target=named, because=because)


@overload
def make_claim(report: Report, stance: Stance, event: Event, **how: Unpack[Saying]) -> Claim: ...
@overload
def make_claim(
    report: Report, stance: Stance, event: Event | Link, **how: Unpack[Saying]
) -> Claim | LinkClaim: ...


def make_claim(
    report: Report,
    stance: Stance,
    event: Event | Link,
    *,
    quote: str | None = None,
    according_to: str | Iterable[str] = (),
    replaces: Replaced | None = None,
    credibility: Credibility | None = None,
    media: Media | Iterable[Media] = (),
) -> Claim | LinkClaim:
    """Return what ``report.says`` and its like return, without a warning of the report's date."""
    if isinstance(event, Link):
        return LinkClaim(
            link=event,
            report=report,
            stance=stance,
            quote=quote,
            according_to=_names(according_to),
            replaces=_ids(report.source, replaces),
            credibility=credibility,
            media=media_of(media),
        )
    if not isinstance(event, Event):
        raise ClaimError(f"a report {stance} an Event or a link, not {event!r}")
    if (
        quote is None and according_to == () and replaces is None
        and credibility is None and media == ()
    ):  # fmt: skip
        # Nothing is left to be checked, and most claims of a data set are like this.
        parts = {"event": event, "report": report, "stance": stance, "quote": None, "id": ""}
        claim = bare_claim(parts | _BARE)
        _identify(claim)
        return claim
    return Claim(
        event=event,
        report=report,
        stance=stance,
        quote=quote,
        according_to=_names(according_to),
        replaces=_ids(report.source, replaces),
        credibility=credibility,
        media=media_of(media),
    )


def came_out_before(report: Report, event: Event) -> bool:
    """Say whether a report was certainly published before its event can have happened."""
    published, earliest = report.published.hi, event.when.lo
    return published is not None and earliest is not None and published <= earliest


_BARE: dict[str, Any] = {"according_to": (), "replaces": (), "credibility": None, "media": ()}


def _check_direction(direction: str) -> None:
    if direction not in ("past", "future"):
        raise ClaimError(f"direction is 'past' or 'future', not {direction!r}")


def _texts(instance: object, attribute: attrs.Attribute[Any], value: tuple[object, ...]) -> None:
    for one in value:
        a_text(instance, attribute, one)


def _entry_id(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    for one in value if isinstance(value, tuple) else (value,):
        if not isinstance(one, str) or len(one) != 64 or set(one) - set("0123456789abcdef"):  # noqa: PLR2004 - 32 bytes in hex
            raise ClaimError(
                f"{attribute.name} names what it reaches by an id of 64 hexadecimal digits, "
                f"not {one!r}; give the claim itself or its .id"
            )


def _entry_id_or_none(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None:
        _entry_id(_, attribute, value)


def _own_id(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value != "":
        _entry_id(_, attribute, value)


def _of(kind: type) -> Callable[[object, attrs.Attribute[Any], object], None]:
    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, kind):
            raise ClaimError(f"the {attribute.name} is of type {kind.__name__}, not {value!r}")

    return check


def _stance(_: object, __: object, value: object) -> None:
    if value not in _STANCES:
        raise ClaimError(f"a source {', '.join(_STANCES)} an event, not {value!r}")


def _identify(said: Said) -> None:
    """Derive the id from the content, where it isn't one that was read with it."""
    if not said.id:
        body = said.body()
        object.__setattr__(said, "id", id_in(said.report.id, said.form, body))
        if isinstance(said, Claim):
            # Appending asks for it again. Whoever changes the claim makes another one, without it.
            said.__dict__["made_of"] = body


def _check_quote(claim: Claim | LinkClaim) -> None:
    # What was read with its id was checked when it was made.
    if not claim.id and claim.quote and not claim.report.holds(claim.quote):
        raise QuoteError(
            f"the quote {claim.quote!r} isn't in the text of the report by "
            f"{claim.report.source!r} ({claim.report.title or claim.report.published}); quote its "
            "own words"
        )


def _claim_body(claim: Claim | LinkClaim, kind: str, name: str, said: Any) -> bytes:
    about: dict[str, Any] = {"report": claim.report.id, "kind": kind, name: said}
    if claim.stance != "says":
        about["stance"] = claim.stance
    if claim.quote:
        about["quote"] = claim.quote
    if claim.according_to:
        about["according_to"] = claim.according_to
    if claim.replaces:
        about["replaces"] = claim.replaces
    if claim.credibility is not None:
        about["credibility"] = claim.credibility
    if claim.media:
        about["media"] = packed(claim.media)
    return encode(about)


@attrs.frozen(kw_only=True, slots=False)
class Claim(
    HtmlRepr, shows="source stance event quote published", short="{source} {stance} {event}"
):
    """One source's word on one event, made by ``report.says``, ``denies`` or ``expects``.

    ``id`` is a hash of the canonical bytes, 64 hexadecimal digits that sort by publication: the
    same report saying the same of an event is the same claim, however often it is heard.
    """

    form = "claim"

    event: Event = attrs.field(validator=_of(Event))
    report: Report = attrs.field(validator=_of(Report))
    stance: Stance = attrs.field(default="says", validator=_stance)
    quote: str | None = attrs.field(default=None, validator=text_or_none)
    according_to: tuple[str, ...] = attrs.field(default=(), validator=_texts)
    replaces: tuple[str, ...] = attrs.field(default=(), validator=_entry_id)
    credibility: Credibility | None = attrs.field(default=None, validator=credibility_or_none)
    media: tuple[Media, ...] = attrs.field(default=(), validator=only_media)
    id: str = attrs.field(default="", validator=_own_id)

    def __attrs_post_init__(self) -> None:
        _check_quote(self)
        _identify(self)

    def __repr__(self) -> str:
        return f"<Claim {self.id[:20]}: {self.source} {self.stance} {self.event}>"

    @property
    def about(self) -> Event:
        """What it is about: the event."""
        return self.event

    @property
    def subject(self) -> str:
        """The id of what it is about, by which claims supersede each other."""
        return self.event.id

    @property
    def source(self) -> str:
        """Who says it."""
        return self.report.source

    @property
    def published(self) -> When:
        """When it was published."""
        return self.report.published

    @property
    def grade(self) -> str | None:
        """Source's letter and claim's number by AJP-2.1, such as ``B2``; None without either."""
        return f"{self.report.reliability or ''}{self.credibility or ''}" or None

    @property
    def hashed(self) -> bytes | None:
        """The canonical bytes that its id was derived from, None where it came with its id."""
        return self.__dict__.get("made_of")

    def body(self) -> bytes:
        """Return the canonical bytes: event and kind in full, the report by its id."""
        if self.hashed is not None:
            return self.hashed
        recorded = self.event.as_recorded
        kind, event = recorded or (self.event.kind, None)
        said = packed(self.event) if event is None else msgspec.Raw(event)
        return _claim_body(self, kind, "event", said)


def bare_claim(parts: dict[str, Any]) -> Claim:
    """Return a claim of all its fields, unchecked and not copied: a third of the cost of making it.

    For parts that were checked before, such as those that are read with their id.
    """
    claim = object.__new__(Claim)
    object.__setattr__(claim, "__dict__", parts)
    return claim


def _deniable(claim: Any, _: object, stance: str) -> None:
    _stance(claim, _, stance)
    link = claim.link
    if stance == "denies" and isinstance(link, SameEvent | SamePlace | SameActor):
        names = next(iter(link.content().values()))
        if len(names) != 2:  # noqa: PLR2004 - of three that aren't one, which two aren't?
            raise ClaimError(
                f"a denial that several are one names exactly two, not {names}; deny each pair "
                "that isn't one"
            )


@attrs.frozen(kw_only=True, slots=False)
class LinkClaim(
    HtmlRepr, shows="source stance link quote published", short="{source} {stance} {link}"
):
    """One source's word on one link, made by ``report.says``, ``denies`` or ``expects``.

    It stands and falls by the rules of claims, and is in no account and no chronology. ``id`` as
    for a ``Claim``.
    """

    form = "link"

    link: Link = attrs.field(validator=_of(Link))
    report: Report = attrs.field(validator=_of(Report))
    stance: Stance = attrs.field(default="says", validator=_deniable)
    quote: str | None = attrs.field(default=None, validator=text_or_none)
    according_to: tuple[str, ...] = attrs.field(default=(), validator=_texts)
    replaces: tuple[str, ...] = attrs.field(default=(), validator=_entry_id)
    credibility: Credibility | None = attrs.field(default=None, validator=credibility_or_none)
    media: tuple[Media, ...] = attrs.field(default=(), validator=only_media)
    id: str = attrs.field(default="", validator=_own_id)

    def __attrs_post_init__(self) -> None:
        _check_quote(self)
        _identify(self)

    def __repr__(self) -> str:
        return f"<LinkClaim {self.id[:20]}: {self.source} {self.stance} {self.link}>"

    @property
    def about(self) -> Link:
        """What it is about: the link."""
        return self.link

    @property
    def subject(self) -> str:
        """The id of what it is about, by which claims supersede each other."""
        return self.link.id

    @property
    def source(self) -> str:
        """Who says it."""
        return self.report.source

    @property
    def published(self) -> When:
        """When it was published."""
        return self.report.published

    def body(self) -> bytes:
        """Return the canonical bytes: kind and link in full, the report by its id."""
        return _claim_body(self, self.link.kind, "link", self.link.content())


@attrs.frozen(kw_only=True, repr=False)
class Retraction(HtmlRepr, short="{report} retracts {event_id}: {because}"):
    """A source retracts an event or link: its claims about ``event_id`` not certainly later fall.

    ``target`` is the id of the claim that was retracted, where the report has no date.
    """

    form = "retraction"

    report: Report = attrs.field(validator=_of(Report))
    event_id: str = attrs.field(validator=a_text)
    because: str = attrs.field(validator=a_text)
    target: str | None = attrs.field(default=None, validator=_entry_id_or_none)
    id: str = attrs.field(default="", validator=_own_id)

    def __attrs_post_init__(self) -> None:
        _identify(self)

    @property
    def subject(self) -> str:
        """The id of what it is about."""
        return self.event_id

    def body(self) -> bytes:
        """Return the canonical bytes."""
        form = {"report": self.report.id, "event_id": self.event_id, "because": self.because}
        return encode(form if self.target is None else form | {"target": self.target})


@attrs.frozen(kw_only=True, repr=False)
class Void(HtmlRepr, short="{report} voids {target:.20}: {because}"):
    """We take our own entry back: the one whose id is ``target`` counts as never appended."""

    form = "void"

    report: Report = attrs.field(validator=_of(Report))
    target: str = attrs.field(validator=_entry_id)
    because: str = attrs.field(validator=a_text)
    id: str = attrs.field(default="", validator=_own_id)

    def __attrs_post_init__(self) -> None:
        _identify(self)

    def body(self) -> bytes:
        """Return the canonical bytes."""
        return encode({"report": self.report.id, "target": self.target, "because": self.because})


Said = Claim | LinkClaim | Retraction | Void
"""What an append takes."""

_Own = Claim | LinkClaim | Retraction | str
Replaced = _Own | Iterable[_Own]
"""What a source replaces of its own: claims and retractions, or their ids."""
