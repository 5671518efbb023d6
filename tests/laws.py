"""The laws that every op obeys, checked without the engine: derivatives by complex step or central difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.ops.base import Op, Sample, registry

COMPLEX_STEP = 1e-30
CENTRAL_STEP = 1e-6
TIGHT, LOOSE = 1e-11, 2e-7
KINDS = {"arithmetic", "array", "comparison", "weighted sum", "activation", "loss"}

OPS = {label: op_class for label, op_class in registry.items() if op_class.__module__.startswith("minigrad.")}
"""Every op of minigrad by its label; what the tests register beside them has no laws to obey."""

Operands = Sequence[np.ndarray]


def draw(sample: Sample, seed: int = 0) -> list[np.ndarray]:
    """Operands of a sample, the same for the same seed."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(sample.low, sample.high, shape) for shape in sample.shapes]


def gradients(function: Callable[..., Any], operands: Operands, delta: Any) -> tuple[list[np.ndarray], float]:
    """∂(Σ delta·function)/∂operand for each operand, element by element, and how exactly it is known.

    The complex step is exact to rounding, but only where the function is analytic and NumPy takes complex numbers for
    it; central differences tell whether that is so.
    """
    rough = [central(function, operands, delta, place) for place in range(len(operands))]
    try:
        exact = [by_complex_step(function, operands, delta, place) for place in range(len(operands))]
    except TypeError:
        return rough, LOOSE
    agree = all(np.allclose(one, other, rtol=1e-6, atol=1e-6) for one, other in zip(exact, rough, strict=True))
    return (exact, TIGHT) if agree else (rough, LOOSE)


def central(function: Callable[..., Any], operands: Operands, delta: Any, place: int) -> np.ndarray:
    return each_element(
        operands,
        place,
        lambda unit: (
            (
                (probe(function, operands, delta, place, unit * CENTRAL_STEP).real)
                - probe(function, operands, delta, place, unit * -CENTRAL_STEP).real
            )
            / (2 * CENTRAL_STEP)
        ),
    )


def by_complex_step(function: Callable[..., Any], operands: Operands, delta: Any, place: int) -> np.ndarray:
    return each_element(
        operands,
        place,
        lambda unit: probe(function, operands, delta, place, unit * (1j * COMPLEX_STEP)).imag / COMPLEX_STEP,
    )


def each_element(operands: Operands, place: int, slope: Callable[[np.ndarray], float]) -> np.ndarray:
    shape = np.shape(operands[place])
    units = np.eye(int(np.prod(shape))).reshape(-1, *shape)
    return np.array([slope(unit) for unit in units]).reshape(shape)


def probe(function: Callable[..., Any], operands: Operands, delta: Any, place: int, step: np.ndarray) -> Any:
    moved = list(operands)
    moved[place] = operands[place] + step
    return np.sum(delta * function(*moved))


def summed_to(adjoint: Any, shape: tuple[int, ...]) -> np.ndarray:
    """An adjoint brought to the shape of the operand that was broadcast; None counts as 0."""
    if adjoint is None:
        return np.zeros(shape)
    adjoint = np.asarray(adjoint)
    adjoint = adjoint.sum(axis=tuple(range(adjoint.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return np.broadcast_to(adjoint.sum(axis=stretched, keepdims=True), shape)


def check_derivative(op: Op, operands: Operands) -> None:
    """Fails unless the backward rule is the derivative of the forward rule at these operands."""
    y = op.forward(np, *operands)
    delta = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(y))
    adjoints = op.backward(np, delta, y, *operands)
    assert len(adjoints) == len(operands), f"{op} gives {len(adjoints)} δ's for {len(operands)} operands"
    expected, tolerance = gradients(lambda *x: op.forward(np, *x), operands, delta)
    for place, (adjoint, slope) in enumerate(zip(adjoints, expected, strict=True)):
        found = summed_to(adjoint, np.shape(operands[place]))
        np.testing.assert_allclose(found, slope, rtol=tolerance, atol=tolerance, err_msg=f"{op}, operand {place}")


def check_described(op_class: type[Op]) -> None:
    """Fails unless the op says what it is: a label, a known kind, a docstring with its formula, and samples."""
    assert op_class.label, f"{op_class.__name__} has no label"
    assert op_class.kind in KINDS, f"{op_class.__name__} is of the unknown kind {op_class.kind!r}"
    assert "=" in (op_class.__dict__.get("__doc__") or ""), f"the docstring of {op_class.__name__} has no formula"
    assert op_class.samples(), f"{op_class.__name__} offers no samples"
    for sample in op_class.samples():
        assert type(sample.op) is op_class
        assert op_class.variadic or len(sample.shapes) == len(op_class.operands)
