"""Data without a download: toy data sets made from a seed, and readers of CSV and IDX files."""

from minigrad.datasets.idx import read_idx as read_idx
from minigrad.datasets.tables import Table as Table, read_csv as read_csv
from minigrad.datasets.toy import (
    CURVES as CURVES,
    circles as circles,
    curve as curve,
    parity as parity,
    spirals as spirals,
    two_moons as two_moons,
    xor as xor,
)
