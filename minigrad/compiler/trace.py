"""A namespace that records: rules read with it compute on example values and leave a straight-line program behind."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from minigrad.errors import CompileError
from minigrad.ops.base import Shape

METHODS: dict[str, Callable[..., Any]] = {"getitem": operator.getitem, "view": np.ndarray.view}
"""What is a function here and belongs to the array in NumPy."""


class TracedArray:
    """An array of a program under recording, with the example value that tells its shape."""

    __slots__ = ("recorder", "value")

    def __init__(self, recorder: Tracer, value: np.ndarray) -> None:
        self.recorder = recorder
        self.value = value

    @property
    def shape(self) -> Shape:
        return self.value.shape

    @property
    def ndim(self) -> int:
        return self.value.ndim

    def __add__(self, other: Any) -> Any:
        return self.recorder.call("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.recorder.call("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.recorder.call("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.recorder.call("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.recorder.call("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.recorder.call("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.recorder.call("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.recorder.call("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return self.recorder.call("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.recorder.call("pow", other, self)

    def __neg__(self) -> Any:
        return self.recorder.call("negative", self)

    def __gt__(self, other: Any) -> Any:
        return self.recorder.call("greater", self, other)

    def __lt__(self, other: Any) -> Any:
        return self.recorder.call("less", self, other)

    def __getitem__(self, index: Any) -> Any:
        return self.recorder.call("getitem", self, index)

    def __bool__(self) -> bool:
        raise TypeError("a rule asks whether an array is true: choose with xp.where")

    def __array__(self, *settings: Any, **more: Any) -> np.ndarray:
        raise TypeError("a rule asks for the numbers of an array: compute with xp")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **settings: Any) -> Any:
        return self.recorder.call(ufunc.__name__, *operands, **settings)


class Instruction(NamedTuple):
    """One call of one NumPy function: what it is called with, and the array that comes of it."""

    function: str
    arguments: tuple[Any, ...]
    settings: Mapping[str, Any]
    result: TracedArray

    @property
    def operands(self) -> list[TracedArray]:
        """The recorded arrays among the arguments."""
        return traced_arrays(self.arguments)

    @property
    def base(self) -> TracedArray | None:
        """The operand that the result is a view of, if it is one."""
        for operand in self.operands:
            if np.may_share_memory(operand.value, self.result.value):
                return operand
        return None


class Tracer:
    """The array namespace of a program under recording; a call seen before gives the array it gave then."""

    def __init__(self, dtype: Any = np.float64) -> None:
        self.dtype = np.dtype(dtype)
        self.instructions: list[Instruction] = []
        self.known: dict[Any, TracedArray] = {}
        self.maker: dict[TracedArray, Instruction] = {}
        self.constants: dict[int, np.ndarray] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self.call, name)

    def leaf(self, value: Any) -> TracedArray:
        """An array that the program is given."""
        return TracedArray(self, np.array(value, self.dtype, order="C"))

    def call(self, function: str, *arguments: Any, **settings: Any) -> Any:
        """One call: computed at once on constants, else recorded."""
        implementation = METHODS.get(function) or getattr(np, function)
        if not traced_arrays(arguments):
            return implementation(*arguments, **settings)
        same = self.unchanged(function, arguments)
        if same is not None:
            return same
        key = self.call_key(function, arguments, settings)
        if key not in self.known:
            value = np.asarray(implementation(*example_values(arguments), **settings))
            step = Instruction(function, arguments, settings, TracedArray(self, value))
            if step.base is None:  # computed: its elements stand in the order of the program's memory
                step.result.value = np.asarray(value, order="C")
            self.known[key] = step.result
            self.maker[step.result] = step
            self.instructions.append(step)
        return self.known[key]

    def unchanged(self, function: str, arguments: Sequence[Any]) -> TracedArray | None:
        """The operand itself, where the call would only multiply it by 1 or give it the shape that it has."""
        array, *others = arguments
        if function in ("reshape", "broadcast_to") and isinstance(array, TracedArray):
            return array if getattr(np, function)(array.value, *others).shape == array.shape else None
        if function == "multiply":
            for array, factor in (arguments, arguments[::-1]):
                if (
                    isinstance(array, TracedArray)
                    and not isinstance(factor, TracedArray)
                    and np.all(np.equal(factor, 1))
                ):
                    return array if np.broadcast_shapes(array.shape, np.shape(factor)) == array.shape else None
        return None

    def suppose(self, result: TracedArray, function: str, *arguments: Any) -> None:
        """Takes an array for what a call would give, so that the call is not recorded."""
        self.known[self.call_key(function, arguments, {})] = result

    def call_key(self, function: str, arguments: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """What makes two calls the same."""
        return function, tuple(map(self.key, arguments)), tuple((name, self.key(settings[name])) for name in settings)

    def key(self, argument: Any) -> Any:
        """What makes two arguments the same."""
        if isinstance(argument, (list, tuple)):
            return tuple(map(self.key, argument))
        if isinstance(argument, slice):
            return "slice", argument.start, argument.stop, argument.step
        if isinstance(argument, (TracedArray, np.ndarray)):
            if isinstance(argument, np.ndarray):
                self.constants[id(argument)] = argument  # held, so that its identity stays its own
            return "array", id(argument)
        return type(argument), argument


def traced_arrays(arguments: Any) -> list[TracedArray]:
    """The recorded arrays among some arguments, inside lists too."""
    found: list[TracedArray] = []
    for argument in arguments:
        if isinstance(argument, TracedArray):
            found.append(argument)
        elif isinstance(argument, (list, tuple)):
            found += [item for item in argument if isinstance(item, TracedArray)]
    return found


def example_values(arguments: Any) -> list[Any]:
    """The arguments with example values in the place of recorded arrays."""
    return [
        argument.value
        if isinstance(argument, TracedArray)
        else type(argument)(example_values(argument))
        if isinstance(argument, (list, tuple))
        else argument
        for argument in arguments
    ]


@contextmanager
def as_compile_error(what: str, fails: str = "cannot be recorded") -> Iterator[None]:
    """Says of an error in a rule what was done with it; raises CompileError."""
    try:
        yield
    except (TypeError, AttributeError, ValueError, IndexError) as error:
        raise CompileError(
            f"{what} {fails}",
            found=str(error),
            expected="operators and functions of the array namespace",
            cure="Write the rule with xp, or train with compiled=False.",
        ) from error


def needed_instructions(instructions: list[Instruction], results: Iterable[TracedArray]) -> list[Instruction]:
    """The instructions that the results depend on, in order."""
    wanted = set(results)
    kept = []
    for step in reversed(instructions):
        if step.result in wanted:
            wanted.update(step.operands)
            kept.append(step)
    return kept[::-1]


def is_ufunc(name: str) -> bool:
    return isinstance(getattr(np, name, None), np.ufunc)


def is_plain_product(step: Instruction) -> bool:
    """Whether NumPy's `dot` does the same as `matmul`; it costs less, and a column by a row a fraction."""
    factors = [factor.value if isinstance(factor, TracedArray) else factor for factor in step.arguments]
    types = {factor.dtype for factor in (*factors, step.result.value)} if step.function == "matmul" else ()
    return len(types) == 1 and all(factor.ndim <= 2 for factor in factors)


def is_elementwise(step: Instruction) -> bool:
    """Whether the result may take the memory of an operand: element i is read before element i is written."""
    function = getattr(np, step.function, None)
    return isinstance(function, np.ufunc) and function.signature is None


def concat_spans(step: Instruction) -> Iterator[tuple[Any, int, int]]:
    """The parts of a concatenation of flat arrays: each with where it starts and where it stops."""
    start = 0
    for operand in step.arguments[0]:
        size = operand.value.size if isinstance(operand, TracedArray) else operand.size
        yield operand, start, start + size
        start += size


def is_full_view(view: TracedArray, root: TracedArray) -> bool:
    """Whether a view holds all elements of an array, in the same order."""
    contiguous = view.value.flags.c_contiguous and root.value.flags.c_contiguous
    return contiguous and view.value.size == root.value.size


def memory_layout(array: TracedArray) -> tuple[Shape, str]:
    """What two arrays must share for one to take the memory of the other."""
    return array.shape, array.value.dtype.name
