"""Arrays in IDX files, the format of MNIST."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from math import prod
from os import PathLike
from typing import BinaryIO

import numpy as np

from minigrad._io import open_file
from minigrad.errors import DataError

MAX_BYTES = 1 << 31
"""What `read_idx` reads at most; MNIST's training images are 47 million bytes."""

MAX_AXES = 8
CHUNK_BYTES = 1 << 20

IDX_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


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
