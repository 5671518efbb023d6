"""An array namespace that traces: rules computed with it on example values leave a straight-line program behind."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.settings import number_key
from minigrad.errors import CompileError
from minigrad.ops.base import Shape

METHODS: dict[str, Callable[..., Any]] = {"getitem": operator.getitem, "view": np.ndarray.view}
"""Functions of the namespace that are methods of an array in NumPy."""


class TracedArray:
    """An array of a program that is being traced, with an example value that has its shape."""

    __slots__ = ("tracer", "value")

    def __init__(self, tracer: Tracer, value: np.ndarray) -> None:
        self.tracer = tracer
        self.value = value

    @property
    def shape(self) -> Shape:
        return self.value.shape

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def dtype(self) -> np.dtype:
        return self.value.dtype

    def __add__(self, other: Any) -> Any:
        return self.tracer.call("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.tracer.call("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.tracer.call("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.tracer.call("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.tracer.call("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.tracer.call("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.tracer.call("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.tracer.call("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return self.tracer.pow(self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.tracer.pow(other, self)

    def __neg__(self) -> Any:
        return self.tracer.call("negative", self)

    def __gt__(self, other: Any) -> Any:
        return self.tracer.call("greater", self, other)

    def __lt__(self, other: Any) -> Any:
        return self.tracer.call("less", self, other)

    def __getitem__(self, index: Any) -> Any:
        return self.tracer.call("getitem", self, index)

    def __bool__(self) -> bool:
        raise TypeError("a rule asks whether an array is true: choose with xp.where")

    def __array__(self, *settings: Any, **more: Any) -> np.ndarray:
        raise TypeError("a rule asks for the numbers of an array: compute with xp")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **settings: Any) -> Any:
        return self.tracer.call(ufunc.__name__, *operands, **settings)


class Instruction(NamedTuple):
    """A call of one NumPy function: its arguments and its result."""

    function: str
    arguments: tuple[Any, ...]
    settings: Mapping[str, Any]
    result: TracedArray

    @property
    def operands(self) -> list[TracedArray]:
        """Return the traced arrays among the arguments."""
        return traced_arrays(self.arguments)

    @property
    def base(self) -> TracedArray | None:
        """Return the operand that the result is a view of, None where it is no view."""
        for operand in self.operands:
            if np.may_share_memory(operand.value, self.result.value):
                return operand
        return None


class Tracer:
    """The array namespace of a program that is being traced; the same call again gives the same array."""

    def __init__(self, dtype: Any = np.float64) -> None:
        self.dtype = np.dtype(dtype)
        self.instructions: list[Instruction] = []
        self.results: dict[Any, TracedArray] = {}
        self.instruction_of: dict[TracedArray, Instruction] = {}
        self.constants: dict[int, np.ndarray] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self.call, name)

    def leaf(self, value: Any) -> TracedArray:
        """Return a traced array that the program will be given."""
        return TracedArray(self, np.array(value, self.dtype, order="C"))

    def call(self, function: str, *arguments: Any, **settings: Any) -> Any:
        """Compute one call at once where all its arguments are constants, else record it."""
        arguments, settings = plain(arguments), {name: plain(value) for name, value in settings.items()}
        implementation = METHODS.get(function) or getattr(np, function)
        if not traced_arrays(arguments):
            return implementation(*arguments, **settings)
        if (operand := self.unchanged_operand(function, arguments)) is not None:
            return operand
        key = self.call_key(function, arguments, settings)
        if key not in self.results:
            value = np.asarray(implementation(*example_values(arguments), **settings))
            step = Instruction(function, arguments, settings, TracedArray(self, value))
            if step.base is None:  # computed: its elements stand in the order of the program's memory
                step.result.value = np.asarray(value, order="C")
            self.results[key] = step.result
            self.instruction_of[step.result] = step
            self.instructions.append(step)
        return self.results[key]

    def unchanged_operand(self, function: str, arguments: Sequence[Any]) -> TracedArray | None:
        """Return the operand that a call would only multiply by 1 or give its own shape, None for other calls."""
        array, *others = arguments
        if function in ("reshape", "broadcast_to") and isinstance(array, TracedArray):
            return array if getattr(np, function)(array.value, *others).shape == array.shape else None
        if function == "multiply":
            for array, factor in (arguments, arguments[::-1]):
                if (
                    isinstance(array, TracedArray)
                    and array.dtype.kind == "f"  # truth values times 1 are numbers
                    and not isinstance(factor, TracedArray)
                    and np.all(np.equal(factor, 1))
                ):
                    return array if np.broadcast_shapes(array.shape, np.shape(factor)) == array.shape else None
        return None

    def assume_result(self, result: TracedArray, function: str, *arguments: Any) -> None:
        """Take an array for the result of a call, so that the call is not recorded."""
        self.results[self.call_key(function, arguments, {})] = result

    def call_key(self, function: str, arguments: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """Return a key that equal calls have in common."""
        return function, tuple(map(self.key, arguments)), tuple((name, self.key(settings[name])) for name in settings)

    def key(self, argument: Any) -> Any:
        """Return a key that equal arguments have in common."""
        if isinstance(argument, (list, tuple)):
            return tuple(map(self.key, argument))
        if isinstance(argument, slice):
            return "slice", *map(self.key, (argument.start, argument.stop, argument.step))
        if isinstance(argument, (TracedArray, np.ndarray)):
            if isinstance(argument, np.ndarray):
                self.constants[id(argument)] = argument  # kept alive, so that no other array gets its id
            return "array", id(argument)
        return type(argument), number_key(argument) if type(argument) is float else argument


def plain(argument: Any) -> Any:
    """Return an argument with every number in it as one of Python's own, whatever class of numbers it comes in."""
    match argument:
        case bool() | np.bool():
            return bool(argument)
        case int() | np.integer():
            return int(argument)
        case float() | np.floating():
            return float(argument)
        case type() if issubclass(argument, np.generic):
            return np.dtype(argument)
        case list() | tuple():
            return type(argument)(map(plain, argument))
        case slice():
            return slice(*map(plain, (argument.start, argument.stop, argument.step)))
        case _:
            return argument


def traced_arrays(arguments: Any) -> list[TracedArray]:
    """Return the traced arrays among some arguments, inside lists too."""
    arrays: list[TracedArray] = []
    for argument in arguments:
        if isinstance(argument, TracedArray):
            arrays.append(argument)
        elif isinstance(argument, (list, tuple)):
            arrays += [item for item in argument if isinstance(item, TracedArray)]
    return arrays


def example_values(arguments: Any) -> list[Any]:
    """Return the arguments with traced arrays replaced by their example values."""
    return [
        argument.value
        if isinstance(argument, TracedArray)
        else type(argument)(example_values(argument))
        if isinstance(argument, (list, tuple))
        else argument
        for argument in arguments
    ]


@contextmanager
def as_compile_error(subject: str, failure: str = "cannot be recorded") -> Iterator[None]:
    """Raise CompileError for an error in a rule: which rule, and what it cannot be used for."""
    try:
        yield
    except (TypeError, AttributeError, ValueError, IndexError) as error:
        raise CompileError(
            f"{subject} {failure}",
            found=str(error),
            expected="operators and functions of the array namespace",
            cure='Write the rule with xp, or train with engine="nodes".',
        ) from error


def needed_instructions(instructions: list[Instruction], results: Iterable[TracedArray]) -> list[Instruction]:
    """Return the instructions that the results depend on, in order."""
    arrays = set(results)
    needed = []
    for step in reversed(instructions):
        if step.result in arrays:
            arrays.update(step.operands)
            needed.append(step)
    return needed[::-1]


def is_ufunc(name: str) -> bool:
    """Return whether a function of NumPy is a ufunc."""
    return isinstance(getattr(np, name, None), np.ufunc)


LARGE_PRODUCT = 1 << 17
"""Bytes of a product that `dot` takes longer to fill with zeros first than `matmul` takes to start."""


def is_plain_product(step: Instruction) -> bool:
    """Return whether NumPy's `dot` does the same as `matmul` in less time; a column by a row takes it a fraction."""
    factors = [factor.value if isinstance(factor, TracedArray) else factor for factor in step.arguments]
    types = {factor.dtype for factor in (*factors, step.result.value)} if step.function == "matmul" else ()
    if len(types) != 1 or any(factor.ndim > 2 for factor in factors):
        return False
    return step.result.value.nbytes < LARGE_PRODUCT or factors[0].shape[-1] == 1


def is_elementwise(step: Instruction) -> bool:
    """Return whether the result may take the memory of an operand: element i is read before element i is written."""
    function = getattr(np, step.function, None)
    return isinstance(function, np.ufunc) and function.signature is None


def concat_spans(step: Instruction) -> Iterator[tuple[Any, int, int]]:
    """Yield the parts of a concatenation of flat arrays, each with its start and its stop."""
    start = 0
    for operand in step.arguments[0]:
        size = operand.value.size if isinstance(operand, TracedArray) else operand.size
        yield operand, start, start + size
        start += size


def is_full_view(view: TracedArray, root: TracedArray) -> bool:
    """Return whether a view holds all elements of an array, in the same order."""
    contiguous = view.value.flags.c_contiguous and root.value.flags.c_contiguous
    return contiguous and view.value.size == root.value.size


def memory_layout(array: TracedArray) -> tuple[Shape, str]:
    """Return what two arrays must share for one to take the memory of the other: shape and type."""
    return array.shape, array.value.dtype.name
