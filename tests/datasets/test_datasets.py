"""Data without a download: what the makers make, and what the readers take and refuse."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from minigrad import datasets
from minigrad.errors import DataError, MinigradError, SettingError

SEEDED = [datasets.two_moons, datasets.circles, datasets.spirals, datasets.curve]


def test_xor_is_parity_of_two_bits():
    X, T = datasets.xor()
    np.testing.assert_array_equal(X, [[0, 0], [0, 1], [1, 0], [1, 1]])
    np.testing.assert_array_equal(T, [0, 1, 1, 0])


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_parity_counts_the_ones_of_every_row_there_is(bits: int):
    X, T = datasets.parity(bits)
    assert len({tuple(row) for row in X.tolist()}) == 2**bits
    assert [sum(row) % 2 for row in X.tolist()] == T.tolist()


@pytest.mark.parametrize("maker", SEEDED, ids=lambda maker: maker.__name__)
def test_a_seed_decides_the_data(maker):
    once, again, other = maker(seed=1), maker(seed=1), maker(seed=2)
    np.testing.assert_array_equal(once[0], again[0])
    np.testing.assert_array_equal(once[1], again[1])
    assert not np.array_equal(once[0], other[0]) or not np.array_equal(once[1], other[1])


@pytest.mark.parametrize("maker", SEEDED, ids=lambda maker: maker.__name__)
def test_shapes_fit_what_fit_takes(maker):
    X, T = maker(count=31)
    network = mg.Network(*mg.mlp([X.shape[1], 3, 1], rng=0))
    assert X.shape[0] == 31
    assert T.shape == (31,)
    assert X.dtype == T.dtype == np.float64
    assert len(network.fit(X, T, epochs=1, progress=False).loss) == 1


def test_moons_without_noise_are_half_circles():
    X, T = datasets.two_moons(50, noise=0)
    np.testing.assert_allclose(np.hypot(*X[T == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*(X[T == 1] - [1.0, 0.5]).T), 1)
    assert X[T == 0, 1].min() >= 0
    assert X[T == 1, 1].max() <= 0.5
    assert T.sum() == 25


def test_circles_without_noise_are_circles():
    X, T = datasets.circles(50, noise=0, inner=0.3)
    np.testing.assert_allclose(np.hypot(*X[T == 0].T), 1)
    np.testing.assert_allclose(np.hypot(*X[T == 1].T), 0.3)


def test_spirals_have_as_many_arms_as_asked_for():
    X, T = datasets.spirals(90, arms=3, turns=0.0, noise=0)
    angles = np.round(np.degrees(np.arctan2(X[:, 1], X[:, 0]))) % 360
    assert {(label, angle) for label, angle in zip(T.tolist(), angles.tolist(), strict=True)} == {
        (0, 0),
        (1, 120),
        (2, 240),
    }
    assert np.hypot(*X.T).max() <= 1


@pytest.mark.parametrize("name", datasets.CURVES)
def test_curves_stay_within_their_square(name: str):
    X, T = datasets.curve(name, count=101, noise=0)
    assert (X.min(), X.max()) == (-1, 1)
    assert np.abs(T).max() <= 1 + 1e-12
    assert np.ptp(T) > 0.5


def test_noise_is_the_deviation_of_the_error():
    errors = datasets.curve(count=4000, noise=0.2)[1] - datasets.curve(count=4000, noise=0)[1]
    assert errors.std() == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize(
    "make",
    [
        lambda: datasets.parity(0),
        lambda: datasets.parity(21),
        lambda: datasets.parity(2.5),
        lambda: datasets.two_moons(0),
        lambda: datasets.two_moons(noise=-1),
        lambda: datasets.circles(inner=1.0),
        lambda: datasets.spirals(arms=0),
        lambda: datasets.spirals(turns=np.inf),
        lambda: datasets.curve("sinus"),
        lambda: datasets.two_moons(seed="x"),
    ],
)
def test_impossible_settings_are_refused(make):
    with pytest.raises(SettingError):
        make()


def write(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read(tmp_path: Path):
    table = datasets.read_csv(write(tmp_path, '\ufeffsize, "age",price\n1, 2,3\n\n4e0,-5,+6.5\n'), target="price")
    np.testing.assert_array_equal(table.X, [[1, 2], [4, -5]])
    np.testing.assert_array_equal(table.T, [3, 6.5])
    assert table.features[0] == "size"
    assert table.targets == ("price",)


def test_a_table_may_have_several_targets(tmp_path: Path):
    table = datasets.read_csv(write(tmp_path, "a;b;c\n1;2;3\n"), target=["c", "a"], delimiter=";")
    np.testing.assert_array_equal(table.X, [[2]])
    np.testing.assert_array_equal(table.T, [[3, 1]])
    assert (table.features, table.targets) == (("b",), ("c", "a"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "without rows"),
        ("a,b\n", "without rows"),
        ("1,2\n3,4\n", "line 1: a header is missing"),
        ("a,a\n1,2\n", "line 1: columns need names of their own; found 'a'"),
        ("a,,b\n1,2,3\n", "line 1: columns need names"),
        ("a,b\n1,2\n3\n", "line 3: a row of another length; found 1 cells, expected 2"),
        ("a,b\n1,2\n\n\n1,2,3\n", "line 5: a row of another length"),
        ("a,b\n1,2\n1,red\n", "line 3, column b: not a finite number; found 'red'"),
        ("a,b\n1,\n", "line 2, column b: not a finite number; found ''"),
        ("a,b\nnan,1\n", "column a: not a finite number"),
        ("a,b\n1e999,1\n", "column a: not a finite number"),
        ("a,b\n1_000,1\n", "column a: not a finite number"),
        ('a,b\n"1,5",2\n', "found '1,5'. Write decimal points"),
        ("a,b\n1,2\x00\n", "column b: not a finite number"),
        ('a,b\n"1\n2",3\n', "line 3, column a: not a finite number"),
        ("a,b\n1," + "7" * 200_000 + "\n", "cannot be read"),
        ("a;b\n1;2\n", "no such column"),
        ("a,c\n1,2\n", "no such column; found 'b', expected one of a, c"),
        ("b\n1\n", "columns on one side only"),
    ],
)
def test_a_table_that_is_none_is_refused_with_the_line(tmp_path: Path, text: str, words: str):
    path = write(tmp_path, text)
    with pytest.raises(DataError, match=words):
        datasets.read_csv(path, target="b")


@pytest.mark.parametrize(("target", "words"), [(1, "found 1"), (None, "found None"), (["b", "b"], "named twice")])
def test_a_target_that_is_no_name_is_refused(tmp_path: Path, target: object, words: str):
    with pytest.raises(SettingError, match=words):
        datasets.read_csv(write(tmp_path, "a,b\n1,2\n"), target=target)


def test_files_that_are_no_text_are_refused(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(DataError, match="Save it as text in UTF-8"):
        datasets.read_csv(path, target="b")
    for place in (path, tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(DataError, match="cannot be read"):
            datasets.read_csv(place, target="b")
    with pytest.raises(DataError, match="cannot be read"):
        datasets.read_csv(write(tmp_path, "a,b\n1,2\n"), target="b", delimiter="--")


def idx(array: np.ndarray, code: int) -> bytes:
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
    path.write_bytes(pack(idx(array, code)))
    found = datasets.read_idx(path)
    assert found.dtype == array.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)
    found[...] = 0


HOSTILE = {
    "empty": b"",
    "short magic": b"\0\0\x08",
    "foreign": b"\x89PNG\r\n\x1a\n",
    "unknown type": idx(IMAGES, 0x0A),
    "no axes": bytes([0, 0, 8, 0, 1]),
    "255 axes": bytes([0, 0, 8, 255]) + b"\0\0\0\1" * 255,
    "half a shape": idx(IMAGES, 8)[:10],
    "cut short": idx(IMAGES, 8)[:-1],
    "too long": idx(IMAGES, 8) + b"\0",
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
    with pytest.raises(DataError, match=r"data: (not an IDX file|an impossible shape|not what the header says)"):
        datasets.read_idx(path)


def test_a_small_archive_of_much_is_not_unpacked_beyond_its_shape(tmp_path: Path):
    path = tmp_path / "data"
    path.write_bytes(gzip.compress(idx(IMAGES, 8) + bytes(1 << 24)))
    with pytest.raises(DataError, match="found more, expected 24"):
        datasets.read_idx(path)


def test_damaged_archives_are_refused(tmp_path: Path):
    path = tmp_path / "data"
    whole = gzip.compress(idx(IMAGES, 8))
    for place in range(2, len(whole)):
        path.write_bytes(whole[:place])
        with pytest.raises(MinigradError):
            datasets.read_idx(path)
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            np.testing.assert_array_equal(datasets.read_idx(path), IMAGES)  # a byte that means nothing
        except MinigradError as error:
            assert str(path) in str(error)
    with pytest.raises(DataError, match="cannot be read"):
        datasets.read_idx(tmp_path / "nowhere")
