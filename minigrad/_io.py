"""The one place where files are written and opened: written completely or not at all, and regular files only."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from minigrad._format import describe_value
from minigrad.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path

# pathlib is imported in functions: most programs never write a file, and `import minigrad` is fast.

KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
"""What a path may lead to that is no regular file."""

CURES = {
    errno.ENOENT: "Check the path; a folder has to be created first.",
    errno.ENOTDIR: "Check the path: a part of it is a file and no folder.",
    errno.EACCES: "Check the permissions of the file and of its folder.",
    errno.EPERM: "Check the permissions of the file and of its folder.",
    errno.EROFS: "Choose a folder that can be written to.",
    errno.ENOSPC: "Free some space, or choose another disk.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ELOOP: "Check the path: it is a link that leads back to itself.",
}
"""How to fix what the operating system reports."""


def write_file(path: Any, content: bytes) -> Path:
    """Write a file, and return its path: a reader sees the old file or the new one, complete.

    The content is written to a draft beside the file, which then takes its place. A link is followed to the file behind
    it, and an existing file keeps its permissions. Raises FileError, and leaves everything as it was, where the path
    leads to what is no regular file, or the file cannot be written.
    """
    path = to_path(path)
    with as_file_error(path, "cannot write the file"):
        mode = existing_mode(path)
        target = file_behind(path)
        draft = target.with_name(f".{target.name}.{os.urandom(8).hex()}.part")
        try:
            with open(draft, "xb", opener=create_private if mode is not None else None) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                draft.chmod(mode)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(target.parent)
    return path


@contextmanager
def open_file(path: Any) -> Iterator[BinaryIO]:
    """Open a regular file to read it; raise FileError at once for anything else, such as a pipe, and for OSErrors."""
    path = to_path(path)
    with as_file_error(path, "cannot read the file"):
        check_regular(path, path.stat())
        with path.open("rb") as file:
            yield file


def prepare_file(path: Any) -> bool:
    """Return whether a file exists that is to be read and written again and again.

    Unfinished files that killed writers left behind are removed. Raises FileError for what `write_file` would refuse.
    """
    from glob import escape

    path = to_path(path)
    with as_file_error(path, "cannot write the file"):
        exists = existing_mode(path) is not None
        target = file_behind(path)
        if not target.parent.is_dir():
            found = str(target.parent)
            raise FileError("the folder does not exist", node=str(path), found=found, cure="Create it first.")
        for draft in target.parent.glob(f".{escape(target.name)}.{'[0-9a-f]' * 16}.part"):
            draft.unlink(missing_ok=True)
    return exists


def to_path(path: Any) -> Path:
    """Return a path; raise FileError for what is none."""
    from pathlib import Path

    try:
        result = Path(path)
    except TypeError as error:
        raise FileError("not a path", found=describe_value(path), expected="a string or a pathlib.Path") from error
    try:
        encoded = os.fsencode(result)
    except UnicodeEncodeError:
        encoded = b"\0"
    if not result.name or b"\0" in encoded:
        raise FileError("the path does not name a file", found=describe_value(path))
    return result


def file_behind(path: Path) -> Path:
    """Return the path of the file that a link leads to, whether it exists or not; a path that is no link as it is."""
    return type(path)(os.path.realpath(path)) if path.is_symlink() else path


def existing_mode(path: Path) -> int | None:
    """Return the permissions of a file, None where there is none; raise FileError for what is no regular file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    check_regular(path, status)
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "the file is write-protected")
    return stat.S_IMODE(status.st_mode)


def check_regular(path: Path, status: os.stat_result) -> None:
    """Raise FileError unless a path leads to a regular file."""
    if not stat.S_ISREG(status.st_mode):
        found = KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise FileError("not a regular file", node=str(path), found=found, cure="Choose the path of a file.")


def create_private(path: Any, flags: int) -> int:
    """Open a file that nobody else can read until it gets the permissions of the file that it replaces."""
    return os.open(path, flags, 0o600)


def sync_folder(folder: Path) -> None:
    """Wait until the folder itself has reached the disk, where the system lets a folder be opened."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def as_file_error(path: Path, what: str) -> Iterator[None]:
    """Raise an OSError inside as a FileError about the path that the caller passed, with what may help."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        found = error.strerror or str(error) or type(error).__name__
        failure = FileError(what, node=str(path), found=found, cure=CURES.get(error.errno or 0))
        failure.errno = error.errno
        raise failure from error
