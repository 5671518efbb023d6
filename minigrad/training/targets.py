"""What the losses of a network say about its targets: which are refused, what labels become, and what outputs mean."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad._labels import (
    CLASS_VALUES,
    SIGNED_CLASSES,
    Classes,
    check_threshold,
    default_threshold,
    encode_targets,
    is_signed,
    predicted_classes,
)
from minigrad.core import interpreter
from minigrad.core.node import Node
from minigrad.core.plan import Plan, make_plan
from minigrad.errors import DataError, MinigradWarning
from minigrad.ops.losses import Loss
from minigrad.training.data import Columns, Pair, make_pair, sample_shape


@dataclass(frozen=True)
class LossTargets:
    """A loss in a graph, and how its targets are computed from those of the network."""

    loss: Loss
    plan: Plan

    def check(self, columns: Columns, name: str) -> None:
        """Raise DataError for targets that the loss is not defined for."""
        if self.plan.roots == columns.nodes:
            return self.loss.check_targets(columns.rows, name)
        leaves = {node: node.value for node in self.plan.nodes if node.kind == "constant"}
        with np.errstate(all="ignore"):
            values = interpreter.run_forward(self.plan, {**leaves, **columns.batch()})
        roots = [np.broadcast_to(values[root], (len(columns), *root.shape)) for root in self.plan.roots]
        return self.loss.check_targets(roots[0] if self.plan.roots[0].shape else np.stack(roots, axis=-1), name)


@dataclass(frozen=True)
class TargetRules:
    """What the losses of one network say about its targets."""

    targets: tuple[Node, ...]
    checks: tuple[LossTargets, ...]
    class_values: tuple[float, float]
    threshold: float | None
    """The number above which a single output means the second of two classes; None where no loss says so."""

    def make_pair(
        self,
        inputs: Sequence[Node],
        X: Any,
        T: Any,
        purpose: str = "",
        classes: Classes | None = None,
        dtype: Any = np.float64,
        *,
        copy: bool = True,
    ) -> Pair:
        """Return samples and targets for the nodes they feed, labels of text turned into numbers.

        Samples that have the `dtype` that they are computed with keep it. Without `copy` both may be the caller's own
        arrays. Raises DataError for data that does not fit, and for targets that a loss is not defined for.
        """
        name = f"{purpose}targets"
        pair = make_pair(inputs, self.targets, X, self.encode(T, classes, name), purpose, dtype, copy=copy)
        for check in self.checks:
            check.check(pair[1], name)
        return pair

    def encode(self, T: Any, classes: Classes | None, name: str = "targets") -> np.ndarray:
        """Return targets as rows of numbers, labels as one for each output; raise DataError for what is none."""
        return encode_targets(T, self.count, name, classes, self.class_values)

    @property
    def direct_checks(self) -> list[Callable[[np.ndarray], None]] | None:
        """What refuses rows of targets, one number for each; None where a loss computes what it reads from them."""
        is_direct = all(check.plan.roots == self.targets for check in self.checks)
        return [check.loss.check_targets for check in self.checks] if is_direct else None

    def label_rows(self) -> np.ndarray | None:
        """Return the targets for each class label, which need no further check; None where there may be none.

        A loss of one's own may refuse a row because of other rows.
        """
        if self.count == 1 or self.direct_checks is None or any(check.loss.is_own for check in self.checks):
            return None
        rows = self.encode(np.arange(self.count), None)
        try:
            for check in self.direct_checks:
                check(rows)
        except DataError:
            return None
        return rows

    @property
    def count(self) -> int:
        """How many targets a sample has."""
        return sample_shape(self.targets)[-1]

    def signed_classes(self, targets: np.ndarray) -> Classes | None:
        """Return −1 and 1 where targets of a single output are these and no loss says what they mean, else None."""
        return SIGNED_CLASSES if self.threshold is None and is_signed(targets) and np.all(abs(targets) == 1) else None

    def threshold_for(self, classes: Classes | None) -> float | None:
        """Return the threshold between two classes; None where neither the loss nor the classes say so."""
        return 0.0 if self.threshold is None and classes == SIGNED_CLASSES else self.threshold

    def decode(self, outputs: np.ndarray, threshold: float | None, classes: Classes | None) -> np.ndarray:
        """Return the label of each row of outputs; raise DataError for outputs that are no rows."""
        if outputs.ndim != 2:
            raise DataError(
                "outputs that are no classes", found=f"shape {outputs.shape}", expected="(samples, outputs)"
            )
        known = self.threshold_for(classes)
        default = default_threshold(outputs[:0]) if known is None else known
        numbers = predicted_classes(outputs, check_threshold(threshold, default))
        if classes is not None:
            return np.array(classes)[numbers]
        return np.array(self.class_values, int)[numbers] if outputs.shape[1] == 1 else numbers


def make_target_rules(nodes: Sequence[Node], outputs: Sequence[Node], targets: Sequence[Node]) -> TargetRules:
    """Return what the losses among the nodes of a graph say; warn of an activation that a loss contains already."""
    checks, deciding = [], []
    for node in nodes:
        loss = node.op
        if not isinstance(loss, Loss):
            continue
        half = len(node.parents) // 2
        loss_outputs, plan = node.parents[:half], make_plan(node.parents[half:])
        leaves = {leaf for leaf in plan.nodes if leaf.op is None}
        if leaves.isdisjoint(targets):
            continue
        warn_of_activations(loss, loss_outputs)
        has_check = type(loss).check_targets is not Loss.check_targets
        if has_check and all(leaf in targets or leaf.kind == "constant" for leaf in leaves):
            checks.append(LossTargets(loss, plan))
        if loss_outputs == tuple(outputs):
            deciding.append(loss)
    values, threshold = (deciding[0].class_values, deciding[0].decision_threshold) if deciding else (CLASS_VALUES, None)
    return TargetRules(tuple(targets), tuple(checks), values, threshold)


def warn_of_activations(loss: Loss, outputs: Sequence[Node]) -> None:
    """Warn where outputs have been through an activation that a loss contains."""
    activations = [node.op for node in map(unpacked, outputs) if node.op in loss.contained_activations]
    if activations and activations[0] is not None:
        warnings.warn(
            f"{loss.label} contains an activation, and its outputs have been through {activations[0].label}. Give the "
            "last layer activation=minigrad.identity.",
            MinigradWarning,
            stacklevel=5,
        )


def unpacked(node: Node) -> Node:
    """Return the array of which a node is an element, or the first element of a row; else the node itself."""
    while node.op is not None and (node.op.element is not None or node.op.is_row):
        node = node.parents[0]
    return node
