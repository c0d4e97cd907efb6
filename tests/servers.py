"""Starts private PostgreSQL servers for tests, on a socket in a temporary folder and nowhere else.

``TIMELINE_TEST_POSTGRES`` names a server to use instead, by the URL of a database in which the
tests may make and drop schemas.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from timeline.stores import FullStore, MemoryStore, PostgreSQLStore, SQLiteStore

__all__ = [
    "FAST", "KINDS", "MAY_BE_MISSING", "NEEDS_BINARIES", "PRIVATE", "SETTING", "Server", "drop",
    "meet", "missing", "on_server", "opened", "schema_of", "shared", "stop_shared",
]  # fmt: skip

SETTING = "TIMELINE_TEST_POSTGRES"
USER = "timeline"
_SHARED = "TIMELINE_TEST_POSTGRES_SHARED"  # the folder by which the workers of one run meet
# A test doesn't cut the power, so nothing has to reach the disk.
FAST = ("fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=200")


def _binaries() -> Path | None:
    """The folder of the newest server that is installed, None where there is none."""
    places = Path("/usr/lib/postgresql").glob("*/bin")  # where Debian keeps them, off the PATH
    folders = sorted(places, key=lambda place: -int(place.parent.name.split(".")[0]))
    if on_path := shutil.which("pg_ctl"):
        folders.append(Path(os.path.realpath(on_path)).parent)
    return next((place for place in folders if (place / "initdb").exists()), None)


BINARIES = _binaries()


def _unprivileged() -> dict[str, Any]:
    """Arguments for a process that isn't root's: the server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError(
        "PostgreSQL refuses to run as root, and there is neither postgres nor nobody"
    )


def missing() -> str | None:
    """Return None where a server can be had, else why not."""
    if SETTING in os.environ or BINARIES is not None:
        return None
    return f"no PostgreSQL: install the server (Debian: postgresql), or set {SETTING} to a URL"


MAY_BE_MISSING = pytest.mark.skipif(missing() is not None, reason=missing() or "")
"""The mark of a test that is skipped where no server can be had."""

PRIVATE = pytest.mark.skipif(
    SETTING in os.environ or BINARIES is None, reason="needs a server of the tests' own"
)
"""The mark of a test that counts on how the tests' own server is set up."""

NEEDS_BINARIES = pytest.mark.skipif(
    BINARIES is None, reason="no PostgreSQL binaries: install the server (Debian: postgresql)"
)
"""The mark of a test that starts and stops a server of its own."""


class Server:
    """A server whose folder is ``home``; several processes may each have one for one folder."""

    def __init__(self, home: Path, *settings: str) -> None:
        self.home = home
        self.data = home / "data"
        self.settings = settings

    @property
    def url(self) -> str:
        """The URL of its database."""
        return f"postgresql://{USER}@/postgres?host={self.home}"

    def make(self) -> None:
        """Make its files; the role ``locked`` needs a password to log in, others don't."""
        who = _unprivileged()
        if who:
            os.chown(self.home, who["user"], who["group"])
        self._run("initdb", "--auth=trust", f"--username={USER}", "--encoding=UTF8", "--no-sync",
                  "--no-locale", f"--pgdata={self.data}")  # fmt: skip
        rules = self.data / "pg_hba.conf"
        trusting = rules.read_text()
        rules.write_text(f"local all locked scram-sha-256\n{trusting}")

    def copy_from(self, primary: Server) -> None:
        """Make its files as those of a standby, which follows another server."""
        who = _unprivileged()
        if who:
            os.chown(self.home, who["user"], who["group"])
        source = f"--host={primary.home}", f"--username={USER}"
        how = "--no-sync", "--write-recovery-conf", "--checkpoint=fast"
        self._run("pg_basebackup", *source, *how, f"--pgdata={self.data}")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = [f"unix_socket_directories={self.home}", "listen_addresses=", *self.settings]
        told = " ".join(f"-c '{option}'" for option in options)
        self._run("pg_ctl", "start", "--wait", f"--pgdata={self.data}", f"--options={told}",
                  f"--log={self.home / 'log'}")  # fmt: skip

    def stop(self, mode: str = "immediate") -> None:
        """Stops it; ``immediate`` is a crash, after which it recovers from its log."""
        self._run("pg_ctl", "stop", f"--mode={mode}", f"--pgdata={self.data}")

    def _run(self, tool: str, *arguments: str) -> None:
        assert BINARIES is not None, "see needs_binaries"
        done = subprocess.run(
            [BINARIES / tool, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if tool == "initdb" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT if tool == "initdb" else subprocess.DEVNULL,
            cwd=self.home,
            env=os.environ | {"LC_ALL": "C"},
            **_unprivileged(),
        )
        if done.returncode:
            log = self.home / "log"
            told = log.read_text() if log.exists() else (done.stdout or b"").decode()
            raise RuntimeError(f"{tool} {arguments} failed:\n{told[-2000:]}")

    @classmethod
    @contextmanager
    def running(cls, *settings: str, primary: Server | None = None) -> Iterator[Server]:
        """Return a server, perhaps another one's standby, that lasts as long as the block."""
        home = _short_folder()
        server = cls(home, *settings)
        try:
            if primary is None:
                server.make()
            else:
                server.copy_from(primary)
            server.start()
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.stop()
            shutil.rmtree(home, ignore_errors=True)


def _short_folder() -> Path:
    """A fresh folder with a short name: that of a socket has 107 bytes at most."""
    return Path(tempfile.mkdtemp(prefix="tl-", dir="/tmp"))


# --- one server for all workers of a run


@contextmanager
def _together() -> Iterator[Path]:
    """Return the folder by which the workers of one run meet, one at a time."""
    folder = Path(os.environ[_SHARED])
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def meet(folder: Path) -> None:
    """Say where the workers of one run meet."""
    os.environ.setdefault(_SHARED, str(folder))


def shared() -> str:
    """Return the URL of the server of this run, which is started if need be."""
    if SETTING not in os.environ:
        with _together() as folder:
            note = folder / "home"
            server = Server(Path(note.read_text()) if note.exists() else _short_folder(), *FAST)
            if not note.exists():
                _sweep(folder.parent)
                server.make()
                note.write_text(str(server.home))
            if not (server.data / "postmaster.pid").exists():
                server.start()
            with (folder / "users").open("a") as users:
                users.write(f"{os.getpid()}\n")
            os.environ[SETTING] = server.url
            _started.append(os.getpid())
    return os.environ[SETTING]


def _sweep(folder: Path) -> None:
    """Stops the servers of runs that were killed: none of those who used them is there any more."""
    for note in folder.glob("*/home"):
        with suppress(OSError, RuntimeError):
            users = (note.parent / "users").read_text().split()
            if not any(Path(f"/proc/{user}").exists() for user in users) and Path("/proc").exists():
                Server(Path(note.read_text())).stop()
                shutil.rmtree(note.read_text(), ignore_errors=True)
                note.unlink()


_started: list[int] = []  # this process, where it uses the server of the run


def stop_shared() -> None:
    """Stops the server of this run where this process was the last to use it."""
    if os.getpid() not in _started:
        return
    _started.clear()
    del os.environ[SETTING]
    with _together() as folder:
        users = folder / "users"
        left = [user for user in users.read_text().split() if user != str(os.getpid())]
        users.write_text("".join(f"{user}\n" for user in left))
        if not left:
            server = Server(Path((folder / "home").read_text()))
            server.stop()
            shutil.rmtree(server.home, ignore_errors=True)
            (folder / "home").unlink()


# --- stores on it


def schema_of(folder: Path) -> str:
    """Return the schema that stands for a folder."""
    return "test_" + sha256(str(folder).encode()).hexdigest()[:16]


def on_server(folder: Path) -> PostgreSQLStore:
    """A store on the server of this run, in a schema of the folder's own."""
    return PostgreSQLStore(shared(), schema=schema_of(folder))


KINDS = ["memory", "sqlite", pytest.param("postgres", marks=MAY_BE_MISSING)]
"""The stores that come with the library, as parameters of a test."""


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[FullStore]:
    """Return a store of one of ``KINDS``, in a folder or in what stands for it."""
    if kind == "memory":
        store: FullStore = MemoryStore()
    else:
        store = SQLiteStore(folder / "war.db") if kind == "sqlite" else on_server(folder)
    try:
        yield store
    finally:
        store.close()
        if kind == "postgres":
            drop(folder)


def drop(folder: Path) -> None:
    """Take the folder's schema down."""
    with psycopg.connect(shared(), autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        name = sql.Identifier(schema_of(folder))
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(name))
