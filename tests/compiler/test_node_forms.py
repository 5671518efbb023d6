"""Like nodes have equal ops and equally many parents."""

from __future__ import annotations

import minigrad as mg
from minigrad.compiler.node_forms import node_forms


def test_equal_ops_with_equally_many_parents_are_one_form() -> None:
    a, b = mg.Parameter(1.0), mg.Parameter(2.0)
    nodes = [
        a * b,
        mg.Huber(2.0)(a, b),
        b * a,
        mg.Huber(2.0)(b, a),
        mg.Huber(3.0)(a, b),
        mg.softmax_cross_entropy([a], [b]),
        mg.softmax_cross_entropy([a, b], [b, a]),
    ]
    forms = node_forms(nodes)
    assert forms.numbers == [0, 1, 0, 1, 2, 3, 4]
    assert forms.different == [(node.op, len(node.parents)) for node in (nodes[0], nodes[1], *nodes[4:])]
