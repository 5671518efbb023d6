"""The plan of a graph whose parameters live in one vector: rows of weights are read from it, and written, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from minigrad.core.parameters import ParameterLayout, ParameterVector
from minigrad.core.plan import Plan, Stacked
from minigrad.core.versions import BackwardPass
from minigrad.ops.base import Value


class VectorPlan:
    """A plan in which a row of parameters, such as the weights of a neuron, is a leaf: some numbers of the vector.

    So no pass looks at each weight. The parameters of such a row are read by nothing else: the δ of one that several
    rows read is a sum, and the order of its terms is that of the original plan.
    """

    def __init__(self, plan: Plan, vector: ParameterVector) -> None:
        self.vector = vector
        """It has all parameters of the plan, and no others."""
        self.nodes: Sequence[Any] = [node for node in plan.nodes if node.kind != "parameter"]
        """The nodes that are no parameters."""
        offset_of = dict(zip(vector.parameters, vector.offsets, strict=False))
        readers = Counter(chain.from_iterable(map(plan.operands_of, plan.steps)))
        only_read_here = {parameter for parameter in vector.parameters if readers[parameter] == 1}
        rows = {step for step in plan.steps if type(step) is Stacked and only_read_here.issuperset(step.parents)}
        in_rows = set(chain.from_iterable(row.parents for row in rows))
        others = [parameter for parameter in vector.parameters if parameter not in in_rows]
        self.plan = plan._replace(steps=[step for step in plan.steps if step not in rows])
        self.scalars = ParameterLayout([parameter for parameter in others if not parameter.shape])
        self.scalar_positions = np.array([offset_of[parameter] for parameter in self.scalars.parameters], np.intp)
        self.parts: dict[Any, Any] = {row: np.array([*map(offset_of.__getitem__, row.parents)]) for row in rows}
        """Where in the vector each row of parameters is, and each array parameter."""
        for parameter in others:
            if parameter.shape:
                start = offset_of[parameter]
                self.parts[parameter] = slice(start, start + prod(parameter.shape))

    def values(self) -> dict[Any, Value]:
        """Return the values of the rows and of all other parameters."""
        vector = self.vector.vector
        values = self.scalars.split(vector.take(self.scalar_positions))
        for leaf, part in self.parts.items():
            values[leaf] = vector[part].reshape(leaf.shape)
        return values

    def store_deltas(self, deltas: Mapping[Any, Value], backward_pass: BackwardPass) -> None:
        """Let the vector hold the δ of all parameters, from those of the rows; what is missing counts as 0."""
        gradient = np.zeros(self.vector.size)
        gradient[self.scalar_positions] = self.scalars.flatten(deltas)
        for leaf, part in self.parts.items():
            if leaf in deltas:
                gradient[part] = deltas[leaf].ravel()
        self.vector.publish_gradient(gradient, backward_pass)
