"""Reads and writes the files of one folder by their names, each whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import attrs

from timeline.errors import StoreError

__all__ = ["Folder", "there"]


def there(path: str) -> bool:
    """Says whether there is a file or folder, as this process sees it."""
    return Path(path).exists()


def _absolute(path: str | os.PathLike[str]) -> str:
    return str(Path(path).absolute())


@attrs.frozen
class Folder:
    """A folder that every worker sees under the same path; made where a file is written into it."""

    path: str = attrs.field(converter=_absolute)

    def read(self, name: str) -> bytes:
        """Gives the bytes of a file. Raises ``OSError`` where there is none."""
        return self._file(name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Writes a file durably, in place of the one of its name; a reader sees the old or the new.

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
