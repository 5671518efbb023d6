"""The reader of IDX files: what it reads, and the sentences with which it refuses."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from minigrad import datasets
from minigrad.errors import DataError, FileError, MinigradError


def encode_idx(array: np.ndarray, code: int) -> bytes:
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(array.dtype.newbyteorder(">")).tobytes()


IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("array", "code"),
    [
        (IMAGES, 0x08),
        (np.array([-1, 1], np.int8), 0x09),
        (np.array([[-300, 2]], np.int16), 0x0B),
        (np.array([70_000], np.int32), 0x0C),
        (np.array([0.5, -2], np.float32), 0x0D),
        (np.array([[0.1]], np.float64), 0x0E),
    ],
    ids=lambda value: str(getattr(value, "dtype", value)),
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_idx_files_are_read(tmp_path: Path, array: np.ndarray, code: int, pack):
    path = tmp_path / "data"
    path.write_bytes(pack(encode_idx(array, code)))
    result = datasets.read_idx(path)
    assert result.dtype == array.dtype
    assert result.dtype.isnative
    np.testing.assert_array_equal(result, array)
    result[...] = 0


HOSTILE = {
    "empty": b"",
    "short magic": b"\0\0\x08",
    "foreign": b"\x89PNG\r\n\x1a\n",
    "unknown type": encode_idx(IMAGES, 0x0A),
    "no axes": bytes([0, 0, 8, 0, 1]),
    "255 axes": bytes([0, 0, 8, 255]) + b"\0\0\0\1" * 255,
    "half a shape": encode_idx(IMAGES, 8)[:10],
    "cut short": encode_idx(IMAGES, 8)[:-1],
    "too long": encode_idx(IMAGES, 8) + b"\0",
    "nothing": bytes([0, 0, 8, 2]) + struct.pack(">2I", 0, 5),
    "4 GB": bytes([0, 0, 8, 1]) + struct.pack(">I", 2**32 - 1),
    "more than memory": bytes([0, 0, 14, 8]) + struct.pack(">I", 2**32 - 1) * 8,
    "nothing of much": bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**32 - 1, 2**32 - 1, 0),
    "2 GB promised": bytes([0, 0, 8, 1]) + struct.pack(">I", 2**31) + b"abc",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_hostile_idx_files_are_refused(tmp_path: Path, name: str, pack):
    path = tmp_path / "data"
    path.write_bytes(pack(HOSTILE[name]))
    with pytest.raises(DataError, match=r"data: (not an IDX file|the shape is incomplete|the data does not match)"):
        datasets.read_idx(path)


def test_a_small_archive_of_much_is_not_unpacked_beyond_its_shape(tmp_path: Path):
    path = tmp_path / "data"
    path.write_bytes(gzip.compress(encode_idx(IMAGES, 8) + bytes(1 << 24)))
    with pytest.raises(DataError, match="found more data, expected 24"):
        datasets.read_idx(path)


def test_damaged_archives_are_refused(tmp_path: Path):
    path = tmp_path / "data"
    content = gzip.compress(encode_idx(IMAGES, 8))
    for position in range(2, len(content)):
        path.write_bytes(content[:position])
        with pytest.raises(MinigradError):
            datasets.read_idx(path)
        path.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
        try:
            np.testing.assert_array_equal(datasets.read_idx(path), IMAGES)  # a byte that means nothing
        except MinigradError as error:
            assert str(path) in str(error)
    with pytest.raises(FileError, match="cannot read the file"):
        datasets.read_idx(tmp_path / "nowhere")
