"""Readers of CSV and IDX files: what they read, and the sentences with which they refuse."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from minigrad import datasets
from minigrad.errors import DataError, FileError, MinigradError, SettingError


def write_table(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read(tmp_path: Path):
    table = datasets.read_csv(write_table(tmp_path, '\ufeffsize, "age",price\n1, 2,3\n\n4e0,-5,+6.5\n'), target="price")
    np.testing.assert_array_equal(table.X, [[1, 2], [4, -5]])
    np.testing.assert_array_equal(table.T, [3, 6.5])
    assert table.features[0] == "size"
    assert table.targets == ("price",)


def test_a_table_may_have_several_targets(tmp_path: Path):
    table = datasets.read_csv(write_table(tmp_path, "a;b;c\n1;2;3\n"), target=["c", "a"], delimiter=";")
    np.testing.assert_array_equal(table.X, [[2]])
    np.testing.assert_array_equal(table.T, [[3, 1]])
    assert (table.features, table.targets) == (("b",), ("c", "a"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the table has no rows"),
        ("a,b\n", "the table has no rows"),
        ("1,2\n3,4\n", "line 1: the header is missing"),
        ("a,a\n1,2\n", "line 1: a column name is missing or used twice; found 'a'"),
        ("a,,b\n1,2,3\n", "line 1: a column name is missing"),
        ("a,b\n1,2\n3\n", "line 3: a row of the wrong length; found 1 cell, expected 2"),
        ("a,b\n1,2\n\n\n1,2,3\n", "line 5: a row of the wrong length"),
        ("a,b\n1,2\n1,red\n", "line 3, column b: not a finite number; found 'red'"),
        ("a,b\n1,\n", "line 2, column b: not a finite number; found ''"),
        ("a,b\nnan,1\n", "column a: not a finite number"),
        ("a,b\n1e999,1\n", "column a: not a finite number"),
        ("a,b\n1_000,1\n", "column a: not a finite number"),
        ('a,b\n"1,5",2\n', "found '1,5'. Use decimal points"),
        ("a,b\n1,2\x00\n", "column b: not a finite number"),
        ('a,b\n"1\n2",3\n', "line 3, column a: not a finite number"),
        ("a,b\n1," + "7" * 200_000 + "\n", "cannot read the"),
        ("a;b\n1;2\n", "no such column"),
        ("a,c\n1,2\n", "no such column; found 'b', expected one of a, c"),
        ("b\n1\n", "no column to predict, or none to learn from"),
    ],
)
def test_a_table_that_is_none_is_refused_with_the_line(tmp_path: Path, text: str, words: str):
    path = write_table(tmp_path, text)
    with pytest.raises(DataError, match=words):
        datasets.read_csv(path, target="b")


@pytest.mark.parametrize(("target", "words"), [(1, "found 1"), (None, "found None"), (["b", "b"], "named twice")])
def test_a_target_that_is_no_name_is_refused(tmp_path: Path, target: object, words: str):
    with pytest.raises(SettingError, match=words):
        datasets.read_csv(write_table(tmp_path, "a,b\n1,2\n"), target=target)


def test_files_that_are_no_text_are_refused(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(DataError, match="Save it as text in UTF-8"):
        datasets.read_csv(path, target="b")
    for bad_path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(FileError, match=r"not a regular file|cannot read the file"):
            datasets.read_csv(bad_path, target="b")
    with pytest.raises(DataError, match="cannot read the"):
        datasets.read_csv(write_table(tmp_path, "a,b\n1,2\n"), target="b", delimiter="--")


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
