"""The reader of CSV files: what it reads, and the sentences with which it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minigrad import datasets
from minigrad.errors import DataError, FileError, SettingError


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
        (",,b\n1,2,3\n", "line 1: a column name is missing"),
        (",a,b\nx,2,3\n", "the first column has no name, and does not number the rows.*index=False"),
        (",a,b\n1,2,3\n1,2,3\n", "the first column has no name"),
        (",a,b\n0.5,2,3\n", "the first column has no name"),
        (",a,b\n1,2,3\n,2,3\n", "the first column has no name"),
        ("a,b\n1,2\n3\n", "line 3: a row of the wrong length; found 1 cell, expected 2"),
        ("a,b\n1,2\n\n\n1,2,3\n", "line 5: a row of the wrong length"),
        ("a,b\n1,2\n1,red\n", "line 3, column b: not a finite number; found 'red'"),
        ("a,b\n1,\n", "line 2, column b: not a finite number; found ''. Fill it in or drop the line"),
        ("a,b\nnan,1\n", "line 2, column a: not a finite number; found 'nan'. Fill it in"),
        ("a,b\n1,2\n?,1\n", "line 3, column a: not a finite number; found '\\?'. Fill it in"),
        ("a,b\n1,2\nNA,1\n", "found 'NA'. Fill it in"),
        ("a,b\n1,x\n2,\n", "line 3, column b: not a label; found ''"),
        ("a,b\nx,1\ny,2\n", "line 2, column a: not a finite number; found 'x'. Pass categories="),
        ("a,b\nx,1\n2,2\n", "line 2, column a: not a finite number; found 'x'. Correct it"),
        ("a,b\n2024-01-31,1\n", "line 2, column a: not a finite number; found '2024-01-31'. Write dates as numbers"),
        ("a,b\n31.01.2024,1\n", "Write dates as numbers"),
        ("a,b\n1/31/24,1\n", "Write dates as numbers"),
        ("a,b\n2024-01-31T12:00:00Z,1\n", "Write dates as numbers"),
        ("a,b\n12:30,1\n", "Write dates as numbers"),
        ("a,b\n31 Jan 2024,1\n", "Write dates as numbers"),
        ("a,b\n1,2024-01-31\n", "column b: not a finite number; found '2024-01-31'. Write dates as numbers"),
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


FLATS = "kind,area,sold\nhouse,1,yes\n flat,,no\nflat,4,yes\n"


def test_text_becomes_columns_or_numbers(tmp_path: Path):
    path = write_table(tmp_path, FLATS)
    table = datasets.read_csv(path, "sold", categories="one-hot", fill=0)
    np.testing.assert_array_equal(table.X, [[0, 1, 1], [1, 0, 0], [1, 0, 4]])
    assert table.features == ("kind=flat", "kind=house", "area")
    assert table.categories == {"kind": ("flat", "house")}
    assert table.T.tolist() == ["yes", "no", "yes"]
    indices = datasets.read_csv(path, ["sold"], categories="index", fill="mean")
    np.testing.assert_array_equal(indices.X, [[1, 1], [0, 2.5], [0, 4]])
    assert (indices.features, indices.categories) == (("kind", "area"), table.categories)
    assert indices.T.tolist() == [["yes"], ["no"], ["yes"]]
    assert indices.X.dtype == np.float64


@pytest.mark.parametrize("categories", ["one-hot", "index"])
def test_another_table_has_the_categories_of_the_first(tmp_path: Path, categories: str):
    first = datasets.read_csv(write_table(tmp_path, FLATS), "sold", categories=categories, fill=0)
    settings = {"categories": categories, "known_categories": first.categories}
    path = write_table(tmp_path, "kind,area,sold\nhouse,1,yes\n")
    second = datasets.read_csv(path, "sold", **settings)
    np.testing.assert_array_equal(second.X, first.X[:1])
    assert (second.features, second.categories) == (first.features, first.categories)
    with pytest.raises(DataError, match="column kind: an unknown category; found 'barn' at row 1, expected one of"):
        datasets.read_csv(write_table(tmp_path, "kind,area,sold\nflat,1,no\nbarn,1,yes\n"), "sold", **settings)


def test_row_numbers_of_data_frames_are_skipped(tmp_path: Path):
    table = datasets.read_csv(write_table(tmp_path, ",size,price\n7,1.5,10\n2,2.5,11\n"), target="price")
    np.testing.assert_array_equal(table.X, [[1.5], [2.5]])
    assert table.features == ("size",)


@pytest.mark.parametrize("gap", ["", " ", "nan", "NaN", "NA", "n/a", "null", "?"])
def test_gaps_are_filled_as_asked(tmp_path: Path, gap: str):
    path = write_table(tmp_path, f"a,b,y\n1,5,0\n{gap},6,0\n3,7,0\n")
    np.testing.assert_array_equal(datasets.read_csv(path, "y", fill="mean").X[:, 0], [1, 2, 3])
    np.testing.assert_array_equal(datasets.read_csv(path, "y", fill=-1).X[:, 0], [1, -1, 3])
    with pytest.raises(DataError, match="line 3, column a: not a finite number"):
        datasets.read_csv(path, "y")
    with pytest.raises(DataError, match="line 3, column a: not a finite number"):
        datasets.read_csv(path, "a", fill="mean")
    with pytest.raises(DataError, match=r"line 2, column a: not a finite number.*gaps only"):
        datasets.read_csv(write_table(tmp_path, f"a,y\n{gap},6\n{gap},7\n"), "y", fill="mean")
    with pytest.raises(DataError, match="line 2, column a: not a label"):
        datasets.read_csv(write_table(tmp_path, f"a,y\n{gap},6\nred,7\n"), "y", fill="mean", categories="one-hot")


@pytest.mark.parametrize("text", ["2024-01-31", "1,5", "1_000", "1e999"])
def test_what_is_meant_as_a_number_is_no_category(tmp_path: Path, text: str):
    for target in ("a", "b"):
        with pytest.raises(DataError, match="line 2, column a: not a finite number"):
            datasets.read_csv(write_table(tmp_path, f'a,b\n"{text}",1\n'), target, categories="one-hot")


def test_a_column_of_names_is_no_category(tmp_path: Path):
    text = "a,b\n" + "".join(f"n{number},{number}\n" for number in range(1001))
    with pytest.raises(DataError, match="too many categories; found 1001, expected at most 1000"):
        datasets.read_csv(write_table(tmp_path, text), "b", categories="one-hot")


@pytest.mark.parametrize(
    "settings", [{"categories": "onehot"}, {"categories": True}, {"fill": "median"}, {"fill": np.inf}, {"fill": True}]
)
def test_settings_of_a_table_are_checked(tmp_path: Path, settings: dict[str, object]):
    with pytest.raises(SettingError, match=f"{next(iter(settings))}: an impossible setting"):
        datasets.read_csv(write_table(tmp_path, "a,b\n1,2\n"), "b", **settings)


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
