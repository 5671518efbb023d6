"""NumPy source of traced calls: names, literals, constants."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isnan
from typing import Any

import numpy as np

from minigrad.compiler.trace import Instruction, TracedArray, is_plain_product, is_ufunc
from minigrad.errors import CompileError

REDUCTIONS = {"sum": "np.add.reduce", "max": "np.maximum.reduce"}
"""NumPy's reductions without their wrappers in Python, which cost more than a small reduction itself."""

UNIFORM = {0.0: "zeros", 1.0: "ones"}
"""Names of arrays of one number."""


class NumpyCodegen:
    """The source of instructions, and the constants that those written so far need.

    With `name_functions` the functions of NumPy get names of their own, which are faster to look up: that takes a tenth
    off a step with one sample.
    """

    def __init__(self, names: Mapping[TracedArray, str], name_functions: bool = False) -> None:
        self.names = names
        self.name_functions = name_functions
        self.functions: dict[str, str] = {}
        """Names of functions of NumPy, by those that NumPy has for them."""
        self.constants: dict[str, np.ndarray] = {}
        """Arrays that the program is given, by name."""
        self.numbers: dict[str, str] = {}
        """Names of the constants that the program makes itself, by their source."""

    def expression(self, step: Instruction, *last_arguments: str) -> str:
        """Return the source of one call."""
        arguments = [self.argument(argument) for argument in step.arguments]
        if is_ufunc(step.function):
            pairs = zip(step.arguments, arguments, strict=True)
            arguments = [self.number(argument, step.operands[0]) or text for argument, text in pairs]
        if step.function == "view":
            return f"{arguments[0]}.view({arguments[1]})"
        if step.function == "getitem":
            return (
                f"{arguments[0]}[{arguments[1].strip('()') if isinstance(step.arguments[1], tuple) else arguments[1]}]"
            )
        settings = [f"{name}={self.argument(value)}" for name, value in step.settings.items()]
        if step.function in REDUCTIONS and len(arguments) < 2 and "axis" not in step.settings:
            settings.append("axis=None")
        name = "dot" if is_plain_product(step) else step.function
        function = self.function(REDUCTIONS.get(name, f"np.{name}"))
        return f"{function}({', '.join([*arguments, *settings, *last_arguments])})"

    def function(self, name: str) -> str:
        """Return what a function of NumPy is called."""
        if not self.name_functions:
            return name
        return self.functions.setdefault(name, f"{name.removeprefix('np.').replace('.', '_')}_")

    def copy(self, target: str, argument: Any, *settings: str) -> str:
        """Return the source that copies an argument into an array."""
        return f"{self.function('np.copyto')}({', '.join([target, self.argument(argument), *settings])})"

    def argument(self, argument: Any) -> str:
        """Return the source of one argument; constant arrays get a name."""
        match argument:
            case TracedArray():
                return self.names[argument]
            case np.ndarray() | np.generic():
                return self.constant(np.asarray(argument))
            case list():
                return f"[{', '.join(map(self.argument, argument))}]"
            case tuple():
                return f"({''.join(f'{self.argument(item)}, ' for item in argument).rstrip()})"
            case slice(start=start, stop=stop, step=step):
                ends = (start, stop) if step is None else (start, stop, step)
                return ":".join("" if end is None else literal(end) for end in ends)
            case _ if argument is Ellipsis:
                return "..."
            case _:
                return literal(argument)

    def number(self, argument: Any, other_operand: TracedArray) -> str | None:
        """Return the name of an array without axes for a Python number, which NumPy would convert at every call."""
        if type(argument) not in (int, float) or other_operand.value.dtype.kind != "f":
            return None
        text = f"np.array({literal(argument)}, np.{other_operand.value.dtype.name})"
        return self.numbers.setdefault(text, f"n{len(self.numbers) + 1}")

    def constant(self, array: np.ndarray) -> str:
        """Return the name of a constant array; one that repeats a single number is made where the program begins."""
        if array.size > 1 and array.tobytes() == array.flat[:1].tobytes() * array.size:
            return self.uniform(array)
        for name, constant in self.constants.items():
            if constant is array or have_same_bytes(constant, array):
                return name
        name = f"c{len(self.constants) + 1}"
        self.constants[name] = array
        return name

    def uniform(self, array: np.ndarray) -> str:
        """Return the name of an array that repeats a single number."""
        first = array.flat[0].item()
        word = UNIFORM.get(first, "full")
        text = f"np.full({array.shape}, {literal(first)}, np.{array.dtype.name})"
        count = sum(name.startswith(word) for name in self.numbers.values())
        return self.numbers.setdefault(text, f"{word}{count + 1}")


def have_same_bytes(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays are the same to the last bit; 0 and −0 are equal, but not the same."""
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b) and a.tobytes() == b.tobytes()


def literal(argument: Any) -> str:
    """Return the source of a number, a word, a type of NumPy's or None, whatever class of numbers it comes in.

    Raises CompileError for anything else: no object has a say in what is executed.
    """
    match argument:
        case None | bool():
            return repr(argument)
        case int():
            return int.__repr__(argument)
        case float() if isfinite(argument):
            return float.__repr__(argument)
        case float():
            return f"{'-' if argument < 0 else ''}np.{'nan' if isnan(argument) else 'inf'}"
        case str():
            return str.__repr__(argument)
        case np.dtype():
            return f"np.{argument.name}"
    raise CompileError(
        "a setting cannot be written into a program",
        found=type(argument).__name__,
        expected="numbers, words and arrays",
    )
