"""A safe container: one JSON document and some arrays in a zip that is written whole or not at all.

Nothing in it is compressed and nothing in it is code, so that reading costs no more memory than the file has bytes.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from minigrad.errors import FileError

FORMAT = "minigrad"
VERSION = 1
DOCUMENT = "document.json"
MEMBERS = 64
"""More arrays than this no file has."""
HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<|][biuf]\d)', 'fortran_order': False, 'shape': \(([\d, ]*)\), \} *\n",
    re.DOTALL,
)
"""The head of an .npy file as NumPy writes it, matched rather than evaluated."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time stamp of every member, so that the same content is the same bytes."""


class Archive(NamedTuple):
    """What a file holds: what it is called to be, a JSON document, arrays by name."""

    kind: str
    document: dict[str, Any]
    arrays: Mapping[str, np.ndarray]


def write(path: Any, archive: Archive) -> None:
    """Writes the archive beside its place and moves it there, so that a reader finds the old file or the new one.

    Raises FileError where the content is not fit for a file, or the folder cannot be written to.
    """
    place = place_of(path)
    with explained(place, "a file that cannot be written"):
        content = packed(archive)
        draft = place.with_name(f".{place.name}.{os.urandom(8).hex()}.part")
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        settle(place.parent)


def read(path: Any, kind: str) -> Archive:
    """Reads an archive of the given kind; raises FileError for whatever is not one that `write` made."""
    place = place_of(path)
    with explained(place, "a file that cannot be read"):
        with place.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise FileError("not a file", node=str(place), expected="a file that minigrad wrote")
            archive = unpacked(file, status.st_size, str(place))
        if archive.kind != kind:
            raise FileError("a file of another kind", node=str(place), found=archive.kind, expected=kind)
        return archive


def sweep(path: Any) -> None:
    """Removes drafts that writers of this file left behind when they were killed."""
    place = place_of(path)
    for draft in place.parent.glob(f".{glob_free(place.name)}.{'[0-9a-f]' * 16}.part"):
        draft.unlink(missing_ok=True)


def packed(archive: Archive) -> bytes:
    """The bytes of an archive, the same for the same content."""
    import zipfile  # and with it eleven modules more, for which `import minigrad` would wait

    whole = io.BytesIO()
    document = {"format": FORMAT, "version": VERSION, "kind": archive.kind, **archive.document}
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as bundle:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        bundle.writestr(zipfile.ZipInfo(DOCUMENT, EPOCH), text.encode())
        for name, array in archive.arrays.items():
            member = io.BytesIO()
            npy.write_array(member, plain(array), version=(1, 0), allow_pickle=False)
            bundle.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), member.getvalue())
    return whole.getvalue()


def unpacked(file: Any, size: int, place: str) -> Archive:
    """The archive in an open file of `size` bytes; raises FileError, or whatever the zip and JSON readers raise."""
    import zipfile

    with zipfile.ZipFile(file) as bundle:
        members = bundle.infolist()
        names = [member.filename for member in members]
        if DOCUMENT not in names or len(set(names)) < len(names) or len(names) > MEMBERS:
            raise FileError("a foreign file", node=place, expected="a file that minigrad wrote")
        if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
            raise FileError("a compressed or encrypted file", node=place, expected="members stored as they are")
        if sum(member.file_size for member in members) > size:
            raise FileError("a file that claims to hold more than its size", node=place, found=f"{size} bytes")
        contents = {member.filename: bundle.read(member) for member in members}
    document = json.loads(contents.pop(DOCUMENT).decode())
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise FileError("a foreign file", node=place, expected="a file that minigrad wrote")
    version, kind = document.pop("version", None), document.pop("kind", None)
    if type(version) is not int or version != VERSION:
        raise FileError(
            "a file of another version", node=place, found=version, expected=VERSION, cure="Update minigrad"
        )
    arrays = {name.removesuffix(".npy"): array(content, name) for name, content in contents.items()}
    return Archive(str(kind), document, arrays)


def array(content: bytes, name: str) -> np.ndarray:
    """An array from the bytes of an .npy file; raises FileError unless they are just those of plain numbers."""
    header = HEADER.match(content)
    if header is None or header.end() != 10 + int.from_bytes(content[8:10], "little"):
        raise FileError("not an array of numbers", node=name, expected="an .npy file, version 1.0, row-major")
    dtype, shape = np.dtype(header[1].decode()), [int(size) for size in header[2].split(b",") if size.strip()]
    if prod(shape) * dtype.itemsize != len(content) - header.end():
        raise FileError("an array that is not what it says", node=name, found=f"{dtype} of shape {shape}"[:80])
    return np.frombuffer(content, dtype, offset=header.end()).reshape(shape).copy()


def plain(array: np.ndarray) -> np.ndarray:
    """An array in row-major, little-endian order; raises FileError for anything but numbers and truth values."""
    found = np.array(array, order="C")
    if found.dtype.kind not in "biuf":
        raise FileError("an array that is not of numbers", found=found.dtype)
    return found.astype(found.dtype.newbyteorder("<"), copy=False)


def place_of(path: Any) -> Path:
    """A path; raises FileError for what is none."""
    try:
        place = Path(path)
    except TypeError as error:
        raise FileError("not a path", found=repr(path), expected="a string or a pathlib.Path") from error
    if not place.name:
        raise FileError("not the path of a file", found=repr(path))
    return place


def settle(folder: Path) -> None:
    """Waits until the folder itself has reached the disk, where the system lets a folder be opened."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def glob_free(name: str) -> str:
    """A name as a pattern that fits itself alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


@contextmanager
def explained(place: Path, what: str) -> Iterator[None]:
    """Turns whatever goes wrong inside, from a missing folder to a hostile header, into a FileError."""
    try:
        yield
    except FileError:
        raise
    except Exception as error:
        raise FileError(what, node=str(place), found=f"{type(error).__name__}: {error}"[:200]) from error
