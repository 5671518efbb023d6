"""The learning rate finder: how the loss falls, and then bursts, while the rate grows from step to step."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.errors import SettingError
from minigrad.optim import SGD, Clipped, Optimizer, checked_optimizer
from minigrad.settings import Seed, check_rate, generator, whole_number
from minigrad.trainer import PlainTrainer

if TYPE_CHECKING:
    from minigrad.network import Network

BURST = 4.0
"""How many times its lowest the smoothed loss may be before the search ends."""
MEMORY = 0.9
"""How much of the smoothed loss is older than the last step."""


@dataclass(frozen=True)
class RateSearch:
    """The rates that were tried, in rising order, and the smoothed loss after each; plot one against the other."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def suggestion(self) -> float:
        """A tenth of the rate at which the loss was lowest, where it still falls fast and is far from bursting."""
        return self.rates[int(np.argmin(self.losses))] / 10


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
    """Learns for some steps, on a copy of the weights, with rates that grow from `low` to `high` by equal factors.

    The search ends early where the loss bursts; the network stays as it was. A schedule of the optimiser stands
    back meanwhile; clipping goes on. Raises SettingError for an optimiser without a learning rate `lr`, and for rates
    that do not rise.
    Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017.
    """
    rule = SGD() if optimizer is None else checked_optimizer(optimizer)
    check_rate(high, "high")
    check_rate(low, "low", below=high)
    if low == 0:
        raise SettingError("an impossible setting", node="low", found=low, expected="more than 0")
    rates = np.geomspace(low, high, whole_number(steps, "steps", 2)).tolist()
    size, rng = whole_number(batch_size, "batch_size", 1), generator(seed)
    samples, targets = network.data(X, T)
    trainer = PlainTrainer(network.graph, at_rate(rule, low), samples, targets)
    order = np.zeros(0, np.intp)
    losses: list[float] = []
    mean = lowest = trainer.mean_loss(samples, targets)  # so that a lucky first sample does not count for many
    for rate in rates:
        if not len(order):
            order = rng.permutation(len(samples))
        rows, order = order[:size], order[size:]
        trainer.optimizer = at_rate(rule, rate)
        with np.errstate(all="ignore"):
            mean = MEMORY * mean + (1 - MEMORY) * trainer.step(rows)
        if not isfinite(mean) or mean > BURST * lowest:
            break
        losses.append(mean)
        lowest = min(lowest, mean)
    if not losses:
        raise SettingError("a loss that is not finite at the lowest rate", node="low", found=low)
    return RateSearch(tuple(rates[: len(losses)]), tuple(losses))


def at_rate(rule: Any, rate: float) -> Optimizer:
    """An optimiser with another learning rate; raises SettingError for one that has none."""
    if isinstance(rule, Clipped):
        return replace(rule, optimizer=at_rate(rule.optimizer, rate))
    if not is_dataclass(rule) or isinstance(rule, type) or "lr" not in [setting.name for setting in fields(rule)]:
        raise SettingError("an optimiser without a learning rate", found=repr(rule), expected="a dataclass with lr")
    changed: Any = replace(rule, lr=rate)
    return changed
