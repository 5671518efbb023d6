"""What the tests of several op modules share."""

from __future__ import annotations

from typing import Any

import numpy as np

import minigrad as mg


def derivatives(op: Any, *operands: Any) -> list[Any]:
    """Return δ of each operand where the δ of the result is 1 everywhere; plain numbers and arrays must agree."""
    parameters = [mg.Parameter(operand) for operand in operands]
    mg.sum(op(*parameters)).backward()
    rows = [mg.Parameter(np.array([operand, operand])) for operand in operands]
    if not any(np.shape(operand) for operand in operands) and op.kind != "loss":
        mg.sum(op(*rows)).backward()
        assert [row.delta.tolist() for row in rows] == [[parameter.delta] * 2 for parameter in parameters]
    return [np.asarray(parameter.delta).tolist() for parameter in parameters]
