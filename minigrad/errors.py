"""What went wrong, at which node, and how to mend it."""

from __future__ import annotations

from minigrad._format import printable


class MinigradError(Exception):
    """The base of every error that minigrad raises on purpose.

    The message reads *what happened; found …, expected …. How to mend it*; the parts stay readable as attributes.
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

    def _message(self) -> str:
        message = f"{self.node}: {self.what}" if self.node else self.what
        contrast = [
            f"{role} {value}"
            for role, value in (("found", self.found), ("expected", self.expected))
            if value is not None
        ]
        if contrast:
            message += "; " + ", ".join(contrast)
        return message + (f". {self.cure}" if self.cure else ".")


class ShapeError(MinigradError, ValueError):
    """Operands, weights or fed values whose shapes or counts do not fit."""


class OperandError(MinigradError, TypeError):
    """Something that is neither a node nor a number where a node is needed."""


class GraphError(MinigradError, ValueError):
    """A structure that is not a graph: a cycle, a name used twice, a node of another graph."""


class FeedError(MinigradError, ValueError):
    """A feed that is missing, unknown or not a number."""


class PassError(MinigradError, RuntimeError):
    """A value or a δ was asked for before the pass that computes it."""


class DataError(MinigradError, ValueError):
    """Training data that cannot be learned from: empty, not finite, a label out of range."""


class SettingError(MinigradError, ValueError):
    """A setting that is impossible: a number of epochs, a learning rate, a seed, an optimizer."""


class OpError(MinigradError, ValueError):
    """An op that cannot be registered or that was made with impossible settings."""


class NotFiniteError(MinigradError, ArithmeticError):
    """A value that became NaN or infinite in training."""


class CompileError(MinigradError, TypeError):
    """A rule that cannot be recorded, because it asks for more than array arithmetic."""


class IrregularError(CompileError):
    """A graph whose nodes have too little in common to become arrays."""


class RenderError(MinigradError, RuntimeError):
    """A picture that cannot be drawn here, or that would take minutes."""


class FileError(MinigradError, ValueError):
    """A file that cannot be written, read or trusted: missing, damaged, foreign, or of another training."""
