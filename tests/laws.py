"""The laws that every op obeys, checked outside the passes: derivatives by complex step or central difference."""

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
    """Return ∂(Σ delta·function)/∂operand for each operand, element by element, and how exactly it is known.

    The complex step is exact to rounding, but only where the function is analytic and NumPy takes complex numbers for
    it; central differences tell whether that is so.
    """
    rough = [central_difference(function, operands, delta, index) for index in range(len(operands))]
    try:
        exact = [complex_step(function, operands, delta, index) for index in range(len(operands))]
    except TypeError:
        return rough, LOOSE
    agree = all(np.allclose(one, other, rtol=1e-6, atol=1e-6) for one, other in zip(exact, rough, strict=True))
    return (exact, TIGHT) if agree else (rough, LOOSE)


def central_difference(function: Callable[..., Any], operands: Operands, delta: Any, index: int) -> np.ndarray:
    return by_element(
        operands,
        index,
        lambda unit: (
            (
                (shifted_total(function, operands, delta, index, unit * CENTRAL_STEP).real)
                - shifted_total(function, operands, delta, index, unit * -CENTRAL_STEP).real
            )
            / (2 * CENTRAL_STEP)
        ),
    )


def complex_step(function: Callable[..., Any], operands: Operands, delta: Any, index: int) -> np.ndarray:
    return by_element(
        operands,
        index,
        lambda unit: shifted_total(function, operands, delta, index, unit * (1j * COMPLEX_STEP)).imag / COMPLEX_STEP,
    )


def by_element(operands: Operands, index: int, slope: Callable[[np.ndarray], float]) -> np.ndarray:
    shape = np.shape(operands[index])
    units = np.eye(int(np.prod(shape))).reshape(-1, *shape)
    return np.array([slope(unit) for unit in units]).reshape(shape)


def shifted_total(function: Callable[..., Any], operands: Operands, delta: Any, index: int, step: np.ndarray) -> Any:
    shifted = list(operands)
    shifted[index] = operands[index] + step
    return np.sum(delta * function(*shifted))


def sum_to_shape(adjoint: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return an adjoint summed to the shape of the operand that was broadcast; None counts as 0."""
    if adjoint is None:
        return np.zeros(shape)
    adjoint = np.asarray(adjoint)
    adjoint = adjoint.sum(axis=tuple(range(adjoint.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return np.broadcast_to(adjoint.sum(axis=stretched, keepdims=True), shape)


def check_derivative(op: Op, operands: Operands) -> None:
    """Fail unless the backward rule is the derivative of the forward rule at these operands."""
    y = op.forward(np, *operands)
    delta = np.random.default_rng(1).uniform(0.5, 1.5, np.shape(y))
    adjoints = op.backward(np, delta, y, *operands)
    assert len(adjoints) == len(operands), f"{op} gives {len(adjoints)} δ's for {len(operands)} operands"
    expected, tolerance = gradients(lambda *x: op.forward(np, *x), operands, delta)
    for index, (adjoint, slope) in enumerate(zip(adjoints, expected, strict=True)):
        actual = sum_to_shape(adjoint, np.shape(operands[index]))
        np.testing.assert_allclose(actual, slope, rtol=tolerance, atol=tolerance, err_msg=f"{op}, operand {index}")


def check_described(op_class: type[Op]) -> None:
    """Fail unless the op says what it is: a label, a known kind, a docstring with its formula, and samples."""
    assert op_class.label, f"{op_class.__name__} has no label"
    assert op_class.kind in KINDS, f"{op_class.__name__} is of the unknown kind {op_class.kind!r}"
    assert "=" in (op_class.__dict__.get("__doc__") or ""), f"the docstring of {op_class.__name__} has no formula"
    assert op_class.samples(), f"{op_class.__name__} offers no samples"
    for sample in op_class.samples():
        assert type(sample.op) is op_class
        assert op_class.variadic or len(sample.shapes) == len(op_class.operands)
