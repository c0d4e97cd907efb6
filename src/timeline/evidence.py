"""How far a source and a claim are trusted, and the files that they rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, get_args

import attrs

from timeline.errors import ClaimError

__all__ = [
    "Credibility",
    "Media",
    "Reliability",
    "a_text",
    "credibility_or_none",
    "language_or_none",
    "lowered",
    "media_of",
    "only_media",
    "reliability_or_none",
    "sha256_or_none",
    "text_or_none",
]

Reliability = Literal["A", "B", "C", "D", "E", "F"]
"""How far a source is relied on, by NATO's AJP-2.1: A completely reliable, B usually, C fairly,
D not usually, E unreliable, F can't be judged."""

Credibility = Literal[1, 2, 3, 4, 5, 6]
"""How far what is said is believed, by NATO's AJP-2.1: 1 confirmed by other sources, 2 probably,
3 possibly true, 4 doubtful, 5 improbable, 6 can't be judged."""

_RELIABILITIES = get_args(Reliability)
_CREDIBILITIES = get_args(Credibility)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# The form of a tag of BCP 47 (RFC 5646, section 2.1), not whether IANA lists its parts.
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8}){0,8}", re.ASCII)


def a_text(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse what isn't a text with something in it."""
    if not isinstance(value, str) or not value.strip():
        name = type(instance).__name__
        raise ClaimError(f"a {name}'s {attribute.name} is a text that isn't empty, not {value!r}")


def text_or_none(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse an empty text; None is nothing said."""
    if value is not None:
        a_text(instance, attribute, value)


def lowered(value: str | None) -> str | None:
    """Return hexadecimal digits in lower case, so that equal hashes have equal bytes."""
    return value.lower() if isinstance(value, str) else value


def sha256_or_none(instance: object, _: attrs.Attribute[Any], value: object) -> None:
    """Refuse what isn't a SHA-256 in hexadecimal digits."""
    if value is not None and (not isinstance(value, str) or _SHA256.fullmatch(value) is None):
        raise ClaimError(
            f"a {type(instance).__name__}'s sha256 is 64 hexadecimal digits, of the file as it was "
            f"collected, not {value!r:.100}"
        )


def language_or_none(_: object, __: attrs.Attribute[Any], value: object) -> None:
    """Refuse what hasn't the form of a language tag."""
    if value is not None and (not isinstance(value, str) or _LANGUAGE.fullmatch(value) is None):
        raise ClaimError(
            f"a Report's language is a tag of BCP 47 such as 'uk' or 'zh-Hant', not {value!r:.100}"
        )


def reliability_or_none(_: object, __: attrs.Attribute[Any], value: object) -> None:
    """Refuse what isn't a grade of a source."""
    if value is not None and value not in _RELIABILITIES:
        raise ClaimError(
            f"a Report's reliability is a letter from A (completely reliable) to F (can't be "
            f"judged), as AJP-2.1 has it, not {value!r:.100}"
        )


def credibility_or_none(_: object, __: attrs.Attribute[Any], value: object) -> None:
    """Refuse what isn't a grade of a claim."""
    if value is not None and (type(value) is not int or value not in _CREDIBILITIES):
        raise ClaimError(
            f"a Claim's credibility is a number from 1 (confirmed) to 6 (can't be judged), as "
            f"AJP-2.1 has it, not {value!r:.100}"
        )


@attrs.frozen(kw_only=True)
class Media:
    """A picture, film or document that a claim rests on: where it is, and what its bytes are.

    ``url`` is where it was published, ``archived`` the address of a copy that stays, ``sha256`` the
    SHA-256 of the file as it was collected, in hexadecimal digits: the fields that the Berkeley
    Protocol (OHCHR 2022) asks for to know an item again. One of the three has to be given. Raises
    ``ClaimError``.
    """

    url: str | None = attrs.field(default=None, validator=text_or_none)
    sha256: str | None = attrs.field(default=None, converter=lowered, validator=sha256_or_none)
    archived: str | None = attrs.field(default=None, validator=text_or_none)

    def __attrs_post_init__(self) -> None:
        if self.url is None and self.sha256 is None and self.archived is None:
            raise ClaimError(
                "a Media needs its url=, its sha256= or the address of a copy, archived="
            )

    def __str__(self) -> str:
        return self.url or self.archived or f"sha256:{self.sha256}"


def media_of(value: Media | Iterable[Media]) -> tuple[Media, ...]:
    """Return one or several media as a tuple."""
    if isinstance(value, Media):
        return (value,)
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise ClaimError(f"media takes a Media or several in a list, not {value!r:.100}")
    return tuple(value)


def only_media(_: object, __: object, value: tuple[object, ...]) -> None:
    """Refuse what isn't a Media among media."""
    for one in value:
        if not isinstance(one, Media):
            raise ClaimError(
                f"media are of type Media, such as Media(url='https://…'), not {one!r}"
            )
