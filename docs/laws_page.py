"""Writes docs/laws.md from the laws' own docstrings: python docs/laws_page.py."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from laws_examples import EXAMPLES

from timeline.testing.laws import LAWS
from timeline.testing.laws.events import EVENT_LAWS
from timeline.testing.laws.exporters import EXPORTER_LAWS
from timeline.testing.laws.orders import ORDER_LAWS
from timeline.testing.laws.store_laws import STORE_LAWS

__all__ = ["page"]

PAGE = Path(__file__).with_name("laws.md")
_WIDTH = 100

_OPENING = """
<!-- Written by docs/laws_page.py from the laws' docstrings; change those, and run it again. -->

# Laws

A log folds the same events into the same answer whatever the order in which news arrived, unless
the projection that folds them does something that it shouldn't: remembers, guesses, asks a clock.
A law says one thing that must never make a difference, and is tried by comparing two runs that
differ in it. What is drawn are histories of news: late, doubled, corrected, denied and retracted,
at times that overlap. Before that, all histories of up to three claims over a few events are
tried, so that what is found doesn't depend on luck.

```python
import sys
from datetime import date
from pathlib import Path

from timeline import Account, Attack, Certainty, Event, Projection, on
from timeline.testing import laws
```

`laws.verify(P)` tries every law that applies to a projection and reports; `laws.check(P)` gives
pytest one item for each, and `python -m timeline laws package.module:P` runs from a shell.
[How to test a projection](how-to/test-a-projection.md) takes you there from nothing.
""".strip()

_STRENGTH = """
## How strong the laws are

<!-- strength -->
The kit is tested by faulty projections, kinds, orders, stores and exporters, `tests/faulty/`,
each of which has to be caught by the law meant for it, under ten seeds, and of sound ones, on which
it has to be silent.
<!-- /strength -->
""".strip()

_SECTIONS = (
    (
        "Kinds of event",
        '''
`test_siege = laws.check_event(Siege, older={1: SiegeOne})` tries the laws of a kind of your own;
`older` gives the class of each older version that it lifts, or a strategy for its content. An
upcast can't change an event's id or time: it is never shown them.

A field that is given in one unit and kept in another is a usual mistake: what is read from a log
is converted again.

```python
import attrs

from timeline import event


@event("march/1")
class March(Event):
    """A march; its length is given in kilometres and kept in metres."""

    metres: int = attrs.field(converter=lambda kilometres: kilometres * 1000)


print(laws.verify_event(March, only=["making_it_again_changes_nothing"], examples=10))
```

```text
March: 0 laws held, 1 broken
...
March breaks the law making_it_again_changes_nothing
...
```

Say the unit in the field's name, and leave the conversion to whoever makes the event:

```python
@event("trek/1")
class Trek(Event):
    """A march, by its length in metres."""

    metres: int = 0


assert laws.verify_event(Trek, examples=20).ok
```
''',
    ),
    (
        "Orders",
        """
`test_order = laws.check_order(key)` tries the laws of a chronological order, given by what an event
sorts by. `laws.assert_chronological(accounts)` asserts that a list stands in order, and names the
first pair that doesn't.

What is written of a time sorts by its letters, and not by what it says:

```python
def by_its_text(event: Event) -> tuple[str, str]:
    return str(event.when), event.id


report = laws.verify_order(by_its_text, examples=10)
assert "an_order_never_contradicts_the_sources" in report.falsified
```

The library's own, `(earliest, latest, id)`, never does:

```python
from timeline.resolution import chronological

assert laws.verify_order(chronological, examples=20).ok
```
""",
    ),
    (
        "Stores",
        '''
`test_store = laws.check_store(make_store)` tries the laws of a place where logs are kept, with a
model beside it, and with writers that run at the same time, in threads and in processes that are
killed. `make_store` opens a store in a folder that it is given; it stands at the top of a module,
so that other processes can call it.

A store that remembers what it was asked for has to forget it when the log changes:

```python
from timeline.stores import MemoryStore


class Remembering(MemoryStore):
    """Looks nothing up twice, and remembers what was appended."""

    def __init__(self):
        super().__init__()
        self.found = {}

    def append(self, drafts, reports, **options):
        rows = super().append(drafts, reports, **options)
        self.found |= {row.id: row for row in rows}
        return rows

    def get_by_id(self, ids):
        ids = list(ids)
        self.found |= super().get_by_id([one for one in ids if one not in self.found])
        return {one: self.found[one] for one in ids if one in self.found}


law = "what_was_erased_is_nowhere"
print(laws.verify_store(lambda folder: Remembering(), lasting=False, only=[law], seed=1))
```

```text
<lambda>: 0 laws held, 1 broken
...
Remembering breaks the law what_was_erased_is_nowhere: not erased
...
  6    erase 3                                   redaction at 5
...
Wrong:    it is found by its id
...
```

```python
class Forgetting(Remembering):
    """Forgets what it found when something is erased."""

    def erase(self, positions, draft, **options):
        row = super().erase(positions, draft, **options)
        self.found.clear()
        return row


assert laws.verify_store(lambda folder: Forgetting(), lasting=False, only=[law]).ok
```
''',
    ),
    (
        "Exporters",
        """
`test_page = laws.check_exporter(page, kind="html")` tries the laws of what makes a text or bytes
from accounts; `kind` is the format by whose parser the output is read.

```python
def page(accounts) -> str:
    return "".join(f"<p>{one.event}</p>" for one in accounts)


skip = {"output_is_the_same_in_every_process": "on a page, which other processes can't import"}
print(laws.verify_exporter(page, kind="html", examples=10, skip=skip))
```

```text
page: 3 laws held, 1 broken
...
page breaks the law nothing_breaks_out
...
```

```python
from html import escape


def safe_page(accounts) -> str:
    return "".join(f"<p>{escape(str(one.event))}</p>" for one in accounts)


assert laws.verify_exporter(safe_page, kind="html", examples=10, skip=skip).ok
```
""",
    ),
)


def page() -> str:
    """Gives the text of docs/laws.md."""
    parts = [_OPENING, "## Projections"]
    parts += [_projection_law(law) for law in LAWS]
    rest: Sequence[Iterable[Any]] = (EVENT_LAWS, ORDER_LAWS, STORE_LAWS, EXPORTER_LAWS)
    for (title, words), laws in zip(_SECTIONS, rest, strict=True):
        parts += [f"## {title}", words.strip()]
        parts += [_law(law) for law in laws]
    return "\n\n".join([*parts, _STRENGTH]) + "\n"


def _projection_law(law: Any) -> str:
    faulty, mended = EXAMPLES[law.name]
    return "\n\n".join(
        [
            _law(law),
            "It is broken by",
            _block(faulty, law.name, broken=True),
            "and kept by",
            _block(mended, law.name, broken=False),
        ]
    )


def _law(law: Any) -> str:
    words = [
        f"{law.statement} {law.why}".replace("``", "`"),
        f"Likely cause: {_sentence(law.cause)} What to do: {_sentence(law.mend)}",
    ]
    return "\n\n".join([f"### {law.name}", *map(_paragraph, words)])


def _paragraph(words: str) -> str:
    # No line may open with "make": that would be a command.
    kept = _markdown(words).replace(" make ", "\u00a0make ")
    wrapped = fill(kept, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return wrapped.replace("\u00a0", " ")


def _sentence(words: str) -> str:
    return words.rstrip(".") + "."


def _markdown(words: str) -> str:
    """Words in which what looks like markup is shown as it is."""
    return re.sub(r"(?<!`)([<>*_])", r"\\\1", words)


def _block(code: str, law: str, *, broken: bool) -> str:
    name = (re.findall(r"^class (\w+)|^from \w+ import (\w+)$", code, re.MULTILINE) or [("", "")])[
        -1
    ]
    made = name[0] or name[1]
    call = f'laws.verify({made}, only=["{law}"], examples=20)'
    if len(call) > _WIDTH - 20:
        call = f'laws.verify(\n    {made}, only=["{law}"], examples=20\n)'
    end = f"assert {call}.falsified" if broken else f"assert {call}.ok"
    return f"```python\n{code.strip()}\n\n\n{end}\n```"


def _with_figures(made: str, before: str) -> str:
    """The new page with the measured figures of the old one, between two marks."""
    figures = re.search(r"<!-- strength -->.*<!-- /strength -->", before, re.DOTALL)
    if figures is None:
        return made
    return re.sub(
        r"<!-- strength -->.*<!-- /strength -->", lambda _: figures[0], made, flags=re.DOTALL
    )


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(_with_figures(page(), before), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
