"""Have msgspec read values without the checks that they passed when they were made, or rerun them.

msgspec makes an attrs class without ``__init__``, and itself holds each field to its type. It would
also run the validators and ``__attrs_post_init__``, which cost several times as much as the rest
of the reading, for values that passed them before they were written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import msgspec

__all__ = ["recheck", "unchecked"]


def unchecked(
    cls: Any,
    *,
    spared: Callable[[Any], bool] = bool,
    post_init: Callable[[Any], None] | None = None,
) -> None:
    """Have msgspec read an attrs class without those validators that are ``spared``, from now on.

    ``post_init`` is called with what was read, in place of ``__attrs_post_init__``. To be called
    where the class is made, before anything else sees it.
    """
    # The class is one of ours or of the user who decorates it, and is as it was when this returns.
    # There is no supported way: msgspec reads the validators of an attrs class from this attribute
    # alone, has no switch to leave them out, and its own classes (Struct) can't be attrs classes.
    # It reads them once, here, and keeps what it read; were it to read them again, the checks
    # would run, and nothing but time be lost.
    own = {name: vars(cls).get(name) for name in ("__attrs_attrs__", "__attrs_post_init__")}
    cls.__attrs_attrs__ = tuple(
        field.evolve(validator=None) if spared(field.validator) else field
        for field in attrs.fields(cls)
    )
    cls.__attrs_post_init__ = post_init
    try:
        msgspec.json.Decoder(cls)
    finally:
        for name, value in own.items():
            if value is None:
                delattr(cls, name)
            else:
                setattr(cls, name, value)


def recheck(value: Any) -> None:
    """Run every check of a value and of what it is made of, as if it were made anew.

    Raises what making it would raise.
    """
    if isinstance(value, tuple):
        for part in value:
            recheck(part)
    elif isinstance(value, Mapping):
        recheck(tuple(value.values()))
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            recheck(getattr(value, field.name))
        attrs.validate(value)
        if hasattr(value, "__attrs_post_init__"):
            value.__attrs_post_init__()
