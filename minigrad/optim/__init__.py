"""Optimizers: how a flat vector of parameters is updated from its gradient.

An optimizer is data; its `init` and `update` are pure functions of vectors, so that the same rule serves every engine.
Full-batch optimizers have `advance` in place of `update`; it takes a function to evaluate, not one gradient.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any as _Any

from minigrad.optim.base import (
    GradientDescent as GradientDescent,
    Optimizer as Optimizer,
    Rate as Rate,
    Schedule as Schedule,
    State as State,
    Vector as Vector,
    checked_optimizer as checked_optimizer,
)
from minigrad.optim.full_batch import (
    FullBatchOptimizer as FullBatchOptimizer,
    Status as Status,
    is_full_batch as is_full_batch,
)
from minigrad.optim.sgd import SGD as SGD, Momentum as Momentum, Nesterov as Nesterov

if TYPE_CHECKING:
    from minigrad.optim.adaptive import AdaGrad as AdaGrad, Adam as Adam, AdamW as AdamW, RMSProp as RMSProp
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
    from minigrad.optim.wrappers import Clipped as Clipped

_LOADED_ON_FIRST_USE = {
    "adaptive": ("AdaGrad", "Adam", "AdamW", "RMSProp"),
    "lbfgs": ("LBFGS",),
    "levenberg_marquardt": ("LevenbergMarquardt",),
    "schedules": ("ConstantRate", "CosineDecay", "ExponentialDecay", "OneCycle", "StepDecay", "WarmUp"),
    "wrappers": ("Clipped",),
}
"""Modules that `import minigrad` does not wait for, with the classes in them."""


def __dir__() -> list[str]:
    return sorted({*globals()}.union(*_LOADED_ON_FIRST_USE.values()))


def __getattr__(name: str) -> _Any:
    for module, classes in _LOADED_ON_FIRST_USE.items():
        if name in classes:
            return getattr(_import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
