"""The array namespace whose arrays are nodes, with one class per op in the modules below.

Every function here takes nodes, numbers or arrays; the names are those of the Python array API standard, so that a rule
with `xp = minigrad.ops` over nodes builds more graph. Of the classes only those are here of which one makes instances
or subclasses: ops with settings, `Activation` and `Loss`.
"""

from minigrad.ops.activations import (
    ELU as ELU,
    Activation as Activation,
    LeakyReLU as LeakyReLU,
    elu as elu,
    gelu as gelu,
    hard_tanh as hard_tanh,
    identity as identity,
    leaky_relu as leaky_relu,
    log_softmax as log_softmax,
    relu as relu,
    selu as selu,
    sigmoid as sigmoid,
    silu as silu,
    softmax as softmax,
    softplus as softplus,
    softsign as softsign,
    tanh as tanh,
)
from minigrad.ops.arithmetic import (
    add as add,
    divide as divide,
    multiply as multiply,
    negative as negative,
    pow as pow,
    subtract as subtract,
)
from minigrad.ops.base import registry as registry
from minigrad.ops.comparison import (
    Clip as Clip,
    abs as abs,
    clip as clip,
    equal as equal,
    greater as greater,
    less as less,
    maximum as maximum,
    minimum as minimum,
    sign as sign,
    where as where,
)
from minigrad.ops.elementary import (
    atan as atan,
    cos as cos,
    exp as exp,
    expm1 as expm1,
    log as log,
    log1p as log1p,
    sin as sin,
    sqrt as sqrt,
)
from minigrad.ops.indexing import getitem as getitem, take as take, unstack as unstack
from minigrad.ops.linear import affine as affine, matmul as matmul, vecdot as vecdot, weighted_sum as weighted_sum
from minigrad.ops.losses import (
    Huber as Huber,
    Loss as Loss,
    absolute_error as absolute_error,
    binary_cross_entropy as binary_cross_entropy,
    hinge as hinge,
    huber as huber,
    mean_squared_error as mean_squared_error,
    softmax_cross_entropy as softmax_cross_entropy,
    squared_error as squared_error,
)
from minigrad.ops.reduction import max as max, mean as mean, sum as sum
from minigrad.ops.shaping import (
    broadcast_arrays as broadcast_arrays,
    broadcast_to as broadcast_to,
    concat as concat,
    expand_dims as expand_dims,
    matrix_transpose as matrix_transpose,
    permute_dims as permute_dims,
    reshape as reshape,
    squeeze as squeeze,
    stack as stack,
)

# NumPy's own names for the same functions, so that np.arctan(node) and its kin find them here.
absolute = abs
arctan = atan
concatenate = concat
fabs = abs
power = pow
transpose = permute_dims
