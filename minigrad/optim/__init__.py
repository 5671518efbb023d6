"""Optimisers: how a flat vector of parameters moves against its gradient.

An optimiser is data; its `init` and `update` are pure functions of vectors, so that the same rule serves every engine.
Full-batch optimisers have `init` and `advance` instead, which is given a function to ask and not one gradient.
"""

from minigrad.optim.adam import Adam as Adam, AdamW as AdamW
from minigrad.optim.adaptive import AdaGrad as AdaGrad, RMSProp as RMSProp
from minigrad.optim.clipping import Clipped as Clipped
from minigrad.optim.fullbatch import (
    FullBatchOptimizer as FullBatchOptimizer,
    is_full_batch as is_full_batch,
    minimize as minimize,
)
from minigrad.optim.lbfgs import LBFGS as LBFGS
from minigrad.optim.levenberg_marquardt import LevenbergMarquardt as LevenbergMarquardt
from minigrad.optim.optimizer import (
    Optimizer as Optimizer,
    State as State,
    Vector as Vector,
    checked_optimizer as checked_optimizer,
)
from minigrad.optim.rates import Rate as Rate, Schedule as Schedule
from minigrad.optim.schedules import (
    ConstantRate as ConstantRate,
    CosineDecay as CosineDecay,
    ExponentialDecay as ExponentialDecay,
    OneCycle as OneCycle,
    StepDecay as StepDecay,
    WarmUp as WarmUp,
)
from minigrad.optim.sgd import SGD as SGD, Momentum as Momentum, Nesterov as Nesterov
