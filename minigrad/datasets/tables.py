"""Tables of numbers and text in CSV files."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from math import isfinite, nan
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minigrad._format import count_noun, describe_value, join_elided
from minigrad._io import open_file, to_path
from minigrad._validation import as_tuple, impossible_setting
from minigrad.errors import DataError, SettingError

ENCODINGS = ("one-hot", "index")
"""What columns of text may become."""
GAPS = frozenset(["", "nan", "na", "n/a", "null", "?"])
"""Cells without a value, in small letters."""
CURE_OF_GAPS = 'Fill it in or drop the line; for gaps among numbers to learn from pass fill="mean", or a number.'
MAX_CATEGORIES = 1000
DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(\D|$)|\d{1,2}:\d\d|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{2,4}$")


class Table(NamedTuple):
    r"""Table as `read_csv` returns it.

    Args:
        X: Samples, of shape (rows, features).
        T: Targets, of shape (rows,) or (rows, targets): numbers, or text as labels.
        features: Names of the columns of X.
        targets: Names of the columns of T.
        categories: The texts in each column of text among the features, by its name, in the order of their numbers.

    Example:
        >>> from pathlib import Path
        >>> size = Path("houses.csv").write_text("area,age,price\n80,12,210\n125,3,395\n")
        >>> X, T, features, targets, categories = mg.datasets.read_csv("houses.csv", target="price")
        >>> print(features, targets)
        ('area', 'age') ('price',)
    """

    X: np.ndarray
    T: np.ndarray
    features: tuple[str, ...]
    targets: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]


def read_csv(
    path: str | PathLike[str],
    target: str | Sequence[str],
    delimiter: str = ",",
    *,
    categories: str | None = None,
    known_categories: Mapping[str, Sequence[str]] | None = None,
    fill: float | str | None = None,
) -> Table:
    r"""Read a table under a header of names; the columns named by `target` become T, the others X.

    Empty lines are skipped, and so is a first column without a name that numbers the rows, as data frames write it.
    A single column of text as target becomes labels for `Network.fit`.

    Args:
        path: Path of the file, text in UTF-8.
        target: Name of the column to predict, or a list of names.
        delimiter: Character between two cells.
        categories: What columns of text among the features become: "one-hot", a column of 0 and 1 for each text, named
            column=text; or "index", the number of the text in alphabetical order. None refuses them.
        known_categories: `Table.categories` of a table read before, whose columns and numbers this one gets.
        fill: What gaps among the features become: a number, or "mean" for the mean of the column. None refuses them.
            A gap is an empty cell, or nan, NA, N/A, null or ? in small letters or capitals.

    Returns:
        A `Table`: X of shape (rows, features), T of shape (rows,) for one name and (rows, targets) for a list.

    Raises:
        DataError: If a row has another length than the header, a cell is a gap, a date or not a finite number where one
            is needed, a text is no known category, a target is not in the header, or the file cannot be read as text;
            the message names the line.
        FileError: If the file cannot be read.
        SettingError: If `target` is not a name or a list of names, or names a column twice, or another setting is
            impossible.

    Example:
        >>> from pathlib import Path
        >>> size = Path("houses.csv").write_text("area,kind,price\n80,flat,210\n,house,395\n")
        >>> table = mg.datasets.read_csv("houses.csv", target="price", categories="one-hot", fill="mean")
        >>> print(table.X.tolist(), table.T)
        [[80.0, 1.0, 0.0], [80.0, 0.0, 1.0]] [210. 395.]
        >>> print(table.features, table.categories)
        ('area', 'kind=flat', 'kind=house') {'kind': ('flat', 'house')}
    """
    targets = as_tuple(target, (str,), "target", "the name of a column, or a list of them")
    if len(set(targets)) < len(targets):
        raise SettingError(
            "a column is named twice", node="target", found=describe_value(target), expected="each column once"
        )
    if not (categories is None or (isinstance(categories, str) and categories in ENCODINGS)):
        raise impossible_setting("categories", categories, " or ".join(map(repr, ENCODINGS)))
    check_fill(fill)
    columns = {column.name: column for column in parse_table(to_path(path), delimiter, targets)}
    features = [column for name, column in columns.items() if name not in targets]
    if not features or not targets:
        raise DataError("no column to predict, or none to learn from", node=str(path), expected="at least one of each")
    if len(targets) == 1 and columns[targets[0]].is_text:
        T = columns[targets[0]].labels()[:, None]
    else:
        T = np.stack([columns[name].numbers() for name in targets], axis=1)
    names: list[str] = []
    parts: list[np.ndarray] = []
    texts: dict[str, tuple[str, ...]] = {}
    for column in features:
        if column.is_text and categories is not None:
            texts[column.name], codes = column.encode(known_categories)
            is_one_hot = categories == "one-hot"
            names += [f"{column.name}={text}" for text in texts[column.name]] if is_one_hot else [column.name]
            parts.append(np.eye(len(texts[column.name]))[codes] if is_one_hot else codes[:, None])
        else:
            names.append(column.name)
            parts.append(column.numbers(fill)[:, None])
    X = np.concatenate(parts, axis=1, dtype=np.float64)
    return Table(X, T[:, 0] if isinstance(target, str) else T, tuple(names), targets, texts)


def check_fill(fill: Any) -> None:
    """Raise SettingError for what gaps cannot be filled with."""
    is_number = not isinstance(fill, bool) and isinstance(fill, Real) and isfinite(fill)
    if not (fill is None or is_number or (isinstance(fill, str) and fill == "mean")):
        raise impossible_setting("fill", fill, "a finite number, or 'mean'")


@dataclass
class Column:
    """The cells of one column as they are read: numbers, NaN for gaps, and where the first cell of each kind is."""

    path: Path
    name: str
    cells: array[float] = field(default_factory=lambda: array("d"))
    """The numbers; of a text its number in order of appearance."""
    texts: dict[str, int] = field(default_factory=dict)
    first_number: int | None = None
    first_text: tuple[int, str] | None = None
    first_gap: tuple[int, str] | None = None

    def append(self, cell: str, line: int) -> None:
        """Add a cell of some line."""
        if is_numeral(cell) and isfinite(number := float(cell)):
            self.cells.append(number)
            self.first_number = self.first_number or line
            return
        text = cell.strip()
        if text.lower() in GAPS:
            self.cells.append(nan)
            self.first_gap = self.first_gap or (line, cell)
        else:
            self.cells.append(self.texts.setdefault(text, len(self.texts)))
            self.first_text = self.first_text or (line, cell)

    @property
    def is_text(self) -> bool:
        """Whether the cells are text, and not numbers or dates that cannot be read."""
        return self.first_number is None and self.first_text is not None and not find_cure(self.first_text[1])

    def numbers(self, fill: float | str | None = None) -> np.ndarray:
        """Return the numbers, with gaps filled; raise DataError for text, and for gaps that nothing fills."""
        if self.first_text is not None:
            line, cell = self.first_text
            cure = 'Pass categories="one-hot", or "index", for text among the features.'
            if self.first_number is not None:
                cure = "Correct it: the other cells of the column are numbers."
            raise self.not_a_number(line, cell, find_cure(cell) or cure)
        rows = np.array(self.cells)
        if self.first_gap is not None:
            if fill is None or self.first_number is None:
                cure = CURE_OF_GAPS if fill is None else "Drop the column: it has gaps only."
                raise self.not_a_number(*self.first_gap, cure)
            rows[np.isnan(rows)] = np.nanmean(rows) if fill == "mean" else fill
        return rows

    def labels(self) -> np.ndarray:
        """Return the text of every row; raise DataError for a gap."""
        if self.first_gap is not None:
            raise self.not_a_number(*self.first_gap, CURE_OF_GAPS, "not a label")
        return np.array([*self.texts])[np.array(self.cells, np.intp)]

    def encode(self, known: Mapping[str, Sequence[str]] | None) -> tuple[tuple[str, ...], np.ndarray]:
        """Return the texts in order, those known or in alphabetical order, and the number of that in every row."""
        names = tuple(sorted(self.texts) if known is None else known.get(self.name, ()))
        labels, where = self.labels(), f"{self.path}, column {self.name}"
        if len(names) > MAX_CATEGORIES:
            raise DataError("too many categories", node=where, found=len(names), expected=f"at most {MAX_CATEGORIES}")
        numbers = {text: number for number, text in enumerate(names)}
        codes = np.array([numbers.get(text, -1) for text in labels.tolist()])
        if codes.min() < 0:
            row = int(codes.argmin())
            raise DataError(
                "an unknown category",
                node=where,
                found=f"{labels[row].item()[:40]!r} at row {row}",
                expected=f"one of {join_elided(names)}"[:200],
            )
        return names, codes

    def not_a_number(self, line: int, cell: str, cure: str, what: str = "not a finite number") -> DataError:
        """Return the error for a cell."""
        return DataError(what, node=f"{self.path}, line {line}, column {self.name}", found=repr(cell[:40]), cure=cure)


def parse_table(path: Path, delimiter: str, targets: Sequence[str]) -> list[Column]:
    """Return the columns under the header, without one that numbers the rows; raise DataError as `read_csv` says."""
    columns: list[Column] = []
    try:
        with open_file(path) as binary, TextIOWrapper(binary, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            for cells in reader:
                if not any(map(str.strip, cells)) and len(cells) <= 1:
                    continue
                line = reader.line_num
                if not columns:
                    columns = [Column(path, name) for name in parse_header(cells, targets, f"{path}, line {line}")]
                    continue
                if len(cells) != len(columns):
                    raise DataError(
                        "a row of the wrong length",
                        node=f"{path}, line {line}",
                        found=count_noun(len(cells), "cell"),
                        expected=len(columns),
                    )
                for column, cell in zip(columns, cells, strict=True):
                    column.append(cell, line)
    except (UnicodeError, csv.Error, TypeError) as error:
        cure = "Save it as text in UTF-8." if isinstance(error, UnicodeError) else None
        raise DataError("cannot read the table", node=str(path), found=str(error), cure=cure) from error
    if not columns or not columns[0].cells:
        raise DataError("the table has no rows", node=str(path), expected="a header, and a row for each sample")
    return columns if columns[0].name else without_index(columns)


def without_index(columns: list[Column]) -> list[Column]:
    """Return all columns but the first, which has no name; raise DataError unless it numbers the rows."""
    index, *others = columns
    numbers = np.array(index.cells)
    if index.first_text or not np.array_equal(numbers, np.round(numbers)) or len(np.unique(numbers)) < len(numbers):
        raise DataError(
            "the first column has no name, and does not number the rows",
            node=str(index.path),
            cure="Name it in the first line; a data frame leaves it out with to_csv(…, index=False).",
        )
    return others


def parse_header(cells: Sequence[str], targets: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the names of the columns; raise DataError for names missing or used twice, or numbers instead.

    The first may be missing, as over the column with which data frames number rows.
    """
    names = tuple(map(str.strip, cells))
    cure = "Name every column in the first line, each name once."
    for column, name in enumerate(names):
        if (not name and column) or name in names[:column]:
            raise DataError("a column name is missing or used twice", node=where, found=repr(name), cure=cure)
    if all(is_numeral(name) for name in names):
        raise DataError("the header is missing", node=where, found=", ".join(names[:4]), cure=cure)
    for name in targets:
        if name not in names or not name:
            cure = "Pass delimiter=… if cells are not separated by commas." if len(names) == 1 else ""
            expected = f"one of {', '.join(filter(None, names))}"
            raise DataError("no such column", node=where, found=repr(name), expected=expected, cure=cure)
    return names


def find_cure(cell: str) -> str | None:
    """Return how to correct a cell that is meant to be a number or a date, None for a plain text."""
    if not cell.isprintable():
        return "Remove its line breaks and control characters."
    if "," in cell and is_numeral(cell.replace(",", ".", 1)):
        return "Use decimal points instead of decimal commas."
    if DATE.match(cell.strip()):
        return "Write dates as numbers: days since the first, or columns for the month and the weekday."
    return "Write a finite number in plain digits." if is_numeral(cell.replace("_", "")) else None


def is_numeral(text: str) -> bool:
    """Return whether a text is a number as tables write them; Python's 1_000 is not."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
