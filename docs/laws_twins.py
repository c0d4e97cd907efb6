"""Writes docs/reference/twins.md, law by sabotaged twin: python docs/laws_twins.py."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from timeline import Attack, Projection, on
from timeline.claims import Claim
from timeline.testing.laws.law_suite import Case
from timeline.testing.laws.runner import trial

__all__ = ["Harm", "page"]

PAGE = Path(__file__).with_name("reference") / "twins.md"
_OPENING = """
<!-- Written by docs/laws_twins.py; run it again where a law or its corpus changes. -->

# Laws and their sabotaged twins

A law that holds has proved something if it could have failed. So each is tried on a twin too: the
same projection, sabotaged in the way that the law is there to find. Here the projection counts the
killed of each place and has all that a projection may have; the last column is the first history of
the corpus that told the twin apart. A law without a row has no twin: what it compares isn't made by
the projection, or every history tells.

| law | the twin | the history that told it apart |
|---|---|---|
""".lstrip()
_LONG = 2  # claims that are shown whole


class Harm(Projection[int]):
    """The killed of each place."""

    start = 0

    def key(self, attack: Attack) -> str | None:
        """Return the place."""
        return attack.place.key if attack.place else None

    @on(Attack)
    def add(self, killed: int, attack: Attack) -> int:
        """Add up."""
        return killed + attack.killed.best

    def merge(self, a: int, b: int) -> int:
        """Add up."""
        return a + b

    def compact(self, killed: int) -> int:
        """Leave nothing out."""
        return killed

    def essence(self, answer: dict[str | None, int]) -> object:
        """Return all of it."""
        return tuple(sorted(answer.items(), key=str))


def rows() -> Iterator[str]:
    """Yield a row for each law with a twin. Raises ``ValueError`` where nothing told it apart."""
    tried = trial(Harm)
    for law in tried.laws:
        twin = law.twin and law.twin(tried.subject)
        if twin and tried.left_out(law) is None:
            case = tried.told_apart(law)
            if case is None:
                raise ValueError(f"nothing told the twin of {law.name} apart")
            words = " ".join((law.twin.__doc__ or "").split()) if law.twin else ""
            yield f"| `{law.name}` | {words} | {_words(case)} |"


def _words(case: Case) -> str:
    """A history in short."""
    said = [_said(one) for one in case.history] or ["the empty one"]
    if len(said) <= _LONG:
        return "; ".join(said)
    return f"{'; '.join(said[:_LONG])}; and {len(said) - _LONG} more"


def _said(one: object) -> str:
    if isinstance(one, Claim):
        return f"{one.source} {one.stance}: {one.event} ({one.event.when})".replace("|", "\\|")
    return type(one).__name__.lower()


def page() -> str:
    """Return the text of docs/reference/twins.md."""
    return _OPENING + "\n".join(rows()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
