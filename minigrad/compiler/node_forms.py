"""The forms of nodes: like nodes have equal ops and equally many parents, so that one call computes all of them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from minigrad.core.node import Node
from minigrad.ops.base import Op


class NodeForms(NamedTuple):
    """The number of the form of each of some computed nodes, and the forms: the op, and how many parents."""

    numbers: list[int]
    different: list[tuple[Op, int]]


def node_forms(computed: Sequence[Node]) -> NodeForms:
    """Return the forms of computed nodes."""
    ops: list[Any] = list(map(attrgetter("op"), computed))
    keys = list(zip(map(id, ops), map(len, map(attrgetter("parents"), computed)), strict=True))
    numbers: dict[tuple[Op, int], int] = {}
    number_of = {  # the hash of an op takes longer than its id
        key: numbers.setdefault((op, key[1]), len(numbers)) for key, op in dict(zip(keys, ops, strict=True)).items()
    }
    return NodeForms(list(map(number_of.__getitem__, keys)), list(numbers))
