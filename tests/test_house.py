"""The floor plan as a test: where files live, what they may import, and what none may do."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "timeline"

# From the ground up. A room is a file, or a folder whose files may import one another.
FLOORS = {
    "ground: values": {
        "text_safety",
        "errors",
        "fast_decode",
        "deferred",
        "extras",
        "calendar_math",
        "relations",
        "times",
        "counts",
        "places",
        "quote_matching",
        "display",
        "progress",
    },
    "words of time": {"edtf", "iso8601", "time_parsing", "phrases"},
    "what is said": {
        "merge_provenance",
        "redaction_records",
        "schema",
        "canonical",
        "events",
        "kinds",
        "imported_kinds",
        "links",
        "serialization",
        "evidence",
        "claims",
        "accounts",
    },
    "keeping it": {
        "merkle",
        "decoding",
        "codec",
        "unknown_kinds",
        "proofs",
        "stores",
        "integrity",
    },
    "what stands": {
        "supersession",
        "resolution",
        "identity",
        "temporal_network",
        "linking",
        "name_index",
        "account_sort",
        "erasure",
        "merging",
        "entry_reader",
    },
    "asking it": {
        "query",
        "as_of",
        "projection",
        "folding",
        "subscription",
        "log",
        "unhandled_kinds",
        "views",
        "upgrade_report",
        "why",
        "why_bundle",
        "changes",
        "worlds",
    },
    "handing it on": {"formats", "importers", "export", "matching", "scale", "testing", "cli"},
    "the door": {"__init__", "__main__"},
}
FLOOR_OF = {room: height for height, rooms in enumerate(FLOORS.values()) for room in rooms}

MOST_LINES = 61  # of a function, its last one included; a file may be as long as its subject
LONG = {
    ("timeline.cli.parser", "_ingest"),  # a list of options, one after the other
    ("timeline.export.maps", "to_map"),  # half of it is its docstring
    ("timeline.testing.laws.store_promises", "a_kept_state_is_swapped_whole"),  # one schedule
}
DISK_AND_SOCKET = {
    "aiosqlite", "fileinput", "ftplib", "http", "mmap", "psycopg", "psycopg_pool", "requests",
    "shutil", "smtplib", "socket", "sqlite3", "ssl", "tempfile",
}  # fmt: skip
FILE_CALL = re.compile(r"(^|\.)(open|read_text|read_bytes|write_text|write_bytes)$")
CLOCK = re.compile(
    r"(^|\.)(datetime|date)\.(now|utcnow|today)$"
    r"|(^|\.)time\.(time|time_ns|monotonic|monotonic_ns|localtime|gmtime)$"
)
NEVER = re.compile(r"\b(pickle|marshal|shelve)\b|\b(eval|exec)\(")
SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|ALTER|PRAGMA|WHERE|ORDER BY|VALUES"
    r"|SAVEPOINT|RELEASE|ROLLBACK|LISTEN|NOTIFY)\b"
)
# What is written into SQL and not handed over beside it: each a text of this library's own.
IN_SQL = {
    "'NORMAL' if mode == 'wal' else 'EXTRA'", "APPLICATION_ID", "FORMAT", "QUERIES[2].rows",
    "_ARRAYS", "_BESIDE", "_DRAFTS",
    "_ENTRIES", "column", "marks", "name", "query", "setting", "tables.ROWS",
}  # fmt: skip
REACHING = {"getattr", "setattr", "hasattr", "delattr", "object.__setattr__"}
NAMED_TUPLE = {"_replace", "_fields", "_asdict", "_make"}  # public, but for their names
# Private names of other people's classes for which there is no public way.
PRIVATE = {
    "timeline.cli.dev": {"_actions"},  # argparse lists a parser's options nowhere else
    "timeline.scale.spark": {"_jsc"},  # Spark's own count of executors, which Python isn't given
    "timeline.testing.laws.other_processes": {"_exit"},  # os._exit: ends as a crash does
    "timeline.testing.strategies.events": {"_validators"},  # what attrs' and_ is made of
    "timeline.unknown_kinds": {"_getframe"},  # what warnings themselves skip frames by
}
SETTING = re.compile(r"^os\.(environb?|getenvb?)$")


def modules() -> dict[str, ast.Module]:
    """Return every module of the library by its dotted name."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        parts = ("timeline", *path.relative_to(SRC).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


MODULES = modules()
FILES = sorted(
    chain.from_iterable(
        (ROOT / folder).rglob("*.py")
        for folder in ("src", "tests", "examples", "typing_tests", "benchmarks")
    )
)


def room(module: str) -> str:
    """Return the room that a module of the library is in."""
    _, *inside = module.split(".")
    return inside[0] if inside else "__init__"


def imports(tree: ast.Module, *, everywhere: bool = True) -> set[str]:
    """Return the dotted names that a module imports, all or those in its outermost lines alone."""
    names = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: write the import's whole name"
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in MODULES else str(node.module) for name in full}
    return names


def own(names: set[str]) -> set[str]:
    """Return those names that are of this library."""
    return {name for name in names if name.split(".")[0] == "timeline"}


def shown(path: Path) -> str:
    """Return a file's path inside the project."""
    return path.relative_to(ROOT).as_posix()


def no_circles(graph: dict[str, set[str]]) -> None:
    """Fails with the circle if there is one."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these import each other in a circle: {' < '.join(error.args[1])}")


def names_used(tree: ast.AST) -> set[str]:
    """Return the dotted names that are read or called anywhere in a module."""
    kinds = (ast.Attribute, ast.Name)
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, kinds)}


def test_every_room_stands_on_a_floor() -> None:
    strangers = {room(name) for name in MODULES} - FLOOR_OF.keys()
    assert not strangers, (
        f"{sorted(strangers)} stand on no floor; put them on one in FLOORS here, "
        "and in the table that opens CONTRIBUTING.md"
    )


def test_contributing_shows_the_same_floors() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = next(part for part in text.split("\n\n") if part.startswith("| floor |"))
    rows = re.findall(r"^\| ([^|]+?) \| (`[^|]+?) \|", table, re.MULTILINE)
    assert {floor: set(re.findall(r"`(\w+)/?`", rooms)) for floor, rooms in rows} == {
        floor: rooms for floor, rooms in FLOORS.items() if floor != "the door"
    }


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_down(module: str) -> None:
    height = FLOOR_OF.get(room(module), -1)
    upward = {
        name for name in own(imports(MODULES[module])) if FLOOR_OF.get(room(name), 99) > height
    }
    assert not upward, f"{module} imports from a floor above its own: {sorted(upward)}"


@pytest.mark.parametrize("module", MODULES)
def test_no_import_hides(module: str) -> None:
    tree = MODULES[module]
    late = own(imports(tree)) - own(imports(tree, everywhere=False))
    assert not late, (
        f"{module} imports {sorted(late)} in a function or a condition, which only hides a circle; "
        "move what both need to a floor below"
    )


def test_no_file_is_in_a_circle() -> None:
    no_circles({name: own(imports(tree)) for name, tree in MODULES.items()})


def test_importing_and_exporting_know_nothing_of_each_other() -> None:
    for reader, writer in (("importers", "export"), ("export", "importers")):
        crossing = {
            f"{name} imports {other}"
            for name, tree in MODULES.items()
            if room(name) == reader
            for other in own(imports(tree))
            if room(other) == writer
        }
        assert not crossing, f"{sorted(crossing)}; what both need goes into formats/"


def test_no_room_is_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for name, tree in MODULES.items():
        graph.setdefault(room(name), set()).update(map(room, own(imports(tree))))
    no_circles({name: others - {name} for name, others in graph.items()})


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_a_file_opens_with_one_plain_sentence(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first, *rest = docstring.split("\n")
    assert re.fullmatch(r"[A-Z`](?:(?![.?!] ).)*\.", first), (
        f"open the file with one sentence, on one line, that says what it is for; not {first!r}"
    )
    assert not rest or not rest[0], "leave a line empty after the first sentence"


@pytest.mark.parametrize("module", MODULES)
def test_a_function_fits_a_screen(module: str) -> None:
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MOST_LINES or (module, node.name) in LONG, (
                f"{module}.{node.name} has {lines} lines: split it, or argue in LONG why not"
            )


@pytest.mark.parametrize("module", MODULES)
def test_all_lists_what_is_public(module: str) -> None:
    if module == "timeline":
        return  # its names stand in its stub, and lazy_loader makes __all__ from that
    bound: set[str] = set()
    public: set[str] = set()
    listed: list[str] | None = None
    for node in MODULES[module].body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
            public |= set() if node.name.startswith("_") else {node.name}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            told = [part for target in targets for part in ast.walk(target)]
            names = {name.id for name in told if isinstance(name, ast.Name)}
            bound |= names
            if "__all__" in names and node.value is not None:
                listed = ast.literal_eval(node.value)
    if listed is None and not bound:
        return  # a folder's docstring
    assert listed is not None, f"{module} needs __all__, a plain list of its public names"
    in_order = sorted(set(listed), key=lambda name: (not name.isupper(), name[0].islower(), name))
    assert listed == in_order, f"sort __all__, constants first, then classes: {in_order}"
    assert set(listed) <= bound, f"__all__ names what isn't there: {sorted(set(listed) - bound)}"
    assert public <= set(listed), (
        f"{sorted(public - set(listed))} are public but not in __all__; list them, or open their "
        "names with an underscore"
    )


# The shell hands file names to commands: those `cli` opens itself.
@pytest.mark.parametrize(
    "module", [name for name in MODULES if room(name) not in ("stores", "cli")]
)
def test_only_stores_touch_a_disk_or_a_socket(module: str) -> None:
    tree = MODULES[module]
    tools = {name.split(".")[0] for name in imports(tree)} & DISK_AND_SOCKET
    if room(module) == "testing":
        tools -= {"tempfile"}  # stores under test need fresh folders
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and FILE_CALL.search(ast.unparse(node.func))
    }
    if room(module) == "testing":
        calls -= {"file.read_bytes"}  # and it looks there for what should have been erased
    if module == "timeline.importers.workbooks":
        calls -= {"archive.open"}  # a file within an archive that was handed in
    assert not tools | calls, (
        f"{module} reaches for {sorted(tools | calls)}; take text or values in and give them out"
    )


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) != "log"])
def test_only_the_log_asks_a_clock(module: str) -> None:
    tree = MODULES[module]
    imported = {
        f"time.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
    }
    asked = {name for name in names_used(tree) | imported if CLOCK.search(name)}
    assert not asked, f"{module} asks {sorted(asked)}; take the time as an argument"


@pytest.mark.parametrize("path", sorted(SRC.rglob("*.py")), ids=shown)
def test_nothing_runs_what_it_reads(path: Path) -> None:
    found = [match.group() for match in NEVER.finditer(path.read_text(encoding="utf-8"))]
    assert not found, f"no code is made from data: {found}"


@pytest.mark.parametrize("module", MODULES)
def test_sql_takes_values_as_parameters(module: str) -> None:
    written = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
            put_in = [part for part in node.values if isinstance(part, ast.FormattedValue)]
            if SQL.search("".join(map(str, parts))):
                written |= {ast.unparse(part.value) for part in put_in}
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
            for text, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(text, ast.Constant) and SQL.search(str(text.value)):
                    written.add(ast.unparse(other))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            text = node.func.value
            if node.func.attr == "format" and isinstance(text, ast.Constant):
                written |= {ast.unparse(node)} if SQL.search(str(text.value)) else set()
    unread = written - IN_SQL
    assert not unread, (
        f"{module} writes {sorted(unread)} into SQL; hand values over as parameters, quote names "
        "with psycopg.sql, and list in IN_SQL what is ours alone"
    )


# The test kit changes the environment on purpose, to see whether an answer does; NO_COLOR is a word
# between a person and the shell.
@pytest.mark.parametrize(
    "module", [name for name in MODULES if room(name) not in ("testing", "cli")]
)
def test_no_setting_hides_in_the_environment(module: str) -> None:
    found = {name for name in names_used(MODULES[module]) if SETTING.search(name)}
    assert not found, f"{module} reads {sorted(found)}; take settings as arguments"


def is_private(name: str) -> bool:
    """Return whether a name is private, and not one of Python's own."""
    return name.startswith("_") and not name.endswith("__")


def own_names(tree: ast.Module) -> set[str]:
    """Return the names that a module gives to functions, members of classes and attributes."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names |= {node.attr} if ast.unparse(node.value) in ("self", "cls") else set()
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


# Which class an object is of can't be told here: a name that the module itself gives passes.
@pytest.mark.parametrize("module", MODULES)
def test_no_private_attribute_is_reached_in_another_room(module: str) -> None:
    reached: set[str] = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls"):
            reached.add(node.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in REACHING:
            reached |= {str(one.value) for one in node.args[1:2] if isinstance(one, ast.Constant)}
        elif isinstance(node, ast.ImportFrom):
            reached |= {alias.name for alias in node.names}
    private = {name for name in reached if is_private(name)}
    foreign = private - own_names(MODULES[module]) - NAMED_TUPLE - PRIVATE.get(module, set())
    assert not foreign, (
        f"{module} reaches for {sorted(foreign)}; give them a public name where they are, or argue "
        "in PRIVATE why it can't be helped"
    )


def test_every_room_has_its_tests() -> None:
    tests = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    rooms = {room(name) for name in MODULES} - FLOORS["the door"]
    alone = {name for name in rooms if not any(test.startswith(f"test_{name}") for test in tests)}
    assert not alone, f"no tests/test_<room>.py (or test_<room>_<part>.py) for {sorted(alone)}"


def test_the_door_opens() -> None:
    import timeline  # noqa: PLC0415 - its failure is one test's, not the whole file's

    missing = [name for name in timeline.__all__ if not hasattr(timeline, name)]
    assert not missing, f"timeline.__all__ names what can't be imported: {missing}"
