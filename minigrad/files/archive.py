"""A safe container: one JSON document and some arrays in a zip that is written completely or not at all.

Nothing in it is compressed and nothing in it is code, so that reading costs no more memory than the file has bytes.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from minigrad.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path

# json, pathlib and zipfile are imported in functions: most programs never write a file, and `import minigrad` is fast.

FORMAT = "minigrad"
VERSION = 1
DOCUMENT = "document.json"
MAX_MEMBERS = 64
"""No file has more arrays than this."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time stamp of every member, so that the same content is the same bytes."""

# NumPy's own reader passes this header to ast.literal_eval, which runs Python's compiler on the bytes of the file, and
# allocates the shape that it claims before comparing it with the bytes there are. The pattern admits only the headers
# that NumPy writes for plain numbers in row-major, little-endian order, and decode_array compares before it allocates.
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<|][biuf]\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n",
    re.DOTALL,
)


class Archive(NamedTuple):
    """Content of a file: its kind, a JSON document, arrays by name."""

    kind: str
    document: dict[str, Any]
    arrays: Mapping[str, np.ndarray]


def write_archive(path: Any, archive: Archive) -> None:
    """Write an archive beside its path and move it there, so that a reader sees the old file or the new one.

    Raise FileError where the content cannot be stored, or the folder cannot be written to.
    """
    path = to_path(path)
    with as_file_error(path, "cannot write the file"):
        content = encode_archive(archive)
        draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}.part")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)


def read_archive(path: Any, kind: str) -> Archive:
    """Read an archive of the given kind; raise FileError for whatever `write_archive` did not write."""
    path = to_path(path)
    with as_file_error(path, "cannot read the file"):
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise FileError("not a regular file", node=str(path), expected="a file that minigrad wrote")
            archive = decode_archive(file, status.st_size, str(path))
        if archive.kind != kind:
            raise FileError("the file is of another kind", node=str(path), found=archive.kind, expected=kind)
        return archive


def remove_drafts(path: Any) -> None:
    """Remove the unfinished files that writers to this path left behind when they were killed."""
    from glob import escape

    path = to_path(path)
    for draft in path.parent.glob(f".{escape(path.name)}.{'[0-9a-f]' * 16}.part"):
        draft.unlink(missing_ok=True)


def encode_archive(archive: Archive) -> bytes:
    """Return the bytes of an archive, the same for the same content."""
    import json
    import zipfile

    buffer = io.BytesIO()
    document = {"format": FORMAT, "version": VERSION, "kind": archive.kind, **archive.document}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as bundle:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        bundle.writestr(zipfile.ZipInfo(DOCUMENT, EPOCH), text.encode())
        for name, array in archive.arrays.items():
            bundle.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), encode_array(array))
    return buffer.getvalue()


def decode_archive(file: Any, size: int, path: str) -> Archive:
    """Return the archive in an open file of `size` bytes; raise FileError, or what the zip and JSON readers raise."""
    import json
    import zipfile

    with zipfile.ZipFile(file) as bundle:
        members = bundle.infolist()
        names = [member.filename for member in members]
        if DOCUMENT not in names or len(set(names)) < len(names) or len(names) > MAX_MEMBERS:
            raise FileError("not a minigrad file", node=path, expected="a file that minigrad wrote")
        if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
            raise FileError("the file is compressed or encrypted", node=path, expected="members stored as they are")
        if sum(member.file_size for member in members) > size:
            raise FileError("the file claims to contain more than its size", node=path, found=f"{size} bytes")
        contents = {member.filename: bundle.read(member) for member in members}
    document = json.loads(contents.pop(DOCUMENT).decode())
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise FileError("not a minigrad file", node=path, expected="a file that minigrad wrote")
    version, kind = document.pop("version", None), document.pop("kind", None)
    if type(version) is not int or version != VERSION:
        raise FileError("unknown file version", node=path, found=version, expected=VERSION, cure="Update minigrad.")
    arrays = {name.removesuffix(".npy"): decode_array(content, name) for name, content in contents.items()}
    return Archive(str(kind), document, arrays)


def encode_array(array: np.ndarray) -> bytes:
    """Return an .npy file in row-major, little-endian order; raise FileError for all but numbers and truth values."""
    array = np.array(array, order="C")
    if array.dtype.kind not in "biuf":
        raise FileError("not an array of numbers", found=array.dtype)
    buffer = io.BytesIO()
    little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
    npy.write_array(buffer, little_endian, version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def decode_array(content: bytes, name: str) -> np.ndarray:
    """Return the array in the bytes of an .npy file; raise FileError unless they are just those of plain numbers."""
    header = HEADER.match(content)
    if header is None or header.end() != 10 + int.from_bytes(content[8:10], "little"):
        raise FileError("not an array of numbers", node=name, expected="an .npy file, version 1.0, row-major")
    dtype, shape = np.dtype(header[1].decode()), [int(size) for size in header[2].split(b",") if size.strip()]
    if prod(shape) * dtype.itemsize != len(content) - header.end():
        raise FileError("the array does not match its header", node=name, found=f"{dtype} of shape {shape}"[:80])
    return np.frombuffer(content, dtype, offset=header.end()).reshape(shape).copy()


def to_path(path: Any) -> Path:
    """Return a path; raise FileError for what is none."""
    from pathlib import Path

    try:
        result = Path(path)
    except TypeError as error:
        raise FileError("not a path", found=repr(path), expected="a string or a pathlib.Path") from error
    if not result.name:
        raise FileError("the path does not name a file", found=repr(path))
    return result


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
    """Raise whatever goes wrong inside, from a missing folder to a hostile header, as a FileError."""
    try:
        yield
    except FileError:
        raise
    except Exception as error:
        raise FileError(what, node=str(path), found=f"{type(error).__name__}: {error}"[:200]) from error
