"""Reads what an exporter made, by a parser of its format, and says where a text broke out of it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from typing import Any, NoReturn
from xml.parsers import expat

__all__ = ["FORMATS", "MARK", "attacks", "escape"]

MARK = "zq7"
"""Opens every text of an attack; nothing else holds it."""

_TAG = "zqtag"
_ATTRIBUTE = "zqattr"
_LINE = f"2022-09-10  {MARK}line"  # what would pass for a line of its own

_MARKUP = (
    f"{MARK}<{_TAG} {_ATTRIBUTE}=1>",
    f'{MARK}"><{_TAG}>',
    f"{MARK}'><{_TAG}>",
    f'{MARK}" {_ATTRIBUTE}="1',
    f"{MARK}' {_ATTRIBUTE}='1",
    f"{MARK} {_ATTRIBUTE}=1 ",
    f"{MARK}</td></tr></table><{_TAG}>",
    f"{MARK}</script><{_TAG}>",
    f"{MARK}</style><{_TAG}>",
    f"{MARK}</title><{_TAG}>",
    f"{MARK}</textarea><{_TAG}>",
    f"{MARK}--><{_TAG}>",
    f"{MARK}<!--",
    f"{MARK}]]><{_TAG}/>",
    f"{MARK}<![CDATA[",
    f"{MARK}&lt;{_TAG}&gt;",
    f'{MARK}";{_ATTRIBUTE}();"',
    f"{MARK}';{_ATTRIBUTE}();'",
    f"{MARK}`;${{{_ATTRIBUTE}()}}`",
    f"{MARK}\\",
    f"{MARK}\n{_ATTRIBUTE}()",
    f"{MARK}\u2028{_ATTRIBUTE}()",
    f"javascript:{_ATTRIBUTE}('{MARK}')",
    f"{MARK}\x01\x1b\x0b",
)
_CELLS = (
    *(f"{sign}{MARK}()" for sign in ("=", "+", "-", "@", "\t=", "\r=", "\n=")),
    f'{MARK}","b',
    f"{MARK},b",
    f"{MARK};b",
    f"{MARK}\tb",
    f"{MARK}\nb",
    f"{MARK}\r\nb",
    f'"{MARK}',
    f"'{MARK}",
    f"{MARK}\n=1+1",
    f'{MARK}",=1+1,"',
)
_STRINGS = (
    f'{MARK}"',
    f"{MARK}\\",
    f'{MARK}\\", "b": "',
    f"{MARK}\n{{}}",
    f"{MARK}\x01\x1f\x7f",
    f"{MARK}\u2028\u2029",
    f'{MARK}"}}]}}',
)
_LINES = (
    f"{MARK}\n{_LINE}",
    f"{MARK}\r{_LINE}",
    f"{MARK}\x0b{_LINE}",
    f"{MARK}\x85{_LINE}",
    f"{MARK}\u2028{_LINE}",
    f"{MARK}\x1b[2J\x1b[31m",
    f"{MARK}\x08\x08\x07\x00"[:-1],
    f"{MARK}\x9b2J",
)
_MARKDOWN = (
    f"{MARK}|b|c",
    f"{MARK}\\|b",
    f"{MARK}\n| b | c |",
    f"{MARK}\n\n# {MARK}",
    f"{MARK}<{_TAG}>",
    f"{MARK}](javascript:{_ATTRIBUTE}())",
    f"{MARK}`|`",
)


class _Escape(Exception):  # noqa: N818 - a text's escape, told to the law
    """Says what a text became."""


def _escaped(became: str) -> NoReturn:
    raise _Escape(became)


class _Markup(HTMLParser):
    """Reads HTML and refuses what a text may not become."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.inside: list[str] = []
        self.kinds: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text.append("\0")  # a text doesn't run on over a tag
        if _TAG in tag or MARK in tag:
            _escaped(f"the tag <{tag}>")
        for name, value in attrs:
            _attribute(name, value or "")
        if tag in ("script", "style"):
            self.inside.append(tag)
            self.kinds.append(dict(attrs).get("type") or "")

    def handle_endtag(self, tag: str) -> None:
        self.text.append("\0")
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()
            self.kinds.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.text.append(data)
        elif self.inside[-1] == "style":
            if MARK in data:
                _escaped("a part of a style sheet")
        elif "json" in self.kinds[-1]:
            _json_text(data)
        else:
            _script(data)

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            _escaped(f"a comment: {data!r}")

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)


def _attribute(name: str, value: str) -> None:
    if _ATTRIBUTE in name or MARK in name:
        _escaped(f"the attribute {name!r}")
    if MARK not in value:
        return
    if name.startswith("on"):
        _escaped(f"a part of the script {name}={value!r}")
    if name == "style":
        _escaped(f"a part of the style {value!r}")
    if name.endswith(("href", "src", "action")):
        if re.match(r"[\x00-\x20]*(javascript|data|vbscript):", value, re.IGNORECASE):
            _escaped(f"the link {name}={value!r}, which runs a script")


_LITERAL = re.compile(
    r""""(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{))*`"""
    r"|//[^\n\r\u2028\u2029]*|/\*.*?\*/",
    re.DOTALL,
)


def _script(code: str) -> None:
    """Refuse a script in which a text stands outside a string, or can leave one."""
    for one in _LITERAL.findall(code):
        if one.startswith("/") and MARK in one:
            _escaped(f"a comment in a script: {one!r}")
        if MARK in one and "<!--" in one:
            _escaped(f"what opens a comment in a script: {one!r}")
    rest = _LITERAL.sub("", code)
    if MARK in rest or _ATTRIBUTE in rest:
        _escaped(f"a part of a script: {rest.strip()!r}")


def _html(output: str, attack: str) -> None:
    reader = _Markup()
    reader.feed(output)
    reader.close()
    if reader.inside:
        _escaped(f"text inside <{reader.inside[-1]}>, which never closes")
    if "&" in attack and f"{MARK}<{_TAG}>" in "".join(reader.text):
        _escaped("markup in words: its & isn't written as &amp;")


def _xml(output: str, attack: str) -> None:
    reader = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _TAG in tag or MARK in tag:
            _escaped(f"the element <{tag}>")
        for name, value in attributes.items():
            _attribute(name, value)

    def aside(*parts: str) -> None:
        if any(MARK in one for one in parts):
            _escaped(f"a comment or an instruction: {parts!r}")

    reader.StartElementHandler = start
    reader.CommentHandler = aside
    reader.ProcessingInstructionHandler = aside
    try:
        reader.Parse(output, True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        _escaped(f"broken XML after {attack!r}: {error}")


_NUMBER = re.compile(r"[+-]?[\d.][\d.,:eETZ/+~?%-]*")


def _rows(delimiter: str) -> Callable[[str, str], None]:
    def read(output: str, attack: str) -> None:
        try:
            source = io.StringIO(output.removeprefix("\ufeff"), newline="")
            rows = list(csv.reader(source, delimiter=delimiter, strict=True))
        except csv.Error as error:
            _escaped(f"what isn't CSV: {error}")
        for row in rows:
            if len(row) != len(rows[0]):
                _escaped(f"a row of {len(row)} cells under a head of {len(rows[0])}: {row}")
            for cell in row:
                if cell[:1] in set("=+-@\t\r") and not _NUMBER.fullmatch(cell):
                    _escaped(f"a formula: {cell!r}")
                if MARK in cell and _folded(attack) not in _folded(cell):
                    _escaped(f"more than one cell: {cell!r} has only a part of it")

    return read


def _folded(text: str) -> str:
    """A text without what an exporter may even out: white space and controls."""
    return "".join(one for one in text if one.isprintable() and not one.isspace())


def _json_text(output: str, attack: str = "") -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            _escaped(f"a key that is there twice: {names}")
        return dict(pairs)

    def constant(name: str) -> NoReturn:
        _escaped(f"{name}, which JSON doesn't have")

    try:
        read = json.loads(output, object_pairs_hook=unique, parse_constant=constant)
    except ValueError as error:
        _escaped(f"what isn't JSON: {error}")
    for text in _texts(read):
        if MARK in text and _folded(attack) not in _folded(text):
            _escaped(f"another text: {text!r}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _json_lines(output: str, attack: str) -> None:
    for line in output.split("\n"):
        if line:
            _json_text(line, attack)


def _plain(output: str, attack: str) -> None:
    controls = {one for one in output if not one.isprintable() and one not in " \n\t\u00a0"}
    found = sorted(controls & set(attack))
    if found:
        _escaped(f"control characters of the terminal: {found}")
    for line in output.splitlines():
        if line.startswith(_LINE):
            _escaped(f"a line of its own: {line!r}")


_PIPE = re.compile(r"(?<!\\)(?:\\\\)*\|")


def _markdown(output: str, attack: str) -> None:
    if f"<{_TAG}" in re.sub(r"\\.|`[^`\n]*`", "", output):
        _escaped(f"the tag <{_TAG}>")
    if re.search(r"(?<!\\)\]\(javascript:", output):
        _escaped("a link that runs a script")
    width = 0
    for line in output.splitlines():
        if re.match(rf"\s*#+ {MARK}", line):
            _escaped(f"a heading: {line!r}")
        cells = len(_PIPE.findall(line)) if line.startswith("|") else 0
        if width and cells and cells != width:
            _escaped(f"more cells than the row above has: {line!r}, from {attack!r}")
        width = cells


_READERS: dict[str, tuple[Callable[[str, str], None], Sequence[str]]] = {
    "csv": (_rows(","), _CELLS),
    "html": (_html, _MARKUP),
    "json": (_json_text, _STRINGS),
    "jsonl": (_json_lines, _STRINGS),
    "markdown": (_markdown, _MARKDOWN),
    "text": (_plain, _LINES),
    "tsv": (_rows("\t"), _CELLS),
    "xml": (_xml, _MARKUP),
}
FORMATS = tuple(_READERS)
"""The formats that can be read."""


def attacks(kind: str) -> Sequence[str]:
    """Return the texts with which a format is tried."""
    return _READERS[kind][1]


def escape(kind: str, output: str | bytes, attack: str) -> str | None:
    """Say what a text became in an output, None if it stayed a text."""
    try:
        text = output.decode() if isinstance(output, bytes) else output
        _READERS[kind][0](text, attack)
    except _Escape as found:
        return str(found)
    except UnicodeDecodeError as error:
        return f"bytes that aren't UTF-8: {error}"
    return None
