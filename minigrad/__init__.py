"""Build a neural network one node at a time, watch δ flow back through it, and train it."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any as _Any

from minigrad.analysis.check import check_gradients as check_gradients
from minigrad.analysis.gradient_graph import gradient_graph as gradient_graph
from minigrad.analysis.vectorize import vectorize as vectorize
from minigrad.core.names import scope as scope
from minigrad.core.node import Constant as Constant, Input as Input, Node as Node, Parameter as Parameter
from minigrad.errors import MinigradError as MinigradError
from minigrad.graph import Graph as Graph
from minigrad.nn import (
    Uniform as Uniform,
    dense as dense,
    glorot as glorot,
    he as he,
    layer as layer,
    mlp as mlp,
    neuron as neuron,
    zeros as zeros,
)
from minigrad.ops import (
    ELU as ELU,
    Clip as Clip,
    Huber as Huber,
    LeakyReLU as LeakyReLU,
    abs as abs,
    absolute_error as absolute_error,
    add as add,
    affine as affine,
    atan as atan,
    binary_cross_entropy as binary_cross_entropy,
    broadcast_to as broadcast_to,
    clip as clip,
    concat as concat,
    cos as cos,
    divide as divide,
    elu as elu,
    exp as exp,
    expand_dims as expand_dims,
    expm1 as expm1,
    gelu as gelu,
    greater as greater,
    hard_tanh as hard_tanh,
    hinge as hinge,
    huber as huber,
    identity as identity,
    leaky_relu as leaky_relu,
    less as less,
    log as log,
    log1p as log1p,
    log_softmax as log_softmax,
    matmul as matmul,
    max as max,
    maximum as maximum,
    mean as mean,
    mean_squared_error as mean_squared_error,
    minimum as minimum,
    multiply as multiply,
    pow as pow,
    relu as relu,
    reshape as reshape,
    selu as selu,
    sigmoid as sigmoid,
    sign as sign,
    silu as silu,
    sin as sin,
    softmax as softmax,
    softmax_cross_entropy as softmax_cross_entropy,
    softplus as softplus,
    softsign as softsign,
    sqrt as sqrt,
    squared_error as squared_error,
    squeeze as squeeze,
    stack as stack,
    subtract as subtract,
    sum as sum,
    take as take,
    tanh as tanh,
    weighted_sum as weighted_sum,
    where as where,
)
from minigrad.ops.activations import Activation as Activation
from minigrad.ops.base import Binary as Binary, Op as Op, Unary as Unary
from minigrad.ops.losses import Loss as Loss
from minigrad.ops.shaping import permute_dims as permute_dims
from minigrad.optim import (
    LBFGS as LBFGS,
    SGD as SGD,
    AdaGrad as AdaGrad,
    Adam as Adam,
    AdamW as AdamW,
    Clipped as Clipped,
    ConstantRate as ConstantRate,
    CosineDecay as CosineDecay,
    ExponentialDecay as ExponentialDecay,
    LevenbergMarquardt as LevenbergMarquardt,
    Momentum as Momentum,
    Nesterov as Nesterov,
    OneCycle as OneCycle,
    RMSProp as RMSProp,
    StepDecay as StepDecay,
    WarmUp as WarmUp,
)
from minigrad.training.callbacks import EarlyStopping as EarlyStopping, StopOnNonFinite as StopOnNonFinite
from minigrad.training.checkpoint import Checkpoint as Checkpoint
from minigrad.training.history import History as History, Progress as Progress
from minigrad.training.lr_finder import find_rate as find_rate
from minigrad.training.metrics import accuracy as accuracy, confusion_matrix as confusion_matrix, r_squared as r_squared
from minigrad.training.network import Network as Network

if TYPE_CHECKING:
    from minigrad import datasets as datasets, plot as plot
    from minigrad.drawing import draw as draw
    from minigrad.explanation import explain as explain

_LOADED_WHEN_ASKED_FOR = {
    "draw": "minigrad.drawing",
    "explain": "minigrad.explanation",
    "datasets": "minigrad",
    "plot": "minigrad",
}
"""Names whose rooms need not be opened to build and train a network: a function of a room, or a whole room."""


def __getattr__(name: str) -> _Any:
    if name not in _LOADED_WHEN_ASKED_FOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = _LOADED_WHEN_ASKED_FOR[name]
    return _import_module(f"{room}.{name}") if room == __name__ else getattr(_import_module(room), name)
