"""Guards: rules compute with them, and formulas are read without them."""

import numpy as np

from minigrad.core import floats
from minigrad.ops.guards import exact_namespaces, guard
from minigrad.symbolic import namespace, readable


def test_only_readable_formulas_leave_a_guard_out():
    assert [guard(xp, "safe", "exact") for xp in (np, floats, namespace)] == ["safe"] * 3
    assert guard(readable, "safe", "exact") == "exact"
    assert exact_namespaces == {readable}
