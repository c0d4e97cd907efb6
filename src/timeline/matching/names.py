"""Proposes names of places and of actors that may be one, across spellings and alphabets.

Names are compared in Latin letters, by the words that they share or nearly share; the comparing is
rapidfuzz's. What is proposed is the best partner that each of two names has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import asin, cos, radians, sin, sqrt
from typing import Any, Unpack
from unicodedata import combining, normalize

import attrs

from timeline.errors import LogError
from timeline.extras import needed
from timeline.linking import actors_of, places_of
from timeline.links import SameActor, SamePlace
from timeline.log import Log
from timeline.matching.settled_pairs import Decided, decided
from timeline.places import Place
from timeline.query import Cut

__all__ = ["GENERIC", "NameCandidate", "actors", "places", "romanized"]

# Ukrainian by the resolution of the Cabinet of Ministers no. 55 of 2010; letters that only other
# languages have, as BGN/PCGN has them in Russian.
_LATIN = dict(
    zip(
        "абвгґдезиійклмнопрстуфхцчшщыэёъьʼ’",
        ["a", "b", "v", "h", "g", "d", "e", "z", "y", "i", "i", "k", "l", "m", "n", "o", "p", "r",
         "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "y", "e", "yo", "", "", "", ""],
        strict=True,
    )
)  # fmt: skip
_LATIN |= {"ж": "zh", "є": "ie", "ї": "i", "ю": "iu", "я": "ia"}
_FIRST = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_CYRILLIC = re.compile("[а-яёґєіїʼ’]+")
_WORD = re.compile(r"[^\W_]+")
_NEAR, _FAR = 10.0, 50.0  # km between two points of one place, and of two that aren't

GENERIC = frozenset(
    {"oblast", "region", "province", "state", "raion", "rayon", "district", "county", "hromada",
     "terytorialna", "territorial", "community", "city", "town", "village", "m", "smt", "s",
     "misto", "selo", "selyshche", "otg"}
)  # fmt: skip
"""Words that say what a place is, rather than which."""


@attrs.frozen(slots=False)
class NameCandidate:
    """Two names of places, or of actors, that may be one, the lesser first.

    ``link`` is what to say, or to deny, once somebody has looked. ``score`` runs from 0 to 1 and is
    no probability.
    """

    link: SamePlace | SameActor
    score: float
    reasons: tuple[str, ...]
    agreement: Mapping[str, float] = attrs.field(factory=dict, eq=False, repr=False)
    """How well they agree in each respect that is known of both, from 0 to 1, by its name."""

    @property
    def names(self) -> tuple[str, str]:
        """The two keys."""
        first, second = next(iter(self.link.content().values()))
        return first, second

    def __str__(self) -> str:
        return f"{self.score:.2f} {self.link}? {'; '.join(self.reasons)}"


def romanized(text: str) -> str:
    """Return a name in small Latin letters, without accents, for comparing: "Київ" is "kyiv"."""

    def word(match: re.Match[str]) -> str:
        letters = match[0]
        first = _FIRST.get(letters[0], _LATIN.get(letters[0], letters[0]))
        rest = "".join(_LATIN.get(one, one) for one in letters[1:])
        return first + rest

    latin = _CYRILLIC.sub(word, normalize("NFC", text.casefold()).replace("зг", "зgh"))
    return "".join(one for one in normalize("NFKD", latin) if not combining(one))


class _Name:
    def __init__(self, key: str, name: str, generic: frozenset[str]) -> None:
        self.key = key
        self.name = name
        words = _WORD.findall(romanized(name))
        self.kinds = frozenset(words) & generic
        self.words = sorted(one for one in words if one not in generic) or sorted(words)
        self.text = " ".join(self.words)
        self.sources: set[str] = set()
        self.point: tuple[float, float] | None = None


def places(
    log: Log, *, least: float = 0.85, same_source: bool = False, **cut: Unpack[Cut]
) -> list[NameCandidate]:
    """Return pairs of places that may be one, by their names and where they lie, the best first.

    Names of different sources alone, unless ``same_source``. Places with coordinates over 50 km
    apart aren't proposed, nor what some standing claim joins or denies. Raises
    ``MissingExtraError`` without the extra ``matching``.
    """
    view = log.as_of(**cut)
    names: dict[str, _Name] = {}
    for account in view.accounts():
        for place in places_of(account.event):
            one = names.get(place.key)
            if one is None:
                one = names[place.key] = _Name(place.key, place.name, GENERIC)
            one.sources |= account.sources
            one.point = one.point or _point(place)
    known = decided(view, SamePlace)
    return [
        NameCandidate(
            SamePlace(*sorted((a.key, b.key))), score, _reasons(a, b), _agreement(a, b, score)
        )
        for score, a, b in _pairs(names, known, least, same_source=same_source)
    ]


def actors(
    log: Log, *, least: float = 0.85, same_source: bool = False, **cut: Unpack[Cut]
) -> list[NameCandidate]:
    """Return pairs of actors that may be one, by their names, the best first; as ``places``."""
    view = log.as_of(**cut)
    names: dict[str, _Name] = {}
    for account in view.accounts():
        for actor in actors_of(account.event):
            names.setdefault(actor, _Name(actor, actor, frozenset())).sources |= account.sources
    known = decided(view, SameActor)
    return [
        NameCandidate(
            SameActor(*sorted((a.key, b.key))), score, _reasons(a, b), _agreement(a, b, score)
        )
        for score, a, b in _pairs(names, known, least, same_source=same_source)
    ]


def _point(place: Place) -> tuple[float, float] | None:
    if place.latitude is None or place.longitude is None:
        return None
    return place.latitude, place.longitude


def _reasons(one: _Name, other: _Name) -> tuple[str, ...]:
    reasons = [f"{one.name!r} and {other.name!r}"]
    if one.kinds != other.kinds:
        kinds = (", ".join(sorted(it.kinds)) or "no such word" for it in (one, other))
        reasons.append(f"but {' and '.join(kinds)}")
    away = _away(one, other)
    return (*reasons, f"{away:.1f} km apart") if away is not None else tuple(reasons)


def _agreement(one: _Name, other: _Name, score: float) -> dict[str, float]:
    found = {"name": score}
    if one.kinds or other.kinds:
        found["kind"] = float(one.kinds == other.kinds)
    away = _away(one, other)
    return found if away is None else found | {"place": max(0.0, 1 - away / _FAR)}


def _away(one: _Name, other: _Name) -> float | None:
    """Return how many km apart two places lie, by the haversine formula."""
    if one.point is None or other.point is None:
        return None
    (lat, lon), (lat2, lon2) = (tuple(map(radians, it.point or ())) for it in (one, other))
    half = sin((lat2 - lat) / 2) ** 2 + cos(lat) * cos(lat2) * sin((lon2 - lon) / 2) ** 2
    return 2 * 6371.0 * asin(min(1.0, sqrt(half)))


def _pairs(
    names: Mapping[str, _Name], known: Decided, least: float, *, same_source: bool
) -> Iterator[tuple[float, _Name, _Name]]:
    if not 0 < least <= 1:
        raise LogError(f"names score from 0 to 1: least={least!r}")
    fuzz: Any = needed("rapidfuzz.fuzz", extra="matching", what="comparing names")
    found: dict[frozenset[str], float] = {}
    best: defaultdict[str, float] = defaultdict(float)
    for one, other in _sharing(names.values()):
        pair = frozenset((one.key, other.key))
        if pair in found or (not same_source and not one.sources.isdisjoint(other.sources)):
            continue
        score = _score(one, other, fuzz.ratio)
        if score < least or known((one.key,), (other.key,)):
            continue
        found[pair] = score
        for key in pair:
            best[key] = max(best[key], score)
    ordered = sorted((-score, sorted(pair)) for pair, score in found.items())
    for negative, (first, second) in ordered:
        if -negative == best[first] == best[second]:
            yield round(-negative, 4), names[first], names[second]


def _score(one: _Name, other: _Name, ratio: Callable[[str, str], float]) -> float:
    away = _away(one, other)
    if away is not None and away > _FAR:
        return 0.0
    score = ratio(one.text, other.text) / 100
    if one.kinds != other.kinds:
        score *= 0.9
    if away is not None and away <= _NEAR:
        score += (1 - score) / 2
    return score


def _sharing(names: Iterable[_Name]) -> Iterator[tuple[_Name, _Name]]:
    """Yield the pairs of which some word begins alike, by its first two letters."""
    blocks: defaultdict[str, list[_Name]] = defaultdict(list)
    for one in names:
        for start in {word[:2] for word in one.words}:
            blocks[start].append(one)
    for members in blocks.values():
        for at, one in enumerate(members):
            for other in members[at + 1 :]:
                yield one, other
