"""What an op is: one small stateless object that knows its forward rule, its backward rule, its label and its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Never, TypeAlias, TypeVar

import numpy as np

from minigrad._format import describe_value
from minigrad._validation import broadcast_shape, numeric_operand
from minigrad.errors import MinigradError, OperandError, OpError, ShapeError

Shape = tuple[int, ...]
Namespace = Any
"""An array namespace: a module or object with the function names of the Python array API standard."""
Value = Any
"""A value of the namespace at hand: a float, an array, a tracer, a node."""

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    N = TypeVarWithDefault("N", default=np.ndarray)
else:
    N = TypeVar("N")
"""What an op makes of its operands: a node where one of them is a node, else an array."""
Number: TypeAlias = float | np.number | np.ndarray
Operand: TypeAlias = "NodeLike[N] | Number | Sequence[NodeLike[N] | Number | Sequence[float]]"
"""A node, a number or an array; for a starred operand, or for an array, also a sequence of them."""

registry: dict[str, type[Op]] = {}
"""Every op there is, by its label."""


class NodeLike(Generic[N]):
    """An object, such as a node, that an op makes another of the kind from instead of computing a number."""

    __slots__ = ()

    @staticmethod
    def __apply__(op: Op, operands: tuple[Any, ...], name: str | None = None) -> N:
        """Return what the op makes of its operands, of which at least one is of this class."""
        raise OperandError("an object that ops cannot be applied to", found=op.label, cure="Define __apply__.")


class Sample(NamedTuple):
    """Operands on which the laws of an op are tried: an instance, the shapes, and the interval of the numbers."""

    op: Op
    shapes: tuple[Shape, ...]
    low: float = -2.0
    high: float = 2.0


@dataclass(frozen=True, eq=False)
class Op:
    """A rule of computation, y = f(x, …), together with the rule of its derivative.

    `forward` and `backward` are written with operators and the functions of the array namespace `xp` that they are
    given, and leave leading axes alone, so that the same lines serve a number, a mini-batch, a stack of like nodes and
    a graph of nodes. Subclass `Unary`, `Binary`, `Activation` or `Loss` for an op of your own, with a `label` that no
    other op has. An instance is called with its operands: `op(*operands, name=None)`.

    A *starred* operand (`"*x"`) is a tuple of scalar nodes, handed to the rules stacked on the last axis.

    Example:
        >>> import minigrad as mg
        >>> class Cube(mg.Unary):
        ...     label = "x³"
        ...     def forward(self, xp, x):
        ...         return x**3
        ...     def backward(self, xp, delta, y, x):
        ...         return (3 * x**2 * delta,)
        >>> cube, x = Cube(), mg.Parameter(2.0, "x")
        >>> y = cube(x, name="y")
        >>> y.backward()
        >>> y.value, x.grad
        (8.0, 12.0)
    """

    label: ClassVar[str]
    kind: ClassVar[str] = "arithmetic"
    operands: ClassVar[tuple[str, ...]] = ()
    variadic: ClassVar[bool] = False
    """Takes any number of operands, each as it is."""
    numeric: ClassVar[bool] = False
    """The rules may be read with `minigrad.core.floats` when the result is a number."""
    stars: ClassVar[int] = 0
    """How many operands are starred."""
    arity: ClassVar[int] = 0
    """How many numbers the rules may be read with, one for each operand; 0 where they need more than numbers."""
    is_own: ClassVar[bool] = False
    """The class is a user's own: its rules may do what those of minigrad do not."""
    is_sum: ClassVar[bool] = False
    """The result is the sum of two operands: a chain of such ops may be summed in any order."""
    is_product: ClassVar[bool] = False
    """The result is the product of two operands: a sum of such ops is a weighted sum."""
    is_row: ClassVar[bool] = False
    """The result has the operands as its elements, one after the other."""
    output_range: ClassVar[tuple[float, float] | None] = None
    """The bounds of the result, where it has two; a picture fills an activation from one to the other."""

    def __eq__(self, other: object) -> bool:
        """Return whether the ops are one, or of one class without settings; a dataclass compares its fields instead."""
        return self is other or (type(self) is type(other) and not vars(self) and not vars(other))

    def __hash__(self) -> int:
        return hash(type(self))

    @property
    def element(self) -> int | None:
        """Which element of its operand, counted flat, the result is, if it is one."""
        return None

    def __init_subclass__(cls) -> None:
        cls.is_own = not cls.__module__.startswith("minigrad.")
        if "__init__" in vars(cls) and "__eq__" not in vars(cls):  # the fields of a base do not tell all settings
            cls.__eq__, cls.__hash__ = Op.__eq__, Op.__hash__  # type: ignore[method-assign]
        cls.stars = sum(name.startswith("*") for name in cls.operands)
        cls.arity = len(cls.operands) if cls.numeric and not cls.stars and not cls.variadic else 0
        if "label" not in cls.__dict__:
            return
        taken = registry.get(cls.label)
        if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise OpError(
                f"the label {cls.label!r} is taken by {taken.__qualname__}",
                node=cls.__qualname__,
                cure="Give the op a label of its own.",
            )
        registry[cls.label] = cls

    def forward(self, xp: Namespace, /, *operands: Value) -> Value:
        """Return the value y of the operands.

        Args:
            xp: Array namespace to compute with: NumPy, one for plain numbers, or one that records or builds nodes.
            operands: The values of the operands, of shapes that fit; a starred one is stacked on its last axis.

        Returns:
            The value of the result, of the shape that `shape` says, behind the batch axes of the operands.

        Raises:
            OpError: If the class defines no forward rule.

        Example:
            >>> print(mg.multiply.forward(np, 3.0, 4.0))
            12.0
        """
        raise OpError("the op has no forward rule", node=type(self).__name__, cure="Define forward(self, xp, …).")

    def backward(self, xp: Namespace, /, delta: Value, y: Value, *operands: Value) -> tuple[Value | None, ...]:
        """Return ∂L/∂(operand) of each operand, given ∂L/∂y of the result y.

        Args:
            xp: Array namespace to compute with, as in `forward`.
            delta: ∂L/∂y, of the shape of y.
            y: What `forward` returned.
            operands: The values of the operands, as `forward` had them.

        Returns:
            One derivative per operand, None for an operand without influence. Sums over broadcast axes are added by the
            caller.

        Raises:
            OpError: If the class defines no backward rule.

        Example:
            >>> print(mg.multiply.backward(np, 1.0, 12.0, 3.0, 4.0))
            (4.0, 3.0)
        """
        raise OpError(
            "the op has no backward rule", node=type(self).__name__, cure="Define backward(self, xp, delta, y, …)."
        )

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        """Return operands for the laws that every op obeys; an op without samples fails the test suite."""
        return ()

    def ranks(self, ranks: Sequence[int]) -> Sequence[int]:
        """Return the rank that each operand is brought to behind a batch axis, so that trailing axes line up.

        Args:
            ranks: The number of axes of each operand, without batch axes.

        Returns:
            As many ranks, none smaller than that of its operand.

        Example:
            >>> print(mg.add.ranks([0, 2]))
            [2, 2]
        """
        return ranks

    def shape(self, *shapes: Shape) -> Shape:
        """Return the shape of the result for operands of these shapes.

        Args:
            shapes: The shape of each operand, without batch axes.

        Returns:
            A tuple of axis lengths, () for a number.

        Raises:
            ValueError: If the shapes do not fit.

        Example:
            >>> print(mg.multiply.shape((2, 3), (3,)))
            (2, 3)
        """
        with np.errstate(all="ignore"):
            return np.shape(self.forward(np, *(np.ones(shape) for shape in shapes)))

    def __call__(self, *operands: Operand[N], name: str | None = None, **unknown: Never) -> N:
        """Make a node of operands among which there is a node; compute the result of numbers and arrays."""
        if unknown:
            raise OperandError(
                "the op has no such argument",
                node=self.label,
                found=", ".join(unknown),
                expected=f"{', '.join(self.operands)}, name=…",
                cure="Settings belong to the op: minigrad.Huber(2.0)(…). What works along an axis takes the last.",
            )
        for operand in operands:
            if isinstance(operand, NodeLike):
                return operand.__apply__(self, operands, name)
            if isinstance(operand, (list, tuple)):
                for item in operand:
                    if isinstance(item, NodeLike):
                        return item.__apply__(self, operands, name)
        self.check_count(len(operands))
        if not (name is None or isinstance(name, str)):
            raise OperandError("a name that is not text", found=describe_value(name), expected="a string")
        arrays = [numeric_operand(operand, self.label) for operand in operands]
        shapes = [array.shape for array in arrays]
        try:
            with np.errstate(all="ignore"):
                if self.stars > 1:  # these come in equal numbers, and one must not be broadcast in silence
                    self.shape(*shapes)
                return self.forward(np, *arrays)
        except MinigradError:
            raise
        except ValueError as error:
            raise misfit(self, shapes, " and ".join(map(str, shapes)), name) from error

    def check_count(self, count: int) -> None:
        """Raise ShapeError unless the op takes this many operands.

        Args:
            count: The number of operands of a call.

        Raises:
            ShapeError: If the op takes another number.

        Example:
            >>> mg.add.check_count(2)
        """
        if not self.variadic and count != len(self.operands):
            raise ShapeError(
                "wrong number of operands",
                node=self.label,
                found=count,
                expected=f"{len(self.operands)} ({', '.join(self.operands)})",
                cure=f"Call it as {self.label}({', '.join(self.operands)}).",
            )


class Layered(Op):
    """A starred op of inputs, weights and a bias, many of which together are one op over matrices."""

    def layer(self, x: Value, W: Value, b: Value, name: str | None = None) -> Value:
        """Return the op of every row of x with every column of W and its element of b, as a matrix."""
        raise OpError(
            "the op has no form for a whole layer", node=type(self).__name__, cure="Define layer(self, x, W, b)."
        )


class Elementwise(Op):
    """An op that works on each element alone, operands broadcast against each other as in NumPy."""

    numeric = True
    domain: ClassVar[tuple[float, float]] = (-2.0, 2.0)
    """The interval from which the laws draw operands."""

    def ranks(self, ranks: Sequence[int]) -> Sequence[int]:
        return [max(ranks)] * len(ranks)

    def shape(self, *shapes: Shape) -> Shape:
        return broadcast_shape(*shapes) if any(shapes) else ()

    @classmethod
    def instances(cls) -> tuple[Op, ...]:
        """Return instances of the op, with different settings, that the test suite tries."""
        return (cls(),)

    @classmethod
    def samples(cls) -> tuple[Sample, ...]:
        count = len(cls.operands)
        layouts: list[tuple[Shape, ...]] = [((),) * count, ((3,),) * count, ((2, 3),) * count]
        if count > 1:
            layouts += [((2, 3), (3,), ())[:count], ((), (2, 1), (2, 3))[:count], ((2, 1), (1, 3), (3,))[:count]]
        return tuple(Sample(op, shapes, *cls.domain) for op in cls.instances() for shapes in layouts)


class Unary(Elementwise):
    """An elementwise op of one operand, y = f(x).

    Example:
        >>> import minigrad as mg
        >>> isinstance(mg.exp, mg.Unary)
        True
    """

    operands = ("x",)


class Binary(Elementwise):
    """An elementwise op of two operands, y = f(a, b), broadcast against each other as in NumPy.

    Example:
        >>> import minigrad as mg
        >>> isinstance(mg.multiply, mg.Binary)
        True
    """

    operands = ("a", "b")


def misfit(op: Op, shapes: Sequence[Shape], found: str, name: str | None) -> ShapeError:
    """Return the error for operands whose shapes do not fit, with the reason that the op gives."""
    what, reason = f"the operands of {op.label} do not fit", ""
    try:
        op.shape(*shapes)
    except ValueError as error:
        reason = f": {error}"
    cure = f"Reshape or resize an operand{reason}."
    return ShapeError(what, node=name, found=found, expected="shapes that fit or broadcast", cure=cure)
