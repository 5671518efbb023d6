"""TODO docstring."""

from __future__ import annotations

import csv
import gzip
import zlib
from array import array
from collections.abc import Iterator, Sequence
from math import isfinite, prod
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from minigrad._validation import as_tuple
from minigrad.errors import DataError, SettingError

MOST_BYTES = 1 << 31
"""What `read_idx` takes at most; MNIST's training images are 47 million bytes."""


MOST_AXES = 8


PIECE = 1 << 20


class Table(NamedTuple):
    """A table of numbers: samples X (rows, features), targets T, and the names of the columns of both."""

    X: np.ndarray
    T: np.ndarray
    features: tuple[str, ...]
    targets: tuple[str, ...]


def read_csv(path: str | PathLike[str], target: str | Sequence[str], delimiter: str = ",") -> Table:
    """Reads a table of plain numbers under a header of names; the columns named by `target` become T, the others X.

    Shapes: X (rows, features); T (rows,) for one name, (rows, targets) for a list of them. Empty lines are passed over.
    Raises DataError, with the line, for a row of another length, for a cell that is no finite number, for a target that
    is not in the header, and for a file that cannot be read as text; SettingError for a target that is no name, or
    named twice.
    """
    wanted = as_tuple(target, (str,), "target", "the name of a column, or a list of them")
    if len(set(wanted)) < len(wanted):
        raise SettingError("a target named twice", node="target", found=repr(target), expected="each column once")
    names, rows = numbers_of(Path(path), delimiter, wanted)
    features = tuple(name for name in names if name not in wanted)
    if not features or not wanted:
        raise DataError("columns on one side only", node=str(path), expected="a target, and a column to learn from")
    T = rows[:, [names.index(name) for name in wanted]]
    X = rows[:, [names.index(name) for name in features]]
    return Table(X, T[:, 0] if isinstance(target, str) else T, features, wanted)


def numbers_of(path: Path, delimiter: str, wanted: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """The header and the numbers under it; raises DataError as `read_csv` says."""
    numbers = array("d")
    names: tuple[str, ...] = ()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            for cells in reader:
                where = f"{path}, line {reader.line_num}"
                if not any(map(str.strip, cells)) and len(cells) <= 1:
                    continue
                if not names:
                    names = header(cells, wanted, where)
                    continue
                if len(cells) != len(names):
                    raise DataError(
                        "a row of another length", node=where, found=f"{len(cells)} cells", expected=str(len(names))
                    )
                numbers.extend(number(cell, f"{where}, column {name}") for cell, name in zip(cells, names, strict=True))
    except (OSError, UnicodeError, csv.Error, TypeError) as error:
        cure = "Save it as text in UTF-8." if isinstance(error, UnicodeError) else None
        raise DataError("a table that cannot be read", node=str(path), found=str(error), cure=cure) from error
    if not numbers:
        raise DataError("a table without rows", node=str(path), expected="a header, and a row for each sample")
    return names, np.array(numbers).reshape(-1, len(names))


def header(cells: Sequence[str], wanted: Sequence[str], where: str) -> tuple[str, ...]:
    """The names of the columns; raises DataError for names missing or used twice, or where numbers stand."""
    names = tuple(map(str.strip, cells))
    cure = "The first line names the columns, each once."
    for place, name in enumerate(names):
        if not name or name in names[:place]:
            raise DataError("columns need names of their own", node=where, found=repr(name), cure=cure)
    if all(is_number(name) for name in names):
        raise DataError("a header is missing", node=where, found=", ".join(names[:4]), cure=cure)
    for name in wanted:
        if name not in names:
            mend = "Say delimiter=… where it is no comma." if len(names) == 1 else None
            raise DataError(
                "no such column", node=where, found=repr(name), expected=f"one of {', '.join(names)}", cure=mend
            )
    return names


def number(cell: str, where: str) -> float:
    """The number in a cell; raises DataError for anything but a finite one."""
    if not is_number(cell) or not isfinite(found := float(cell)):
        cure = "Fill or drop gaps and encode categories as numbers first."
        if is_number(cell.replace(",", ".", 1)):
            cure = "Write decimal points instead of commas first."
        raise DataError("not a finite number", node=where, found=repr(cell[:40]), cure=cure)
    return found


def is_number(text: str) -> bool:
    """Whether a text is a number as tables write them; Python's 1_000 is not."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def read_idx(path: str | PathLike[str]) -> np.ndarray:
    """Reads an array from an IDX file, the format of MNIST's images and labels, plain or gzipped.

    The array has the type and shape that the file names: images (count, rows, columns) of uint8, labels (count,); for
    training scale and flatten them, `images.reshape(len(images), -1) / 255`. Raises DataError for a file of another
    format, one that is too short or too long for its shape, and one that promises more than 2³¹ bytes.
    Source: LeCun, Cortes and Burges, *The MNIST database of handwritten digits*.
    """
    place = Path(path)
    try:
        with place.open("rb") as plain:
            zipped = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            if not zipped:
                return idx_array(plain, str(path))
            with gzip.open(plain) as unzipped:
                return idx_array(unzipped, str(path))
    except (OSError, EOFError, zlib.error) as error:
        raise DataError("a file that cannot be read", node=str(path), found=str(error)) from error


IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def idx_array(file: BinaryIO | gzip.GzipFile, path: str) -> np.ndarray:
    """The array that an IDX file holds; raises DataError as `read_idx` says."""
    magic = b"".join(pieces(file, 4))
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in IDX_TYPES or not 1 <= magic[3] <= MOST_AXES:
        raise DataError(
            "not an IDX file",
            node=path,
            found=f"first bytes {magic.hex(' ') or 'none'}",
            expected=f"00 00, the type 08 to 0e, and 1 to {MOST_AXES} axes",
        )
    dtype = np.dtype(IDX_TYPES[magic[2]])
    sizes = b"".join(pieces(file, 4 * magic[3]))
    shape = tuple(int.from_bytes(sizes[start : start + 4], "big") for start in range(0, 4 * magic[3], 4))
    expected = prod(shape) * dtype.itemsize
    if len(sizes) < 4 * magic[3] or not 0 < expected <= MOST_BYTES:
        raise DataError("an impossible shape", node=path, found=shape, expected=f"1 to {MOST_BYTES} bytes of data")
    content = bytearray()
    for piece in pieces(file, expected + 1):
        content += piece
    if len(content) != expected:
        found = f"{len(content)} bytes of data" if len(content) < expected else "more"
        raise DataError("not what the header says", node=path, found=found, expected=f"{expected} for shape {shape}")
    stored: np.ndarray[Any, Any] = np.frombuffer(content, dtype).reshape(shape)
    return stored.astype(dtype.newbyteorder("="), copy=False)


def pieces(file: BinaryIO | gzip.GzipFile, count: int) -> Iterator[bytes]:
    """At most `count` bytes, piece by piece, so that what a header promises is never held before it is there."""
    while count and (piece := file.read(min(count, PIECE))):
        count -= len(piece)
        yield piece
