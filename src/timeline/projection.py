"""A Projection folds events, in the order in which they happened, into a state."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar, overload

from timeline.accounts import Account
from timeline.errors import ProjectionError
from timeline.events import Event

__all__ = [
    "Answering",
    "Handler",
    "Keyed",
    "KeyedAnswering",
    "Powers",
    "Projection",
    "on",
    "powers_of",
]

S = TypeVar("S")
P = TypeVar("P")
E = TypeVar("E", bound=Event)
S_co = TypeVar("S_co", covariant=True)
R_co = TypeVar("R_co", covariant=True)

Handler = tuple[Callable[..., Any], bool]
"""What handles a kind, and whether it is handed the account."""

_HANDLES = "_timeline_handles"


class on(Generic[E]):  # noqa: N801 - a decorator reads as a word
    """Marks a method of a Projection as what handles events of a kind.

    The method takes the state and the event and gives the next state; with a third argument it is
    handed the Account too, to see the claims. It must not change what it was given. ``on(Event)``
    handles every kind that has no handler of its own. Raises ``ProjectionError`` for anything that
    isn't a kind.
    """

    def __init__(self, kind: type[E]) -> None:
        if not (isinstance(kind, type) and issubclass(kind, Event)):
            raise ProjectionError(f"@on takes a kind of event such as Attack, not {kind!r}")
        self._kind = kind

    @overload
    def __call__(self, handler: Callable[[P, S, E], S]) -> Callable[[P, S, E], S]: ...
    @overload
    def __call__(
        self, handler: Callable[[P, S, E, Account], S]
    ) -> Callable[[P, S, E, Account], S]: ...

    def __call__(self, handler: Any) -> Any:
        """Mark the method; several kinds may be stacked on one."""
        if not callable(handler):
            raise ProjectionError(f"@on goes above a method, not {handler!r}")
        setattr(handler, _HANDLES, (*getattr(handler, _HANDLES, ()), self._kind))
        return handler


def _arguments(function: Callable[..., object], name: str, allowed: range, shape: str) -> int:
    """How many positional arguments a method takes beside self, if it is one of those allowed."""
    if inspect.iscoroutinefunction(function):
        raise ProjectionError(f"{name} is async; a fold is plain functions, and waits for nothing")
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    taken = [p for p in parameters if p.kind in kinds]
    required = [
        p for p in parameters if p.default is p.empty and p.kind in (*kinds, p.KEYWORD_ONLY)
    ]
    if len(taken) not in allowed or len(required) > len(taken):
        raise ProjectionError(f"{name} is written {shape}; this one takes {len(taken)} arguments")
    return len(taken)


def _marked(base: type) -> dict[type[Event], str]:
    """The names of the methods that a class itself marks, by the kinds that they handle."""
    found: dict[type[Event], str] = {}
    for name, member in vars(base).items():
        for kind in getattr(getattr(member, "__func__", member), _HANDLES, ()):
            if hasattr(member, "__func__"):
                raise ProjectionError(
                    f"{base.__name__}.{name} handles events as a plain method, which takes self; "
                    f"take the {type(member).__name__} off"
                )
            if kind in found:
                raise ProjectionError(
                    f"{base.__name__} handles {kind.__name__} twice, in {found[kind]} and {name}; "
                    "a kind has one handler"
                )
            found[kind] = name
    return found


def _resolved(cls: type, kind: type[Event], name: str) -> Handler:
    """What handles a kind in a class that may have a method of its own by that name."""
    method = getattr(cls, name)
    if not callable(method) or kind not in getattr(method, _HANDLES, (kind,)):
        raise ProjectionError(
            f"{cls.__name__}.{name} takes the place of what handled {kind.__name__}, and doesn't "
            f"handle it; mark it with @on({kind.__name__}) too, or give it another name"
        )
    shape = "(self, state, event) or (self, state, event, account)"
    count = _arguments(method, f"{cls.__name__}.{name}", range(2, 4), shape)
    return method, count == 3  # noqa: PLR2004 - with the account


# Asked for every event. Not kept in the class: a class is what its code says, see fingerprints.
@lru_cache(maxsize=4096)
def _nearest(cls: type[Projection[Any]], kind: type[Event]) -> Handler | None:
    return next((cls.handlers[one] for one in kind.__mro__ if one in cls.handlers), None)


class Projection(Generic[S]):
    """A pure fold over events: a ``start`` and a handler for each kind it handles.

    ``start`` is the state before anything happened. Optional powers, each a method:

    * ``key(event)`` folds each key on its own; the answer is a mapping from key to answer, and an
      event whose key is None is left out.
    * ``result(state)`` makes the answer from the state. Written ``result(state, at)`` it is also
      told the moment asked (microseconds of UTC, None without ``at=``), and then the projection is
      handed whatever *may* have happened by then, under either reading, and decides itself.
    * ``merge(a, b)`` joins the states of two stretches of time, the first before the second.
    * ``compact(state)``, beside ``merge``, leaves out of a state what can't bear on any answer
      given once all of it has certainly happened, for stretches in which no sources differ. A
      projection that is kept up to date then holds what still matters, however long its history.
    * ``accounts(state)``, beside ``compact``, gives the accounts that a state still has: the loss
      of one that ``compact`` left out changes no answer, as long as what it kept is there.
    * ``equal(a, b)`` compares two answers where ``==`` isn't meant.
    * ``essence(answer)`` is what makes two answers the same where it is asked why an answer is
      what it is, what changed, or in what ways it may have been; by default all of the answer.
    * ``part(answer, key)`` gives the part of one answer that belongs to a key, for projections that
      sum up by key themselves.
    * ``narrows(wide, sharp)`` says whether an answer from sharper times adds nothing that was
      impossible under the wider ones; only the test kit asks.
    * ``in_places(answer, gazetteer)`` makes an answer findable by any name or id of its places.

    ``powers_of`` says which of them a projection has.

    Raises ``ProjectionError``, when the class is made, for handlers that don't fit.
    """

    start: S
    handlers: ClassVar[Mapping[type[Event], Handler]] = {}
    """What handles each kind, and whether it is handed the account."""
    by_place: ClassVar[bool] = False
    """Whether answers are by ``place.key``, so that any name or id of a place finds them."""
    looks_back: ClassVar[bool] = False
    """Whether an event says what was so before it, as a change says who had held a place."""
    takes_query_time: ClassVar[bool] = False
    """Whether ``result`` is told the moment asked."""

    def __init_subclass__(cls, **options: object) -> None:
        super().__init_subclass__(**options)
        names: dict[type[Event], str] = {}
        for base in reversed(cls.__mro__):
            names |= _marked(base)
        cls.handlers = {kind: _resolved(cls, kind, name) for kind, name in names.items()}
        result = getattr(cls, "result", None)
        if result is not None:
            shape = "(self, state) or (self, state, at)"
            count = _arguments(result, f"{cls.__name__}.result", range(1, 3), shape)
            cls.takes_query_time = count == 2  # noqa: PLR2004 - with the moment asked

    @classmethod
    def handler(cls, kind: type[Event]) -> Handler | None:
        """Return the handler of a kind, that of the nearest base first; None if there is none."""
        return _nearest(cls, kind)  # type: ignore[arg-type] # classes are hashable


class Powers(NamedTuple):
    """The optional powers of a projection, as it is described there; None for those it hasn't."""

    key: Callable[[Event], Hashable] | None
    result: Callable[..., Any] | None
    merge: Callable[[Any, Any], Any] | None
    compact: Callable[[Any], Any] | None
    equal: Callable[[Any, Any], bool] | None
    narrows: Callable[[Any, Any], bool] | None
    in_places: Callable[[Any, Any], Any] | None
    essence: Callable[[Any], Any] | None
    part: Callable[[Any, Any], Any] | None
    accounts: Callable[[Any], Iterable[Account]] | None


def powers_of(projection: Projection[Any]) -> Powers:
    """Return the powers of a projection, those that it was given as attributes among them."""
    return Powers(*[getattr(projection, name, None) for name in Powers._fields])


class Keyed(Protocol[S_co]):
    """A projection with ``key``: asked, it gives a mapping from key to state."""

    @property
    def start(self) -> S_co:
        """The state of a key before anything happened."""
        ...

    def key(self, event: Any, /) -> Hashable:
        """Return the key that an event belongs to, None for none."""
        ...


class Answering(Protocol[R_co]):
    """A projection with ``result``: asked, it gives what that makes of the state."""

    @property
    def result(self) -> Callable[..., R_co]:
        """Makes the answer from the state."""
        ...


class KeyedAnswering(Protocol[R_co]):
    """A projection with both: asked, it gives a mapping from key to answer."""

    @property
    def result(self) -> Callable[..., R_co]:
        """Makes the answer of a key from its state."""
        ...

    def key(self, event: Any, /) -> Hashable:
        """Return the key that an event belongs to, None for none."""
        ...
