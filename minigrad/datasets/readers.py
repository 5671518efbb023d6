"""Readers for data that you have as files: tables of numbers in CSV, arrays in IDX."""

from __future__ import annotations

import csv
import gzip
import zlib
from array import array
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from math import isfinite, prod
from os import PathLike
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

from minigrad._format import count_noun, describe_value
from minigrad._io import open_file, to_path
from minigrad._validation import as_tuple
from minigrad.errors import DataError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 1 << 31
"""What `read_idx` reads at most; MNIST's training images are 47 million bytes."""

MAX_AXES = 8
CHUNK_BYTES = 1 << 20

IDX_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


class Table(NamedTuple):
    r"""Table of numbers as `read_csv` returns it.

    Args:
        X: Samples, of shape (rows, features).
        T: Targets, of shape (rows,) or (rows, targets).
        features: Names of the columns of X.
        targets: Names of the columns of T.

    Example:
        >>> from pathlib import Path
        >>> size = Path("houses.csv").write_text("area,age,price\n80,12,210\n125,3,395\n")
        >>> X, T, features, targets = mg.datasets.read_csv("houses.csv", target="price")
        >>> print(features, targets)
        ('area', 'age') ('price',)
    """

    X: np.ndarray
    T: np.ndarray
    features: tuple[str, ...]
    targets: tuple[str, ...]


def read_csv(path: str | PathLike[str], target: str | Sequence[str], delimiter: str = ",") -> Table:
    r"""Read a table of plain numbers under a header of names; the columns named by `target` become T, the others X.

    Empty lines are skipped.

    Args:
        path: Path of the file, text in UTF-8.
        target: Name of the column to predict, or a list of names.
        delimiter: Character between two cells.

    Returns:
        A `Table`: X of shape (rows, features), T of shape (rows,) for one name and (rows, targets) for a list.

    Raises:
        DataError: If a row has another length than the header, a cell is not a finite number, a target is not in the
            header, or the file is no text; the message names the line.
        FileError: If the file cannot be read.
        SettingError: If `target` is not a name or a list of names, or names a column twice.

    Example:
        >>> from pathlib import Path
        >>> size = Path("houses.csv").write_text("area,age,price\n80,12,210\n125,3,395\n")
        >>> table = mg.datasets.read_csv("houses.csv", target="price")
        >>> print(table.X.tolist(), table.T)
        [[80.0, 12.0], [125.0, 3.0]] [210. 395.]
    """
    targets = as_tuple(target, (str,), "target", "the name of a column, or a list of them")
    if len(set(targets)) < len(targets):
        raise SettingError(
            "a column is named twice", node="target", found=describe_value(target), expected="each column once"
        )
    names, rows = parse_table(to_path(path), delimiter, targets)
    features = tuple(name for name in names if name not in targets)
    if not features or not targets:
        raise DataError("no column to predict, or none to learn from", node=str(path), expected="at least one of each")
    T = rows[:, [names.index(name) for name in targets]]
    X = rows[:, [names.index(name) for name in features]]
    return Table(X, T[:, 0] if isinstance(target, str) else T, features, targets)


def parse_table(path: Path, delimiter: str, targets: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the header and the numbers under it; raise DataError as `read_csv` says."""
    numbers = array("d")
    names: tuple[str, ...] = ()
    try:
        with open_file(path) as binary, TextIOWrapper(binary, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            for cells in reader:
                where = f"{path}, line {reader.line_num}"
                if not any(map(str.strip, cells)) and len(cells) <= 1:
                    continue
                if not names:
                    names = parse_header(cells, targets, where)
                    continue
                if len(cells) != len(names):
                    found = count_noun(len(cells), "cell")
                    raise DataError("a row of the wrong length", node=where, found=found, expected=len(names))
                numbers.extend(
                    parse_number(cell, f"{where}, column {name}") for cell, name in zip(cells, names, strict=True)
                )
    except (UnicodeError, csv.Error, TypeError) as error:
        cure = "Save it as text in UTF-8." if isinstance(error, UnicodeError) else None
        raise DataError("cannot read the table", node=str(path), found=str(error), cure=cure) from error
    if not numbers:
        raise DataError("the table has no rows", node=str(path), expected="a header, and a row for each sample")
    return names, np.array(numbers).reshape(-1, len(names))


def parse_header(cells: Sequence[str], targets: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the names of the columns; raise DataError for names missing or used twice, or numbers instead."""
    names = tuple(map(str.strip, cells))
    cure = "Name every column in the first line, each name once."
    for column, name in enumerate(names):
        if not name or name in names[:column]:
            raise DataError("a column name is missing or used twice", node=where, found=describe_value(name), cure=cure)
    if all(is_numeral(name) for name in names):
        raise DataError("the header is missing", node=where, found=", ".join(names[:4]), cure=cure)
    for name in targets:
        if name not in names:
            cure = "Pass delimiter=… if cells are not separated by commas." if len(names) == 1 else ""
            expected = f"one of {', '.join(names)}"
            raise DataError("no such column", node=where, found=describe_value(name), expected=expected, cure=cure)
    return names


def parse_number(cell: str, where: str) -> float:
    """Return the number in a cell; raise DataError for anything but a finite one."""
    if is_numeral(cell) and isfinite(number := float(cell)):
        return number
    cure = "Fill in or drop missing values, and encode categories as numbers."
    if is_numeral(cell.replace(",", ".", 1)):
        cure = "Use decimal points instead of decimal commas."
    raise DataError("not a finite number", node=where, found=describe_value(cell[:40]), cure=cure)


def is_numeral(text: str) -> bool:
    """Return whether a text is a number as tables write them; Python's 1_000 is not."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def read_idx(path: str | PathLike[str]) -> np.ndarray:
    """Read an array from an IDX file, the format of MNIST's images and labels, plain or gzipped.

    For training scale and flatten images: `images.reshape(len(images), -1) / 255`.
    Source: LeCun, Cortes and Burges, The MNIST Database of Handwritten Digits.

    Args:
        path: Path of the file.

    Returns:
        An array of the type and shape that the file names: images (count, rows, columns) of uint8, labels (count,).

    Raises:
        DataError: If the file has another format, another length than its shape asks for, or more than 2³¹ bytes.
        FileError: If the file cannot be read.

    Example:
        >>> from pathlib import Path
        >>> size = Path("labels.idx").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))  # uint8, 1 axis of 3
        >>> print(mg.datasets.read_idx("labels.idx"))
        [7 2 1]
    """
    try:
        with open_file(path) as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if not is_gzip:
                return parse_idx(file, str(path))
            with gzip.open(file) as unzipped:
                return parse_idx(unzipped, str(path))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError("cannot read the file", node=str(path), found=str(error)) from error


def parse_idx(file: BinaryIO | gzip.GzipFile, path: str) -> np.ndarray:
    """Return the array in an IDX file; raise DataError as `read_idx` says."""
    magic = b"".join(read_chunks(file, 4))
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in IDX_DTYPES or not 1 <= magic[3] <= MAX_AXES:
        found, expected = magic.hex(" ") or "nothing", f"00 00, a type from 08 to 0e, and 1 to {MAX_AXES} axes"
        raise DataError("not an IDX file", node=path, found=f"first bytes {found}", expected=expected)
    dtype = np.dtype(IDX_DTYPES[magic[2]])
    sizes = b"".join(read_chunks(file, 4 * magic[3]))
    shape = tuple(int.from_bytes(sizes[start : start + 4], "big") for start in range(0, 4 * magic[3], 4))
    size = prod(shape) * dtype.itemsize
    if len(sizes) < 4 * magic[3] or not 0 < size <= MAX_BYTES:
        raise DataError(
            "the shape is incomplete, empty or too large",
            node=path,
            found=shape,
            expected=f"1 to {MAX_BYTES} bytes of data",
        )
    content = bytearray()
    for chunk in read_chunks(file, size + 1):
        content += chunk
    if len(content) != size:
        found = f"{len(content)} bytes of data" if len(content) < size else "more data"
        raise DataError(
            "the data does not match the header", node=path, found=found, expected=f"{size} bytes for {shape}"
        )
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def read_chunks(file: BinaryIO | gzip.GzipFile, count: int) -> Iterator[bytes]:
    """Yield at most `count` bytes in chunks, so that what a header promises is never allocated before it is there."""
    while count and (chunk := file.read(min(count, CHUNK_BYTES))):
        count -= len(chunk)
        yield chunk
