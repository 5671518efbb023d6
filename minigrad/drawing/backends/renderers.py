"""Programs and packages that make picture files: tried in turn, and an error with all that was tried if none works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import NamedTuple

from minigrad.errors import RenderError


class Renderer(NamedTuple):
    """A program or package that turns a source, DOT text or SVG, into a picture file."""

    name: str
    formats: tuple[str, ...]
    is_available: Callable[[], bool]
    render: Callable[[str, str], bytes]
    cure: str


def is_installed(*packages: str) -> bool:
    """Return whether all of some packages are installed."""
    return all(find_spec(package) is not None for package in packages)


def render_with_first(renderers: Sequence[Renderer], source: str, form: str, cure: str) -> bytes:
    """Return the picture by the first renderer that works; raise RenderError, with all that was tried, if none does."""
    tried: list[str] = []
    for renderer in renderers:
        if form not in renderer.formats:
            tried.append(f"{renderer.name} makes no {form}")
        elif not renderer.is_available():
            tried.append(f"no {renderer.name}")
        else:
            try:
                return renderer.render(source, form)
            except RenderError:  # the picture itself cannot be drawn here, and the error says why
                raise
            except Exception as error:  # whatever is wrong with one renderer, the next may work
                tried.append(f"{renderer.name} failed: {failure_reason(error)}")
    raise RenderError(f"cannot make {form} files here", found=", ".join(tried), cure=cure)


def failure_reason(error: Exception) -> str:
    """Return what a failed renderer says, in one line."""
    output = getattr(error, "stderr", None) or str(error)
    text = output.decode(errors="replace") if isinstance(output, bytes) else output
    return " ".join(text.split())[:200] or type(error).__name__
