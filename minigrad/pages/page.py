"""A finished page: its file, and how a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from os import PathLike
from typing import TYPE_CHECKING

from minigrad._format import describe_value, printable, shorten
from minigrad._io import to_path, write_file
from minigrad.errors import RenderError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".html", ".htm")


@dataclass(frozen=True, eq=False, repr=False)
class Page:
    """An interactive page in one HTML file, which needs no server and no network.

    `mg.explore` and `Recorder.page` return it. `page.save("steps.html")` writes the file, and a notebook displays it.

    Args:
        html: The text of the file.
        title: What the page is called.
        height: The height at which a notebook shows it, in pixels.

    Example:
        >>> import minigrad as mg
        >>> mg.Page("<!doctype html><title>Nothing</title>", "Nothing")
        <Page 'Nothing', 1 kB; .save('….html')>
    """

    html: str
    title: str
    height: int = 900

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page to a file.

        Args:
            path: The file, with the suffix .html or .htm.

        Returns:
            The path.

        Raises:
            RenderError: If the suffix is another one; no file is written then.
            FileError: If the file cannot be written; what was there before is there still.

        Example:
            >>> import minigrad as mg, pathlib, tempfile
            >>> page = mg.Page("<!doctype html><title>Nothing</title>", "Nothing")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     page.save(pathlib.Path(folder, "nothing.html")).read_text()
            '<!doctype html><title>Nothing</title>'
        """
        target = to_path(path)
        if target.suffix.lower() not in SUFFIXES:
            cure = "For a picture in another format use minigrad.draw."
            raise RenderError(
                "a page is an HTML file", found=describe_value(target.name), expected=" or ".join(SUFFIXES), cure=cure
            )
        return write_file(target, self.html.encode())

    def __repr__(self) -> str:
        size = -(-len(self.html.encode()) // 1000)
        return printable(f"<Page {shorten(self.title)!r}, {size:,} kB; .save('….html')>")

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the page in a frame, whose scripts cannot reach the notebook."""
        return (
            f'<iframe title="{escape(shorten(self.title))}" srcdoc="{escape(self.html)}" sandbox="allow-scripts" '
            f'width="100%" height="{self.height}" style="border: 0"></iframe>'
        )
