"""The two passes, pure functions over a plan and values: forward carries values on, backward carries δ back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from types import NoneType
from typing import Any

import numpy as np

from minigrad.core import floats
from minigrad.core.batch_axes import align_batch_axes, as_numpy, can_be_summed, unbroadcast
from minigrad.core.plan import Plan, Stacked
from minigrad.errors import MinigradError, OpError, PassError
from minigrad.ops.base import Namespace, Op, Shape, Value
from minigrad.ops.indexing import Selection, scatter

Values = dict[Any, Value]
FLOAT = {float}
"""The types of plain numbers."""
REAL = (float, int, np.floating, np.integer, np.bool)
"""The types of real numbers that a rule may give for plain numbers."""


stored_value = attrgetter("_value")
"""The value that the last pass left in a node."""


def run_forward(plan: Plan, leaves: Mapping[Any, Value], xp: Namespace = np) -> Values:
    """Return the value of every node, parents before children, from the values of the leaves.

    The value of a scalar node is a Python float, which is many times faster than a NumPy scalar, unless a batch axis
    flows into it.
    """
    values = dict(leaves)
    value_of = values.__getitem__
    with np.errstate(all="ignore"):
        for node in plan.steps:
            op, operands = node.op, plan.operands.get(node, node.parents)
            value = float_value(op, operands, value_of) if xp is np else None
            if value is None:
                shapes = [operand.shape for operand in operands]
                try:
                    value = apply_forward(xp, op, list(map(value_of, operands)), shapes)
                except OpError as error:
                    raise at_node(error, node) from error.__cause__
                if xp is np:
                    value = as_float(value)
            values[node] = value
    return values


def run_backward(
    plan: Plan,
    values: Values | None,
    seeds: Mapping[Any, Value],
    xp: Namespace = np,
    finish: Callable[[Any, Value], Value] | None = None,
    scalar: type[Any] = float,
) -> Values:
    """Return δ = ∂L/∂node of every node that the seeded roots depend on, children before parents.

    By the chain rule δ of a node is the sum, over the children that read it, of the child's δ times ∂child/∂node; the
    backward rule of the child's op gives these terms. δ lives in the returned dictionary only, so nothing accumulates
    from one pass to the next. A node that is missing from it has no influence on the roots: its δ is 0.
    Without `values` the nodes are read, where the last pass left them.
    `finish(node, delta)` may replace a δ once all of its terms are summed, before it is carried on.
    `scalar` is the type of the value of a number, for which NumPy is not needed: a float, or what `xp` has instead.
    """
    is_float = scalar is float
    scalar_xp = floats if is_float else xp
    deltas = dict(seeds)
    readers: dict[Any, list[Any]] = {}  # the selections of an array, whose terms are summed at once: each has its size
    value_of = stored_value if values is None else values.__getitem__
    delta_of = deltas.get
    node: Any = None
    try:
        with np.errstate(all="ignore"):
            for node in reversed(plan.steps):
                if readers and node in readers:
                    add_term(deltas, node, selections_term(readers.pop(node), deltas))
                delta = delta_of(node)
                if delta is None:
                    continue
                if finish is not None:
                    delta = deltas[node] = finish(node, delta)
                op, y = node.op, node._value if values is None else value_of(node)
                is_scalar = type(y) is scalar and (is_float or not y.shape)
                if is_scalar and add_scalar_terms(deltas, op, node, delta, y, values, scalar_xp):
                    continue
                if type(node) is Stacked and type(y) is type(delta) is np.ndarray and y.ndim == 1:  # of plain numbers
                    add_numbers(deltas, node.parents, delta.tolist())
                    continue
                operands = plan.operands.get(node, node.parents)
                x = list(map(value_of, operands))
                if y is None or NoneType in map(type, x):
                    check_evaluated(plan, value_of)
                if xp is np and isinstance(op, Selection):
                    readers.setdefault(operands[0], []).append(node)
                    continue
                for operand, term in zip(operands, backward_terms(op, operands, delta, y, x, xp), strict=True):
                    if term is not None:  # the lines of `add_term`, which are read for every weight
                        deltas[operand] = deltas[operand] + term if operand in deltas else term
            for array, selections in readers.items():
                add_term(deltas, array, selections_term(selections, deltas))
    except OpError as error:
        raise at_node(error, node) from error.__cause__
    return deltas


def at_node(error: OpError, node: Any) -> OpError:
    """Return the error of an op with the node it happened at, unless it says what is at fault."""
    if error.node:
        return error
    return OpError(error.what, node=node.title, found=error.found, expected=error.expected, cure=error.cure)


def selections_term(nodes: Sequence[Any], deltas: Values) -> Value:
    """Return what the δ of several selections of one array contribute to its δ."""
    return scatter([node.op for node in nodes], [as_numpy(deltas[node]) for node in nodes])


def check_evaluated(plan: Plan, value_of: Callable[[Any], Value]) -> None:
    """Raise PassError unless every node of a plan has a value."""
    for node in plan.nodes:
        if value_of(node) is None:
            raise PassError("no value yet", node=node.title, cure="Feed the inputs with Graph.forward first.")


def add_term(deltas: Values, node: Any, term: Value) -> None:
    """Add to the δ of a node what one of its children contributes; None is no influence."""
    if term is not None:
        deltas[node] = deltas[node] + term if node in deltas else term


def add_numbers(deltas: Values, nodes: Sequence[Any], numbers: Sequence[float]) -> None:
    """Add a number to the δ of each of some nodes, which may be the same."""
    for node, number in zip(nodes, numbers, strict=True):
        deltas[node] = deltas[node] + number if node in deltas else number


def float_value(op: Op, operands: Sequence[Any], value_of: Callable[[Any], Value]) -> Value:
    """Return the value of an op of plain numbers; None where an operand is none, or Python raises or has no float."""
    value: Value = None
    try:
        if op.arity == 2:
            first, second = operands
            a, b = value_of(first), value_of(second)
            if type(a) is float and type(b) is float:
                value = op.forward(floats, a, b)
        elif op.arity == 1:
            (only,) = operands
            x = value_of(only)
            if type(x) is float:
                value = op.forward(floats, x)
        elif op.numeric:
            values = list(map(value_of, operands))
            if {*map(type, values)} == FLOAT or (op.stars and all(map(is_number_or_row, operands, values))):
                value = op.forward(floats, *values)
    except floats.UNREADABLE:
        return None
    if type(value) is float or (op.is_row and type(value) is np.ndarray):
        return value
    return None  # of a root of −1 Python makes a complex number


def add_scalar_terms(
    deltas: Values, op: Op, node: Any, delta: Value, y: Value, values: Values | None, xp: Namespace
) -> bool:
    """Add to δ of one or two parents what δ of a scalar contributes; return False where `backward_terms` has to tell.

    Rules of one number or two are spelled out, since a starred call would take longer than most of them, and so is
    `stored_value`.
    """
    scalar = type(y)
    try:
        arity = op.arity
        if arity == 2:
            a, b = node.parents
            x1, x2 = (a._value, b._value) if values is None else (values[a], values[b])
            to_a, to_b = terms = op.backward(xp, delta, y, x1, x2)
            if type(to_a) is scalar and type(to_b) is scalar:
                deltas[a] = deltas[a] + to_a if a in deltas else to_a
                deltas[b] = deltas[b] + to_b if b in deltas else to_b
                return True
        elif arity == 1:
            (x,) = node.parents
            (to_x,) = terms = op.backward(xp, delta, y, x._value if values is None else values[x])
            if type(to_x) is scalar:
                deltas[x] = deltas[x] + to_x if x in deltas else to_x
                return True
        else:
            return False
    except floats.UNREADABLE:
        return False
    if not all(term is None or isinstance(term, REAL) for term in terms):
        return False
    for parent, term in zip(node.parents, terms, strict=True):
        add_term(deltas, parent, term)
    return True


def backward_terms(
    op: Op, operands: Sequence[Any], delta: Value, y: Value, x: Sequence[Value], xp: Namespace = np
) -> Sequence[Value | None]:
    """Return what the δ of one node contributes to each of its operands; None is no influence."""
    if op.numeric and (type(y) is float or (op.is_row and {*map(type, x)} == FLOAT)):
        try:
            terms = op.backward(floats, delta, y, *x)
            if len(terms) == len(x) and (op.is_row or have_shapes_of(x, terms)):
                return terms
        except floats.UNREADABLE:
            pass  # where Python raises, NumPy answers inf or nan
    return apply_backward(xp, op, delta, y, x, [operand.shape for operand in operands])


def have_shapes_of(x: Sequence[Value], terms: Sequence[Value]) -> bool:
    """Return whether what a rule gives for numbers and rows has their shapes and is real; None has any shape."""
    for value, term in zip(x, terms, strict=True):
        if type(term) is type(value):
            if type(term) is not float and term.shape != value.shape:
                return False
        elif term is not None and not (isinstance(term, REAL) and np.shape(term) == np.shape(value)):
            return False
    return True


def is_number_or_row(operand: Any, x: Value) -> bool:
    """Return whether an operand of a starred op is a plain number, or a row of them without a batch axis."""
    return type(x) is float or (type(operand) is Stacked and x.ndim == 1)


def as_float(value: Value) -> Value:
    """Return a number as a Python float, whatever computed it, and an array as it is."""
    return value if type(value) is float or np.ndim(value) else float(value)


def read_only(value: Value) -> Value:
    """Return a number as a float, an array read-only; as a copy where it looks into memory that may be written."""
    if value is None or type(value) is float:
        return value
    array = np.asarray(value)
    if not array.ndim:
        return float(array)
    if array.base is not None and not (isinstance(array.base, np.ndarray) and not array.base.flags.writeable):
        array = np.array(array)
    array.setflags(write=False)
    return array


def apply_forward(xp: Namespace, op: Op, operands: Sequence[Value], shapes: Sequence[Shape]) -> Value:
    """Return the value of one op, y = f(x, …); any operand may carry a batch axis in front of its shape."""
    aligned = align_batch_axes(xp, op, operands, shapes)
    y = own_rule(op.forward, op, xp, aligned) if op.is_own and xp is np else op.forward(xp, *aligned)
    return y * 1.0 if op.is_own and is_integer(y) else y  # truth values would add up to True


def own_rule(rule: Callable[..., Any], op: Op, xp: Namespace, arguments: Sequence[Value]) -> Any:
    """Return what a rule of a user's op gives for arrays that it cannot write into, since others read them too.

    Raises OpError where it does, fails, or gives what is not real.
    """
    try:
        results = rule(xp, *map(read_only_view, arguments))
    except MinigradError:
        raise
    except (TypeError, ValueError) as error:
        if "read-only" in str(error):
            fault = "writes into its operands, its result or its δ"
            cure = "Compute new arrays: write delta = 2 * delta or xp.where(x > 0, delta, 0.0), not delta *= 2."
        else:
            fault, cure = "fails for arrays", "Write it with operators and functions of xp, and choose with xp.where."
        raise OpError(f"a rule of {op.label} {fault}", found=str(error), cure=cure) from error
    for result in results if isinstance(results, (tuple, list)) else [results]:
        if isinstance(result, (np.ndarray, np.generic, complex, str)) and np.asarray(result).dtype.kind not in "fbui":
            raise OpError(f"a rule of {op.label} gives no real numbers", found=repr(result)[:80], expected="floats")
    return results


def read_only_view(value: Value) -> Value:
    """Return a view of an array that cannot be written into, and any other value as it is."""
    if type(value) is not np.ndarray:
        return value
    view = value.view()
    view.flags.writeable = False
    return view


def is_integer(y: Value) -> bool:
    """Return whether a result is an array of integers or truth values; what has no type, such as a node, is not."""
    dtype = getattr(y, "dtype", None)
    return dtype is not None and dtype.kind in "bui"


def apply_backward(
    xp: Namespace, op: Op, delta: Value, y: Value, operands: Sequence[Value], shapes: Sequence[Shape]
) -> list[Value | None]:
    """Return what one op adds to the δ of each operand, in the operand's own shape; None is no influence."""
    aligned = align_batch_axes(xp, op, operands, shapes)
    y = as_numpy(y)
    arguments = (as_numpy(delta), y, *aligned)
    terms = own_rule(op.backward, op, xp, arguments) if op.is_own and xp is np else op.backward(xp, *arguments)
    if not isinstance(terms, (tuple, list)) or len(terms) != len(aligned):
        count = len(terms) if isinstance(terms, (tuple, list)) else f"no tuple but {type(terms).__name__}"
        raise wrong_derivatives(op, count, f"a tuple of {len(aligned)}")
    results: list[Value | None] = []
    for term, x, operand in zip(terms, aligned, operands, strict=True):
        if term is None or (x is operand and getattr(term, "shape", None) == x.shape):
            results.append(term)
            continue
        summand = as_numpy(term)
        if not can_be_summed(summand, x, op, [*aligned, y], shapes):
            kind = f"shape {summand.shape}" if isinstance(summand, (np.ndarray, np.generic)) else type(term).__name__
            raise wrong_derivatives(op, f"{kind} for operand {len(results) + 1}", f"shape {x.shape}")
        results.append(unbroadcast(xp, summand, x.shape, as_numpy(operand)))
    return results


def wrong_derivatives(op: Op, found: object, expected: str) -> OpError:
    """Return the error for a backward rule whose derivatives are too few, too many, or of a wrong shape."""
    return OpError(
        f"the derivatives by the backward rule of {op.label} do not fit its operands",
        found=found,
        expected=expected,
        cure=f"Let backward of {type(op).__name__} return one derivative, or None, for each operand, of its shape.",
    )
