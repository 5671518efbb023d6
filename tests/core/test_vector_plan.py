"""The plan over a vector: which rows of parameters it reads from it, and the δ it writes there."""

from __future__ import annotations

import numpy as np

import minigrad as mg
from minigrad.core.parameters import ParameterVector
from minigrad.core.plan import Stacked, make_plan
from minigrad.core.vector_plan import VectorPlan
from minigrad.core.versions import BackwardPass


def test_only_rows_that_nothing_else_reads_are_read_from_the_vector() -> None:
    x = [mg.Input("x1"), mg.Input("x2")]
    w = [mg.Parameter(float(number), f"w{number}") for number in range(7)]
    weights = mg.Parameter([[1.0, 2.0]], "W")
    alone, shared, repeated = (
        mg.weighted_sum(x, w[1::-1], w[2]),
        mg.weighted_sum(x, w[3:5]),
        mg.ops.vecdot([w[5]] * 2, x),
    )
    plan = make_plan([alone + shared + repeated + w[3] * w[6] + mg.sum(weights)])
    vector = ParameterVector([*w, weights])
    vector.attach()
    vector_plan = VectorPlan(plan, vector)
    (row,) = [leaf for leaf in vector_plan.parts if type(leaf) is Stacked]
    assert row.parents == (w[1], w[0]) and row not in vector_plan.plan.steps
    assert len(vector_plan.plan.steps) == len(plan.steps) - 1
    values = vector_plan.values()
    assert values[row].tolist() == [1.0, 0.0] and values[weights].tolist() == [[1.0, 2.0]]
    assert {node: values[node] for node in w[2:]} == dict(zip(w[2:], [2.0, 3.0, 4.0, 5.0, 6.0], strict=True))
    assert set(vector_plan.nodes) == set(plan.nodes) - {*w, weights}
    number = BackwardPass(7, 0)
    vector_plan.store_deltas({row: np.array([0.5, 0.25]), w[4]: -0.0, weights: np.ones((1, 2))}, number)
    assert [node.grad for node in w] == [0.25, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0] and np.signbit(w[4].grad)
    assert weights.grad.tolist() == [[1.0, 1.0]] and all(node._pass is number for node in w)
