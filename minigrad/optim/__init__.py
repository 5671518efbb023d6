"""Optimizers: how a flat vector of parameters is updated from its gradient.

An optimizer is data; its `init` and `update` are pure functions of vectors, so that the same rule serves every engine.
Full-batch optimizers have `advance` in place of `update`; it takes a function to evaluate, not one gradient.
"""

from minigrad.optim.adaptive import AdaGrad as AdaGrad, Adam as Adam, AdamW as AdamW, RMSProp as RMSProp
from minigrad.optim.base import (
    GradientDescent as GradientDescent,
    Optimizer as Optimizer,
    Rate as Rate,
    Schedule as Schedule,
    State as State,
    Vector as Vector,
    checked_optimizer as checked_optimizer,
)
from minigrad.optim.full_batch import FullBatchOptimizer as FullBatchOptimizer, is_full_batch as is_full_batch
from minigrad.optim.lbfgs import LBFGS as LBFGS
from minigrad.optim.levenberg_marquardt import LevenbergMarquardt as LevenbergMarquardt
from minigrad.optim.schedules import (
    ConstantRate as ConstantRate,
    CosineDecay as CosineDecay,
    ExponentialDecay as ExponentialDecay,
    OneCycle as OneCycle,
    StepDecay as StepDecay,
    WarmUp as WarmUp,
)
from minigrad.optim.sgd import SGD as SGD, Momentum as Momentum, Nesterov as Nesterov
from minigrad.optim.wrappers import Clipped as Clipped
