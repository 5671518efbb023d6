"""The vocabulary, one class per op, and at the same time the array namespace whose arrays are nodes.

Every function here takes nodes, numbers or arrays; the names are those of the Python array API standard, so that a rule
read with `xp = minigrad.ops` over nodes builds more graph.
"""

from minigrad.ops.activations import (
    ELU as ELU,
    GELU as GELU,
    SELU as SELU,
    Activation as Activation,
    HardTanh as HardTanh,
    Identity as Identity,
    LeakyReLU as LeakyReLU,
    ReLU as ReLU,
    Sigmoid as Sigmoid,
    SiLU as SiLU,
    Softplus as Softplus,
    Softsign as Softsign,
    Tanh as Tanh,
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
from minigrad.ops.base import (
    Binary as Binary,
    Elementwise as Elementwise,
    Layered as Layered,
    Op as Op,
    Sample as Sample,
    Unary as Unary,
    registry as registry,
)
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
from minigrad.ops.indexing import (
    getitem as getitem,
    take as take,
    unstack as unstack,
)
from minigrad.ops.linear import (
    affine as affine,
    matmul as matmul,
    vecdot as vecdot,
    weighted_sum as weighted_sum,
)
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
from minigrad.ops.reduction import (
    max as max,
    mean as mean,
    sum as sum,
)
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
