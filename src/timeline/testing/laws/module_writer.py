"""Writes a projection's laws out as plain Hypothesis tests, for a user to keep and change."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from textwrap import fill
from typing import Any

from timeline.events import Event
from timeline.kinds import KINDS
from timeline.projection import Projection
from timeline.testing.laws.base import Law, Subject
from timeline.testing.laws.law_suite import LawSuite
from timeline.testing.laws.projections import LAWS
from timeline.testing.laws.purity_laws import unknown_kinds_are_ignored
from timeline.testing.laws.runner import trial
from timeline.testing.laws.templates import (
    ASK,
    CONTENTS,
    NARROWS,
    OPENING,
    ORDERS,
    SAME,
    STRANGER,
    TESTS,
    alike,
    fold,
)

__all__ = ["source"]

_UNTOLD = {
    "same_answer_in_every_process": "takes several processes, each with its own PYTHONHASHSEED; "
    "python -m timeline laws runs it",
    "a_stored_state_resumes": "takes the library's own writing of states; python -m timeline laws "
    "runs it",
}
_KIT = "takes the corpus and the comparisons of the kit; python -m timeline laws runs it"
_WIDTH = 88
_STANDARD = {
    "copy": "import copy",
    "random": "import random",
    "datetime": "from datetime import datetime",
    "reduce": "from functools import reduce",
    "ZoneInfo": "from zoneinfo import ZoneInfo",
}
_OTHERS = {
    "attrs": "import attrs",
    "time_machine": "import time_machine",
    "given": "from hypothesis import given",
    "st": "from hypothesis import strategies as st",
}
_TIMELINE = {"Certainty", "Claim", "Event", "Report", "Void", "When", "event"}


def source(make: Callable[[], Projection[Any]], *, only: Iterable[str] | None = None) -> str:
    """Return the text of a test module with one test for each law that applies.

    It draws with ``timeline.testing.strategies``, asks with ``Log.ask`` and needs nothing else of
    the kit. A law that can't be written so is named in a comment, with the reason. ``make`` is a
    class or function at a module's top. Raises ``ProjectionError`` for what can't be tried.
    """
    tried = trial(make)
    wanted = None if only is None else set(only)
    tests: list[str] = []
    left_out: list[str] = []
    for law in LAWS:
        if wanted is not None and law.name not in wanted:
            continue
        reason = _reason(tried, law)
        if reason is None:
            tests.append(_test(law, tried.subject))
        else:
            left_out.append(f"{law.name}: {reason}")
    name = make.__qualname__
    body = "\n\n\n".join([_helpers(tried.subject, "".join(tests)), *tests])
    kinds = [kind for kind in tried.subject.sample.handlers if kind.kind] or list(KINDS)
    imports = _imports(make, kinds, body.replace("PROJECTION", name))
    kinds_text = ", ".join(kind.__qualname__ for kind in kinds)
    opening = OPENING.replace("IMPORTS", imports)
    text = f"{opening}\n\n\n{body}\n".replace("KINDS", kinds_text).replace("PROJECTION", name)
    if left_out:
        reasons = "\n".join(_comment(one, "#   ") for one in left_out)
        text += f"\n\n# Not written here, each for its reason:\n{reasons}\n"
    return text


def _reason(tried: LawSuite[Subject], law: Law[Subject]) -> str | None:
    left_out = tried.left_out(law)
    if left_out is not None:
        return left_out.reason
    return None if law.name in TESTS else _UNTOLD.get(law.name, _KIT)


def _comment(words: str, head: str) -> str:
    return fill(words, _WIDTH, initial_indent=head, subsequent_indent=head + "  ")


def _test(law: Law[Subject], subject: Subject) -> str:
    template = TESTS[law.name]
    handles_all = subject.sample.handler(Event) is not None
    second = handles_all if law is unknown_kinds_are_ignored else subject.powers.key is not None
    body = template[second] if isinstance(template, tuple) else template
    summary, _, more = law.statement.partition(". ")
    words = f"{summary.rstrip('.')}."
    if more:
        words += "\n\n" + fill(more, _WIDTH, initial_indent="    ", subsequent_indent="    ")
        words += "\n    "
    return body.strip("\n").replace("STATEMENT", words)


def _helpers(subject: Subject, tests: str) -> str:
    """The functions that the tests call, and no others."""
    parts = [ASK]
    equal = subject.powers.equal is not None
    contents = not equal and not _has_eq(subject)
    if contents:
        parts += [CONTENTS, SAME[-1]]
    else:
        parts.append(SAME[equal and 1 + (subject.powers.key is not None)])
    if "step(" in tests or "finish(" in tests or "folded(" in tests:
        weighs = subject.sample.takes_query_time
        powers = subject.powers
        has_key, has_result = powers.key is not None, powers.result is not None
        compared = alike(equal=equal, contents=contents)
        parts.append(fold(key=has_key, result=has_result, at=weighs, compared=compared))
    for sign, helper in (("other_orders(", ORDERS), ("Stranger", STRANGER), ("sharper(", NARROWS)):
        if sign in tests:
            parts.append(helper)
    return "\n\n\n".join(part.strip("\n") for part in parts)


def _has_eq(subject: Subject) -> bool:
    """Whether ``==`` says of two equal answers that they are."""
    return bool(subject.answer(()) == subject.answer(()))


def _imports(make: Any, kinds: Iterable[type[Event]], body: str) -> str:
    """The imports of what the text names, in the order of isort."""
    named = {one.id for one in ast.walk(ast.parse(body)) if isinstance(one, ast.Name)}
    standard = [line for name, line in _STANDARD.items() if name in named]
    others = [line for name, line in _OTHERS.items() if name in named]
    homes: dict[str, set[str]] = {
        "timeline": {"Log", *(_TIMELINE & named)},
        "timeline.testing": {"strategies"},
    }
    for kind in kinds:
        home = "timeline" if kind in KINDS else kind.__module__
        homes.setdefault(home, set()).add(kind.__qualname__.partition(".")[0])
    homes.setdefault(make.__module__, set()).add(make.__qualname__.partition(".")[0])
    lines = {home: f"from {home} import {_names(names)}" for home, names in homes.items()}
    own = [line for home, line in lines.items() if home.partition(".")[0] != "timeline"]
    others += [line for line in lines.values() if line not in own]
    groups = [sorted(group, key=_isort) for group in (standard, others, own)]
    return "\n\n".join("\n".join(group) for group in groups if group)


def _isort(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


def _names(names: set[str]) -> str:
    return ", ".join(sorted(names, key=lambda name: (name[0].islower(), name)))
