"""Reads and writes the files of one folder by their names, each whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import attrs

from timeline.errors import StoreError

__all__ = ["Folder", "there"]


def there(path: str) -> bool:
    """Return whether there is a file or folder, as this process sees it."""
    return Path(path).exists()


def _absolute(path: str | os.PathLike[str]) -> str:
    return str(Path(path).absolute())


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@attrs.frozen
class Folder:
    """A folder that every worker sees under the same path; made where a file is written into it."""

    path: str = attrs.field(converter=_absolute)

    def read(self, name: str, *, size: int | None = None, most: int | None = None) -> bytes:
        """Return the bytes of a file. Raises ``OSError`` where there is none.

        ``size`` is how many it has to have, ``most`` the most that are read. Raises ``StoreError``
        for another size and for what is no file, such as a device or a pipe, before reading.
        """
        file = self._file(name)
        # A pipe that nobody writes to isn't waited for.
        with open(file, "rb", opener=_open) as source:
            state = os.fstat(source.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise StoreError(f"{file} isn't a file; nothing was read of it")
            if size not in (None, state.st_size) or (most is not None and state.st_size > most):
                wanted = f"{most} at most" if size is None else f"{size}"
                raise StoreError(f"{file} has {state.st_size} bytes and should have {wanted}")
            return source.read(state.st_size)

    def write(self, name: str, content: bytes) -> None:
        """Write a file durably, in place of the one of its name; a reader sees the old or the new.

        Raises ``StoreError`` where the disk refuses.
        """
        file = self._file(name)
        # Two that write the same file, one of which was taken for lost, don't meet.
        partial = file.with_name(f".{name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            try:
                with partial.open("xb") as out:
                    out.write(content)
                    out.flush()
                    os.fsync(out.fileno())
                partial.replace(file)
            finally:
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{file} can't be written: {error}") from error

    def _file(self, name: str) -> Path:
        if Path(name).name != name or name in ("", ".", ".."):
            raise StoreError(f"{name!r} is no file of {self.path}; a name has no folder in it")
        return Path(self.path) / name
