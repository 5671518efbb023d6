"""A finished picture: its DOT text, its files, and how a notebook shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

from minigrad._format import printable
from minigrad.drawing.backends.dot import dot_text
from minigrad.drawing.backends.graphviz_runner import HELP, lay_out, svg_text
from minigrad.drawing.backends.mermaid import mermaid_text
from minigrad.drawing.backends.text import plain_text
from minigrad.drawing.diagram import Diagram
from minigrad.errors import RenderError


@dataclass(frozen=True, eq=False, repr=False)
class Drawing:
    """A picture as it was when it was drawn; later passes do not change it.

    `source` is DOT text, `print(drawing)` shows a tree of text, `save` writes a file, and a notebook shows the picture
    (or the text, if that was asked for).
    """

    diagram: Diagram
    as_text: bool = False

    @cached_property
    def source(self) -> str:
        """The picture as Graphviz DOT text; needs no program."""
        return dot_text(self.diagram)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG; raises RenderError where nothing can lay it out."""
        return svg_text(self.source)

    @property
    def mermaid(self) -> str:
        """The picture as Mermaid text, for README files."""
        return mermaid_text(self.diagram)

    @property
    def text(self) -> str:
        """The picture as text, for terminals."""
        return plain_text(self.diagram)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture in the format that the suffix names: .svg .png .pdf .dot .gv .mmd .txt; return the path.

        Raises RenderError for another suffix, and where nothing here can lay the picture out; then no file is written.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in FORMATS:
            raise RenderError("a format unknown here", found=repr(target.name), expected=f"one of {' '.join(FORMATS)}")
        target.write_bytes(FORMATS[suffix](self))
        return target

    def __str__(self) -> str:
        return printable(self.text)

    def __repr__(self) -> str:
        boxes, edges = len(self.diagram.boxes), len(self.diagram.edges)
        size = f"{boxes:,} boxes, {edges:,} edges"
        return printable(f"<Drawing, view {self.diagram.view!r}, {size}; print it, or .save('….svg')>")

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        """Return what a notebook shows: the picture, or the text with a line of help; never raise an error."""
        if self.as_text:
            return {"text/plain": self.text}
        try:
            return {"image/svg+xml": self.svg, "text/plain": repr(self)}
        except Exception:  # a picture that cannot be shown must not stop a notebook
            return {"text/plain": f"{self.text}\n{HELP}"}


FORMATS: dict[str, Callable[[Drawing], bytes]] = {
    ".svg": lambda drawing: drawing.svg.encode(),
    ".png": lambda drawing: lay_out(drawing.source, "png"),
    ".pdf": lambda drawing: lay_out(drawing.source, "pdf"),
    ".dot": lambda drawing: drawing.source.encode(),
    ".gv": lambda drawing: drawing.source.encode(),
    ".mmd": lambda drawing: drawing.mermaid.encode(),
    ".txt": lambda drawing: drawing.text.encode(),
}
"""The bytes of a picture file, by its suffix; a format of one's own is one more entry."""
