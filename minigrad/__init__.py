"""Build a neural network one node at a time, watch δ flow back through it, and train it."""

# isort: skip_file
# fmt: off
from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any as _Any

from minigrad import errors, nn, ops
from minigrad.core.building import building
from minigrad.core.names import scope
from minigrad.core.node import Constant, Input, Node, Parameter
from minigrad.errors import MinigradError
from minigrad.graph import CompiledGraph, Graph
from minigrad.nn import Uniform, dense, dropout, glorot, he, layer, mlp, neuron, zeros
from minigrad.ops import (
    abs as abs, max as max, pow as pow, sum as sum,
    add, affine, atan, broadcast_to, clip, concat, cos, divide, exp, expand_dims, expm1, greater, less, log, log1p,
    matmul, maximum, mean, minimum, multiply, permute_dims, reshape, sign, sin, sqrt, squeeze, stack, subtract,
    take, weighted_sum, where,
)
from minigrad.ops.activations import (
    ELU, Activation, LeakyReLU, elu, gelu, hard_tanh, identity, leaky_relu, log_softmax, relu, selu, sigmoid, silu,
    softmax, softplus, softsign, tanh,
)
from minigrad.ops.base import Binary, Op, Unary
from minigrad.ops.comparison import Clip
from minigrad.ops.losses import (
    Huber, Loss, absolute_error, binary_cross_entropy, hinge, huber, mean_squared_error, softmax_cross_entropy,
    squared_error,
)

if TYPE_CHECKING:
    from minigrad import datasets, optim, plot
    from minigrad.analysis.check import check_gradients
    from minigrad.analysis.gradient_graph import gradient_graph
    from minigrad.analysis.jacobian import hessian, jacobian
    from minigrad.analysis.vectorize import vectorize
    from minigrad.drawing import draw
    from minigrad.explanation import explain
    from minigrad.optim import SGD, Momentum, Nesterov
    from minigrad.optim.adaptive import AdaGrad, Adam, AdamW, RMSProp
    from minigrad.optim.lbfgs import LBFGS
    from minigrad.optim.levenberg_marquardt import LevenbergMarquardt
    from minigrad.optim.schedules import ConstantRate, CosineDecay, ExponentialDecay, OneCycle, StepDecay, WarmUp
    from minigrad.optim.wrappers import Clipped
    from minigrad.pages.explore import explore
    from minigrad.pages.page import Page
    from minigrad.pages.recorder import Recorder
    from minigrad.training.callbacks import EarlyStopping, ReduceOnPlateau, StopOnNonFinite
    from minigrad.training.checkpoint import Checkpoint
    from minigrad.training.history import History, Progress
    from minigrad.training.lr_finder import find_rate
    from minigrad.training.metrics import accuracy, confusion_matrix, r_squared
    from minigrad.training.network import Network

    __version__: str

_LOADED_ON_FIRST_USE = {
    "Checkpoint": "minigrad.training.checkpoint",
    "EarlyStopping": "minigrad.training.callbacks",
    "History": "minigrad.training.history",
    "Network": "minigrad.training.network",
    "Page": "minigrad.pages.page",
    "Progress": "minigrad.training.history",
    "Recorder": "minigrad.pages.recorder",
    "ReduceOnPlateau": "minigrad.training.callbacks",
    "StopOnNonFinite": "minigrad.training.callbacks",
    "accuracy": "minigrad.training.metrics",
    "check_gradients": "minigrad.analysis.check",
    "confusion_matrix": "minigrad.training.metrics",
    "datasets": "minigrad.datasets",
    "draw": "minigrad.drawing",
    "explain": "minigrad.explanation",
    "explore": "minigrad.pages.explore",
    "find_rate": "minigrad.training.lr_finder",
    "gradient_graph": "minigrad.analysis.gradient_graph",
    "hessian": "minigrad.analysis.jacobian",
    "jacobian": "minigrad.analysis.jacobian",
    "optim": "minigrad.optim",
    "plot": "minigrad.plot",
    "r_squared": "minigrad.training.metrics",
    "vectorize": "minigrad.analysis.vectorize",
}
"""Names that nodes and graphs do not need, each with the module that holds it or that it is."""

# Nodes, networks and what is asked of them; ops; optimizers; modules. The ops abs, max, pow and sum are public too, but
# `from minigrad import *` keeps Python's own.
__all__ = [
    "Checkpoint", "CompiledGraph", "Constant", "EarlyStopping", "Graph", "History", "Input", "MinigradError", "Network",
    "Node", "Page", "Parameter", "Progress", "Recorder", "StopOnNonFinite", "Uniform", "accuracy", "building",
    "check_gradients", "confusion_matrix", "dense", "draw", "dropout", "explain", "explore", "find_rate", "glorot",
    "gradient_graph", "he", "hessian", "jacobian", "layer", "mlp", "neuron", "r_squared", "scope", "vectorize", "zeros",
]
__all__ += [
    "ELU", "Activation", "Binary", "Clip", "Huber", "LeakyReLU", "Loss", "Op", "Unary", "absolute_error", "add",
    "affine", "atan", "binary_cross_entropy", "broadcast_to", "clip", "concat", "cos", "divide", "elu", "exp",
    "expand_dims", "expm1", "gelu", "greater", "hard_tanh", "hinge", "huber", "identity", "leaky_relu", "less",
    "log", "log1p", "log_softmax", "matmul", "maximum", "mean", "mean_squared_error", "minimum", "multiply",
    "permute_dims", "relu", "reshape", "selu", "sigmoid", "sign", "silu", "sin", "softmax", "softmax_cross_entropy",
    "softplus", "softsign", "sqrt", "squared_error", "squeeze", "stack", "subtract", "take", "tanh", "weighted_sum",
    "where",
]
__all__ += [
    "LBFGS", "SGD", "AdaGrad", "Adam", "AdamW", "Clipped", "ConstantRate", "CosineDecay", "ExponentialDecay",
    "LevenbergMarquardt", "Momentum", "Nesterov", "OneCycle", "RMSProp", "ReduceOnPlateau", "StepDecay", "WarmUp",
]
__all__ += ["datasets", "errors", "nn", "ops", "optim", "plot"]


def __dir__() -> list[str]:
    return [*__all__, "abs", "max", "pow", "sum", *(name for name in globals() if name.startswith("__")), "__version__"]


def __getattr__(name: str) -> _Any:
    if name == "__version__":
        metadata = _import_module("importlib.metadata")  # takes longer to import than the rest of this file
        try:
            return metadata.version("minigrad-bp")
        except metadata.PackageNotFoundError:
            return "0+not.installed"
    if name in _LOADED_ON_FIRST_USE:
        module = _import_module(_LOADED_ON_FIRST_USE[name])
        return getattr(module, name, module)
    if name in __all__:  # an optimizer or a schedule
        return getattr(_import_module("minigrad.optim"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
