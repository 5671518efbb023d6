"""The learning rate finder: how the loss falls, and then grows without bound, while the rate rises step by step."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import Seed, check_integer, check_number, impossible_setting, make_generator
from minigrad.errors import OperandError, SettingError
from minigrad.optim import SGD, Clipped, Optimizer, checked_optimizer
from minigrad.training.network import Network
from minigrad.training.step import InterpretedStep

MOST_STEPS = 10**6
"""How many rates may be tried."""
DIVERGENCE = 4.0
"""How many times its lowest the loss may be before the search ends."""
MEASURED_SAMPLES = 500
"""On how many samples the loss is measured at most: on one batch alone it is up and down by the batch."""


@dataclass(frozen=True, repr=False)
class RateSearch:
    """The rates that `find_rate` tried, in rising order, and the loss after a step at each.

    Args:
        rates: Learning rates.
        losses: Mean loss after the step at each rate.

    Example:
        >>> from minigrad.training.lr_finder import RateSearch
        >>> RateSearch(rates=(0.1, 1.0, 10.0), losses=(0.5, 0.1, 0.7)).suggestion
        0.1
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def suggestion(self) -> float:
        """A tenth of the rate at which the loss was lowest, where it still falls fast and is far from diverging."""
        return self.rates[int(np.argmin(self.losses))] / 10

    def __repr__(self) -> str:
        return f"<RateSearch of {len(self.rates)} rates from {self.rates[0]:.3g} to {self.rates[-1]:.3g}>"

    def plot(self) -> Any:
        """Plot the loss over the rates, and the suggestion, with Matplotlib (the extra `plot`).

        Returns:
            A Matplotlib figure.
        """
        from minigrad import plot  # loaded on first use, as Matplotlib is

        return plot.rates(self)


def find_rate(
    network: Network,
    X: Any,
    T: Any,
    optimizer: Optimizer | None = None,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    batch_size: int = 1,
    seed: Seed = 0,
) -> RateSearch:
    """Train a copy of the parameters for some steps, at rates that grow from `low` to `high` by equal factors.

    After every step the mean loss is measured, on all samples or on 500 drawn from them; the search ends early where it
    diverges. The network stays as it was. A schedule of the optimizer is not used meanwhile; clipping is.

    Args:
        network: The network.
        X: Samples, shape (samples, inputs).
        T: Targets, shape (samples, outputs), or class labels of shape (samples,) for several outputs.
        optimizer: The optimizer to find a rate for; SGD() for None.
        low: The first learning rate, more than 0.
        high: The last learning rate, more than `low`.
        steps: How many rates to try, at least 2.
        batch_size: Samples in a step.
        seed: A seed or generator for the order of the samples.

    Returns:
        The rates and losses; `suggestion` is a rate to begin with, `plot()` shows the curve.

    Raises:
        SettingError: If the optimizer has no learning rate `lr`, the rates do not rise, or the loss is not finite at
            the lowest rate.
        DataError: If X or T do not fit the network.

    Example:
        >>> import minigrad as mg
        >>> x, w = mg.Input("x"), mg.Parameter(0.0, "w")
        >>> search = mg.find_rate(mg.Network(x, w * x), [1.0, 2.0], [2.0, 4.0], steps=20)
        >>> 0.01 < search.suggestion < 1
        True

    Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017.
    """
    rule = SGD() if optimizer is None else checked_optimizer(optimizer)
    check_number(high, "high")
    check_number(low, "low", below=high)
    if low == 0:
        raise impossible_setting("low", low, "more than 0")
    rates = np.geomspace(float(low), float(high), check_integer(steps, "steps", 2, MOST_STEPS)).tolist()
    size, rng = check_integer(batch_size, "batch_size", 1), make_generator(seed)
    if not isinstance(network, Network):
        raise OperandError("not a network", found=describe_value(network), expected="a minigrad.Network")
    samples, targets = network.data(X, T)
    step = InterpretedStep(network.graph, at_rate(rule, low), samples, targets)
    step.masks.start_epoch(rng)
    mask = np.isin(np.arange(len(samples)), rng.permutation(len(samples))[:MEASURED_SAMPLES])
    measured = samples.select(mask), targets.select(mask)
    order = np.zeros(0, np.intp)
    losses: list[float] = []
    lowest = step.mean_loss(*measured)
    for rate in rates:
        if not len(order):
            order = rng.permutation(len(samples))
        rows, order = order[:size], order[size:]
        step.optimizer = at_rate(rule, rate)
        with np.errstate(all="ignore"):
            step.run(rows)
            loss = step.mean_loss(*measured)
        if not isfinite(loss) or loss > DIVERGENCE * lowest:
            break
        losses.append(loss)
        lowest = min(lowest, loss)
    if not losses:
        raise SettingError("the loss is not finite at the lowest rate", node="low", found=low)
    return RateSearch(tuple(rates[: len(losses)]), tuple(losses))


def at_rate(rule: Any, rate: float) -> Optimizer:
    """Return an optimizer with another learning rate; raise SettingError for one that has none."""
    if isinstance(rule, Clipped):
        return replace(rule, optimizer=at_rate(rule.optimizer, rate))
    if not is_dataclass(rule) or isinstance(rule, type) or "lr" not in [setting.name for setting in fields(rule)]:
        raise SettingError(
            "the optimizer has no learning rate", found=describe_value(rule), expected="a dataclass with lr"
        )
    changed: Any = replace(rule, lr=rate)
    return changed
