"""The errors that minigrad raises: what is wrong, at which node, what was found and expected, and how to fix it."""

from __future__ import annotations

import sys
from typing import Any
from warnings import warn

from minigrad._format import describe_value, printable

LONGEST_CONTRAST = 400
"""Characters of what was found or expected that a message shows."""


class MinigradError(Exception):
    """The base of every error that minigrad raises.

    The message reads *node: what is wrong; found …, expected …. How to fix it.* The parts are attributes of the error.

    Args:
        what: What is wrong.
        node: The node, the file or the setting that is at fault.
        found: What was found.
        expected: What was expected instead.
        cure: How to fix it, a sentence.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.Graph(mg.Input("x") * 2.0).forward({"x": [[1.0]]})
        ... except mg.MinigradError as error:
        ...     print(type(error).__name__, error.node, error.found, sep=", ")
        ShapeError, input x, (1, 1)
    """

    def __init__(
        self,
        what: str,
        *,
        node: str | None = None,
        found: object = None,
        expected: object = None,
        cure: str | None = None,
    ) -> None:
        self.what = what
        self.node = node
        self.found = found
        self.expected = expected
        self.cure = cure
        super().__init__(self._message())

    def __str__(self) -> str:
        return printable(super().__str__())

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy is made of, since its first argument, the message, is made of others."""
        return _new_error, (type(self), self.args), vars(self)

    def _message(self) -> str:
        message = f"{self.node}: {self.what}" if self.node else self.what
        contrast = [
            f"{role} {value if isinstance(value, str) else describe_value(value, LONGEST_CONTRAST, str)}"
            for role, value in (("found", self.found), ("expected", self.expected))
            if value is not None
        ]
        if contrast:
            message += "; " + ", ".join(contrast)
        return message + (f". {self.cure}" if self.cure else ".")


def _new_error(error_class: type[MinigradError], arguments: tuple[Any, ...]) -> MinigradError:
    """Return a copy of an error with its message, but not yet with its attributes."""
    error = error_class.__new__(error_class, *arguments)
    error.args = arguments  # those that are an OSError too take them in __init__ only
    return error


class ShapeError(MinigradError, ValueError):
    """Raised where shapes, sizes or numbers of operands, weights or fed values do not fit.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.weighted_sum([1.0, 2.0], [0.5])
        ... except mg.errors.ShapeError as error:
        ...     print(error.found)
        (2,) and (1,) and ()
    """


class PositionError(MinigradError, IndexError):
    """Raised for an index that is outside an array, or that is no index.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.Parameter([1.0, 2.0], "v")[2]
        ... except mg.errors.PositionError as error:
        ...     print(error.found)
        2
    """


class OperandError(MinigradError, TypeError):
    """Raised for an operand or a value that is neither a node nor a number nor an array of numbers.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.Parameter("a half", "w")
        ... except mg.errors.OperandError as error:
        ...     print(error.node)
        w
    """


class GraphError(MinigradError, ValueError):
    """Raised for nodes that make no graph or network: a cycle, a name used twice, a node of another graph.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.Graph([mg.Input("x"), mg.Input("x")])
        ... except mg.errors.GraphError as error:
        ...     print(error.node)
        x
    """


class FeedError(MinigradError, ValueError):
    """Raised for a feed that is missing, that belongs to no input, or that is not a number.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.Graph(mg.Input("x") * 2.0).forward()
        ... except mg.errors.FeedError as error:
        ...     print(error.node)
        input x
    """


class PassError(MinigradError, RuntimeError):
    """Raised where a value or a derivative is needed before the pass that computes it.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     (mg.Input("x") * 2.0).backward()
        ... except mg.errors.PassError as error:
        ...     print(error.node)
        input x
    """


class DataError(MinigradError, ValueError):
    """Raised for data that a network cannot learn from: empty, not finite, of another size, a label out of range.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.accuracy([[0.1, 0.9]], [2])
        ... except mg.errors.DataError as error:
        ...     print(error.found)
        2 at row 0
    """


class SettingError(MinigradError, ValueError):
    """Raised for an impossible setting: a number of epochs, a learning rate, a seed, an optimizer.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.SGD(lr=-0.1)
        ... except mg.errors.SettingError as error:
        ...     print(error.node, error.found)
        lr -0.1
    """


class OpError(MinigradError, ValueError):
    """Raised for an op that cannot be registered or that has impossible settings.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.clip(0.5, 1.0, 0.0)
        ... except mg.errors.OpError as error:
        ...     print(error.found)
        [1, 0]
    """


class ThreadError(MinigradError, RuntimeError):
    """Raised where two threads at once would write into the nodes of one graph, or train one network.

    Example:
        >>> from concurrent.futures import ThreadPoolExecutor
        >>> import minigrad as mg
        >>> x, w = mg.Input("x"), mg.Parameter(2.0, "w")
        >>> network = mg.Network(x, w * x)
        >>> with ThreadPoolExecutor(1) as other_thread, network.graph.one_thread:
        ...     print(type(other_thread.submit(network.loss_graph, 1.0, 5.0).exception()).__name__)
        ThreadError
    """


class NotFiniteError(MinigradError, ArithmeticError):
    """Raised where a value becomes NaN or infinite in training."""


class CompileError(MinigradError, TypeError):
    """Raised for a rule that needs more than array arithmetic, and where an engine cannot compute a graph.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.Graph(mg.Input("x") * 2.0).compile(engine="nodes").export("model.py")
        ... except mg.errors.CompileError as error:
        ...     print(error.found)
        NodesEngine
    """


class IrregularError(CompileError):
    """Raised for a graph whose nodes have too little in common to become arrays."""


class ImpureError(CompileError):
    """Raised for a rule that draws random numbers, reads a clock or counts, and so cannot become part of a program."""


class RenderError(MinigradError, RuntimeError):
    """Raised for a picture that cannot be drawn here, or that would take minutes.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.draw(mg.Input("x") * 2.0, view="no such view")
        ... except mg.errors.RenderError as error:
        ...     print(error.found)
        'no such view'
    """


class FileError(MinigradError, OSError, ValueError):
    """Raised for a file that cannot be written, read or trusted: missing, damaged, foreign, or of another training.

    It is an OSError too, with the `errno` of the one behind it, so that `except OSError` finds it.

    Example:
        >>> import minigrad as mg
        >>> try:
        ...     mg.Network.load("no such file.npz")
        ... except mg.errors.FileError as error:
        ...     print(error.node)
        no such file.npz
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _new_error, (type(self), self.args), vars(self) | {"errno": self.errno}


class MinigradWarning(UserWarning):
    """The warning that minigrad gives where it goes on, but hardly as was meant: training that diverged, for example.

    Example:
        >>> import warnings
        >>> import minigrad as mg
        >>> with warnings.catch_warnings(record=True, action="always") as caught:
        ...     network = mg.Network(*mg.mlp([2, 1], output=mg.sigmoid), loss=mg.binary_cross_entropy)
        >>> issubclass(caught[0].category, mg.errors.MinigradWarning)
        True
    """


def warn_caller(text: str) -> None:
    """Give a MinigradWarning at the line that called into this package, so that each such line is shown once.

    Args:
        text: What was not done as asked, why, and what to do about it.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings(record=True) as given:
        ...     warnings.simplefilter("always")
        ...     mg.errors.warn_caller("the rate is 0: nothing will move")
        >>> str(given[0].message)
        'the rate is 0: nothing will move'
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "minigrad":
        level, frame = level + 1, frame.f_back
    warn(printable(text), MinigradWarning, stacklevel=level + 1)
