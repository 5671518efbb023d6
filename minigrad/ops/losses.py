"""Losses: one number for each sample, from outputs and targets on the last axis; over a batch they are averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NoReturn

import numpy as np

from minigrad._labels import CLASS_VALUES, ROW_SUM_TOLERANCE
from minigrad._validation import as_finite_number, broadcast_shape, describe_first, impossible_setting
from minigrad.errors import DataError
from minigrad.ops.activations import log_one_plus_exp, log_softmax, sigmoid, softmax
from minigrad.ops.base import Namespace, Op, Sample, Value
from minigrad.ops.guards import guard


class Loss(Op):
    """Op that sums the disagreement of outputs ŷ and targets t over the last axis: one number for each sample.

    A subclass defines `label`, `forward` and `backward`, `residuals` if it is a sum of squares, and `check_targets` if
    it is not defined for every target.

    Args:
        outputs: ŷ, of shape (…, K), or a list of K scalar nodes.
        targets: y, of the same shape or broadcast to it.

    Returns:
        L, of shape (…).

    Example:
        >>> class LogCosh(mg.Loss):
        ...     label = "log cosh"
        ...     def forward(self, xp, outputs, targets):
        ...         error = outputs - targets
        ...         return xp.sum(xp.log((xp.exp(error) + xp.exp(-error)) / 2), axis=-1)
        ...     def backward(self, xp, delta, y, outputs, targets):
        ...         slope = xp.expand_dims(delta, axis=-1) * xp.tanh(outputs - targets)
        ...         return slope, -slope
        >>> outputs = mg.Parameter([1.0, 0.0], "outputs")
        >>> LogCosh()(outputs, [0.0, 0.0]).backward()
        >>> print(outputs.grad.round(4))
        [0.7616 0.    ]
    """

    kind = "loss"
    operands = ("*outputs", "*targets")
    interval = (-2.0, 2.0)
    class_values: ClassVar[tuple[float, float]] = CLASS_VALUES
    """The targets that class labels become: that of all other classes, and that of the sample's class."""
    decision_threshold: ClassVar[float | None] = None
    """The number above which a single output means the second of two classes; None where the loss does not say."""
    contained_activations: ClassVar[tuple[Op, ...]] = ()
    """The activations that outputs should not have been through, since the loss contains one."""

    def ranks(self, ranks):
        """Return the largest rank for both operands, so that outputs line up with targets.

        Args:
            ranks: Rank of the outputs and of the targets, without a batch axis.

        Returns:
            The rank each of them is brought to.

        Example:
            >>> mg.squared_error.ranks((2, 1))  # the same targets for every row of outputs
            [2, 2]
        """
        return [max(ranks)] * len(ranks)

    def shape(self, *shapes):
        """Return the shape of the loss, that of outputs and targets without the last axis.

        Args:
            shapes: Shape of the outputs and of the targets.

        Returns:
            The shape of L.

        Raises:
            ValueError: If outputs and targets differ in number.

        Example:
            >>> mg.squared_error.shape((5, 3), (3,))
            (5,)
        """
        outputs, targets = shapes
        if outputs[-1:] != targets[-1:]:
            raise ValueError("a loss needs as many targets as outputs")
        return broadcast_shape(outputs, targets)[:-1]

    def residuals(self, xp: Namespace, outputs: Value, targets: Value) -> Value | None:
        """Return residuals r with L proportional to Σ r², or None for a loss that is no sum of squares.

        Levenberg–Marquardt minimizes a loss that has residuals.

        Args:
            xp: Array namespace whose functions the residuals are written with, as in `forward`.
            outputs: ŷ, of shape (…, K).
            targets: y, of the same shape.

        Returns:
            r, of shape (…, K), or None.

        Example:
            >>> print(mg.squared_error.residuals(np, np.array([1.0, 2.0]), np.array([0.0, 4.0])))
            [ 1. -2.]
            >>> print(mg.hinge.residuals(np, np.ones(1), np.ones(1)))
            None
        """
        return None

    def check_targets(self, targets: np.ndarray, name: str = "targets") -> None:
        """Raise DataError for targets that the loss is not defined for; here none.

        Args:
            targets: y, of shape (samples, …, K).
            name: What to call them in the message.

        Raises:
            DataError: For a target out of range; the message names its row and column.

        Example:
            >>> mg.hinge.check_targets(np.array([[1.0], [0.0]]))
            Traceback (most recent call last):
                ...
            minigrad.errors.DataError: hinge: targets that the loss is not defined for; found 0.0 at row 1, column 0...
        """

    @classmethod
    def samples(cls):
        layouts = [((1,), (1,)), ((4,), (4,)), ((2, 3), (2, 3)), ((2, 3), (3,))]
        return tuple(Sample(cls(), layout, *cls.interval) for layout in layouts)


class SquaredError(Loss):
    """Squared error of the textbook, L = ½ Σ (ŷ − t)², with ∂L/∂ŷ = ŷ − t.

    Args:
        outputs: ŷ, of shape (…, K), or a list of K scalar nodes.
        targets: y, of the same shape.

    Returns:
        L, of shape (…).

    Example:
        >>> y1 = mg.Parameter(0.9, "y1")
        >>> loss = mg.squared_error([y1], [0.5])
        >>> loss.backward()
        >>> print(f"{loss.value:.2f} {y1.grad:.2f}")
        0.08 0.40
    """

    label = "½Σ(ŷ−t)²"
    numeric = True

    def forward(self, xp, outputs, targets):
        error = outputs - targets
        return 0.5 * xp.sum(error * error, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        slope = xp.expand_dims(delta, axis=-1) * (outputs - targets)
        return slope, -slope

    def residuals(self, xp, outputs, targets):
        return outputs - targets


class MeanSquaredError(Loss):
    """Mean squared error, L = (1/K) Σ (ŷ − t)² over K outputs, with ∂L/∂ŷ = (2/K)(ŷ − t).

    Args:
        outputs: ŷ, of shape (…, K), or a list of K scalar nodes.
        targets: y, of the same shape.

    Returns:
        L, of shape (…).

    Example:
        >>> outputs = mg.Parameter([1.0, 3.0], "outputs")
        >>> loss = mg.mean_squared_error(outputs, [0.0, 0.0])
        >>> loss.backward()
        >>> print(loss.value, outputs.grad)
        5.0 [1. 3.]
    """

    label = "mean squared error"

    def forward(self, xp, outputs, targets):
        error = outputs - targets
        return xp.mean(error * error, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        error = outputs - targets
        slope = xp.expand_dims(delta, axis=-1) * error * (2 / error.shape[-1])
        return slope, -slope

    def residuals(self, xp, outputs, targets):
        return outputs - targets


class AbsoluteError(Loss):
    """Absolute error, L = Σ |ŷ − t|, with derivative ±1, and 0 where ŷ = t.

    An outlier counts for no more than its distance, unlike in the squared error.

    Args:
        outputs: ŷ, of shape (…, K), or a list of K scalar nodes.
        targets: y, of the same shape.

    Returns:
        L, of shape (…).

    Example:
        >>> outputs = mg.Parameter([1.0, 0.0, -100.0], "outputs")
        >>> loss = mg.absolute_error(outputs, [0.0, 0.0, 0.0])
        >>> loss.backward()
        >>> print(loss.value, outputs.grad)
        101.0 [ 1.  0. -1.]
    """

    label = "absolute error"

    def forward(self, xp, outputs, targets):
        return xp.sum(xp.abs(outputs - targets), axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        slope = xp.expand_dims(delta, axis=-1) * xp.sign(outputs - targets)
        return slope, -slope


@dataclass(frozen=True)
class Huber(Loss):
    """Huber loss, L = Σ ½e² for |e| ≤ d, else d(|e| − ½d), with e = ŷ − t; `huber` has d = 1.

    It is the squared error near 0 and the absolute error, times d, far from it.
    Source: Huber, Robust Estimation of a Location Parameter, 1964.

    Args:
        threshold: d, the error from which on the loss grows linearly.

    Returns:
        A loss of outputs ŷ and targets t, both of shape (…, K).

    Example:
        >>> outputs = mg.Parameter([0.5, 100.0], "outputs")
        >>> loss = mg.Huber(threshold=2.0)(outputs, [0.0, 0.0])
        >>> loss.backward()
        >>> print(loss.value, outputs.grad)
        198.125 [0.5 2. ]
    """

    threshold: float = 1.0

    label = "huber"

    def __post_init__(self):
        if as_finite_number(self.threshold, "threshold") <= 0:
            raise impossible_setting("threshold", self.threshold, "a number above 0")

    def forward(self, xp, outputs, targets):
        error = outputs - targets
        inner = xp.minimum(xp.maximum(error, -self.threshold), self.threshold)
        return xp.sum(inner * (error - 0.5 * inner), axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        error = outputs - targets
        inner = xp.minimum(xp.maximum(error, -self.threshold), self.threshold)
        slope = xp.expand_dims(delta, axis=-1) * inner
        return slope, -slope


class Hinge(Loss):
    """Hinge loss, L = Σ max(0, 1 − ŷt) for targets −1 and +1, with derivative 0 at ŷt = 1.

    A sample costs nothing once it is on the right side by a margin of 1.
    Source: Cortes and Vapnik, Support-Vector Networks, 1995.

    Args:
        outputs: ŷ, of shape (…, K), or a list of K scalar nodes.
        targets: y, −1 or +1, of the same shape.

    Returns:
        L, of shape (…).

    Example:
        >>> outputs = mg.Parameter([2.0, 0.5], "outputs")
        >>> loss = mg.hinge(outputs, [1.0, 1.0])
        >>> loss.backward()
        >>> print(loss.value, outputs.grad)
        0.5 [ 0. -1.]
    """

    label = "hinge"
    interval = (0.1, 0.9)
    class_values = (-1.0, 1.0)
    decision_threshold = 0.0

    def check_targets(self, targets, name="targets"):
        cure = "Write two classes as -1 and 1: of 0 and 1 these are 2 * T - 1."
        is_invalid = np.abs(targets) != 1
        if is_invalid.any():
            refuse_targets(self, targets, is_invalid, "-1 or 1", cure, name)

    def forward(self, xp, outputs, targets):
        return xp.sum(xp.maximum(1 - outputs * targets, 0.0), axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        slope = xp.where(outputs * targets < 1, -xp.expand_dims(delta, axis=-1), 0.0)
        return slope * targets, slope * outputs


class BinaryCrossEntropy(Loss):
    """Binary cross-entropy of logits, L = −Σ t ln σ(ŷ) + (1 − t) ln(1 − σ(ŷ)), with ∂L/∂ŷ = σ(ŷ) − t.

    The outputs are weighted sums, without a sigmoid: it is part of the loss, which never overflows.

    Args:
        outputs: Logits ŷ, of shape (…, K), or a list of K scalar nodes.
        targets: Probabilities t in [0, 1], of the same shape.

    Returns:
        L, of shape (…).

    Example:
        >>> logit = mg.Parameter(0.0, "logit")
        >>> loss = mg.binary_cross_entropy([logit], [1.0])
        >>> loss.backward()
        >>> print(f"{loss.value:.4f} {logit.grad}")  # ln 2, and σ(0) − 1
        0.6931 -0.5
    """

    label = "binary cross-entropy"
    decision_threshold = 0.0
    contained_activations = (sigmoid, softmax)

    def check_targets(self, targets, name="targets"):
        cure = "Write two classes as 0 and 1: of -1 and 1 these are (T + 1) / 2."
        if targets.min() < 0 or targets.max() > 1:  # two fast reductions, for steps of small batches
            refuse_targets(self, targets, (targets < 0) | (targets > 1), "a probability from 0 to 1", cure, name)

    def forward(self, xp, outputs, targets):
        larger, softened = log_one_plus_exp(xp, outputs)
        wrong = guard(xp, xp.where(outputs > 0, 1 - targets, targets), 0.0)  # the share of the class that ŷ denies
        linear = guard(xp, xp.where(wrong, wrong * xp.abs(outputs), 0.0), larger - outputs * targets)
        return xp.sum(linear + softened, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        delta = xp.expand_dims(delta, axis=-1)
        return delta * (sigmoid.forward(xp, outputs) - targets), -delta * outputs


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of a softmax, L = −Σₖ tₖ ln softmax(ŷ)ₖ, with ∂L/∂ŷ = softmax(ŷ) − t.

    The outputs are weighted sums, without a softmax: it is part of the loss, which never overflows.

    Args:
        outputs: Logits ŷ, of shape (…, K), or a list of K scalar nodes.
        targets: Probabilities t that sum to 1, such as one-hot rows, of the same shape.

    Returns:
        L, of shape (…).

    Example:
        >>> logits = mg.Parameter([0.0, 0.0], "logits")
        >>> loss = mg.softmax_cross_entropy(logits, [1.0, 0.0])
        >>> loss.backward()
        >>> print(f"{loss.value:.4f} {logits.grad}")
        0.6931 [-0.5  0.5]
    """

    label = "softmax cross-entropy"
    contained_activations = (softmax, sigmoid)

    def check_targets(self, targets, name="targets"):
        if targets.shape[-1] == 1:
            raise DataError(
                "the loss of a single output is 0 whatever the target",
                node=self.label,
                expected="an output for each class",
                cure="For two classes and one output take minigrad.binary_cross_entropy.",
            )
        if targets.min() < 0:
            refuse_targets(self, targets, targets < 0, "probabilities of at least 0", None, name)
        sums = targets.sum(axis=-1)
        errors = np.abs(sums - 1)
        if errors.max() > ROW_SUM_TOLERANCE:
            cure = "For samples of several classes at once take minigrad.binary_cross_entropy."
            refuse_targets(self, sums, errors > ROW_SUM_TOLERANCE, "rows that sum to 1", cure, name, "a sum of ")

    def forward(self, xp, outputs, targets):
        terms = targets * log_softmax.forward(xp, outputs)
        terms = guard(xp, xp.where(targets, terms, 0.0), terms)  # 0·ln 0 is 0 for a class whose logit is −∞
        return -xp.sum(terms, axis=-1)

    def backward(self, xp, delta, y, outputs, targets):
        delta = xp.expand_dims(delta, axis=-1)
        mass = xp.sum(targets, axis=-1, keepdims=True)
        slope = softmax.forward(xp, outputs) * mass - targets
        return delta * slope, -delta * log_softmax.forward(xp, outputs)


def refuse_targets(
    loss: Loss, targets: np.ndarray, is_invalid: np.ndarray, expected: str, cure: str | None, name: str, of: str = ""
) -> NoReturn:
    """Raise DataError with the first of the invalid targets and its position."""
    raise DataError(
        f"{name} that the loss is not defined for",
        node=loss.label,
        found=of + describe_first(targets, is_invalid),
        expected=expected,
        cure=cure,
    )


squared_error, mean_squared_error, absolute_error = SquaredError(), MeanSquaredError(), AbsoluteError()
huber, hinge = Huber(), Hinge()
binary_cross_entropy, softmax_cross_entropy = BinaryCrossEntropy(), SoftmaxCrossEntropy()
