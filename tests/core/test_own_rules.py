"""Rules of a user's own ops: what they write into, what they give, and by what two ops are the same."""

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import ENGINES
from minigrad.errors import CompileError, MinigradError, OpError


class Power(mg.Unary):
    """y = xⁿ, with n set as most classes of Python set it, and not as a field of a dataclass."""

    label = "own power"

    def __init__(self, exponent):
        object.__setattr__(self, "exponent", exponent)

    def forward(self, xp, x):
        return x**self.exponent

    def backward(self, xp, delta, y, x):
        return (self.exponent * delta * x ** (self.exponent - 1),)


class Positive(mg.Unary):
    """y = x > 0, truth values."""

    label = "own positive"

    def forward(self, xp, x):
        return x > 0

    def backward(self, xp, delta, y, x):
        return (None,)


class Doubling(mg.Unary):
    """y = 2x, whose rules write into what they are handed."""

    label = "own doubling"

    def forward(self, xp, x):
        x *= 2.0
        return x

    def backward(self, xp, delta, y, x):
        delta *= 2.0
        return (delta,)


class Cut(mg.Unary):
    """relu, whose backward rule alone writes into δ."""

    label = "own cut"

    def forward(self, xp, x):
        return xp.maximum(x, 0.0)

    def backward(self, xp, delta, y, x):
        delta[x < 0] = 0.0
        return (delta,)


class Branching(mg.Unary):
    """|x| for a single number."""

    label = "own branching"

    def forward(self, xp, x):
        return x if x > 0 else -x

    def backward(self, xp, delta, y, x):
        return (delta if x > 0 else -delta,)


class Giving(mg.Unary):
    """y = x, with what an attribute says as derivative."""

    label = "own giving"

    def __init__(self, term):
        object.__setattr__(self, "term", term)

    def forward(self, xp, x):
        return x * 1.0

    def backward(self, xp, delta, y, x):
        return (self.term,)


class Loud(mg.LeakyReLU):
    """A leaky relu times a gain, which is no field, unlike the slope."""

    label = "own loud"

    def __init__(self, gain):
        super().__init__(0.5)
        object.__setattr__(self, "gain", gain)

    def forward(self, xp, s):
        return self.gain * super().forward(xp, s)

    def backward(self, xp, delta, y, s):
        return super().backward(xp, self.gain * delta, y, s)


def engines_of(graph):
    for name in ENGINES:
        try:
            yield graph.compile(engine=name)
        except CompileError:
            continue


def test_ops_of_one_class_with_other_attributes_are_not_merged():
    assert Power(2) != Power(3) and Positive() == Positive() and len({Positive(), Positive(), mg.tanh}) == 2
    a, b = mg.Parameter(2.0, "a"), mg.Parameter(3.0, "b")
    graph = mg.Graph(Power(2)(a) + Power(3)(b))
    for compiled in engines_of(graph):
        assert (compiled.gradient(), a.grad, b.grad) == (31.0, 4.0, 27.0), compiled
    assert mg.vectorize(graph).graph.forward() == 31.0
    graph = mg.Graph(Loud(2.0)(a) + Loud(3.0)(b))
    assert [compiled.forward() for compiled in engines_of(graph)] == [13.0] * len(ENGINES)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_truth_values_add_up_as_numbers(shape):
    x, op = mg.Input("x", shape=shape), Positive()
    graph = mg.Graph(op(x) + op(2.0 * x))
    samples = np.arange(1.0, 3.0).reshape(2, *(1,) * len(shape)) * np.ones(shape)
    for forward in (graph.forward, *(compiled.forward for compiled in engines_of(graph))):
        for feed in (samples, samples[0]):
            y = np.asarray(forward({x: feed}))
            assert y.dtype == float and np.all(y == 2.0)
    assert type(op(mg.Parameter(1.0)).value) is float


def test_a_root_of_a_negative_number_is_nan_and_not_complex():
    x = mg.Parameter(-2.0, "x")
    y = Power(0.5)(x)
    y.backward()
    assert type(y.value) is type(x.grad) is float and np.isnan([y.value, x.grad]).all()


@pytest.mark.parametrize("op", [Doubling(), Cut()])
def test_rules_that_write_into_arrays_are_refused(op):
    x, v = mg.Parameter([1.0, -1.0], "x"), mg.Parameter([1.0, 1.0], "v")
    with pytest.raises(OpError, match=f"{op.label}.* writes into"):
        z = op(x * 1.0) + v  # δ of the sum is that of both operands
        mg.sum(z * z).backward()
    assert x.value.tolist() == [1.0, -1.0] and v.grad is None


def test_rules_for_single_numbers_are_named_where_a_batch_comes():
    x = mg.Input("x")
    graph = mg.Graph(Branching()(x))
    assert graph.forward({x: -2.0}) == 2.0
    with pytest.raises(OpError, match=r"own branching.* fails for arrays.*xp\.where"):
        graph.forward({x: [1.0, -2.0]})
    assert x.value == -2.0


@pytest.mark.parametrize("term", ["a", 1j, {}, np.array(1j), [1.0]])
def test_derivatives_that_are_no_real_numbers_are_refused(term):
    for value in (0.5, [0.5, 1.5]):
        x = mg.Parameter(value, "x")
        with pytest.raises(MinigradError, match="own giving"):
            mg.sum(Giving(term)(x) * 2.0).backward() if x.shape else Giving(term)(x).backward()
        assert x.grad is None


def test_settings_that_make_other_numbers_than_floats_are_refused():
    with pytest.raises(OpError, match="no real numbers"):
        Power(1j)(mg.Parameter([1.0, 2.0]))


class Pair(mg.Unary):
    """y = (x, −x), an elementwise op by its class alone: its results have an axis more than its operands."""

    label = "own pair"

    def shape(self, shape):
        return (*shape, 2)

    def ranks(self, ranks):
        return [rank + 1 for rank in ranks]

    def forward(self, xp, x):
        x = xp.asarray(x)
        return xp.stack([x[..., 0], -x[..., 0]], axis=-1) if x.ndim else xp.stack([x, -x])

    def backward(self, xp, delta, y, x):
        return (delta[..., :1] - delta[..., 1:],)


def test_an_op_with_a_shape_of_its_own_has_it_also_of_a_scalar_without_a_value() -> None:
    x = mg.Input("x")
    y = Pair()(x)
    assert y.shape == Pair()(mg.Constant(3.0)).shape == (2,)
    assert mg.Graph(y).forward({x: 3.0}).tolist() == [3.0, -3.0]
    assert mg.Graph(y).forward({x: [3.0, 4.0, 5.0]}).tolist() == [[3.0, -3.0], [4.0, -4.0], [5.0, -5.0]]
